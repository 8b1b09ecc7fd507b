//! A rule after reading: what it applies to, what it measures, what must hold, what it says when it does not.

use crate::domain::calendar::Calendar;
use crate::domain::codes::Kind;
use crate::domain::finding::Severity;
use crate::domain::metadata::FileRole;
use crate::domain::rendition::Purpose;
use crate::domain::review::{Criterion, VetoItem};
use crate::rules::measures::Measure;
use crate::rules::policy::Policy;
use crate::rules::scan::words::WordList;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How far the basis of a rule can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// A published law, norm or standard was read.
    Sourced,
    /// Indicative or proposed: a province may adopt it.
    Proposed,
}

/// Which submissions and files a rule is for. An empty list is for all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Applies {
    /// Kinds of resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kind: Vec<Kind>,
    /// Codes of categories.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub category: Vec<String>,
    /// Items of the ethnic-culture zone only, or none of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub culture: Option<bool>,
    /// Roles of files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub role: Vec<FileRole>,
    /// Classes of files: `video audio image document slides ebook subtitle text other`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub file: Vec<String>,
}

/// How the measured value is compared with the threshold; the rule holds when the comparison does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Number ≥ threshold.
    AtLeast,
    /// Number ≤ threshold.
    AtMost,
    /// Number within `[low, high]`.
    Between,
    /// Text, number or flag equal to the threshold.
    Equals,
    /// Text among the threshold's.
    OneOf,
    /// Text not among the threshold's.
    NoneOf,
    /// List holds all of the threshold's.
    ContainsAll,
    /// List has no item.
    Empty,
    /// List has an item, or text is not blank.
    NotEmpty,
    /// List has at most so many different items.
    CountAtMost,
}

/// What a value is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Threshold {
    /// Nothing (`empty`, `not_empty`).
    None,
    /// A whole number in the measure's unit.
    Number(i64),
    /// From, to.
    Range(i64, i64),
    /// Yes or no.
    Flag(bool),
    /// A text.
    Text(String),
    /// Texts.
    Texts(Vec<String>),
}

/// One comparison of a condition.
#[derive(Clone, Debug)]
pub struct Test {
    /// Measure.
    pub measure: &'static Measure,
    /// Comparison.
    pub compare: Comparison,
    /// Threshold.
    pub threshold: Threshold,
}

/// When a rule is looked at at all.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    /// Each of these must hold.
    pub all: Vec<Test>,
    /// At least one of these must hold, where there are any.
    pub any: Vec<Test>,
    /// None of these may hold.
    pub none: Vec<Test>,
}

impl Condition {
    /// Every test in it.
    pub fn tests(&self) -> impl Iterator<Item = &Test> {
        self.all.iter().chain(&self.any).chain(&self.none)
    }
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Id, unique over all sets.
    pub id: String,
    /// The set it stands in.
    pub set: String,
    /// Chinese title.
    pub title: String,
    /// What it rests on.
    pub basis: String,
    /// How far that can be trusted.
    pub evidence: Evidence,
    /// What it is for; the set's and its own must both match.
    pub applies: Vec<Applies>,
    /// When it is looked at.
    pub when: Condition,
    /// What must hold.
    pub test: Test,
    /// Severity of a finding.
    pub severity: Severity,
    /// Message with `{measured}`, `{threshold}`, `{file}`.
    pub message: String,
    /// What is said instead, as `info`, of a file that the platform converts by itself.
    pub converted: Option<String>,
    /// Field of the manifest that findings name, where the measure names none.
    pub field: Option<String>,
    /// Role that may waive it, with a reason.
    pub waiver: Option<String>,
    /// First day (Asia/Shanghai) it is in force.
    pub valid_from: String,
    /// Flag that a finding raises (`sensitive`): the committee must look.
    pub flag: Option<String>,
    /// Changes that sets make to it for what they apply to, the last that matches wins.
    pub adjustments: Vec<Adjustment>,
}

/// What a set changes in a rule of the common core.
#[derive(Clone, Debug)]
pub struct Adjustment {
    /// The set.
    pub set: String,
    /// What it is for.
    pub applies: Vec<Applies>,
    /// First day it is in force.
    pub valid_from: String,
    /// Another threshold.
    pub threshold: Option<Threshold>,
    /// Another severity.
    pub severity: Option<Severity>,
    /// Another basis.
    pub basis: Option<String>,
    /// Not looked at.
    pub off: bool,
}

/// All standards in force: rules, policy, criteria and words, under one digest.
#[derive(Clone, Debug)]
pub struct RuleSet {
    pub(super) digest: String,
    pub(super) rules: Vec<Rule>,
    pub(super) policy: Policy,
    pub(super) criteria: crate::rules::policy::Criteria,
    pub(super) words: WordList,
    pub(super) calendar: Calendar,
    pub(super) converts: BTreeSet<Purpose>,
}

impl RuleSet {
    /// SHA-256 over names and contents of all files: a decision stores it.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The same standards where these renditions can be made: of what is converted nobody has to be told to convert it.
    #[must_use]
    pub fn converting(self, converts: BTreeSet<Purpose>) -> Self {
        Self { converts, ..self }
    }

    /// The renditions that can be made.
    pub fn converts(&self) -> &BTreeSet<Purpose> {
        &self.converts
    }

    /// The rules in the order of the files.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Tracks and panels.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The working days.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The criteria that a category scores.
    pub fn criteria(&self, category: &str, culture: bool) -> &[Criterion] {
        self.criteria.of(category, culture)
    }

    /// The veto list.
    pub fn vetoes(&self) -> &[VetoItem] {
        self.criteria.vetoes()
    }
}
