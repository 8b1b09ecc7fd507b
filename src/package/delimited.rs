//! CSV as people and programs really write it.
//!
//! A reader of our own rather than a crate's: a quote that is never closed must cost one row, not the rest of the file, and
//! rows must carry the numbers a spreadsheet shows (blank lines count, line breaks inside quotes do not).

use super::columns;
use super::table::{Cell, TableRow};
use crate::domain::encoding::decode_text;
use crate::domain::finding::{Finding, Severity};

/// Lines that a quoted cell may span; a longer one is taken for a quote that was never closed.
const MOST_LINES: usize = 200;

/// Reads the rows of a CSV file, at most `most`; more give a fault on the last row.
pub fn read(bytes: &[u8], most: u32) -> Vec<TableRow> {
    let text = decode_text(bytes).text;
    let delimiter = delimiter(&text);
    let mut rows: Vec<TableRow> = Vec::new();
    let mut rest = text.as_str();
    let mut number = 0_u32;
    while !rest.is_empty() {
        number = number.saturating_add(1);
        if number > most.saturating_add(1) {
            if let Some(last) = rows.last_mut() {
                last.faults.push(fault(last.number, format!("表格超过 {most} 行，其后的行没有读取，请分批提交。")));
            }
            break;
        }
        let (row, after) = read_row(rest, delimiter, number);
        rest = after;
        if !row.is_blank() || !row.faults.is_empty() {
            rows.push(row);
        }
    }
    check_width(&mut rows);
    rows
}

/// The delimiter under which the first line names most known columns.
fn delimiter(text: &str) -> char {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let known = |delimiter: &char| line.split(*delimiter).filter(|name| columns::find(name.trim_matches('"')).is_some()).count();
    [',', '\t', ';', '，', '；', '|'].into_iter().rev().max_by_key(known).unwrap_or(',')
}

fn read_row(text: &str, delimiter: char, number: u32) -> (TableRow, &str) {
    let (cells, rest, broken) = match quoted_row(text, delimiter) {
        Ok((cells, rest)) => (cells, rest, None),
        Err(reason) => {
            let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
            let cells = line.trim_end_matches('\r').split(delimiter).map(|cell| cell.replace('"', "")).collect();
            (cells, rest, Some(reason))
        }
    };
    let mut row = TableRow {
        number,
        cells: cells.into_iter().map(|cell| if cell.is_empty() { Cell::Empty } else { Cell::Text(cell) }).collect(),
        faults: Vec::new(),
    };
    row.faults.extend(broken.map(|reason| fault(number, format!("第 {number} 行：{reason}"))));
    if row.cells.iter().any(|cell| matches!(cell, Cell::Text(text) if text.contains('\u{fffd}'))) {
        row.faults.push(fault(number, format!("第 {number} 行含有无法识别的字符（文件编码损坏），请重新输入该行文字。")));
    }
    (row, rest)
}

/// Reads one row under the rules of quoting, or says what is wrong with it.
fn quoted_row(text: &str, delimiter: char) -> Result<(Vec<String>, &str), &'static str> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut signs = text.char_indices().peekable();
    let (mut quoted, mut closed, mut lines) = (false, false, 0_usize);
    while let Some((at, sign)) = signs.next() {
        let after = || text.get(at + sign.len_utf8()..).unwrap_or_default();
        match sign {
            '"' if quoted => {
                if signs.next_if(|next| next.1 == '"').is_some() {
                    cell.push('"');
                } else {
                    (quoted, closed) = (false, true);
                }
            }
            _ if quoted => {
                lines += usize::from(sign == '\n');
                if lines > MOST_LINES {
                    return Err("引号没有成对，无法判断单元格到哪里结束。");
                }
                cell.push(sign);
            }
            '\n' => {
                cells.push(cell);
                return Ok((cells, after()));
            }
            '\r' => {}
            _ if sign == delimiter => {
                cells.push(std::mem::take(&mut cell));
                closed = false;
            }
            '"' if !closed && cell.trim().is_empty() => {
                cell.clear();
                quoted = true;
            }
            _ if closed && !sign.is_whitespace() => return Err("引号之后还有文字，引号没有成对。"),
            _ if closed => {}
            _ => cell.push(sign),
        }
    }
    if quoted {
        return Err("引号没有成对，无法判断单元格到哪里结束。");
    }
    cells.push(cell);
    Ok((cells, ""))
}

