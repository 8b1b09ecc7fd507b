//! Documents of the old formats (DOC, XLS, PPT and what WPS writes under its own endings): the container, and who reads what is in it.

use super::inside::LOCKED_OFFICE;
use super::reading::{Collector, MOST_TEXT, Reading};
use super::{doc, ppt};
use crate::domain::inspection::Locator;
use calamine::{Data, Reader as _, Xls};
use cfb::CompoundFile;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Most bytes of a stream that are read into memory.
const MOST_STREAM: u64 = 128 << 20;
/// Most bytes of a workbook that is read, since its reader holds all of it in memory.
const MOST_BOOK: u64 = 100 << 20;

/// What is said where a text cannot be had.
pub(super) const UNREAD: &str = "旧格式文档的文字无法读取，请另存为 DOCX、PPTX、XLSX 或 PDF 后提交，以便检查与检索";
/// What is said where a password is set.
pub(super) const LOCKED: &str = "文件设有打开密码，请去掉密码后重新提交。";

/// The streams of a file, read under limits.
pub(super) struct Streams(CompoundFile<BufReader<File>>);

impl Streams {
    fn open(path: &Path) -> Option<Self> {
        Some(Self(CompoundFile::open(BufReader::new(File::open(path).ok()?)).ok()?))
    }

    /// A whole stream; `None` where it is not there, broken or too large.
    pub fn read(&mut self, name: &str) -> Option<Vec<u8>> {
        let stream = self.0.open_stream(name).ok()?;
        if stream.len() > MOST_STREAM {
            return None;
        }
        let mut bytes = Vec::new();
        stream.take(MOST_STREAM).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

/// Streams that tell the documents apart, and the media types of these.
const KINDS: [(&str, &str); 5] = [
    ("/EncryptedPackage", LOCKED_OFFICE),
    ("/WordDocument", "application/msword"),
    ("/PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("/Workbook", "application/vnd.ms-excel"),
    ("/Book", "application/vnd.ms-excel"),
];

/// Reads a document, and says which it is.
pub(super) fn read(path: &Path, size: u64) -> Reading {
    let Some(mut streams) = Streams::open(path) else {
        return Reading::fault("旧格式（DOC、XLS、PPT）文档已损坏或不完整，可能没有上传或导出完毕，无法打开。");
    };
    let kind = KINDS.into_iter().find(|(name, _)| streams.0.is_stream(name)).map(|row| row.1);
    let reading = match kind {
        Some(LOCKED_OFFICE) => Reading::locked(LOCKED),
        Some("application/msword") => doc::read(&mut streams),
        Some("application/vnd.ms-powerpoint") => ppt::read(&mut streams),
        Some("application/vnd.ms-excel") if size <= MOST_BOOK => book(path),
        _ => Reading::unread(UNREAD),
    };
    Reading { kind, ..reading }
}

fn book(path: &Path) -> Reading {
    let Ok(file) = File::open(path) else { return Reading::unread(UNREAD) };
    let mut book = match Xls::new(BufReader::new(file)) {
        Ok(book) => book,
        Err(calamine::XlsError::Password) => return Reading::locked(LOCKED),
        Err(_) => return Reading::unread(UNREAD),
    };
    let mut collector = Collector::default();
    for name in book.sheet_names() {
        let Ok(range) = book.worksheet_range(&name) else { continue };
        let mut text = String::new();
        for row in range.rows() {
            for cell in row.iter().filter(|cell| !matches!(cell, Data::Empty | Data::Error(_) | Data::Bool(_))) {
                text.push_str(&cell.to_string());
                text.push(' ');
            }
            text.push('\n');
            if text.len() > MOST_TEXT {
                break;
            }
        }
        collector.part(Locator::Sheet { name }, &text);
    }
    collector.into_reading(None)
}

/// A little-endian number at a place.
pub(super) fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

/// A little-endian number at a place.
pub(super) fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

/// A little-endian number at a place, as a place itself.
pub(super) fn place(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(long(bytes, at)?).ok()
}

/// UTF-16 in little-endian bytes, what is broken replaced.
pub(super) fn wide(bytes: &[u8]) -> String {
    let units = bytes.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair));
    char::decode_utf16(units).map(|sign| sign.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
