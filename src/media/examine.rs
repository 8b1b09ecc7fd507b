//! Everything about one file in one go: facts, text, thumbnail.

use super::inside::{BROKEN_ZIP, LOCKED_OFFICE};
use super::odf::OPEN_DOCUMENT;
use super::parts::{PartFault, Parts};
use super::reading::Reading;
use super::sniff::{ASS, LRC, Sniffed, UNKNOWN, agrees, claimed_by_name, sniff};
use super::subtitle::Form;
use super::table::{CSV, TSV};
use super::tools::Tools;
use super::{
    ai_mark, annotations, audio, decode, ebook, html, image, matroska, mp4, odf, office, ogg, ole, pdf, plain, probe, rtf, sheet, subtitle,
    table, thumbnail, xml,
};
use crate::domain::encoding::decode_text;
use crate::domain::inspection::{ExtractedText, FileFacts};
use crate::domain::metadata::FileRole;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Most bytes of a text file, page or subtitle that are read into memory.
const MOST_PLAIN: u64 = 64 << 20;
/// What is said of the pictures of newer phones, which no reader of ours opens.
const HEIF: &str = "HEIC（HEIF）图片在多数电脑和手机的浏览器里不显示，请另存为 JPEG";
/// JSON, which may be annotations.
const JSON: &str = "application/json";
const JSON_LD: &str = "application/ld+json";
/// Bytes hashed at once.
const CHUNK: usize = 256 << 10;

/// What is to be looked into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Where the bytes are.
    pub path: PathBuf,
    /// Name in the package, which claims a type.
    pub name: String,
    /// What the file is for.
    pub role: FileRole,
    /// SHA-256 in hex, where it is known already; else it is computed.
    pub sha256: Option<String>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examination {
    /// Facts.
    pub facts: FileFacts,
    /// Text, where there is any.
    pub text: Option<ExtractedText>,
    /// A JPEG of at most 480 pixels, where one could be made.
    #[serde(with = "base64_bytes")]
    pub thumbnail: Option<Vec<u8>>,
}

/// Looks into a file in this process. Never fails: what cannot be read is a fault in the facts.
pub fn examine(request: &Request, tools: &Tools) -> Examination {
    let mut facts = basic(request);
    if facts.fault.is_some() {
        return Examination { facts, ..Examination::default() };
    }
    let media_type = facts.sniffed.clone();
    let form = reader_of(&facts).to_owned();
    // Readers of others may panic on hostile bytes; that is a fault of the file, not of the service.
    let read = catch_unwind(AssertUnwindSafe(|| read_as(&form, &request.path, facts.size, tools)));
    let mut reading = read.unwrap_or_else(|_| Reading::fault("文件内容异常，解析时出错；文件可能已损坏。"));
    if reading.fault.is_none() && reading.thumbnail.is_none() {
        let made = catch_unwind(AssertUnwindSafe(|| picture(&media_type, &request.path, &reading, tools)));
        reading.thumbnail = made.unwrap_or_default();
    }
    if reading.fault.is_none() {
        decode::measure(&request.path, &media_type, &mut reading, tools);
    }
    let reading = reading.cleaned();
    if let Some(kind) = reading.kind {
        let sniffed = Sniffed { media_type: kind.to_owned(), executable: false };
        (facts.type_agrees, facts.sniffed) = (agrees(&sniffed, facts.claimed.as_deref()), sniffed.media_type);
    }
    facts = FileFacts {
        opens: reading.fault.is_none(),
        fault: reading.fault,
        encrypted: reading.encrypted,
        image: reading.image,
        video: reading.video,
        audio: reading.audio,
        sound: reading.sound,
        picture: reading.picture,
        unmeasured: reading.unmeasured,
        undecoded: reading.undecoded,
        text: reading.text,
        unread: reading.unread,
        subtitle: reading.subtitle,
        remote: reading.remote,
        ..facts
    };
    // A text that merely speaks of the mark bears none.
    let may_bear = facts.image.is_some() || facts.video.is_some() || facts.audio.is_some() || facts.sniffed == "application/pdf";
    facts.ai_mark = may_bear && ai_mark::is_in(&request.path);
    Examination { facts, text: reading.extracted.filter(|text| !text.parts.is_empty()), thumbnail: reading.thumbnail }
}

/// The facts of a file alone.
pub fn inspect(path: &Path, name: &str, role: FileRole, tools: &Tools) -> FileFacts {
    examine(&Request { path: path.to_owned(), name: name.to_owned(), role, sha256: None }, tools).facts
}

/// The text of a file alone, read as the media type given.
pub fn extract(path: &Path, media_type: &str, tools: &Tools) -> ExtractedText {
    let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let read = catch_unwind(AssertUnwindSafe(|| read_as(media_type, path, size, tools)));
    read.ok().and_then(|reading| reading.extracted).unwrap_or_default()
}

/// The media type by which a file is read: subtitles as ASS and LRC, tables and JSON are plain text by their content, and only
/// their names tell.
fn reader_of(facts: &FileFacts) -> &str {
    let named =
        facts.claimed.as_deref().filter(|claimed| facts.sniffed == "text/plain" && [ASS, LRC, CSV, TSV, JSON, JSON_LD].contains(claimed));
    named.unwrap_or(&facts.sniffed)
}

/// The media type a file is best served as: what its content shows, or what its name says of a plain text.
pub fn media_type(facts: &FileFacts) -> String {
    let claimed = facts.claimed.as_deref().filter(|_| facts.type_agrees);
    match (facts.sniffed.as_str(), claimed) {
        (UNKNOWN | "text/plain" | "application/x-ole-storage" | "video/mp4" | "application/ogg" | "audio/ogg", Some(claimed)) => {
            claimed.to_owned()
        }
        (sniffed, _) => sniffed.to_owned(),
    }
}

