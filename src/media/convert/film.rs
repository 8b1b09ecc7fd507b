//! Films and sound, by ffmpeg.
//!
//! What is made of a film plays on every phone and in WeChat: H.264 (High, yuv420p), AAC, progressive, at most 1080p and 30 frames
//! a second, its index at the front. Measured on 720p from MPEG-2 at 8 Mbit/s, with sound (x264 of ffmpeg 5.1), in seconds of
//! processor time for a minute of film, and megabytes:
//!
//! | preset | a lecture of slides | much movement | SSIM of it |
//! |---|---|---|---|
//! | superfast | 13 s, 1.1 MB | 20 s, 20 MB | 0.966 |
//! | veryfast | 16 s, 1.0 MB | 28 s, 20 MB | 0.968 |
//! | faster | 19 s, 1.0 MB | 58 s, 20 MB | 0.970 |
//! | fast | 23 s, 1.1 MB | 68 s, 20 MB | 0.970 |
//!
//! `veryfast` is where more time stops making smaller or better films: two slow cores convert a lesson in a third of its length.
//! The rate is capped at 2.5 Mbit/s, which a village's link carries. What is H.264 and AAC already is only repacked.

use super::{Fault, Task, program, succeed, version};
use crate::domain::rendition::{is_plain_picture, is_plain_sound};
use crate::media::tools::Tools;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Threads of one conversion at most: beyond them x264 gains little and takes memory.
const MOST_THREADS: usize = 4;

/// Deinterlaces what is marked as interlaced, makes pixels square, shrinks to 1080p either way up.
const PICTURE: &str = "bwdif=mode=send_frame:deint=interlaced,\
    scale=w='max(trunc(iw*sar/2)*2,2)':h='max(trunc(ih/2)*2,2)',\
    scale=w='min(iw,if(gte(iw,ih),1920,1080))':h='min(ih,if(gte(iw,ih),1080,1920))'\
    :force_original_aspect_ratio=decrease:force_divisible_by=2,setsar=1,format=yuv420p";
/// Mixes down to what phones have.
const SOUND: &str = "aformat=sample_rates=48000|44100:channel_layouts=mono|stereo";

