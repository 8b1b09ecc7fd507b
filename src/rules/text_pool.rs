//! The texts of one submission, each loaded and looked through at most once and only when a measure asks.

use super::measures::Item;
use super::scan::personal::{Numbers, numbers};
use super::scan::script;
use super::scan::words::{Hit, WordList};
use super::subject::Subject;
use crate::domain::inspection::{ExtractedText, Locator};
use crate::domain::submission::SubmittedFile;
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

/// What one text holds that measures ask for.
pub(super) struct Seen<'a> {
    pub place: Place<'a>,
    pub numbers: Numbers,
    pub hits: Vec<Hit<'a>>,
    /// Traditional letters of a simplified text.
    pub mixed: Option<String>,
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

    /// The texts of those files that are wanted.
    pub fn of_files(&self, wanted: impl Fn(&SubmittedFile) -> bool) -> impl Iterator<Item = (&'a SubmittedFile, &ExtractedText)> {
        let files = self.subject.files.iter().zip(&self.files).filter(move |(file, _)| wanted(file));
        files.filter_map(|(file, cell)| Some((file, cell.get_or_init(|| (self.subject.text)(file)).as_ref()?)))
    }

    /// Looks through title, description, keywords and series, then every part of every file that learners are shown; those texts that hold something.
    pub fn look(&self, words: &'a WordList) -> Vec<Seen<'_>> {
        let meta = self.subject.metadata;
        let zone = meta.culture.is_some();
        let look = |place, text: &str| {
            let seen = Seen { place, numbers: numbers(text), hits: words.hits(text, zone), mixed: script::mixed(text) };
            let says_nothing = seen.numbers == Numbers::default() && seen.hits.is_empty() && seen.mixed.is_none();
            (!says_nothing).then_some(seen)
        };
        let titles = meta.title.0.values().map(|text| ("title", text));
        let described = titles.chain(meta.description.0.values().map(|text| ("description", text)));
        let keywords = meta.keywords.iter().map(|text| ("keywords", text)).chain(meta.series.iter().map(|text| ("series", text)));
        let mut all: Vec<Seen<'_>> =
            described.chain(keywords).filter_map(|(field, text)| look(Place { file: None, locator: None, field: Some(field) }, text)).collect();
        for (file, cell) in self.subject.files.iter().zip(&self.files) {
            if file.entry.role == crate::domain::metadata::FileRole::Evidence {
                continue;
            }
            let Some(text) = cell.get_or_init(|| (self.subject.text)(file)) else { continue };
            let place = |locator| Place { file: Some(&file.entry.path), locator: Some(locator), field: None };
            all.extend(text.parts.iter().filter_map(|part| look(place(&part.locator), &part.text)));
        }
        all
    }
}
