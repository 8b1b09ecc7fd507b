//! Tables as text (CSV, TSV), a part a row, by the number that office programs show beside it.

use super::plain;
use super::reading::{Collector, Reading, Row};
use crate::domain::encoding::decode_text;

/// Media types of tables as text.
pub(super) const CSV: &str = "text/csv";
/// The same with tabs between the cells.
pub(super) const TSV: &str = "text/tab-separated-values";
/// Signs that may part cells in a CSV; the one that the first line holds most parts them.
const SIGNS: [u8; 3] = *b",;\t";

/// Reads a table. What cannot be read as one is read as a text.
pub(super) fn read(bytes: &[u8], media_type: &str) -> Reading {
    let decoded = decode_text(bytes);
    let sign = if media_type == TSV { b'\t' } else { parted_by(&decoded.text) };
    let Some(rows) = rows(&decoded.text, sign).filter(|_| !decoded.lossy) else { return plain::read(bytes) };
    let mut collector = Collector::default();
    collector.table(None, rows);
    collector.into_reading(Some(decoded.encoding))
}

fn parted_by(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |sign: &u8| first.bytes().filter(|byte| byte == sign).count();
    SIGNS.into_iter().rev().max_by_key(count).unwrap_or(b',')
}

/// The rows that hold something. Line breaks inside of cells make no row; lines without anything do.
fn rows(text: &str, sign: u8) -> Option<Vec<Row>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(sign).from_reader(text.as_bytes());
    let (mut rows, mut counted, mut lines, mut inside) = (Vec::new(), 0, 0_u32, 0_u32);
    for record in reader.records() {
        let record = record.ok()?;
        // Where the reader stood before the record: ends of lines that it passes over come first.
        let stood = usize::try_from(record.position()?.byte()).ok()?;
        let passed = text.as_bytes().get(stood..)?.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let begins = stood + passed;
        lines += breaks(text.get(counted..begins)?);
        counted = begins;
        let cells: Vec<&str> = record.iter().map(str::trim).filter(|cell| !cell.is_empty()).collect();
        rows.push(Row { number: lines.saturating_sub(inside) + 1, text: cells.join(" ") });
        inside += record.iter().map(breaks).sum::<u32>();
    }
    Some(rows)
}

/// Ends of lines, as any system writes them.
fn breaks(text: &str) -> u32 {
    let pairs = text.matches("\r\n").count();
    u32::try_from(text.matches(['\r', '\n']).count() - pairs).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inspection::Locator;
    use proptest::prelude::*;

    fn parts(text: &str, media_type: &str) -> Vec<(u32, String)> {
        let found = read(text.as_bytes(), media_type).extracted.unwrap_or_default().parts;
        let row = |locator| if let Locator::Row { row, sheet: None } = locator { row } else { panic!("{locator:?}") };
        found.into_iter().map(|part| (row(part.locator), part.text)).collect()
    }

    #[test]
    fn rows_have_the_numbers_that_a_workbook_shows() {
        let table = "编号,名称,备注\n1,毛古斯,\"两行\n的备注\"\n\n2,西兰卡普\n";
        let wanted = [(1, "编号 名称 备注"), (2, "1 毛古斯 两行\n的备注"), (4, "2 西兰卡普")].map(|(row, text)| (row, text.to_owned()));
        assert_eq!(parts(table, CSV), wanted);
        assert_eq!(parts(&table.replace('\n', "\r\n"), CSV).iter().map(|part| part.0).collect::<Vec<_>>(), [1, 2, 4]);
        assert_eq!(parts("\n\n甲,乙\n", CSV), [(3, "甲 乙".to_owned())]);
        assert_eq!(parts("\"一\n\n\n二\"\n三\n", CSV), [(1, "一\n二".to_owned()), (2, "三".to_owned())]);
        assert_eq!(parts("甲;乙\n丙;丁", CSV)[1], (2, "丙 丁".to_owned()));
        assert_eq!(parts("甲\t乙，丙\n", TSV), [(1, "甲 乙，丙".to_owned())]);
        let facts = read(table.as_bytes(), CSV).text.unwrap();
        assert_eq!((facts.parts, facts.encoding.as_deref()), (1, Some("UTF-8")));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in any::<String>()) {
            let _ = read(text.as_bytes(), CSV);
            let _ = read(text.as_bytes(), TSV);
        }
    }
}
