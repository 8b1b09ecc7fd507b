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
        Some(program) => by_tool(program, path),
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

fn by_tool(program: &Path, path: &Path) -> Reading {
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
        collector.part(Locator::Page { page }, words);
    }
    collector.into_reading(None)
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
        collector.part(Locator::Page { page }, &text);
    }
    collector.into_reading(None)
}
