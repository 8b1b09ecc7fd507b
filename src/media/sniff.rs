//! What a file is, by its content, and whether that is what its name claims.

use super::inside::{BROKEN_ZIP, LOCKED_OFFICE, after_id3, inside_ole, inside_zip};
use super::odf::OPEN_DOCUMENT;
use crate::domain::encoding::decode_text;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Bytes that are looked at.
const HEAD: u64 = 16 << 10;
/// Bytes within which readers look for the mark of a PDF file (its specification, annex H.3.4.1).
const PDF_HEAD: usize = 1024;
/// What nothing is known of.
pub(super) const UNKNOWN: &str = "application/octet-stream";
/// Subtitles that are plain text by their content; only names tell.
pub(super) const ASS: &str = "text/x-ssa";
/// Words of songs, likewise.
pub(super) const LRC: &str = "text/x-lrc";

/// What the content shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sniffed {
    /// Media type, `application/octet-stream` when it shows none.
    pub media_type: String,
    /// Whether it is a program or a script.
    pub executable: bool,
}

/// Media types of one family: a name that claims one of them is right about content that shows another.
const FAMILIES: &[&[&str]] = &[
    &["video/mp4", "audio/mp4", "audio/m4a", "audio/x-m4a", "video/x-m4v", "video/quicktime", "video/3gpp", "video/3gpp2"],
    &["video/webm", "audio/webm", "video/x-matroska", "audio/x-matroska"],
    &["video/mpeg", "video/x-ms-vob"],
    &["video/mp2t", "video/vnd.dlna.mpeg-tts"],
    &["video/x-ms-wmv", "video/x-ms-asf", "audio/x-ms-wma"],
    &["application/vnd.rn-realmedia", "application/vnd.rn-realmedia-vbr"],
    &["audio/mpeg", "audio/mp3", "audio/x-mpeg"],
    &["audio/ogg", "video/ogg", "application/ogg", "audio/opus", "audio/x-vorbis+ogg"],
    &["audio/wav", "audio/x-wav", "audio/vnd.wave", "audio/wave"],
    &["audio/flac", "audio/x-flac"],
    &["audio/aac", "audio/x-aac", "audio/aacp", "audio/vnd.dlna.adts"],
    &["audio/aiff", "audio/x-aiff"],
    &["video/x-ms-wmv", "video/x-ms-asf", "audio/x-ms-wma"],
    &["video/x-msvideo", "video/avi", "video/msvideo"],
    &["video/mp2t", "video/vnd.dlna.mpeg-tts"],
    &["image/jpeg", "image/jpg", "image/pjpeg"],
    &["image/bmp", "image/x-ms-bmp", "image/x-bmp"],
    &["image/heif", "image/heic", "image/heif-sequence", "image/heic-sequence"],
    &["text/html", "application/xhtml+xml"],
    &["application/xml", "text/xml", "image/svg+xml"],
    &["text/vtt", "text/x-vtt"],
    &["application/x-subrip", "text/srt", "text/x-srt", "application/srt"],
    // WPS Office calls its documents .wps, which stands for Works in the lists of types.
    &[
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/vnd.ms-works",
        "application/x-ole-storage",
    ],
    &[
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
        "application/vnd.ms-word.document.macroEnabled.12",
        "application/vnd.ms-word.template.macroEnabled.12",
    ],
    &[
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
        "application/vnd.openxmlformats-officedocument.presentationml.template",
        "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
        "application/vnd.ms-powerpoint.slideshow.macroEnabled.12",
    ],
    &[
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.template",
        "application/vnd.ms-excel.sheet.macroEnabled.12",
    ],
    &["application/vnd.rar", "application/x-rar-compressed", "application/x-rar"],
    &["application/zip", "application/x-zip-compressed", "application/x-zip"],
    &["application/rtf", "text/rtf"],
    &["application/gzip", "application/x-gzip"],
];

/// Looks at a file.
pub fn sniff(path: &Path) -> std::io::Result<Sniffed> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut head)?;
    Ok(sniff_bytes(&head, Some(path)))
}

