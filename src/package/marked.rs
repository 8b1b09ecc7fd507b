//! The submitted table given back: the same rows, columns and values, wrong cells marked, and a column 错误原因.

use super::columns::{self, COLUMNS, Column, REASON};
use super::table::{Cell, Table};
use super::template::{add_lists, header_format, write_lists};
use crate::domain::codes::CodeLists;
use crate::domain::finding::{Finding, Severity};
use rust_xlsxwriter::{Color, Format, Note, Workbook, Worksheet, XlsxError};
use std::collections::BTreeMap;

/// Most characters of a cell in Excel.
const MOST_CELL: usize = 32_767;
const FILL_MUST: Color = Color::RGB(0xFF_C7_CE);
const FILL_SHOULD: Color = Color::RGB(0xFF_EB_9C);

/// Writes the workbook. Findings are put to their row and column; those without a known column stand in 错误原因 only.
pub fn write(table: &Table, findings: &[Finding], codes: &CodeLists) -> Result<Vec<u8>, XlsxError> {
    let mut by_row: BTreeMap<u32, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        by_row.entry(finding.row.unwrap_or(table.header_row)).or_default().push(finding);
    }
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("资源目录")?;
    let reason_at = table.headers.iter().position(|header| header == REASON).unwrap_or(table.headers.len());
    write_headers(sheet, table, reason_at)?;
    for row in &table.rows {
        let found = by_row.get(&row.number).map_or(&[][..], Vec::as_slice);
        let filled: Vec<(usize, &Cell)> = row.cells.iter().enumerate().filter(|(place, _)| *place != reason_at).collect();
        for (place, cell) in filled {
            write_cell(sheet, row.number, place, cell, None)?;
        }
        mark(sheet, table, row.number, &row.cells, found)?;
        write_reason(sheet, row.number, reason_at, found)?;
    }
    if let Some(whole) = by_row.get(&table.header_row) {
        let note = Note::new(reasons(whole)).set_author("岳麓");
        sheet.insert_note(table.header_row.saturating_sub(1), column_at(reason_at), &note)?;
    }
    let known: Vec<Option<&Column>> = table.headers.iter().map(|header| columns::find(header).and_then(|at| COLUMNS.get(at))).collect();
    add_lists(sheet, &known, table.header_row, codes)?;
    write_lists(book.add_worksheet(), codes)?;
    book.save_to_buffer()
}

