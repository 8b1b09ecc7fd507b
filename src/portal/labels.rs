//! What codes are called, by the name of their list.

use crate::domain::codes::Code;
use std::collections::{BTreeMap, HashMap};

/// The Chinese names of all codes.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    names: HashMap<&'static str, HashMap<String, String>>,
    lists: BTreeMap<&'static str, Vec<Code>>,
}

impl Labels {
    /// From the site's code lists.
    pub fn new(lists: BTreeMap<&'static str, Vec<Code>>) -> Self {
        let named = |rows: &Vec<Code>| rows.iter().map(|row| (row.code.clone(), row.label.clone())).collect();
        Self { names: lists.iter().map(|(list, rows)| (*list, named(rows))).collect(), lists }
    }

    /// What a code is called; the code itself where its list does not know it.
    pub fn of<'a>(&'a self, list: &str, code: &'a str) -> &'a str {
        self.names.get(list).and_then(|rows| rows.get(code)).map_or(code, String::as_str)
    }

    /// The rows of a list, in their order.
    pub fn rows(&self, list: &str) -> &[Code] {
        self.lists.get(list).map(Vec::as_slice).unwrap_or_default()
    }

    /// Codes as one text.
    pub fn all(&self, list: &str, codes: &[String]) -> String {
        codes.iter().map(|code| self.of(list, code)).collect::<Vec<_>>().join("、")
    }
}
