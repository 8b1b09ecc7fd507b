//! MP4: tracks and whether the file is whole.
//!
//! The boxes of the first level are walked by ourselves: a cut file is the fault that institutions send most, and only the
//! walk can say where it was cut. `re_mp4` then reads the tracks, fragmented files too.

use super::reading::Reading;
use super::{boxes, h264};
use crate::domain::inspection::{AudioFacts, VideoFacts};
use re_mp4::{Mp4, StsdBoxContent, Track};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Most bytes of an index (`moov`): ten hours of video at 60 frames a second need less than 64 MB.
const MOST_INDEX: u64 = 256 << 20;
/// Most samples of a track: the same ten hours, with sound, need 4 million.
const MOST_SAMPLES: u64 = 20_000_000;
/// Most boxes on the first level: a fragmented lecture has a few thousand.
const MOST_BOXES: usize = 1_000_000;

/// Reads an MP4 file.
pub(super) fn read(path: &Path, size: u64) -> Reading {
    let Ok(file) = File::open(path) else { return Reading::fault("视频文件无法打开。") };
    let mut file = BufReader::new(file);
    let index = match check_whole(&mut file, size) {
        Ok(index) => index,
        Err(fault) => return Reading::fault(fault),
    };
    if file.rewind().is_err() {
        return Reading::fault("视频文件无法打开。");
    }
    // It gives up, or panics, at much that players do not mind; then a simpler walk says what it can.
    let mut reading = match catch_unwind(AssertUnwindSafe(|| Mp4::read(&mut file, size))) {
        Ok(Ok(mp4)) => facts_of(&mp4, size),
        _ => simpler(&mut file, index, size),
    };
    if reading.audio.is_some() {
        let _chapters = reading.video.take_if(|video| are_stills(video));
    }
    reading
}

/// Stills that stand for more than a second each: beside sound they are the pictures of a podcast's chapters, no film.
fn are_stills(video: &VideoFacts) -> bool {
    matches!(video.codec.trim(), "jpeg" | "png") && video.millifps < 1_000
}

/// What the walk of our own reads from the index, which lies at these places.
fn simpler(file: &mut BufReader<File>, (from, until): (u64, u64), size: u64) -> Reading {
    let mut index = Vec::new();
    let read = file.seek(SeekFrom::Start(from)).and_then(|_| file.take(until.saturating_sub(from)).read_to_end(&mut index));
    if read.is_err() { Reading::fault("视频文件无法打开。") } else { boxes::read(&index, size) }
}

/// Walks the first level: every box must lie within the file, and there must be an index; gives where its content lies.
fn check_whole(file: &mut BufReader<File>, size: u64) -> Result<(u64, u64), String> {
    let mut at = 0_u64;
    let (mut index, mut has_media) = (None, false);
    for _ in 0..MOST_BOXES {
        if at >= size {
            break;
        }
        let (kind, length) = header(file, at, size).ok_or_else(|| cut_short(at, size))?;
        let end = at.saturating_add(length);
        match &kind {
            b"moov" if length > MOST_INDEX => return Err("视频文件的索引（moov）异常庞大，已停止读取。".to_owned()),
            b"moov" => index = Some((at + 8, end)),
            b"mdat" => has_media = true,
            _ => {}
        }
        if end > size {
            let name = String::from_utf8_lossy(&kind).into_owned();
            return Err(format!("音视频文件不完整：数据块 {name} 应到第 {end} 字节，文件只有 {size} 字节，可能没有上传或导出完毕。"));
        }
        if &kind == b"moov" && most_samples(file, at, end, 0) > MOST_SAMPLES {
            return Err("视频文件的索引（moov）声明的帧数异常，已停止读取。".to_owned());
        }
        at = end;
    }
    match (index, has_media) {
        (Some(index), _) => Ok(index),
        (None, true) => Err("音视频文件不完整：缺少索引（moov），无法播放，通常是录制或导出中断造成的，请重新导出。".to_owned()),
        (None, false) => Err("文件里没有视频数据（缺少 moov 与 mdat）。".to_owned()),
    }
}

fn cut_short(at: u64, size: u64) -> String {
    format!("音视频文件不完整：第 {at} 字节处的数据块头不完整或已损坏（文件共 {size} 字节）。")
}