/// Makes a film; answers program and version.
pub(super) fn play(task: &Task, tools: &Tools, out: &Path, limit: Duration) -> Result<String, Fault> {
    let mut command = reading(task, tools)?;
    command.args(["-map", "0:V:0", "-map", "0:a:0?", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"]);
    if task.facts.video.as_ref().is_some_and(is_plain_picture) {
        command.args(["-c:v", "copy"]);
    } else {
        command.args(["-vf", PICTURE, "-fpsmax", "30", "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high"]);
        command.args(["-crf", "25", "-maxrate", "2500k", "-bufsize", "5000k", "-g", "120"]);
    }
    sound(&mut command, task, "96k");
    command.args(["-movflags", "+faststart", "-max_muxing_queue_size", "4096", "-f", "mp4", "-y"]).arg(out);
    succeed(command, limit)?;
    Ok(told_version(task, tools))
}

/// Makes a recording; answers program and version.
pub(super) fn listen(task: &Task, tools: &Tools, out: &Path, limit: Duration) -> Result<String, Fault> {
    let mut command = reading(task, tools)?;
    command.args(["-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"]);
    sound(&mut command, task, "128k");
    command.args(["-movflags", "+faststart", "-f", "mp4", "-y"]).arg(out);
    succeed(command, limit)?;
    Ok(told_version(task, tools))
}

fn sound(command: &mut Command, task: &Task, rate: &str) {
    if task.facts.audio.as_ref().is_some_and(is_plain_sound) {
        command.args(["-c:a", "copy"]);
    } else {
        command.args(["-c:a", "aac", "-b:a", rate, "-af", SOUND]);
    }
}

/// ffmpeg about to read the source. The format is fixed, also for what is packed within it, and only plain files may be opened: a
/// playlist, or a film that is one in disguise, must not make ffmpeg read other files or ask the network.
fn reading(task: &Task, tools: &Tools) -> Result<Command, Fault> {
    let ffmpeg = tools.ffmpeg.as_ref().ok_or_else(|| Fault::missing("ffmpeg"))?;
    let format = format_of(task).ok_or_else(|| Fault::new("这种格式不能转换。", format!("no format for {}", task.facts.sniffed)))?;
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(MOST_THREADS).to_string();
    let mut command = program(ffmpeg, &task.folder);
    command.args(["-v", "error", "-nostdin", "-threads", &threads, "-protocol_whitelist", "file,pipe"]);
    command.args(["-format_whitelist", format, "-f", format, "-i"]).arg(&task.source);
    command.args(["-threads", &threads]);
    Ok(command)
}

fn told_version(task: &Task, tools: &Tools) -> String {
    let Some(ffmpeg) = &tools.ffmpeg else { return String::new() };
    let mut command = program(ffmpeg, &task.folder);
    command.arg("-version");
    version(command, 2)
}

/// ffmpeg's name of the format that the content shows.
fn format_of(task: &Task) -> Option<&'static str> {
    Some(match task.facts.sniffed.as_str() {
        "video/mp4" | "audio/mp4" => "mov",
        "video/webm" | "video/x-matroska" => "matroska",
        "video/x-msvideo" => "avi",
        "video/mpeg" if is_program_stream(&task.source) => "mpeg",
        "video/mpeg" => "mpegvideo",
        "video/mp2t" => "mpegts",
        "video/x-flv" => "flv",
        "video/x-ms-wmv" => "asf",
        "application/vnd.rn-realmedia" => "rm",
        "application/mxf" => "mxf",
        "application/ogg" | "audio/ogg" | "audio/opus" | "video/ogg" => "ogg",
        "audio/mpeg" => "mp3",
        "audio/aac" => "aac",
        "audio/wav" => "wav",
        "audio/flac" => "flac",
        "audio/aiff" => "aiff",
        "audio/amr" => "amr",
        "audio/x-ape" => "ape",
        _ => return None,
    })
}

/// A program stream begins with a pack header, a bare film with one of its sequence (ISO/IEC 13818-1, 13818-2).
fn is_program_stream(path: &Path) -> bool {
    let mut head = [0_u8; 4];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok_and(|()| head == [0, 0, 1, 0xBA])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inspection::FileFacts;
    use crate::domain::metadata::FileRole;
    use crate::domain::rendition::{Purpose, Source};

    #[test]
    fn whatever_asks_for_a_film_or_sound_has_a_format() {
        let types = infer_types();
        let mut asked = 0;
        for sniffed in types {
            let facts = FileFacts { sniffed: sniffed.to_owned(), opens: true, type_agrees: true, ..FileFacts::default() };
            let need = Source { path: "a", role: FileRole::Master, facts: &facts }.need();
            if matches!(need, Some(Purpose::Play | Purpose::Listen)) {
                let task = Task { source: "/none".into(), facts, purpose: Purpose::Play, folder: "/none".into() };
                assert!(format_of(&task).is_some(), "{sniffed}");
                asked += 1;
            }
        }
        assert!(asked >= 12, "{asked}");
    }

    fn infer_types() -> [&'static str; 22] {
        [
            "video/mp4",
            "video/webm",
            "video/x-matroska",
            "video/x-msvideo",
            "video/mpeg",
            "video/mp2t",
            "video/x-flv",
            "video/x-ms-wmv",
            "application/vnd.rn-realmedia",
            "application/ogg",
            "audio/ogg",
            "audio/opus",
            "audio/mpeg",
            "audio/aac",
            "audio/wav",
            "audio/flac",
            "audio/aiff",
            "audio/amr",
            "audio/x-ape",
            "audio/mp4",
            "audio/midi",
            "audio/x-dsf",
        ]
    }
}