/// Looks at the beginning of a file; `path` lets archives be looked into.
pub(super) fn sniff_bytes(head: &[u8], path: Option<&Path>) -> Sniffed {
    let known = |media_type: &str| Sniffed { media_type: media_type.to_owned(), executable: false };
    let program = |media_type: &str| Sniffed { media_type: media_type.to_owned(), executable: true };
    if head.starts_with(b"PK\x03\x04") {
        return known(path.and_then(inside_zip).unwrap_or("application/zip"));
    }
    if begins_as_pdf(head) {
        return known("application/pdf");
    }
    if let Some(media_type) = archival(head) {
        return known(media_type);
    }
    if head.starts_with(b"#!") {
        return program("text/x-shellscript");
    }
    if head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return known(path.map_or("application/x-ole-storage", inside_ole));
    }
    if head.starts_with(b"ID3") {
        return known(path.and_then(after_id3).unwrap_or("audio/mpeg"));
    }
    if head.starts_with(b".RMF") {
        return known("application/vnd.rn-realmedia");
    }
    if let Some(text) = text_type(head) {
        return known(text);
    }
    if let Some(recording) = recording(head) {
        return known(recording);
    }
    match infer::get(head) {
        Some(kind) if is_program(kind.mime_type()) => program(kind.mime_type()),
        Some(kind) if kind.mime_type() == "video/quicktime" => known("video/mp4"),
        Some(kind) => known(canonical(kind.mime_type())),
        None if is_mpeg_audio(head) => known("audio/mpeg"),
        None if begins_with_box(head) => known("video/mp4"),
        None if memchr::memmem::find(head.get(..PDF_HEAD).unwrap_or(head), b"%PDF-").is_some() => known("application/pdf"),
        None => known(UNKNOWN),
    }
}

/// What begins like something else, or is missing in the list of first bytes: sound of telephones, and the long forms of WAV
/// (EBU Tech 3306) and TIFF, in which archives keep what is larger than 4 GB.
fn archival(head: &[u8]) -> Option<&'static str> {
    let is_wave = head.get(8..12) == Some(b"WAVE");
    match head {
        [b'#', b'!', b'A', b'M', b'R', ..] => Some("audio/amr"),
        [b'R', b'F', b'6', b'4', ..] | [b'B', b'W', b'6', b'4', ..] if is_wave => Some("audio/wav"),
        [b'I', b'I', b'+', 0, 8, 0, ..] | [b'M', b'M', 0, b'+', 0, 8, ..] => Some("image/tiff"),
        _ => None,
    }
}

/// Elements with which a page begins that was saved without its head.
const ELEMENTS: [&str; 24] = [
    "a", "article", "b", "body", "br", "center", "dialog", "div", "font", "h1", "h2", "h3", "head", "header", "hr", "img", "main", "meta",
    "p", "script", "section", "style", "table", "ul",
];

/// Whether a text begins with an element of HTML.
fn begins_with_element(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('<') else { return false };
    let name = rest.split(|sign: char| !sign.is_ascii_alphanumeric()).next().unwrap_or_default();
    let closes = rest.get(name.len()..).is_some_and(|after| after.starts_with(['>', '/']) || after.starts_with(char::is_whitespace));
    closes && ELEMENTS.contains(&name) && rest.contains('>')
}

/// Blanks may stand before a PDF's mark.
fn begins_as_pdf(head: &[u8]) -> bool {
    head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start().starts_with(b"%PDF-")
}

/// The boxes with which MP4, 3GP and QuickTime files begin; old QuickTime files have no `ftyp`.
fn begins_with_box(head: &[u8]) -> bool {
    let kind = head.get(4..8).unwrap_or_default();
    [b"ftyp", b"moov", b"mdat", b"wide", b"pnot"].iter().any(|known| *known == kind)
}

/// Recordings that the list of first bytes lacks: the material exchange format, and transport streams.
fn recording(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02") {
        return Some("application/mxf");
    }
    is_transport_stream(head).then_some("video/mp2t")
}

/// Packets of 188 bytes that begin with the same sign (ISO/IEC 13818-1), on Blu-ray with four bytes before each.
fn is_transport_stream(head: &[u8]) -> bool {
    let synchronous = |first: usize, length: usize| (0..4).all(|packet| head.get(first + packet * length) == Some(&0x47));
    synchronous(0, 188) || synchronous(4, 192)
}

fn is_program(media_type: &str) -> bool {
    ["executable", "x-msdownload", "x-elf", "mach-binary", "x-sh", "java", "wasm", "x-dex", "x-dey", "llvm", "coff"]
        .iter()
        .any(|part| media_type.contains(part))
}

