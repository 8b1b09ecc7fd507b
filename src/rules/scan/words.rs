//! Sensitive words and the cultural contexts in which they name rites and customs.

use super::letters::Letters;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A group of words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordGroup {
    /// Stable code (`superstition`, `gambling`, …), the items of 出版管理条例 art. 25.
    pub code: String,
    /// Chinese name.
    pub label: String,
    /// The words.
    pub words: Vec<String>,
    /// Words of rites and customs: near one of them, or in the ethnic-culture zone, a hit is cultural.
    #[serde(default)]
    pub contexts: Vec<String>,
}

/// The words of a rule folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordList {
    groups: Vec<WordGroup>,
    /// Every word and context by its first letter: what a text is gone through for once, however many words there are.
    by_letter: BTreeMap<char, Vec<String>>,
    first_letters: Letters,
}

/// A word found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit<'a> {
    /// The word.
    pub word: &'a str,
    /// It stands in a cultural context.
    pub cultural: bool,
}

impl WordList {
    pub fn new(groups: Vec<WordGroup>) -> Self {
        let mut by_letter: BTreeMap<char, Vec<String>> = BTreeMap::new();
        for word in groups.iter().flat_map(|group| group.words.iter().chain(&group.contexts)) {
            if let Some(first) = word.chars().next() {
                by_letter.entry(first).or_default().push(word.clone());
            }
        }
        let first_letters = Letters::of(by_letter.keys().copied());
        Self { groups, by_letter, first_letters }
    }

    /// The words that a text holds, each once. `zone`: the text belongs to the ethnic-culture zone.
    pub fn hits(&self, text: &str, zone: bool) -> Vec<Hit<'_>> {
        let there = self.there(text);
        let mut hits = Vec::new();
        for group in self.groups.iter().filter(|_| !there.is_empty()) {
            let found = group.words.iter().filter(|word| there.contains(word.as_str()));
            let cultural = !group.contexts.is_empty() && (zone || group.contexts.iter().any(|context| there.contains(context.as_str())));
            hits.extend(found.map(|word| Hit { word, cultural }));
        }
        hits
    }

    /// The words and contexts of all groups that stand in a text.
    fn there(&self, text: &str) -> BTreeSet<&str> {
        let mut there = BTreeSet::new();
        for (place, letter) in text.char_indices().filter(|(_, letter)| self.first_letters.has(*letter)) {
            let rest = text.get(place..).unwrap_or_default();
            let words = self.by_letter.get(&letter).into_iter().flatten();
            there.extend(words.map(String::as_str).filter(|word| rest.starts_with(word)));
        }
        there
    }
}
