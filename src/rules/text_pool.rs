//! The texts of one submission, each loaded at most once and only when a measure asks.

use super::measures::Item;
use super::subject::Subject;
use crate::domain::inspection::{ExtractedText, Locator};
use std::cell::OnceCell;

/// Where a text stands.
pub(super) struct Place<'a> {
    file: Option<&'a str>,
    locator: Option<&'a Locator>,
    field: Option<&'a str>,
}

impl Place<'_> {
    /// An item found there.
    pub fn item(&self, text: String) -> Item {
        Item {
            text,
            file: self.file.map(str::to_owned),
            locator: self.locator.filter(|locator| **locator != Locator::Whole).cloned(),
            field: self.field.map(str::to_owned),
        }
    }
}

/// The texts.
pub(super) struct TextPool<'a> {
    subject: &'a Subject<'a>,
    files: Vec<OnceCell<Option<ExtractedText>>>,
}

impl<'a> TextPool<'a> {
    pub fn new(subject: &'a Subject<'a>) -> Self {
        Self { subject, files: subject.files.iter().map(|_| OnceCell::new()).collect() }
    }

    /// Visits title, description, keywords and series, then every part of every file that learners are shown, until `visit` says that it is enough.
    pub fn each(&self, mut visit: impl FnMut(&Place<'_>, &str) -> bool) {
        let meta = self.subject.metadata;
        let titles = meta.title.0.values().map(|text| ("title", text));
        let words = meta.keywords.iter().map(|text| ("keywords", text)).chain(meta.series.iter().map(|text| ("series", text)));
        for (field, text) in titles.chain(meta.description.0.values().map(|text| ("description", text))).chain(words) {
            if !visit(&Place { file: None, locator: None, field: Some(field) }, text) {
                return;
            }
        }
        for (file, cell) in self.subject.files.iter().zip(&self.files) {
            if file.entry.role == crate::domain::metadata::FileRole::Evidence {
                continue;
            }
            let Some(text) = cell.get_or_init(|| (self.subject.text)(file)) else { continue };
            for part in &text.parts {
                let place = Place { file: Some(&file.entry.path), locator: Some(&part.locator), field: None };
                if !visit(&place, &part.text) {
                    return;
                }
            }
        }
    }
}
