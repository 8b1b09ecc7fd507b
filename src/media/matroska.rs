//! WebM and Matroska.

use super::reading::Reading;
use crate::domain::inspection::{AudioFacts, VideoFacts};
use ::matroska::{Matroska, Settings, Track};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// Id of the element that holds everything.
const SEGMENT: u64 = 0x1853_8067;

/// Reads a file; `webm` tells the container's name.
pub(super) fn read(path: &Path, size: u64, webm: bool) -> Reading {
    let Ok(file) = File::open(path) else { return Reading::fault("视频文件无法打开。") };
    let mut file = BufReader::new(file);
    if let Some(end) = segment_end(&mut file).filter(|end| *end > size) {
        return Reading::fault(format!("视频文件不完整：内容应到第 {end} 字节，文件只有 {size} 字节，可能没有上传或导出完毕。"));
    }
    if file.rewind().is_err() {
        return Reading::fault("视频文件无法打开。");
    }
    let Ok(found) = Matroska::open(file) else { return Reading::fault("视频文件已损坏，无法解析。") };
    let duration_ms = found.info.duration.map_or(0, |length| u64::try_from(length.as_millis()).unwrap_or(u64::MAX));
    // The container gives no rate per track; the file's is the video's, within a few per cent.
    let bitrate = size.saturating_mul(8000).checked_div(duration_ms).unwrap_or(0);
    let video = found.video_tracks().next().and_then(|track| video(track, webm, duration_ms, bitrate));
    let audio = found.audio_tracks().next().and_then(|track| audio(track, duration_ms, if video.is_none() { bitrate } else { 0 }));
    let mut reading = Reading { video, audio, ..Reading::default() };
    if reading.video.is_none() && reading.audio.is_none() {
        reading.fault = Some("文件里没有视频轨，也没有音频轨。".to_owned());
    }
    reading
}

fn number(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn video(track: &Track, webm: bool, duration_ms: u64, bitrate: u64) -> Option<VideoFacts> {
    let Settings::Video(settings) = &track.settings else { return None };
    let codec = match track.codec_id.as_str() {
        "V_VP8" => "vp8",
        "V_VP9" => "vp9",
        "V_AV1" => "av1",
        "V_MPEG4/ISO/AVC" => "h264",
        "V_MPEGH/ISO/HEVC" => "hevc",
        other => other,
    };
    let frame = track.default_duration.map_or(0, |length| u64::try_from(length.as_nanos()).unwrap_or(0));
    Some(VideoFacts {
        container: if webm { "webm" } else { "matroska" }.to_owned(),
        codec: codec.to_lowercase(),
        duration_ms,
        width: number(settings.pixel_width),
        height: number(settings.pixel_height),
        millifps: number(1_000_000_000_000_u64.checked_div(frame).unwrap_or(0)),
        bitrate,
        interlaced: settings.interlaced,
        pixel_aspect: pixel_aspect(settings),
        ..VideoFacts::default()
    })
}

/// The width of a pixel in thousandths of its height: the size shown against the size coded.
fn pixel_aspect(settings: &::matroska::Video) -> Option<u32> {
    let (width, height) = (settings.display_width?, settings.display_height?);
    let over = width.checked_mul(settings.pixel_height)?.checked_mul(1000)?;
    u32::try_from(over.checked_div(height.checked_mul(settings.pixel_width)?)?).ok().filter(|aspect| *aspect > 0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "float casts saturate, and a rate is a positive number of hertz"
)]
fn audio(track: &Track, duration_ms: u64, bitrate: u64) -> Option<AudioFacts> {
    let Settings::Audio(settings) = &track.settings else { return None };
    let codec = track.codec_id.strip_prefix("A_").unwrap_or(&track.codec_id).split('/').next().unwrap_or_default().to_lowercase();
    let codec = if codec == "mpeg" { "mp3".to_owned() } else { codec };
    let channels = u16::try_from(settings.channels).unwrap_or(u16::MAX);
    Some(AudioFacts { codec, duration_ms, sample_rate: settings.sample_rate as u32, channels, bitrate, ..AudioFacts::default() })
}

/// Where the segment says it ends; `None` when it does not say (a stream).
fn segment_end(file: &mut BufReader<File>) -> Option<u64> {
    file.rewind().ok()?;
    let (_, _) = vint(file, true)?;
    let (header, known) = vint(file, false)?;
    if !known {
        return None;
    }
    let at = file.stream_position().ok()?.checked_add(header)?;
    file.seek(SeekFrom::Start(at)).ok()?;
    let (id, _) = vint(file, true)?;
    let (size, known) = vint(file, false)?;
    (id == SEGMENT && known).then_some(file.stream_position().ok()?.checked_add(size)?)
}

/// A number of variable length (EBML): its value, and whether it is known (all bits set mean "unknown").
fn vint(file: &mut BufReader<File>, keep_marker: bool) -> Option<(u64, bool)> {
    let mut first = [0_u8];
    file.read_exact(&mut first).ok()?;
    let [first] = first;
    let more = first.leading_zeros();
    if more > 7 {
        return None;
    }
    let mut value = if keep_marker { u64::from(first) } else { u64::from(first) & ((0x80_u64 >> more) - 1) };
    for _ in 0..more {
        let mut next = [0_u8];
        file.read_exact(&mut next).ok()?;
        value = value << 8 | u64::from(next[0]);
    }
    let unknown = (1_u64 << (7 * (more + 1))) - 1;
    Some((value, keep_marker || value != unknown))
}
