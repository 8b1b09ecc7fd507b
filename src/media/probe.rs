//! Recordings in formats that no reader of our own knows (AVI, WMV, FLV, MPEG, MXF, AMR), by `ffprobe` where it is installed.

use super::audio::riff_end;
use super::decode::demuxer;
use super::mp4::rounded;
use super::reading::Reading;
use super::tools::{Tools, run};
use crate::domain::inspection::{AudioFacts, VideoFacts};
use serde::Deserialize;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Time for one file.
const LIMIT: Duration = Duration::from_secs(20);
/// Most bytes of an answer.
const MOST_BYTES: u64 = 1 << 20;
/// What is asked for.
const ENTRIES: &str = "stream=codec_type,codec_name,profile,width,height,pix_fmt,field_order,sample_aspect_ratio,avg_frame_rate,\
                       bit_rate,duration,start_time,sample_rate,channels,bits_per_raw_sample:stream_disposition=attached_pic:\
                       format=duration,bit_rate";

#[derive(Default, Deserialize)]
struct Told {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Whole,
}

#[derive(Default, Deserialize)]
struct Whole {
    duration: Option<String>,
    bit_rate: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Stream {
    codec_type: String,
    codec_name: String,
    profile: Option<String>,
    width: u32,
    height: u32,
    pix_fmt: String,
    field_order: String,
    sample_aspect_ratio: String,
    avg_frame_rate: String,
    bit_rate: Option<String>,
    duration: Option<String>,
    start_time: Option<String>,
    sample_rate: String,
    channels: u16,
    bits_per_raw_sample: Option<String>,
    disposition: Disposition,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Disposition {
    /// 1 for a cover, which ffmpeg gives as a track of one picture.
    attached_pic: u8,
}

/// The name of the container of a media type that is read here.
pub(super) fn container(media_type: &str) -> Option<&'static str> {
    Some(match media_type {
        "video/x-msvideo" => "avi",
        "video/x-ms-wmv" => "wmv",
        "video/x-flv" => "flv",
        "video/mpeg" => "mpeg",
        "video/mp2t" => "mpeg-ts",
        "application/mxf" => "mxf",
        "audio/amr" => "amr",
        _ => return None,
    })
}

/// Reads a recording.
pub(super) fn read(path: &Path, size: u64, media_type: &str, tools: &Tools) -> Reading {
    if let Some(end) = riff_end(path).filter(|end| *end > size) {
        return Reading::fault(format!("音视频文件不完整：内容应到第 {end} 字节，文件只有 {size} 字节，可能没有上传或导出完毕。"));
    }
    let (Some(program), Some(format), Some(container)) = (&tools.ffprobe, demuxer(media_type), container(media_type)) else {
        return Reading { unmeasured: Some("没有安装 ffprobe".to_owned()), ..Reading::default() };
    };
    match ask(program, format, path) {
        Some(told) => reading_of(told, container),
        None => Reading::fault("音视频文件已损坏或不完整，无法解析。"),
    }
}

/// What `ffprobe` makes of a recording that a reader of ours gave up, or else what that one said.
pub(super) fn instead(own: Reading, path: &Path, media_type: &str, tools: &Tools) -> Reading {
    let (Some(program), Some(format), Some(_), None) = (&tools.ffprobe, demuxer(media_type), &own.fault, &own.audio) else { return own };
    let found = ask(program, format, path).map(|told| reading_of(told, format));
    found.filter(|found| found.audio.as_ref().is_some_and(|audio| audio.duration_ms > 0)).unwrap_or(own)
}

fn ask(program: &Path, format: &str, path: &Path) -> Option<Told> {
    let mut command = Command::new(program);
    command.args(["-v", "error", "-protocol_whitelist", "file,pipe", "-f", format, "-show_entries", ENTRIES, "-of", "json"]).arg(path);
    let told = run(command, LIMIT, MOST_BYTES).ok().filter(|output| output.success)?;
    serde_json::from_slice(&told.stdout).ok()
}

fn reading_of(told: Told, container: &str) -> Reading {
    let Told { streams, format } = told;
    let of = |kind: &str| streams.iter().find(|stream| stream.codec_type == kind && stream.disposition.attached_pic == 0);
    let audio = of("audio").map(|stream| audio(stream, &format));
    let video = of("video").map(|stream| video(stream, &format, container));
    let fault = (audio.is_none() && video.is_none()).then(|| "文件里没有视频轨，也没有音频轨，或已损坏。".to_owned());
    Reading { audio, video, fault, ..Reading::default() }
}

fn video(stream: &Stream, format: &Whole, container: &str) -> VideoFacts {
    let chroma = [("420", "4:2:0"), ("422", "4:2:2"), ("444", "4:4:4"), ("411", "4:1:1")];
    let duration_ms = millis(stream.duration.as_ref().or(format.duration.as_ref()));
    let rate = fraction(&stream.avg_frame_rate, '/').unwrap_or(0);
    VideoFacts {
        container: container.to_owned(),
        codec: stream.codec_name.clone(),
        duration_ms,
        width: stream.width,
        height: stream.height,
        millifps: u32::try_from(rounded(rate)).unwrap_or(0),
        bitrate: number(stream.bit_rate.as_ref().or(format.bit_rate.as_ref())),
        profile: stream.profile.as_ref().filter(|_| stream.codec_name == "h264").map(|name| name.to_lowercase().replace(' ', "-")),
        interlaced: match stream.field_order.as_str() {
            "progressive" => Some(false),
            "tt" | "bb" | "tb" | "bt" => Some(true),
            _ => None,
        },
        chroma: chroma.iter().find(|(mark, _)| stream.pix_fmt.contains(mark)).map(|row| row.1.to_owned()),
        pixel_aspect: fraction(&stream.sample_aspect_ratio, ':').filter(|aspect| *aspect > 0).and_then(|aspect| u32::try_from(aspect).ok()),
        start_ms: millis(stream.start_time.as_ref()),
    }
}

fn audio(stream: &Stream, format: &Whole) -> AudioFacts {
    let codec = if stream.codec_name.starts_with("pcm_") { "pcm" } else { &stream.codec_name };
    AudioFacts {
        codec: codec.to_owned(),
        duration_ms: millis(stream.duration.as_ref().or(format.duration.as_ref())),
        sample_rate: stream.sample_rate.parse().unwrap_or(0),
        channels: stream.channels,
        bitrate: number(stream.bit_rate.as_ref()),
        bits: stream.bits_per_raw_sample.as_ref().and_then(|bits| bits.parse().ok()).filter(|bits| *bits > 0),
        start_ms: millis(stream.start_time.as_ref()),
    }
}

fn number(text: Option<&String>) -> u64 {
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// `12.480000` seconds as milliseconds; what is before the beginning begins there.
fn millis(text: Option<&String>) -> u64 {
    let seconds = text.and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    u64::try_from(std::time::Duration::try_from_secs_f64(seconds).unwrap_or_default().as_millis()).unwrap_or(0)
}

/// `30000/1001` in thousandths.
fn fraction(text: &str, between: char) -> Option<u64> {
    let (over, under) = text.split_once(between)?;
    over.parse::<u64>().ok()?.checked_mul(1000)?.checked_div(under.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_tells_is_read() {
        let told = r#"{"streams":[{"codec_type":"video","codec_name":"wmv3","width":720,"height":576,"pix_fmt":"yuv420p","field_order":"tt",
            "sample_aspect_ratio":"16:15","avg_frame_rate":"25/1","duration":"12.480","start_time":"-0.1"},
            {"codec_type":"audio","codec_name":"pcm_s16le","sample_rate":"48000","channels":2,"bit_rate":"1536000","start_time":"0.25"}],
            "format":{"duration":"12.5","bit_rate":"900000"}}"#;
        let reading = reading_of(serde_json::from_str(told).unwrap(), "wmv");
        let (video, audio) = (reading.video.unwrap(), reading.audio.unwrap());
        assert_eq!((video.duration_ms, video.millifps, video.pixel_aspect, video.interlaced), (12_480, 25_000, Some(1066), Some(true)));
        assert_eq!((video.chroma.as_deref(), video.bitrate, video.start_ms), (Some("4:2:0"), 900_000, 0));
        assert_eq!((audio.codec.as_str(), audio.duration_ms, audio.start_ms), ("pcm", 12_500, 250));
        assert!(reading_of(serde_json::from_str("{}").unwrap(), "avi").fault.is_some());
        let song = r#"{"streams":[{"codec_type":"video","codec_name":"mjpeg","disposition":{"attached_pic":1}},{"codec_type":"audio"}]}"#;
        let reading = reading_of(serde_json::from_str(song).unwrap(), "wmv");
        assert!(reading.video.is_none() && reading.audio.is_some(), "a cover is no film");
    }
}
