//! What only decoding tells: how loud a sound track is, where it is silent or clipped, whether a picture is black or off its range.
//!
//! `ffmpeg` decodes, under limits of time and with its output taken as it comes; the measuring is our own, so that no version
//! of it and none of its wordings changes a fact. Sound is decoded once, whole up to two hours; of pictures only some
//! key frames are. What was not wholly looked at says so. Without `ffmpeg` nothing is measured and the facts say that.

mod gate;
mod meter;
mod peak;
mod picture;
mod sound;

use super::reading::Reading;
use super::tools::Tools;
use std::path::Path;
use std::process::Command;

/// Why nothing was measured where the program is missing.
const NO_PROGRAM: &str = "没有安装 ffmpeg";
/// Why nothing was measured of a format that is not handed to it.
const NO_DEMUXER: &str = "这种格式不作解码测量";

/// Adds to a reading of a recording what decoding tells.
pub(super) fn measure(path: &Path, media_type: &str, reading: &mut Reading, tools: &Tools) {
    if reading.audio.is_none() && reading.video.is_none() {
        return;
    }
    let source = match (&tools.ffmpeg, demuxer(media_type)) {
        (None, _) => Err(NO_PROGRAM),
        (_, None) => Err(NO_DEMUXER),
        (Some(program), Some(format)) => Ok(Source { program, format, path }),
    };
    match source {
        Ok(source) => by_decoding(&source, reading),
        Err(why) => reading.unmeasured = Some(why.to_owned()),
    }
}

fn by_decoding(source: &Source<'_>, reading: &mut Reading) {
    let mut faults = Vec::new();
    if let Some(audio) = &reading.audio {
        match sound::measure(source, audio.duration_ms) {
            Ok(facts) => reading.sound = Some(facts),
            Err(fault) => faults.push(("声音", fault)),
        }
    }
    if let Some(video) = &reading.video {
        match picture::measure(source, video.duration_ms) {
            Ok(facts) => reading.picture = Some(facts),
            Err(fault) => faults.push(("画面", fault)),
        }
    }
    let told = |lasting: bool| {
        let told = faults.iter().filter(|(_, fault)| fault.lasting || !lasting).map(|(what, fault)| format!("{what}：{}", fault.why));
        Some(told.collect::<Vec<_>>().join("；")).filter(|told| !told.is_empty())
    };
    (reading.unmeasured, reading.undecoded) = (told(false), told(true));
}

/// Why nothing was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fault {
    /// In Chinese.
    why: &'static str,
    /// Nothing came out though there was time: nothing ever will.
    lasting: bool,
}

impl Fault {
    const fn passing(why: &'static str) -> Self {
        Self { why, lasting: false }
    }

    const fn lasting(why: &'static str) -> Self {
        Self { why, lasting: true }
    }
}

/// A file and who decodes it.
pub(super) struct Source<'a> {
    pub program: &'a Path,
    pub format: &'static str,
    pub path: &'a Path,
}

/// A stretch of a recording, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub from: u64,
    pub length: u64,
}

impl Source<'_> {
    /// The command up to its input. The format is fixed and only plain files may be opened: a playlist must not make ffmpeg fetch
    /// anything. `input` are options that stand before the input.
    pub fn command(&self, stretch: Stretch, input: &[&str]) -> Command {
        let mut command = Command::new(self.program);
        command.args(["-v", "error", "-nostdin", "-threads", "1", "-protocol_whitelist", "file,pipe"]).args(input);
        if stretch.from > 0 {
            command.args(["-ss", &seconds(stretch.from)]);
        }
        command.args(["-t", &seconds(stretch.length), "-f", self.format, "-i"]).arg(self.path);
        command
    }
}

fn seconds(millis: u64) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}

/// The name by which ffmpeg knows the format of a media type; `None` for what is not handed to it.
pub(super) fn demuxer(media_type: &str) -> Option<&'static str> {
    Some(match media_type {
        "video/mp4" | "audio/mp4" | "video/quicktime" | "video/3gpp" => "mov",
        "video/webm" | "video/x-matroska" | "audio/webm" | "audio/x-matroska" => "matroska",
        "video/x-msvideo" => "avi",
        "video/x-ms-wmv" | "audio/x-ms-wma" | "video/x-ms-asf" => "asf",
        "video/x-flv" => "flv",
        "video/mpeg" => "mpeg",
        "video/mp2t" => "mpegts",
        "application/mxf" => "mxf",
        "audio/mpeg" => "mp3",
        "audio/wav" => "wav",
        "audio/flac" => "flac",
        "audio/aac" => "aac",
        "audio/aiff" => "aiff",
        "audio/x-ape" => "ape",
        "audio/amr" => "amr",
        "audio/ogg" | "video/ogg" | "application/ogg" | "audio/opus" => "ogg",
        _ => return None,
    })
}
