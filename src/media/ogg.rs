//! Ogg: Vorbis, Opus, FLAC, Speex and Theora. The first packet of each stream tells what it is (RFC 3533, 7845, 5334), the position on
//! its last page how long.

use super::reading::Reading;
use crate::domain::inspection::{AudioFacts, VideoFacts};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes in which the first pages of all streams stand.
const HEAD: u64 = 256 << 10;
/// Bytes in which the last page of each stream stands: a page has at most 64 KiB.
const TAIL: u64 = 512 << 10;
/// Samples a second in which positions of Opus are counted, whatever was recorded.
const OPUS_RATE: u32 = 48_000;
/// The page begins a stream.
const BEGINS: u8 = 2;

/// What the first packet of a stream says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stream {
    Sound { facts: AudioFacts, before: u64, rate: u32 },
    Picture { facts: VideoFacts, shift: u32, rate: (u32, u32) },
}

struct Page<'a> {
    begins: bool,
    position: u64,
    serial: u32,
    body: &'a [u8],
    /// Bytes of the page, as its head says.
    length: usize,
}

/// Reads a file.
pub(super) fn read(path: &Path, size: u64) -> Reading {
    let Some((head, tail)) = ends(path, size) else { return Reading::fault("文件无法读取。") };
    let streams = streams(&head);
    if streams.is_empty() {
        return Reading::fault("Ogg 文件里没有可以识别的声音或画面，或已损坏。");
    }
    let (lasts, end) = last_positions(&tail, size);
    if end > size {
        return Reading::fault(format!("Ogg 文件不完整：最后一页应到第 {end} 字节，文件只有 {size} 字节，可能没有上传或导出完毕。"));
    }
    let mut reading = Reading::default();
    for (serial, stream) in streams {
        let last = lasts.get(&serial).copied().unwrap_or(0);
        match stream {
            Stream::Sound { facts, before, rate } if reading.audio.is_none() => {
                let duration_ms = last.saturating_sub(before).saturating_mul(1000).checked_div(u64::from(rate)).unwrap_or(0);
                reading.audio = Some(AudioFacts { duration_ms, ..facts });
            }
            Stream::Picture { facts, shift, rate } if reading.video.is_none() => {
                // The upper bits count to the last key frame, the lower ones from there.
                let frames = (last >> shift).saturating_add(last & ((1 << shift) - 1));
                let ticks = frames.saturating_mul(1000).saturating_mul(u64::from(rate.1));
                let duration_ms = ticks.checked_div(u64::from(rate.0)).unwrap_or(0);
                reading.video = Some(VideoFacts { duration_ms, ..facts });
            }
            _ => {}
        }
    }
    with_rates(&mut reading, size);
    reading
}

/// The rate of the file, for the only track or else for the picture.
fn with_rates(reading: &mut Reading, size: u64) {
    let rate = |duration_ms: u64| size.saturating_mul(8000).checked_div(duration_ms).unwrap_or(0);
    let longest =
        reading.audio.as_ref().map_or(0, |audio| audio.duration_ms).max(reading.video.as_ref().map_or(0, |video| video.duration_ms));
    match (&mut reading.video, &mut reading.audio) {
        (Some(video), _) => video.bitrate = rate(video.duration_ms),
        (None, Some(audio)) => audio.bitrate = rate(audio.duration_ms),
        (None, None) => {}
    }
    if longest == 0 {
        reading.fault = Some("Ogg 文件里没有可以播放的内容。".to_owned());
    }
}

fn ends(path: &Path, size: u64) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut file = File::open(path).ok()?;
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    file.by_ref().take(HEAD).read_to_end(&mut head).ok()?;
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL))).ok()?;
    file.take(TAIL).read_to_end(&mut tail).ok()?;
    Some((head, tail))
}