/// Writes lines of text as a plain sheet of this name, the first line as its headers.
pub fn list(name: &str, lines: &[Vec<String>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(name)?;
    for (row, line) in (0_u32..).zip(lines) {
        for (place, text) in line.iter().enumerate() {
            let format = if row == 0 { header_format(false) } else { Format::new().set_text_wrap() };
            sheet.write_string_with_format(row, column_at(place), text.chars().take(MOST_CELL).collect::<String>(), &format)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_autofit_max_width(400);
    sheet.autofit();
    book.save_to_buffer()
}

fn write_headers(sheet: &mut Worksheet, table: &Table, reason_at: usize) -> Result<(), XlsxError> {
    let at = table.header_row.saturating_sub(1);
    for (place, header) in table.headers.iter().enumerate() {
        let column = columns::find(header).and_then(|place| COLUMNS.get(place));
        sheet.write_string_with_format(at, column_at(place), header, &header_format(column.is_some_and(|column| column.required)))?;
        sheet.set_column_width(column_at(place), column.map_or(16.0, |column| f64::from(column.width)))?;
    }
    sheet.write_string_with_format(at, column_at(reason_at), REASON, &header_format(true))?;
    sheet.set_column_width(column_at(reason_at), 60)?;
    sheet.set_freeze_panes(table.header_row, 0)?;
    Ok(())
}

/// Marks the wrong cells of a row with a colour and a note.
fn mark(sheet: &mut Worksheet, table: &Table, number: u32, cells: &[Cell], found: &[&Finding]) -> Result<(), XlsxError> {
    let mut by_place: BTreeMap<usize, Vec<&Finding>> = BTreeMap::new();
    for finding in found {
        if let Some(place) = finding.field.as_deref().and_then(|field| place_of(table, field)) {
            by_place.entry(place).or_default().push(finding);
        }
    }
    for (place, found) in by_place {
        let must = found.iter().any(|finding| finding.severity == Severity::Must);
        let format = Format::new().set_background_color(if must { FILL_MUST } else { FILL_SHOULD });
        write_cell(sheet, number, place, cells.get(place).unwrap_or(&Cell::Empty), Some(&format))?;
        let note = Note::new(reasons(&found)).set_author("岳麓").set_width(320);
        sheet.insert_note(number.saturating_sub(1), column_at(place), &note)?;
    }
    Ok(())
}

/// The column of a finding: its field is a header, a column's key, or a path of the manifest's form (`rights.licence`).
fn place_of(table: &Table, field: &str) -> Option<usize> {
    if let Some(place) = table.headers.iter().position(|header| header == field) {
        return Some(place);
    }
    let first = field.split('[').next().unwrap_or(field);
    let last = first.rsplit('.').next().unwrap_or(first);
    let key = match first {
        "ai.generated" => "ai_generated",
        "ai.label_visible" | "ai" => "ai_label_visible",
        "ai.provider" => "ai_provider",
        "access" => "visibility",
        "minutes" => "hours",
        "source_id" => "id",
        "rights" => "licence",
        _ => columns::find(last).and_then(|at| COLUMNS.get(at))?.key,
    };
    table.place_of(key)
}

fn write_reason(sheet: &mut Worksheet, number: u32, place: usize, found: &[&Finding]) -> Result<(), XlsxError> {
    if found.is_empty() {
        return Ok(());
    }
    let format = Format::new().set_text_wrap().set_font_color(Color::RGB(0x9C_00_06));
    sheet.write_string_with_format(number.saturating_sub(1), column_at(place), reasons(found), &format)?;
    Ok(())
}

fn reasons(found: &[&Finding]) -> String {
    let lines: Vec<String> = found.iter().map(|finding| format!("[{}] {}", finding.rule, finding.message)).collect();
    lines.join("\n").chars().take(MOST_CELL / 2).collect()
}

fn write_cell(sheet: &mut Worksheet, number: u32, place: usize, cell: &Cell, format: Option<&Format>) -> Result<(), XlsxError> {
    let (row, column) = (number.saturating_sub(1), column_at(place));
    let plain = Format::new();
    let format = format.unwrap_or(&plain);
    match cell {
        Cell::Empty => sheet.write_blank(row, column, format)?,
        Cell::Text(text) => sheet.write_string_with_format(row, column, text.chars().take(MOST_CELL).collect::<String>(), format)?,
        Cell::Number(value) => sheet.write_number_with_format(row, column, *value, format)?,
        Cell::Bool(value) => sheet.write_boolean_with_format(row, column, *value, format)?,
        Cell::Date { serial, .. } => sheet.write_number_with_format(row, column, *serial, &format.clone().set_num_format("yyyy-mm-dd"))?,
    };
    Ok(())
}

fn column_at(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::manifest::tests::lists;
    use crate::package::rows::read_table;

    fn finding(row: u32, field: &str, message: &str) -> Finding {
        Finding {
            rule: "META-CODE".into(),
            severity: Severity::Must,
            file: None,
            row: Some(row),
            field: Some(field.into()),
            locator: None,
            message: message.into(),
            measured: None,
            waived: false,
        }
    }

    #[test]
    fn the_table_comes_back_as_it_was_with_reasons() {
        let csv = "说明：请勿改动\n\n编号,标题,类型,备注\n1,甲,电影,=1+1\n\n2,乙,视频,好\n";
        let table = read_table("catalogue.csv", csv.as_bytes(), 100).unwrap();
        let bytes = write(&table, &[finding(4, "类型", "不认识“电影”"), finding(6, "rights.licence", "没有许可")], &lists()).unwrap();
        let back = read_table("catalogue.xlsx", &bytes, 100).unwrap();
        assert_eq!(back.headers, ["编号", "标题", "类型", "备注", REASON]);
        assert_eq!(back.header_row, 3);
        let texts = |number: u32| {
            let row = back.rows.iter().find(|row| row.number == number).unwrap();
            row.cells.iter().map(Cell::text).collect::<Vec<_>>()
        };
        assert_eq!(texts(1), ["说明：请勿改动"]);
        assert_eq!(texts(4), ["1", "甲", "电影", "=1+1", "[META-CODE] 不认识“电影”"]);
        assert_eq!(texts(6), ["2", "乙", "视频", "好", "[META-CODE] 没有许可"]);
        // Sent again with its reasons, it describes the same resources.
        assert_eq!(back.unknown().map(|(_, header)| header).collect::<Vec<_>>(), ["备注"]);
    }
}
