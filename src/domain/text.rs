//! Texts for people: language maps (BCP 47 tag → text).

use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// The language a plain string is taken to be in.
pub const DEFAULT_LANGUAGE: &str = "zh-CN";

/// A text in one or more languages. Reads either a plain string (Simplified Chinese) or a map of BCP 47 tags.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LangMap(pub BTreeMap<String, String>);

impl LangMap {
    /// A text in Simplified Chinese alone.
    pub fn zh(text: impl Into<String>) -> Self {
        Self(BTreeMap::from([(DEFAULT_LANGUAGE.to_owned(), text.into())]))
    }

    /// The text to show where one is wanted: `zh-CN`, else the first one, else the empty string.
    pub fn main(&self) -> &str {
        self.0.get(DEFAULT_LANGUAGE).or_else(|| self.0.values().next()).map_or("", String::as_str)
    }

    /// Every text but the main one.
    pub fn others(&self) -> impl Iterator<Item = &str> {
        let main = self.main();
        self.0.values().map(String::as_str).filter(move |text| *text != main)
    }

    /// Whether there is no text in any language.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(|text| text.trim().is_empty())
    }
}

impl<'de> Deserialize<'de> for LangMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Plain(String),
            Map(BTreeMap<String, String>),
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::Plain(text) => Self::zh(text),
            Either::Map(map) => Self(map),
        })
    }
}
