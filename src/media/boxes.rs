//! The tracks of an MP4 or QuickTime file by a walk of our own, for files at whose index `re_mp4` gives up: QuickTime's tables,
//! covers and tags in iTunes' manner, files without `ftyp`. Only what the rules measure is read (ISO/IEC 14496-12).

use super::mp4::{four, rounded};
use super::reading::Reading;
use crate::domain::inspection::{AudioFacts, VideoFacts};

/// One track: its parts that hold measures.
struct Track<'a> {
    head: &'a [u8],
    media: &'a [u8],
    table: &'a [u8],
}

/// Reads the content of a `moov`; `size` is that of the file.
pub(super) fn read(moov: &[u8], size: u64) -> Reading {
    let mut reading = Reading::default();
    for (_, track) in boxes(moov).filter(|(kind, _)| *kind == b"trak") {
        let Some(track) = Track::of(track) else { continue };
        if track.last_chunk().is_some_and(|at| at >= size) {
            reading.fault = Some(format!("音视频文件不完整：索引指向 {size} 字节之后，可能没有上传或导出完毕。"));
        }
        match track.handler() {
            Some(b"vide") if reading.video.is_none() => reading.video = track.video(),
            Some(b"soun") if reading.audio.is_none() => reading.audio = track.audio(),
            _ => {}
        }
    }
    if reading.video.is_none() && reading.audio.is_none() {
        reading.fault = Some("文件里没有视频轨，也没有音频轨，或其索引（moov）已损坏，无法解析。".to_owned());
    }
    reading
}

/// The boxes that lie side by side: kind and content. It ends where one is longer than what is left.
fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (length, after) = bytes.split_first_chunk::<4>()?;
        let (kind, after) = after.split_first_chunk::<4>()?;
        let inside = usize::try_from(u32::from_be_bytes(*length)).ok()?.checked_sub(8)?;
        let (content, rest) = after.split_at_checked(inside)?;
        bytes = rest;
        Some((kind, content))
    })
}

/// The content at a path of boxes.
fn at<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(bytes, |bytes, wanted| boxes(bytes).find(|(kind, _)| kind == wanted).map(|found| found.1))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_be_bytes)
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_be_bytes)
}

impl<'a> Track<'a> {
    fn of(track: &'a [u8]) -> Option<Self> {
        let media = at(track, &[b"mdia"])?;
        Some(Self { head: at(track, &[b"tkhd"])?, media, table: at(media, &[b"minf", b"stbl"])? })
    }

    fn handler(&self) -> Option<&'a [u8]> {
        at(self.media, &[b"hdlr"])?.get(8..12)
    }

    /// The first way of coding: its content, after the code's four letters.
    fn coded(&self) -> Option<(String, &'a [u8])> {
        let (kind, content) = boxes(at(self.table, &[b"stsd"])?.get(8..)?).next()?;
        Some((four(kind), content))
    }

    fn duration_ms(&self) -> Option<u64> {
        let head = at(self.media, &[b"mdhd"])?;
        let (scale, ticks) = if head.first() == Some(&1) {
            (long(head, 20)?, u64::from(long(head, 24)?) << 32 | u64::from(long(head, 28)?))
        } else {
            (long(head, 12)?, u64::from(long(head, 16)?))
        };
        // All bits set: the writer did not know.
        let ticks = if ticks == u64::from(u32::MAX) || ticks == u64::MAX { 0 } else { ticks };
        ticks.checked_mul(1000)?.checked_div(u64::from(scale))
    }

    /// Number of samples and their bytes together.
    fn samples(&self) -> (u64, u64) {
        let Some(sizes) = at(self.table, &[b"stsz"]) else { return (0, 0) };
        let (each, count) = (long(sizes, 4).unwrap_or(0), u64::from(long(sizes, 8).unwrap_or(0)));
        let listed = || sizes.get(12..).unwrap_or_default().as_chunks().0.iter().map(|size| u64::from(u32::from_be_bytes(*size))).sum();
        (count, if each > 0 { u64::from(each).saturating_mul(count) } else { listed() })
    }

    /// Where the last chunk of samples begins.
    fn last_chunk(&self) -> Option<u64> {
        let near = |table: &[u8]| table.get(8..)?.as_chunks::<4>().0.iter().map(|place| u64::from(u32::from_be_bytes(*place))).max();
        let far = |table: &[u8]| table.get(8..)?.as_chunks::<8>().0.iter().map(|place| u64::from_be_bytes(*place)).max();
        at(self.table, &[b"stco"]).and_then(near).or_else(|| at(self.table, &[b"co64"]).and_then(far))
    }

    fn video(&self) -> Option<VideoFacts> {
        let (codec, entry) = self.coded()?;
        let duration_ms = self.duration_ms()?;
        let (frames, bytes) = self.samples();
        let codec = match codec.as_str() {
            "avc1" | "avc3" => "h264".to_owned(),
            "hvc1" | "hev1" => "hevc".to_owned(),
            "av01" => "av1".to_owned(),
            "vp08" => "vp8".to_owned(),
            "vp09" => "vp9".to_owned(),
            _ => codec,
        };
        // The header says how large it is shown, in 16.16 fixed point; where it says nothing the coded size counts.
        let after = if self.head.first() == Some(&1) { 88 } else { 76 };
        let shown = |at: usize, coded: usize| {
            let shown = short(self.head, at).filter(|side| *side > 0);
            shown.or_else(|| short(entry, coded)).map_or(0, u32::from)
        };
        Some(VideoFacts {
            container: "mp4".to_owned(),
            codec,
            duration_ms,
            width: shown(after, 24),
            height: shown(after + 4, 26),
            millifps: frames.saturating_mul(1_000_000).checked_div(duration_ms).map_or(0, |rate| u32::try_from(rounded(rate)).unwrap_or(0)),
            bitrate: bytes.saturating_mul(8000).checked_div(duration_ms).unwrap_or(0),
            ..VideoFacts::default()
        })
    }

    fn audio(&self) -> Option<AudioFacts> {
        let (codec, entry) = self.coded()?;
        let duration_ms = self.duration_ms()?;
        Some(AudioFacts {
            codec: if codec == "mp4a" { "aac".to_owned() } else { codec },
            duration_ms,
            sample_rate: short(entry, 24).map_or(0, u32::from),
            channels: short(entry, 16).unwrap_or(0),
            bitrate: self.samples().1.saturating_mul(8000).checked_div(duration_ms).unwrap_or(0),
            ..AudioFacts::default()
        })
    }
}
