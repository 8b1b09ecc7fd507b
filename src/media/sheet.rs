//! Workbooks (XLSX), a part a row. Cells are streamed; see `package::sheet` for why.

use super::parts::Parts;
use super::reading::{Collector, Reading, Row};
use calamine::{DataRef, Reader, Xlsx, XlsxError};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Most bytes that a workbook may unpack to.
const MOST_UNPACKED: u64 = 512 << 20;
/// Most bytes of text of one sheet.
const MOST_SHEET: usize = 4 << 20;

/// Reads a workbook.
pub(super) fn read(path: &Path) -> Reading {
    let broken = || Reading::fault("工作簿已损坏、不完整或设有密码，无法打开。");
    match Parts::open(path) {
        Ok(parts) if parts.declared() > MOST_UNPACKED => return Reading::fault(super::parts::PartFault::Large.words("工作簿")),
        Ok(_) => {}
        Err(fault) => return Reading::fault(fault.words("工作簿")),
    }
    let Ok(file) = File::open(path) else { return broken() };
    let Ok(mut book) = Xlsx::new(BufReader::new(file)) else { return broken() };
    let (mut collector, mut unread) = (Collector::default(), None);
    for name in book.sheet_names() {
        // Charts stand among the sheets without cells of their own.
        let Ok(mut cells) = book.worksheet_cells_reader(&name) else { continue };
        let (mut rows, mut bytes): (Vec<Row>, usize) = (Vec::new(), 0);
        loop {
            match cells.next_cell() {
                Ok(Some(cell)) if bytes < MOST_SHEET => {
                    let number = cell.get_position().0.saturating_add(1);
                    if rows.last().is_none_or(|row| row.number != number) {
                        rows.push(Row { number, text: String::new() });
                    }
                    let Some(row) = rows.last_mut() else { break };
                    bytes -= row.text.len();
                    row.text.push(' ');
                    push(&mut row.text, cell.get_value());
                    bytes += row.text.len();
                }
                Ok(_) => break,
                // A number that is written oddly, which office programs read all the same, is no broken sheet.
                Err(XlsxError::ParseFloat(_) | XlsxError::ParseInt(_)) => {
                    unread = Some(format!("工作表“{name}”有数值的写法不规范，其后的内容没有读取"));
                    break;
                }
                Err(_) => return Reading::fault(format!("工作表“{name}”已损坏，无法读完。")),
            }
        }
        collector.table(Some(&name), rows);
    }
    Reading { unread, ..collector.into_reading(None) }
}

fn push(text: &mut String, value: &DataRef<'_>) {
    match value {
        DataRef::String(words) => text.push_str(words),
        DataRef::SharedString(words) => text.push_str(words),
        DataRef::Int(number) => text.push_str(&number.to_string()),
        DataRef::Float(number) => text.push_str(&number.to_string()),
        DataRef::DateTimeIso(words) | DataRef::DurationIso(words) => text.push_str(words),
        DataRef::Bool(_) | DataRef::DateTime(_) | DataRef::Error(_) | DataRef::Empty => {}
    }
}
