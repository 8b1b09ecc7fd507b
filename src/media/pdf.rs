//! PDF: text by page, through `pdftotext` where it is installed (it recovers most broken files), else `lopdf`.

use super::reading::{Collector, MOST_TEXT, Reading};
use super::tools::{ToolFault, Tools, run};
use crate::domain::inspection::Locator;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Time for the text of a file.
const LIMIT: Duration = Duration::from_secs(30);
/// The end mark must stand within this many bytes of the end (readers look at the last kilobyte; some writers add more).
const TAIL: i64 = 64 << 10;
/// Most bytes of one page's content that `lopdf` unpacks.
const MOST_PAGE: usize = 32 << 20;
/// Most bytes of a file that `lopdf` reads, since it holds all of it in memory.
const MOST_LOPDF: u64 = 200 << 20;

const LOCKED: &str = "PDF 文件设有打开密码，请去掉密码后重新提交。";
const BROKEN: &str = "PDF 文件已损坏，无法打开。";

/// Reads a PDF file.
pub(super) fn read(path: &Path, size: u64, tools: &Tools) -> Reading {
    if !has_end(path) {
        return Reading::fault("PDF 文件不完整（缺少文件结尾标记 %%EOF），可能没有上传或导出完毕。");
    }
    match &tools.pdftotext {
        Some(program) => by_tool(program, path, size),
        None if size > MOST_LOPDF => Reading::default(),
        None => by_lopdf(path),
    }
}

fn has_end(path: &Path) -> bool {
    let Ok(mut file) = File::open(path) else { return false };
    if file.seek(SeekFrom::End(-TAIL)).is_err() && file.rewind().is_err() {
        return false;
    }
    let mut tail = Vec::new();
    file.read_to_end(&mut tail).is_ok() && memchr::memmem::find(&tail, b"%%EOF").is_some()
}

fn by_tool(program: &Path, path: &Path, size: u64) -> Reading {
    let mut command = Command::new(program);
    // Without `-q`, which hides that a password is missing.
    command.args(["-enc", "UTF-8"]).arg(path).arg("-");
    let output = match run(command, LIMIT, MOST_TEXT as u64) {
        Ok(output) => output,
        Err(ToolFault::Time) => return Reading::fault("PDF 文字提取超过 30 秒，已中止；文件可能过于复杂或已损坏。"),
        Err(ToolFault::Start) => return by_lopdf(path),
    };
    if !output.success {
        // A certificate locks as well as a password: its handler is not found.
        let told = output.stderr.to_lowercase();
        let locked = ["password", "security handler"].iter().any(|words| told.contains(words));
        return if locked { Reading::locked(LOCKED) } else { Reading::fault(BROKEN) };
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut collector = Collector::default();
    // Each page ends with a form feed.
    for (page, words) in (1_u32..).zip(text.trim_end_matches('\u{c}').split('\u{c}')) {
        collector.part(Locator::Page { page }, if is_garbled(words) { "" } else { words });
    }
    let reading = collector.into_reading(None);
    // Without its tables of Chinese characters (Debian: poppler-data) the program leaves such text out and complains.
    let lacks_tables = ["Missing language pack", "No font in show", "Unknown character collection"];
    if size > MOST_LOPDF || !lacks_tables.iter().any(|words| output.stderr.contains(words)) {
        return reading;
    }
    let own = by_lopdf(path);
    let much = |reading: &Reading| reading.text.as_ref().map_or(0, |text| text.characters);
    if own.fault.is_none() && much(&own) > much(&reading) { own } else { reading }
}

/// Whether a page's words are none: its fonts do not say which characters their glyphs are, so that numbers of glyphs come out
/// as control characters or as letters with accents, of which no language has so many.
fn is_garbled(page: &str) -> bool {
    let count = |is: fn(char) -> bool| page.chars().filter(|sign| is(*sign)).count();
    let all = count(|sign| !sign.is_whitespace());
    let controls = count(|sign| sign.is_control() && !sign.is_whitespace());
    let accented = count(|sign| ('\u{a1}'..='\u{ff}').contains(&sign));
    let hanzi = count(|sign| ('\u{4e00}'..='\u{9fff}').contains(&sign));
    hanzi * 10 < all && (controls * 30 > all || accented * 3 > all)
}

fn by_lopdf(path: &Path) -> Reading {
    let Ok(bytes) = std::fs::read(path) else { return Reading::fault(BROKEN) };
    let document = match lopdf::Document::load_mem_with_options(&bytes, lopdf::LoadOptions::with_max_decompressed_size(MOST_PAGE)) {
        Ok(document) => document,
        Err(error) if error.to_string().to_lowercase().contains("password") => return Reading::locked(LOCKED),
        Err(_) => return Reading::fault(BROKEN),
    };
    let pages = document.get_pages();
    if pages.is_empty() {
        return if document.is_encrypted() { Reading::locked(LOCKED) } else { Reading::fault(BROKEN) };
    }
    let mut collector = Collector::default();
    for page in pages.into_keys() {
        // A page whose fonts say nothing of their characters is a page without text, not a broken file.
        let text = document.extract_text_with_limit(&[page], MOST_PAGE).unwrap_or_default();
        collector.part(Locator::Page { page }, if is_garbled(&text) { "" } else { &text });
    }
    collector.into_reading(None)
}
