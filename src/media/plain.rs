//! Text without form: TXT, Markdown, CSV, RTF's plain neighbours.

use super::reading::{Collector, Reading};
use crate::domain::encoding::decode_text;
use crate::domain::inspection::Locator;

/// Reads a text file as one part.
pub(super) fn read(bytes: &[u8]) -> Reading {
    let decoded = decode_text(bytes);
    let mut text = Collector::default();
    text.part(Locator::Whole, &decoded.text);
    let mut reading = text.into_reading(Some(decoded.encoding));
    let broken = decoded.text.chars().filter(|sign| *sign == '\u{fffd}').count();
    // A stray byte is read over; a file that is mostly noise does not open.
    if decoded.lossy && broken.saturating_mul(10) > decoded.text.chars().count() {
        reading.fault = Some("文本文件的编码无法识别，请另存为 UTF-8 或 GB18030 编码。".to_owned());
    }
    reading
}