/// Kind and length of the box at `at`; a length of 0 reaches to `end`.
fn header(file: &mut BufReader<File>, at: u64, end: u64) -> Option<([u8; 4], u64)> {
    let mut head = [0_u8; 16];
    file.seek(SeekFrom::Start(at)).ok()?;
    let (short, long) = head.split_at_mut(8);
    file.read_exact(short).ok()?;
    let kind: [u8; 4] = short.get(4..8)?.try_into().ok()?;
    let length = match u32::from_be_bytes(short.get(..4)?.try_into().ok()?) {
        0 => end.saturating_sub(at),
        1 => {
            file.read_exact(long).ok()?;
            u64::from_be_bytes((&*long).try_into().ok()?)
        }
        length => u64::from(length),
    };
    (length >= 8).then_some((kind, length))
}

/// The highest number of samples that a table in this box declares: tables are allocated by it.
fn most_samples(file: &mut BufReader<File>, at: u64, end: u64, depth: u32) -> u64 {
    let mut most = 0;
    let mut inner = at + 8;
    while inner + 8 <= end && depth < 8 {
        let Some((kind, length)) = header(file, inner, end) else { break };
        let until = inner.saturating_add(length).min(end);
        match &kind {
            b"trak" | b"mdia" | b"minf" | b"stbl" => most = most.max(most_samples(file, inner, until, depth + 1)),
            b"stsz" | b"stts" | b"ctts" | b"stsc" => {
                // stsz: version and flags, size, count; the others: version and flags, count of entries.
                let skip = if &kind == b"stsz" { 16 } else { 12 };
                let mut count = [0_u8; 4];
                if file.seek(SeekFrom::Start(inner + skip)).is_ok() && file.read_exact(&mut count).is_ok() {
                    most = most.max(u64::from(u32::from_be_bytes(count)));
                }
            }
            _ => {}
        }
        inner = until;
    }
    most
}

fn facts_of(mp4: &Mp4, size: u64) -> Reading {
    let mut reading = Reading::default();
    for track in mp4.tracks().values() {
        match &track.trak(mp4).mdia.hdlr.handler_type.value {
            b"vide" if reading.video.is_none() => reading.video = Some(video(mp4, track)),
            b"soun" if reading.audio.is_none() => reading.audio = Some(audio(mp4, track)),
            _ => {}
        }
    }
    let last = mp4.tracks().values().flat_map(|track| track.samples.iter()).map(|sample| sample.offset.saturating_add(sample.size)).max();
    if let Some(last) = last.filter(|last| *last > size) {
        reading.fault = Some(format!("音视频文件不完整：索引指向第 {last} 字节，文件只有 {size} 字节。"));
    } else if reading.video.is_none() && reading.audio.is_none() {
        reading.fault = Some("文件里没有视频轨，也没有音频轨。".to_owned());
    }
    reading
}

/// Length in milliseconds: of the samples, which fragmented files alone have, else of the header.
fn duration_ms(track: &Track) -> u64 {
    let sum = track.samples.iter().map(|sample| sample.duration).fold(0_u64, u64::saturating_add);
    let ticks = if sum > 0 { sum } else { track.duration };
    u64::try_from(u128::from(ticks) * 1000 / u128::from(track.timescale.max(1))).unwrap_or(u64::MAX)
}

fn bitrate(track: &Track, duration_ms: u64) -> u64 {
    let bytes = track.samples.iter().map(|sample| sample.size).fold(0_u64, u64::saturating_add);
    bytes.saturating_mul(8000).checked_div(duration_ms).unwrap_or(0)
}

fn video(mp4: &Mp4, track: &Track) -> VideoFacts {
    let duration_ms = duration_ms(track);
    let frames = track.samples.len() as u64;
    let rate = frames.saturating_mul(1_000_000).checked_div(duration_ms).unwrap_or(0);
    let codec = match &track.trak(mp4).mdia.minf.stbl.stsd.contents {
        StsdBoxContent::Avc1(_) => "h264".to_owned(),
        StsdBoxContent::Hev1(_) | StsdBoxContent::Hvc1(_) => "hevc".to_owned(),
        StsdBoxContent::Av01(_) => "av1".to_owned(),
        StsdBoxContent::Vp08(_) => "vp8".to_owned(),
        StsdBoxContent::Vp09(_) => "vp9".to_owned(),
        StsdBoxContent::Unknown(code) => four(&code.value),
        _ => "unknown".to_owned(),
    };
    let h264 = match &track.trak(mp4).mdia.minf.stbl.stsd.contents {
        StsdBoxContent::Avc1(box_) => box_.avcc.sequence_parameter_sets.first().and_then(|nal| h264::read(&nal.bytes)),
        _ => None,
    };
    let chroma = h264.as_ref().map(|said| said.chroma).or(chroma_of(&codec));
    VideoFacts {
        container: "mp4".to_owned(),
        duration_ms,
        width: u32::from(track.width),
        height: u32::from(track.height),
        millifps: u32::try_from(rounded(rate)).unwrap_or(0),
        bitrate: bitrate(track, duration_ms),
        interlaced: h264.as_ref().map(|said| said.interlaced),
        profile: h264.map(|said| said.profile),
        chroma: chroma.map(str::to_owned),
        pixel_aspect: pixel_aspect(mp4, track),
        start_ms: start_ms(mp4, track),
        codec,
    }
}

