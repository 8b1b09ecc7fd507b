//! The rules of learning as data: `src/learning/rules/`, built in, or the files of a folder that replace them.

use super::floods::FloodRules;
use crate::domain::study::{HoursRule, Sourced};
use serde::Deserialize;
use std::path::Path;

const FLOODS: &str = include_str!("rules/floods.toml");
const HOURS: &str = include_str!("rules/hours.toml");
const RETENTION: &str = include_str!("rules/retention.toml");

/// All of them.
#[derive(Clone, Debug)]
pub struct LearningRules {
    /// What no person does.
    pub floods: FloodRules,
    /// What counts as an hour.
    pub hours: HoursRule,
    /// How long what is no part of the learner's own record is kept.
    pub retention: RetentionRule,
}

/// `rules/retention.toml`: days after which traces go, by their receipt. What is part of a learner's record stays as long as the
/// learner wants it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionRule {
    /// Version.
    pub version: String,
    /// What was shown in lists.
    pub impressions_days: Sourced,
    /// Proofs of a consent, after its end.
    pub consents_days: Sourced,
    /// Who looked at the record of a minor.
    pub accesses_days: Sourced,
}

impl LearningRules {
    /// The built-in ones, each replaced by the file of its name where the folder has one.
    ///
    /// # Errors
    /// A sentence naming the file that cannot be read, and why.
    pub fn load(folder: Option<&Path>) -> Result<Self, String> {
        Ok(Self {
            floods: read(folder, "floods.toml", FLOODS)?,
            hours: read(folder, "hours.toml", HOURS)?,
            retention: read(folder, "retention.toml", RETENTION)?,
        })
    }
}

fn read<T: serde::de::DeserializeOwned>(folder: Option<&Path>, name: &str, builtin: &str) -> Result<T, String> {
    let path = folder.map(|folder| folder.join(name)).filter(|path| path.exists());
    let own = path.map(std::fs::read_to_string).transpose().map_err(|error| format!("{name}: {error}"))?;
    toml::from_str(own.as_deref().unwrap_or(builtin)).map_err(|error| format!("{name}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_rules_are_sound_and_a_folder_replaces_them() {
        assert!(!LearningRules::load(None).unwrap().floods.rules.is_empty());
        let dir = tempfile::tempdir().unwrap();
        assert!(!LearningRules::load(Some(dir.path())).unwrap().floods.rules.is_empty());
        std::fs::write(dir.path().join("floods.toml"), "version = \"own\"\nlate_minutes = 1\nahead_minutes = 1\n").unwrap();
        assert_eq!(LearningRules::load(Some(dir.path())).unwrap().floods.rules.len(), 0);
        std::fs::write(dir.path().join("floods.toml"), "most = 1").unwrap();
        assert!(LearningRules::load(Some(dir.path())).unwrap_err().starts_with("floods.toml: "));
    }
}
