//! A catalogue as it was filled in: cells with their row numbers, whatever file they came in.

use super::columns::{self, COLUMNS, REASON};
use crate::domain::finding::Finding;

/// A cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text.
    Text(String),
    /// A number as a workbook holds it.
    Number(f64),
    /// True or false.
    Bool(bool),
    /// A day or a time: the workbook's serial number, and the same as `YYYY-MM-DD`.
    Date {
        /// Days since 1899-12-30.
        serial: f64,
        /// ISO 8601.
        iso: String,
    },
}

impl Cell {
    /// The cell as text: whole numbers without a fraction, 是/否 for truth values.
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.trim().to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Bool(true) => "是".to_owned(),
            Self::Bool(false) => "否".to_owned(),
            Self::Date { iso, .. } => iso.clone(),
        }
    }

    /// Whether there is nothing in it.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
}

/// A row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableRow {
    /// Its number as a spreadsheet shows it, 1 is the first.
    pub number: u32,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// What is wrong with the row as such (quotes, number of cells, unreadable characters).
    pub faults: Vec<Finding>,
}

impl TableRow {
    /// Whether all of its cells are blank.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_blank)
    }
}

/// A catalogue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Headers as they were written.
    pub headers: Vec<String>,
    /// Number of the row that holds them.
    pub header_row: u32,
    /// All rows but the header row, in order, those above it too.
    pub rows: Vec<TableRow>,
}

/// Rows within which the headers must stand.
const HEADER_WITHIN: usize = 10;

impl Table {
    /// Finds the header row: the first row, within the first ten, that names a title and another known column.
    /// `None` when there is none.
    pub fn from_rows(mut rows: Vec<TableRow>) -> Option<Self> {
        let is_header = |row: &TableRow| {
            let known: Vec<usize> = row.cells.iter().filter_map(|cell| columns::find(&cell.text())).collect();
            known.len() >= 2 && known.iter().any(|place| COLUMNS.get(*place).is_some_and(|column| column.key == "title"))
        };
        let at = rows.iter().take(HEADER_WITHIN).position(is_header)?;
        let header = rows.remove(at);
        Some(Self { headers: header.cells.iter().map(Cell::text).collect(), header_row: header.number, rows })
    }

    /// The rows that describe resources: below the headers and not blank.
    pub fn filled(&self) -> impl Iterator<Item = &TableRow> {
        self.rows.iter().filter(|row| row.number > self.header_row && (!row.is_blank() || !row.faults.is_empty()))
    }

    /// The place of a known column in this table.
    pub fn place_of(&self, key: &str) -> Option<usize> {
        let same = |header: &String| columns::find(header).and_then(|at| COLUMNS.get(at)).is_some_and(|column| column.key == key);
        self.headers.iter().position(same)
    }

    /// Text of a row's cell in a known column, empty when there is none.
    pub fn text_of(&self, row: &TableRow, key: &str) -> String {
        self.place_of(key).and_then(|place| row.cells.get(place)).map(Cell::text).unwrap_or_default()
    }

    /// The headers this program does not know, with their places; the column 错误原因 of a returned workbook is not one.
    pub fn unknown(&self) -> impl Iterator<Item = (usize, &str)> {
        let strange = |header: &str| !header.is_empty() && header != REASON && columns::find(header).is_none();
        self.headers.iter().enumerate().map(|(place, header)| (place, header.as_str())).filter(move |(_, header)| strange(header))
    }
}
