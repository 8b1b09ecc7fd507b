//! Sensitive words and the cultural contexts in which they name rites and customs.

use serde::{Deserialize, Serialize};

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
        Self { groups }
    }

    /// The words that a text holds, each once. `zone`: the text belongs to the ethnic-culture zone.
    pub fn hits(&self, text: &str, zone: bool) -> Vec<Hit<'_>> {
        let mut hits = Vec::new();
        for group in &self.groups {
            let mut found = group.words.iter().filter(|word| text.contains(word.as_str())).peekable();
            if found.peek().is_none() {
                continue;
            }
            let cultural = !group.contexts.is_empty() && (zone || group.contexts.iter().any(|context| text.contains(context.as_str())));
            hits.extend(found.map(|word| Hit { word, cultural }));
        }
        hits
    }
}
