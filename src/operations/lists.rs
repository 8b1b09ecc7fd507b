//! The code lists, for everybody to read.

use super::Operations;
use crate::domain::codes::{Code, CodeList, Kind};
use crate::domain::vocabulary as words;
use std::collections::BTreeMap;

impl Operations {
    /// A division by code or name with those above it, the smallest first; nothing for one that the list does not know.
    pub fn divisions(&self, name: &str) -> Vec<Code> {
        let regions = &self.codes.regions;
        regions
            .find(name)
            .map_or_else(Vec::new, |own| regions.lineage(&own.code).iter().filter_map(|code| regions.find(code).cloned()).collect())
    }

    /// All code lists by name.
    pub fn code_lists(&self) -> BTreeMap<&'static str, Vec<Code>> {
        let codes = &self.codes;
        let rows = |list: &CodeList| list.rows().to_vec();
        let closed = |words: words::Words| words.iter().map(|(code, label)| plain(code, label)).collect();
        BTreeMap::from([
            ("kinds", Kind::ALL.iter().map(|(_, code, label)| plain(code, label)).collect()),
            ("categories", rows(&codes.categories)),
            ("subjects", rows(&codes.subjects)),
            ("audiences", rows(&codes.audiences)),
            ("ethnic_groups", rows(&codes.ethnic_groups)),
            ("heritage_classes", rows(&codes.heritage_classes)),
            ("regions", rows(&codes.regions)),
            ("licences", rows(&codes.licences)),
            ("creator_roles", closed(words::CREATOR_ROLES)),
            ("sharing", closed(words::SHARING)),
            ("visibilities", closed(words::VISIBILITIES)),
            ("heritage_levels", closed(words::HERITAGE_LEVELS)),
            ("file_roles", closed(words::FILE_ROLES)),
            ("accessibility", closed(words::ACCESSIBILITY)),
            ("languages", closed(words::LANGUAGES)),
        ])
    }
}

fn plain(code: &str, label: &str) -> Code {
    Code { code: code.to_owned(), label: label.to_owned(), aliases: Vec::new(), parent: None }
}