/// The first name of the family, except for types that differ in what they are (an M4A stays audio).
fn canonical(media_type: &str) -> &str {
    match media_type {
        "audio/m4a" | "audio/x-m4a" => "audio/mp4",
        "video/x-m4v" => "video/mp4",
        "audio/x-wav" => "audio/wav",
        "audio/x-flac" => "audio/flac",
        "audio/x-aiff" => "audio/aiff",
        "text/xml" => "application/xml",
        other => other,
    }
}

/// An MPEG audio frame: eleven set bits, then a version, layer, rate and frequency that exist.
fn is_mpeg_audio(head: &[u8]) -> bool {
    let [first, second, third, ..] = head else { return false };
    *first == 0xFF && second & 0xE6 > 0xE0 && second & 0x18 != 0x08 && third & 0xF0 != 0xF0 && third & 0x0C != 0x0C
}

/// The type of a text, or `None` when it is not one.
fn text_type(head: &[u8]) -> Option<&'static str> {
    if head.is_empty() {
        return None;
    }
    // The last character may be cut; a control character that text does not hold means that it is none.
    let read = decode_text(head);
    let strange =
        read.text.chars().filter(|sign| *sign == '\u{fffd}' || (sign.is_control() && !sign.is_whitespace() && *sign != '\u{1b}')).count();
    let zeros = head.iter().filter(|byte| **byte == 0).count();
    if strange > 2 || (zeros > 0 && !read.encoding.starts_with("UTF-16")) {
        return None;
    }
    let text = read.text.trim_start().to_lowercase();
    let begins = |mark: &str| text.starts_with(mark);
    Some(if begins("webvtt") {
        "text/vtt"
    } else if begins("{\\rtf") {
        "application/rtf"
    } else if begins("<!doctype html") || begins("<html") || (begins("<?xml") && text.contains("<html")) {
        "text/html"
    } else if begins("<svg") || (begins("<") && text.contains("<svg")) {
        "image/svg+xml"
    } else if begins("<?xml") || begins("<tt ") {
        "application/xml"
    } else if begins("<!--") || begins_with_element(&text) {
        "text/html"
    } else if super::subtitle::looks_like_srt(&text) {
        "application/x-subrip"
    } else {
        "text/plain"
    })
}

/// The media type that a file name claims.
pub fn claimed_by_name(name: &str) -> Option<String> {
    let extension = name.rsplit('/').next()?.rsplit_once('.')?.1.to_lowercase();
    let known = match extension.as_str() {
        "srt" => "application/x-subrip",
        "vtt" => "text/vtt",
        "m4a" => "audio/mp4",
        "mkv" => "video/x-matroska",
        "ts" => "video/mp2t",
        "md" => "text/markdown",
        "epub" => "application/epub+zip",
        "ass" | "ssa" => ASS,
        "lrc" => LRC,
        other => return mime_guess::from_ext(other).first_raw().map(|media_type| canonical(media_type).to_owned()),
    };
    Some(known.to_owned())
}

/// Whether content and name agree.
pub(super) fn agrees(sniffed: &Sniffed, claimed: Option<&str>) -> bool {
    let Some(claimed) = claimed else { return !sniffed.executable };
    let found = sniffed.media_type.as_str();
    if found == claimed || FAMILIES.iter().any(|family| family.contains(&found) && family.contains(&claimed)) {
        return true;
    }
    match found {
        // Any text may be called a text, a table, notes in Markdown or data.
        "text/plain" | "application/x-subrip" => is_plain(claimed),
        // XML goes by many names: of timed text, routes, feeds.
        "application/xml" => claimed.ends_with("+xml") || claimed == "text/plain" || claimed == "text/markdown",
        "text/html" | "image/svg+xml" | "text/vtt" => claimed == "text/plain" || claimed == "text/markdown",
        "text/x-shellscript" => claimed == "application/x-sh",
        // Content that shows nothing contradicts a name only when we would have known the content by its first bytes.
        UNKNOWN => !is_recognisable(claimed),
        "application/zip" => claimed.starts_with("application/vnd.oasis"),
        LOCKED_OFFICE => claimed.starts_with("application/vnd.openxmlformats") || claimed.starts_with("application/vnd.ms-"),
        // What it would be cannot be told; any name of what is packed so may be right.
        BROKEN_ZIP => {
            let packed = ["application/vnd.openxmlformats", "application/vnd.ms-", "application/vnd.oasis"];
            packed.iter().any(|family| claimed.starts_with(family))
                || ["application/zip", "application/x-zip-compressed", "application/epub+zip"].contains(&claimed)
        }
        found if found.starts_with(OPEN_DOCUMENT) => claimed.starts_with("application/vnd.oasis"),
        _ => false,
    }
}