/// How the codings of studios sample colours, by their four letters.
fn chroma_of(codec: &str) -> Option<&'static str> {
    match codec {
        "apcn" | "apch" | "apcs" | "apco" => Some("4:2:2"),
        "ap4h" | "ap4x" => Some("4:4:4"),
        _ => None,
    }
}

/// The width of a pixel in thousandths of its height: the size shown against the size coded.
fn pixel_aspect(mp4: &Mp4, track: &Track) -> Option<u32> {
    let StsdBoxContent::Avc1(coded) = &track.trak(mp4).mdia.minf.stbl.stsd.contents else { return None };
    let (shown, coded) = ((u64::from(track.width), u64::from(track.height)), (u64::from(coded.width), u64::from(coded.height)));
    let aspect = (shown.0 * coded.1 * 1000).checked_div(shown.1 * coded.0)?;
    u32::try_from(aspect).ok().filter(|aspect| *aspect > 0)
}

/// When a track begins: an edit without media, before all others, holds it back (ISO/IEC 14496-12, 8.6.6).
fn start_ms(mp4: &Mp4, track: &Track) -> u64 {
    let edits = track.trak(mp4).edts.as_ref().and_then(|edts| edts.elst.as_ref());
    let first = edits.and_then(|list| list.entries.first());
    // The reader keeps the minus one that marks it in as many bits as it was written.
    let held = first.filter(|edit| edit.media_time == u64::from(u32::MAX) || edit.media_time == u64::MAX);
    let ticks = held.map_or(0, |edit| edit.segment_duration);
    ticks.saturating_mul(1000).checked_div(u64::from(mp4.moov.mvhd.timescale)).unwrap_or(0)
}

/// Frame rates are measured over milliseconds, so that 25 fps may come out as 25.003: within 0.1 % of a usual rate it is that.
pub(super) fn rounded(rate: u64) -> u64 {
    let usual = [15_000, 23_976, 24_000, 25_000, 29_970, 30_000, 48_000, 50_000, 59_940, 60_000];
    usual.into_iter().find(|usual| rate.abs_diff(*usual) * 1000 <= *usual).unwrap_or(rate)
}

fn audio(mp4: &Mp4, track: &Track) -> AudioFacts {
    let duration_ms = duration_ms(track);
    let (bitrate, start_ms) = (bitrate(track, duration_ms), start_ms(mp4, track));
    let mut facts = AudioFacts { duration_ms, bitrate, start_ms, ..AudioFacts::default() };
    match &track.trak(mp4).mdia.minf.stbl.stsd.contents {
        StsdBoxContent::Mp4a(mp4a) => {
            // Object types 0x69 and 0x6B are MPEG-2 and MPEG-1 layer 3 (ISO/IEC 14496-1).
            let kind = mp4a.esds.as_ref().map(|esds| esds.es_desc.dec_config.object_type_indication);
            facts.codec = if matches!(kind, Some(0x69 | 0x6B)) { "mp3" } else { "aac" }.to_owned();
            facts.sample_rate = u32::from(mp4a.samplerate.value());
            facts.channels = mp4a.channelcount;
        }
        StsdBoxContent::Unknown(code) => facts.codec = four(&code.value),
        _ => facts.codec = "unknown".to_owned(),
    }
    facts
}

/// A four-character code in lower case, without what cannot be shown.
pub(super) fn four(code: &[u8; 4]) -> String {
    let text = String::from_utf8_lossy(code).replace(char::is_control, "").trim().to_lowercase();
    match text.as_str() {
        "" => "unknown".to_owned(),
        "mp4v" => "mpeg4".to_owned(),
        ".mp3" => "mp3".to_owned(),
        _ => text,
    }
}
