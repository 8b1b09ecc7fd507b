//! The TOML shapes of rule files, before they are checked. Spans are kept so that a problem can name its line.

use super::rule::{Applies, Comparison, Evidence};
use super::scan::words::WordGroup;
use crate::domain::finding::Severity;
use serde::Deserialize;
use toml::{Spanned, Value};

/// The version of the format that this program reads.
pub const SCHEMA: &str = "yuelu-rules/1";

/// A rule set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetFile {
    pub schema: Spanned<String>,
    /// Stable name of the set.
    pub set: Spanned<String>,
    /// Chinese title.
    #[expect(dead_code, reason = "required of the file for its readers, not used by the program")]
    pub title: String,
    /// First day in force of rules that name none.
    pub valid_from: Spanned<String>,
    /// What the whole set is for.
    #[serde(default)]
    pub applies: Applies,
    #[serde(default)]
    pub rule: Vec<Spanned<RawRule>>,
    #[serde(default)]
    pub adjust: Vec<Spanned<RawAdjustment>>,
}

/// A comparison of a condition.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawTest {
    pub measure: Spanned<String>,
    pub compare: Spanned<Comparison>,
    pub threshold: Option<Spanned<Value>>,
}

/// A condition.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawCondition {
    #[serde(default)]
    pub all: Vec<RawTest>,
    #[serde(default)]
    pub any: Vec<RawTest>,
    #[serde(default)]
    pub none: Vec<RawTest>,
}

/// A rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRule {
    pub id: Spanned<String>,
    pub title: String,
    pub basis: String,
    pub evidence: Evidence,
    #[serde(default)]
    pub applies: Applies,
    #[serde(default)]
    pub when: RawCondition,
    pub measure: Spanned<String>,
    pub compare: Spanned<Comparison>,
    pub threshold: Option<Spanned<Value>>,
    pub severity: Severity,
    pub message: Spanned<String>,
    /// What is said, as `info`, of a file that the platform converts by itself.
    pub converted: Option<Spanned<String>>,
    pub field: Option<String>,
    pub waiver: Option<Spanned<String>>,
    pub valid_from: Option<Spanned<String>>,
    pub flag: Option<String>,
}

/// What a set changes in a rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawAdjustment {
    pub id: Spanned<String>,
    #[serde(default)]
    pub applies: Applies,
    pub threshold: Option<Spanned<Value>>,
    pub severity: Option<Severity>,
    pub basis: Option<String>,
    pub valid_from: Option<Spanned<String>>,
    #[serde(default)]
    pub off: bool,
}

/// `words.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordsFile {
    pub schema: Spanned<String>,
    #[serde(default)]
    pub group: Vec<WordGroup>,
}
