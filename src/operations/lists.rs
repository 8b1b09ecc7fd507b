//! The lists that govern the site, for everybody to read: codes and vetting standards.

use super::Operations;
use crate::domain::codes::{Code, CodeList, Kind};
use crate::domain::finding::Severity;
use crate::domain::vocabulary as words;
use crate::rules::rule::{Applies, Evidence};
use serde::Serialize;
use std::collections::BTreeMap;

/// A machine check as it is published.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RuleView {
    /// Id.
    pub id: String,
    /// The set it stands in.
    pub set: String,
    /// Chinese title.
    pub title: String,
    /// How much a finding weighs.
    pub severity: Severity,
    /// What it rests on.
    pub basis: String,
    /// How far that can be trusted.
    pub evidence: Evidence,
    /// What it is for.
    pub applies: Vec<Applies>,
    /// What it measures.
    pub measure: String,
    /// What it says, with places for measured value, threshold and file.
    pub message: String,
    /// First day it is in force.
    pub valid_from: String,
}

/// The standards in force.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Standards {
    /// SHA-256 over all rule files: a decision names it.
    pub digest: String,
    /// Machine checks.
    pub rules: Vec<RuleView>,
}

impl Operations {
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

    /// The vetting standards in force.
    pub fn standards(&self) -> Standards {
        let view = |rule: &crate::rules::Rule| RuleView {
            id: rule.id.clone(),
            set: rule.set.clone(),
            title: rule.title.clone(),
            severity: rule.severity,
            basis: rule.basis.clone(),
            evidence: rule.evidence,
            applies: rule.applies.clone(),
            measure: rule.test.measure.name.to_owned(),
            message: rule.message.clone(),
            valid_from: rule.valid_from.clone(),
        };
        Standards { digest: self.rules.digest().to_owned(), rules: self.rules.rules().iter().map(view).collect() }
    }
}

fn plain(code: &str, label: &str) -> Code {
    Code { code: code.to_owned(), label: label.to_owned(), aliases: Vec::new(), parent: None }
}
