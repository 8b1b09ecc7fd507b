//! A workbook (XLSX) as a table. Cells are streamed: a workbook may name a cell in its last row and column, for which a
//! dense table would need 17 thousand million places.

use super::fault::PackageFault;
use super::table::{Cell, Table, TableRow};
use calamine::{DataRef, Reader, Xlsx};
use std::io::Cursor;

/// Most bytes that a workbook may unpack to.
const MOST_UNPACKED: u64 = 512 << 20;
/// Most columns that are read.
const MOST_COLUMNS: u32 = 256;

/// Reads the first sheet that has a header row, at most `most` rows. The error says why there is none.
pub fn read(bytes: &[u8], name: &str, most: u32) -> Result<Table, PackageFault> {
    let broken = |error: String| {
        let zh = "工作簿无法打开，请确认是未加密的 .xlsx 文件。";
        PackageFault::of("PKG-MANIFEST", name, zh, format!("The workbook cannot be opened: {error}."))
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(error.to_string()))?;
    if unpacked(&mut archive).is_none_or(|size| size > MOST_UNPACKED) {
        return Err(PackageFault::of("PKG-LIMIT", name, "工作簿解压后过大，已拒收。", "The workbook unpacks to too much."));
    }
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| broken(error.to_string()))?;
    for sheet in book.sheet_names() {
        let rows = read_sheet(&mut book, &sheet, most).map_err(|error| broken(error.to_string()))?;
        if let Some(table) = Table::from_rows(rows) {
            return Ok(table);
        }
    }
    let zh = "工作簿里没有找到表头行：第一行应为“编号、标题、类型……”等列名，请使用《资源批量入库模板》。";
    Err(PackageFault::of("PKG-MANIFEST", name, zh, "No header row was found in the workbook."))
}

fn unpacked(archive: &mut zip::ZipArchive<Cursor<&[u8]>>) -> Option<u64> {
    let mut total = 0_u64;
    for index in 0..archive.len() {
        total = total.saturating_add(archive.by_index_data(index).ok()?.size());
    }
    Some(total)
}

fn read_sheet(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str, most: u32) -> Result<Vec<TableRow>, calamine::XlsxError> {
    let mut rows: Vec<TableRow> = Vec::new();
    let mut cells = book.worksheet_cells_reader(sheet)?;
    while let Some(cell) = cells.next_cell()? {
        let (row, column) = cell.get_position();
        let value = value_of(cell.get_value());
        if column >= MOST_COLUMNS || value.is_blank() {
            continue;
        }
        let number = row.saturating_add(1);
        if number > most.saturating_add(1) {
            break;
        }
        if rows.last().is_none_or(|last| last.number != number) {
            rows.push(TableRow { number, ..TableRow::default() });
        }
        let Some(row) = rows.last_mut() else { break };
        let place = column as usize;
        if row.cells.len() <= place {
            row.cells.resize(place + 1, Cell::Empty);
        }
        if let Some(slot) = row.cells.get_mut(place) {
            *slot = value;
        }
    }
    rows.sort_by_key(|row| row.number);
    rows.dedup_by_key(|row| row.number);
    Ok(rows)
}

fn value_of(value: &DataRef<'_>) -> Cell {
    let text = |text: &str| if text.is_empty() { Cell::Empty } else { Cell::Text(text.replace('\0', "")) };
    match value {
        DataRef::Int(number) => Cell::Text(number.to_string()),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(string) => text(string),
        DataRef::SharedString(string) => text(string),
        DataRef::Bool(truth) => Cell::Bool(*truth),
        DataRef::DateTime(at) => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            Cell::Date { serial: at.as_f64(), iso: format!("{year:04}-{month:02}-{day:02}") }
        }
        DataRef::DateTimeIso(string) | DataRef::DurationIso(string) => text(string),
        DataRef::Error(error) => Cell::Text(error.to_string()),
        DataRef::Empty => Cell::Empty,
    }
}