/// The page at the beginning of these bytes.
fn page(bytes: &[u8]) -> Option<Page<'_>> {
    let head = bytes.get(..27).filter(|head| head.starts_with(b"OggS\0"))?;
    let segments = bytes.get(27..27 + usize::from(*head.get(26)?))?;
    let body_at = 27 + segments.len();
    let length = body_at + segments.iter().map(|size| usize::from(*size)).sum::<usize>();
    Some(Page {
        begins: head.get(5)? & BEGINS != 0,
        position: u64::from_le_bytes(head.get(6..14)?.try_into().ok()?),
        serial: u32::from_le_bytes(head.get(14..18)?.try_into().ok()?),
        body: bytes.get(body_at..length.min(bytes.len())).unwrap_or_default(),
        length,
    })
}

/// The streams that begin at the beginning, in order.
fn streams(mut head: &[u8]) -> Vec<(u32, Stream)> {
    let mut streams = Vec::new();
    while let Some(page) = page(head).filter(|page| page.begins) {
        streams.extend(sound(page.body).or_else(|| picture(page.body)).map(|stream| (page.serial, stream)));
        head = head.get(page.length..).unwrap_or_default();
    }
    streams
}

/// The last position of each stream, and where the last page should end.
fn last_positions(tail: &[u8], size: u64) -> (BTreeMap<u32, u64>, u64) {
    let from = size.saturating_sub(tail.len() as u64);
    let (mut lasts, mut end) = (BTreeMap::new(), 0);
    for at in memchr::memmem::find_iter(tail, b"OggS\0") {
        let Some(page) = page(tail.get(at..).unwrap_or_default()) else { continue };
        end = from + (at + page.length) as u64;
        // All bits set: no packet ends on this page.
        if page.position != u64::MAX {
            lasts.insert(page.serial, page.position);
        }
    }
    (lasts, end)
}

