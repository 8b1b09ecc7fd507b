//! What codes are called, by the name of their list.

use crate::domain::codes::Code;
use std::collections::{BTreeMap, HashMap};

/// The Chinese names of all codes.
#[derive(Clone, Debug, Default)]
pub struct Labels(HashMap<&'static str, HashMap<String, String>>);

impl Labels {
    /// From the site's code lists.
    pub fn new(lists: BTreeMap<&'static str, Vec<Code>>) -> Self {
        let named = |rows: Vec<Code>| rows.into_iter().map(|row| (row.code, row.label)).collect();
        Self(lists.into_iter().map(|(list, rows)| (list, named(rows))).collect())
    }

    /// What a code is called; the code itself where its list does not know it.
    pub fn of<'a>(&'a self, list: &str, code: &'a str) -> &'a str {
        self.0.get(list).and_then(|rows| rows.get(code)).map_or(code, String::as_str)
    }

    /// Codes as one text.
    pub fn all(&self, list: &str, codes: &[String]) -> String {
        codes.iter().map(|code| self.of(list, code)).collect::<Vec<_>>().join("、")
    }
}
