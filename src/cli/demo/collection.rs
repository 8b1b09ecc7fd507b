//! The starter collection as `collection.toml` lists it.

use anyhow::Context as _;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const LIST: &str = "collection.toml";

/// The list, with the folder it lies in.
#[derive(Clone, Debug, Deserialize)]
pub struct Collection {
    /// Where its paths begin.
    #[serde(skip)]
    pub folder: PathBuf,
    /// Who deposits.
    pub institutions: Vec<Institution>,
    /// Protocol groups.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// What is deposited.
    pub packages: Vec<Package>,
    /// Sentences of the demonstration's reviewers, by the name that packages refer to.
    pub opinions: BTreeMap<String, Vec<String>>,
}

/// An invented institution.
#[derive(Clone, Debug, Deserialize)]
pub struct Institution {
    /// Chinese name.
    pub name: String,
    /// Organisation path.
    pub path: String,
}

/// A protocol group.
#[derive(Clone, Debug, Deserialize)]
pub struct Group {
    /// Name of the group as packages write it.
    pub id: String,
}

/// A package, and what should become of it.
#[derive(Clone, Debug, Deserialize)]
pub struct Package {
    /// Below the collection's folder.
    pub path: PathBuf,
    /// Organisation path of the institution.
    pub organisation: String,
    /// The institution's own numbers of what is in it.
    pub ids: Vec<String>,
    /// What should become of it.
    pub outcome: Expected,
    /// The rule that returns it.
    pub rule: Option<String>,
    /// Which sentences its reviewers say.
    pub opinions: String,
}

/// What should become of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// All of it is published.
    Published,
    /// It is returned.
    Returned,
}

/// Whether a folder holds a collection.
pub fn is_one(folder: &Path) -> bool {
    folder.join(LIST).is_file()
}

impl Collection {
    /// Reads the list of a folder.
    ///
    /// # Errors
    /// When it cannot be read, or names sentences that it does not hold.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(LIST);
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let mut collection: Self = toml::from_str(&text).with_context(|| path.display().to_string())?;
        collection.folder = folder.canonicalize()?;
        for package in &collection.packages {
            let known = collection.opinions.get(&package.opinions).is_some_and(|sentences| !sentences.is_empty());
            anyhow::ensure!(known, "{}: no opinions of the name {}", path.display(), package.opinions);
        }
        Ok(collection)
    }

    /// The sentences for a work under an institution's own number.
    pub fn sentences_for(&self, source_id: &str) -> &[String] {
        let package = self.packages.iter().find(|package| package.ids.iter().any(|id| id == source_id));
        package.and_then(|package| self.opinions.get(&package.opinions)).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_starter_collection_is_whole() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("resources");
        let collection = Collection::read(&folder).unwrap();
        assert!(collection.packages.iter().all(|package| folder.join(&package.path).exists()));
        let works = |expected| collection.packages.iter().filter(move |package| package.outcome == expected);
        assert!(works(Expected::Published).map(|package| package.ids.len()).sum::<usize>() >= 40);
        let mut rules: Vec<&str> = works(Expected::Returned).filter_map(|package| package.rule.as_deref()).collect();
        rules.sort_unstable();
        rules.dedup();
        assert!(rules.len() >= 6, "{rules:?}");
        assert!(!collection.sentences_for(&collection.packages[0].ids[0]).is_empty());
    }
}