fn little(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

/// A big-endian number of `count` bytes.
fn big(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    Some(bytes.get(at..at + count)?.iter().fold(0, |number, byte| (number << 8) | u32::from(*byte)))
}

fn sound(packet: &[u8]) -> Option<Stream> {
    let byte = |at: usize| packet.get(at).copied();
    let named = |codec: &str, rate: u32, channels: u8, bits: Option<u8>| AudioFacts {
        codec: codec.to_owned(),
        sample_rate: rate,
        channels: u16::from(channels),
        bits,
        ..AudioFacts::default()
    };
    if packet.starts_with(b"\x01vorbis") {
        let rate = little(packet, 12)?;
        return Some(Stream::Sound { facts: named("vorbis", rate, byte(11)?, None), before: 0, rate });
    }
    if packet.starts_with(b"OpusHead") {
        let before = u64::from(u16::from_le_bytes(packet.get(10..12)?.try_into().ok()?));
        return Some(Stream::Sound { facts: named("opus", OPUS_RATE, byte(9)?, None), before, rate: OPUS_RATE });
    }
    if packet.starts_with(b"\x7fFLAC") {
        // Twenty bits of rate, three of channels less one, five of bits less one.
        let packed = big(packet, 27, 4)?;
        let rate = packed >> 12;
        let channels = u8::try_from((packed >> 9) & 7).ok()? + 1;
        let bits = u8::try_from((packed >> 4) & 31).ok()? + 1;
        return Some(Stream::Sound { facts: named("flac", rate, channels, Some(bits)), before: 0, rate });
    }
    if packet.starts_with(b"Speex   ") {
        let rate = little(packet, 36)?;
        return Some(Stream::Sound { facts: named("speex", rate, byte(48)?, None), before: 0, rate });
    }
    None
}

/// The head of Theora (its specification, 6.2).
fn picture(packet: &[u8]) -> Option<Stream> {
    if !packet.starts_with(b"\x80theora") {
        return None;
    }
    let rate = (big(packet, 22, 4)?, big(packet, 26, 4)?);
    let last = big(packet, 40, 2)?;
    let pixel = (u64::from(big(packet, 30, 3)?), u64::from(big(packet, 33, 3)?));
    let millifps = u64::from(rate.0).saturating_mul(1000).checked_div(u64::from(rate.1)).unwrap_or(0);
    let facts = VideoFacts {
        container: "ogg".to_owned(),
        codec: "theora".to_owned(),
        width: big(packet, 14, 3)?,
        height: big(packet, 17, 3)?,
        millifps: u32::try_from(super::mp4::rounded(millifps)).unwrap_or(0),
        chroma: ["4:2:0", "", "4:2:2", "4:4:4"]
            .get(((last >> 3) & 3) as usize)
            .filter(|name| !name.is_empty())
            .map(|name| (*name).to_owned()),
        pixel_aspect: (pixel.0 * 1000).checked_div(pixel.1).filter(|aspect| *aspect > 0).and_then(|aspect| u32::try_from(aspect).ok()),
        interlaced: Some(false),
        ..VideoFacts::default()
    };
    Some(Stream::Picture { facts, shift: (last >> 5) & 31, rate })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn paged(serial: u32, flags: u8, position: u64, body: &[u8]) -> Vec<u8> {
        let mut page = [b"OggS\0".as_slice(), &[flags], &position.to_le_bytes(), &serial.to_le_bytes(), &[0; 8]].concat();
        page.push(u8::try_from(body.len() / 255 + 1).unwrap());
        page.extend(vec![255; body.len() / 255]);
        page.push(u8::try_from(body.len() % 255).unwrap());
        page.extend_from_slice(body);
        page
    }

    fn look(bytes: &[u8]) -> Reading {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        read(file.path(), bytes.len() as u64)
    }

    fn opus() -> Vec<u8> {
        b"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\0".to_vec()
    }

    fn flac() -> Vec<u8> {
        let rate: u32 = (96_000 << 12) | (1 << 9) | (23 << 4);
        [b"\x7fFLAC\x01\0\0\x01fLaC\0\0\0\x22".as_slice(), &[0; 10], &rate.to_be_bytes(), &[0; 20]].concat()
    }

    fn theora() -> Vec<u8> {
        let shown = [b"\x80theora\x03\x02\x01\0\x50\0\x2d".as_slice(), &[0, 5, 0, 0, 2, 0xd0, 0, 0]].concat();
        // 25 frames a second, square pixels, six bits for the distance to the key frame, 4:2:0.
        [shown, 25_u32.to_be_bytes().to_vec(), 1_u32.to_be_bytes().to_vec(), vec![0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 6 << 5]].concat()
    }

    #[test]
    fn opus_and_flac_are_told_with_their_length() {
        let file = [paged(7, 2, 0, &opus()), paged(7, 0, 0, b"OpusTags"), paged(7, 4, 480_312, &[1; 600])].concat();
        let audio = look(&file).audio.unwrap();
        assert_eq!((audio.codec.as_str(), audio.duration_ms, audio.channels, audio.sample_rate), ("opus", 10_000, 2, 48_000));
        let file = [paged(7, 2, 0, &flac()), paged(7, 4, 192_000, &[1; 9])].concat();
        let audio = look(&file).audio.unwrap();
        assert_eq!((audio.codec.as_str(), audio.duration_ms, audio.channels, audio.bits), ("flac", 2_000, 2, Some(24)));
    }

    #[test]
    fn theora_is_a_picture_beside_its_sound() {
        // 100 frames up to the key frame, 25 after it.
        let file =
            [paged(1, 2, 0, &theora()), paged(2, 2, 0, &opus()), paged(1, 4, (100 << 6) | 25, &[1; 90]), paged(2, 4, 240_312, &[1; 90])]
                .concat();
        let reading = look(&file);
        let video = reading.video.unwrap();
        assert_eq!((video.codec.as_str(), video.width, video.height, video.millifps), ("theora", 1280, 720, 25_000));
        assert_eq!((video.duration_ms, video.pixel_aspect, video.chroma.as_deref()), (5_000, Some(1000), Some("4:2:0")));
        assert_eq!(reading.audio.unwrap().duration_ms, 5_000);
        assert!(look(&file[..file.len() - 5]).fault.unwrap().contains("不完整"));
        assert!(look(b"OggS").fault.is_some() && look(&paged(1, 2, 0, &opus())).fault.unwrap().contains("没有可以播放"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes: Vec<u8>, at in 0_usize..400, byte: u8) {
            let mut file = [paged(1, 2, 0, &theora()), paged(2, 2, 9, &flac()), bytes].concat();
            if let Some(place) = file.get_mut(at) {
                *place = byte;
            }
            let _ = look(&file);
        }
    }
}
