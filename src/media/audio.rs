//! Sound files: MP3, WAV, FLAC, AAC and others.

use super::reading::Reading;
use crate::domain::inspection::AudioFacts;
use lofty::config::ParseOptions;
use lofty::file::{AudioFile, FileType, TaggedFileExt};
use lofty::probe::Probe;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A FLAC file of more bytes than this holds sound, even where its head does not say how much.
const MOST_FLAC_HEAD: u64 = 16 << 10;

/// Reads a sound file.
pub(super) fn read(path: &Path, size: u64) -> Reading {
    if let Some(end) = riff_end(path).filter(|end| *end > size) {
        return Reading::fault(format!("音频文件不完整：内容应到第 {end} 字节，文件只有 {size} 字节。"));
    }
    let options = ParseOptions::new().read_tags(false).read_cover_art(false);
    let probe = Probe::open(path).map(|probe| probe.options(options)).ok().and_then(|probe| probe.guess_file_type().ok());
    let Some(tagged) = probe.and_then(|probe| probe.read().ok()) else {
        return Reading::fault("音频文件已损坏或格式不受支持，无法打开。");
    };
    let found = tagged.properties();
    let codec = match tagged.file_type() {
        FileType::Aac => "aac",
        FileType::Aiff | FileType::Wav => "pcm",
        FileType::Ape => "ape",
        FileType::Flac => "flac",
        FileType::Mpeg => "mp3",
        FileType::Mp4 => "aac",
        _ => "unknown",
    };
    let facts = AudioFacts {
        codec: codec.to_owned(),
        duration_ms: u64::try_from(found.duration().as_millis()).unwrap_or(u64::MAX),
        sample_rate: found.sample_rate().unwrap_or(0),
        channels: found.channels().map_or(0, u16::from),
        bitrate: u64::from(found.audio_bitrate().or(found.overall_bitrate()).unwrap_or(0)) * 1000,
        bits: found.bit_depth(),
        start_ms: 0,
    };
    // A FLAC file written as it was recorded does not know its length; its end tells nothing more.
    let is_open = tagged.file_type() == FileType::Flac && facts.sample_rate > 0 && size > MOST_FLAC_HEAD;
    let fault = (facts.duration_ms == 0 && !is_open).then(|| "音频文件里没有可以播放的内容。".to_owned());
    Reading { audio: Some(facts), fault, ..Reading::default() }
}

/// Where a WAV or AVI file says it ends.
pub(super) fn riff_end(path: &Path) -> Option<u64> {
    let mut head = [0_u8; 12];
    File::open(path).ok()?.read_exact(&mut head).ok()?;
    let size = u32::from_le_bytes(head.get(4..8)?.try_into().ok()?);
    // Recorders that stream write all ones; that says nothing.
    let known = head.ends_with(b"WAVE") || head.ends_with(b"AVI ");
    (head.starts_with(b"RIFF") && known && size != u32::MAX).then_some(u64::from(size) + 8)
}
