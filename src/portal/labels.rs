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

    /// The code of a code, label or other name; the text itself where its list does not know it.
    pub fn code<'a>(&'a self, list: &str, text: &'a str) -> &'a str {
        let known = |row: &&Code| row.code == text || row.label == text || row.aliases.iter().any(|alias| alias == text);
        self.rows(list).iter().find(known).map_or(text, |row| row.code.as_str())
    }

    /// The code above a code, where its list is a tree.
    pub fn parent(&self, list: &str, code: &str) -> Option<&str> {
        self.rows(list).iter().find(|row| row.code == code)?.parent.as_deref()
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