/// Size, digest and types: what no risky reader is needed for.
pub(super) fn basic(request: &Request) -> FileFacts {
    let claimed = claimed_by_name(&request.name);
    let size = std::fs::metadata(&request.path).map(|metadata| metadata.len());
    let sniffed = sniff(&request.path).unwrap_or(Sniffed { media_type: UNKNOWN.to_owned(), executable: false });
    let mut facts = FileFacts {
        size: size.as_ref().map_or(0, |size| *size),
        type_agrees: agrees(&sniffed, claimed.as_deref()),
        sniffed: sniffed.media_type,
        claimed,
        opens: true,
        ..FileFacts::default()
    };
    match request.sha256.clone().map_or_else(|| hash(&request.path), Ok) {
        Ok(digest) => facts.sha256 = digest,
        Err(_) => facts.fault = Some("文件无法读取。".to_owned()),
    }
    if facts.size == 0 && facts.fault.is_none() {
        facts.fault = Some("文件是空的（0 字节）。".to_owned());
        facts.type_agrees = true;
    }
    facts.opens = facts.fault.is_none();
    facts
}

fn hash(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; CHUNK];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
    }
}

fn read_as(media_type: &str, path: &Path, size: u64, tools: &Tools) -> Reading {
    match media_type {
        "application/pdf" => pdf::read(path, size, tools),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => office::read_document(path),
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => office::read_slides(path),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => sheet::read(path),
        "application/epub+zip" => ebook::read(path),
        LOCKED_OFFICE => Reading::locked(ole::LOCKED),
        BROKEN_ZIP | "application/zip" => read_archive(path),
        "application/x-ole-storage" => ole::read(path, size),
        other if other.starts_with(OPEN_DOCUMENT) => odf::read(path),
        "video/webm" => matroska::read(path, size, true),
        "video/x-matroska" => matroska::read(path, size, false),
        "video/mp4" | "audio/mp4" | "video/quicktime" | "video/3gpp" => mp4::read(path, size),
        "image/jpeg" | "image/png" | "image/gif" | "image/webp" | "image/bmp" => image::read(path),
        "image/tiff" => image::read_tiff(path, size),
        "image/heif" => Reading { undecoded: Some(HEIF.to_owned()), ..Reading::default() },
        "audio/ogg" | "audio/opus" | "video/ogg" | "application/ogg" => ogg::read(path, size),
        other if probe::container(other).is_some() => probe::read(path, size, other, tools),
        // Tapes of archives are longer than the 4 GB that our own reader knows.
        "audio/wav" => probe::instead(audio::read(path, size), path, media_type, tools),
        other if other.starts_with("audio/") => audio::read(path, size),
        other if other.starts_with("text/") || is_text(other) => read_text(other, path, size),
        // What no reader knows is kept as it is; whether it may come in is for the rules to say.
        _ => Reading::default(),
    }
}

/// An archive is kept as it is; it must open, and without a password.
fn read_archive(path: &Path) -> Reading {
    match Parts::open(path) {
        Ok(parts) if parts.is_locked() => Reading::locked("压缩文件设有密码，请去掉密码后重新提交。"),
        Ok(_) | Err(PartFault::Large) => Reading::default(),
        Err(fault) => Reading::fault(fault.words("文件")),
    }
}

fn is_text(media_type: &str) -> bool {
    matches!(media_type, "application/x-subrip" | "application/xml" | "image/svg+xml" | JSON | JSON_LD | "application/rtf")
}

fn read_text(media_type: &str, path: &Path, size: u64) -> Reading {
    if size > MOST_PLAIN {
        return Reading::fault(format!("文本文件有 {size} 字节，超过 {MOST_PLAIN} 字节的上限，请拆分。"));
    }
    let Ok(bytes) = std::fs::read(path) else { return Reading::fault("文件无法读取。") };
    match media_type {
        "application/x-subrip" => subtitle::read(&bytes, Form::Srt),
        "text/vtt" => subtitle::read(&bytes, Form::Vtt),
        ASS => subtitle::read(&bytes, Form::Ass),
        LRC => subtitle::read(&bytes, Form::Lrc),
        CSV | TSV => table::read(&bytes, media_type),
        JSON | JSON_LD => annotations::read(&bytes).unwrap_or_else(|| plain::read(&bytes)),
        "application/xml" if subtitle::is_ttml(&decode_text(&bytes).text) => subtitle::read(&bytes, Form::Ttml),
        "text/html" => html::read(&bytes),
        "application/xml" | "image/svg+xml" => match xml::walk(&bytes, |_| true) {
            Ok(()) => Reading::default(),
            Err(fault) => Reading::fault(fault.words("文件")),
        },
        "application/rtf" => rtf::read(&bytes),
        _ => plain::read(&bytes),
    }
}

fn picture(media_type: &str, path: &Path, reading: &Reading, tools: &Tools) -> Option<Vec<u8>> {
    match media_type {
        "application/pdf" => thumbnail::of_pdf(path, tools),
        _ if reading.video.is_some() => thumbnail::of_video(path, media_type, reading, tools),
        _ => None,
    }
}

/// Bytes as base64, since they cross a pipe as JSON.
mod base64_bytes {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        bytes.as_ref().map(|bytes| STANDARD.encode(bytes)).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| STANDARD.decode(text).map_err(serde::de::Error::custom)).transpose()
    }
}