/// More filled cells than the header row has columns mean a delimiter that was not quoted.
fn check_width(rows: &mut [TableRow]) {
    let known = |row: &TableRow| row.cells.iter().filter(|cell| columns::find(&cell.text()).is_some()).count();
    let Some(at) = rows.iter().take(10).position(|row| known(row) >= 2) else { return };
    let width = rows.get(at).map_or(0, |row| row.cells.len());
    for row in rows.iter_mut().skip(at + 1) {
        let filled = row.cells.iter().rposition(|cell| !cell.is_blank()).map_or(0, |last| last + 1);
        if filled > width && row.faults.is_empty() {
            let number = row.number;
            row.faults.push(fault(
                number,
                format!("第 {number} 行有 {filled} 个单元格，表头只有 {width} 列；含分隔符的文字须用英文双引号括起来。"),
            ));
        }
    }
}

fn fault(row: u32, message: String) -> Finding {
    Finding {
        rule: "ROW-BROKEN".to_owned(),
        severity: Severity::Must,
        file: None,
        row: Some(row),
        field: None,
        locator: None,
        message,
        measured: None,
        waived: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(row: &TableRow) -> Vec<String> {
        row.cells.iter().map(Cell::text).collect()
    }

    #[test]
    fn delimiters_quotes_and_line_breaks_are_read() {
        for (delimiter, mark) in [(",", ""), (";", "\u{feff}"), ("\t", "")] {
            let text = format!("{mark}编号{delimiter}标题\r\n1{delimiter}\"甲，{delimiter}\"\"乙\"\"\n丙\"\r\n\r\n2{delimiter}丁");
            let rows = read(text.as_bytes(), 100);
            assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 2, 4], "{delimiter}");
            assert_eq!(texts(&rows[1]), ["1".to_owned(), format!("甲，{delimiter}\"乙\"\n丙")]);
            assert_eq!(texts(&rows[2]), ["2", "丁"]);
        }
    }

    #[test]
    fn a_bad_row_4711_costs_that_row_only() {
        let mut text = String::from("编号,标题,简介\n");
        for row in 2..=6000 {
            text.push_str(&if row == 4711 { "4711,\"坏,行\n".to_owned() } else { format!("{row},标题{row},\"简介, {row}\"\n") });
        }
        let (gbk, _, _) = encoding_rs::GB18030.encode(&text);
        for bytes in [text.as_bytes(), &gbk] {
            let rows = read(bytes, 10_000);
            assert_eq!(rows.len(), 6000);
            let bad: Vec<u32> = rows.iter().filter(|row| !row.faults.is_empty()).map(|row| row.number).collect();
            assert_eq!(bad, [4711]);
            assert_eq!(texts(&rows[5999]), ["6000", "标题6000", "简介, 6000"]);
        }
    }

    #[test]
    fn unreadable_bytes_and_too_many_cells_name_their_row() {
        let mut bytes = "编号,标题\n1,甲\n".repeat(30).into_bytes();
        bytes.extend_from_slice(b"9,\xC4\xE3\xBA\n1,\xE7\x94\xB2,x\n");
        let rows = read(&bytes, 100);
        let bad: Vec<u32> = rows.iter().filter(|row| !row.faults.is_empty()).map(|row| row.number).collect();
        assert_eq!(bad, [61, 62]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_give_rows(bytes: Vec<u8>, text in "([,;\"\n\r\t]|标题|编号){0,200}") {
            for input in [bytes.as_slice(), text.as_bytes()] {
                let rows = read(input, 50);
                proptest::prop_assert!(rows.windows(2).all(|pair| pair[0].number < pair[1].number));
            }
        }
    }
}