fn is_plain(claimed: &str) -> bool {
    (claimed.starts_with("text/") && claimed != "text/html" && claimed != "text/vtt")
        || matches!(
            claimed,
            "application/json" | "application/javascript" | "application/toml" | "application/x-tex" | "application/x-yaml"
        )
        || claimed.ends_with("+json")
}

fn is_recognisable(claimed: &str) -> bool {
    ["video/", "audio/", "image/", "text/"].iter().any(|family| claimed.starts_with(family))
        || claimed.starts_with("application/vnd.openxmlformats")
        || ["application/pdf", "application/zip", "application/epub+zip", "application/msword", "application/rtf", "application/xml"]
            .contains(&claimed)
        || claimed.starts_with("application/vnd.ms-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], name: &str, media_type: &str, agreed: bool) {
        let sniffed = sniff_bytes(bytes, None);
        assert_eq!(sniffed.media_type, media_type, "{name}");
        assert_eq!(agrees(&sniffed, claimed_by_name(name).as_deref()), agreed, "{name}: {:?}", claimed_by_name(name));
    }

    #[test]
    fn content_is_known_and_compared_with_the_name() {
        check(b"%PDF-1.7\n", "a.PDF", "application/pdf", true);
        check(b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0", "a.pdf", "application/vnd.microsoft.portable-executable", false);
        check(
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            "说明",
            "application/x-executable",
            false,
        );
        check(b"#!/bin/sh\nrm -rf /\n", "a.txt", "text/x-shellscript", false);
        check("第一讲\n".as_bytes(), "说明.txt", "text/plain", true);
        check("第一讲\n".as_bytes(), "说明.pdf", "text/plain", false);
        check(&encoding_rs::GB18030.encode("第一讲 认识手机").0, "说明.md", "text/plain", true);
        check("1\n00:00:01,000 --> 00:00:02,000\n甲\n".as_bytes(), "01.srt", "application/x-subrip", true);
        check(b"WEBVTT\n\n", "01.vtt", "text/vtt", true);
        check(b"not a subtitle", "01.srt", "text/plain", false);
        check(b"<!DOCTYPE html><html></html>", "a.htm", "text/html", true);
        check("<h1>第一讲</h1><p>手机</p>".as_bytes(), "a.html", "text/html", true);
        check(b"<point x='1'/> <p>", "a.txt", "text/plain", true);
        check(b"#!AMR\n\x04\x04", "a.amr", "audio/amr", true);
        check(b"RF64\xff\xff\xff\xffWAVEds64", "a.wav", "audio/wav", true);
        check(b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0", "a.tif", "image/tiff", true);
        check(b"<?xml version='1.0'?><svg xmlns='x'/>", "a.svg", "image/svg+xml", true);
        check(b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41", "a.mp4", "video/mp4", true);
        check(b"\0\0\0\x14ftypqt  \0\0\x02\0qt  ", "a.mov", "video/mp4", true);
        check(b"\xff\xfb\x90\x64\0\0\0\0\0\0\0", "a.mp3", "audio/mpeg", true);
        check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.jpg", "image/png", false);
        check(b"\0\0\0\x1cftyp3gp4\0\0\x02\0isomiso23gp4", "a.3gp", "video/mp4", true);
        check(b"\0\0\x0f\x17moov\0\0\0\x6cmvhd\0\0\0\0", "a.mov", "video/mp4", true);
        check(b"\xef\xbb\xbf\r\n %PDF-1.4\n", "a.pdf", "application/pdf", true);
        check(b"\x01\0\x02 of a mail\n%PDF-1.4\n", "a.pdf", "application/pdf", true);
        check(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "a.wps", "application/x-ole-storage", true);
        check(b"\0\0\0\x1cftypheic\0\0\0\0mif1MiHBheic", "a.HEIC", "image/heif", true);
        check(b"Rar!\x1a\x07\x01\0", "a.rar", "application/vnd.rar", true);
        check(b"", "a.mp4", UNKNOWN, false);
        check(b"\0\x01\x02\x03", "a.dat", UNKNOWN, true);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_have_a_type(bytes: Vec<u8>) {
            let _ = sniff_bytes(&bytes, None);
        }
    }
}
