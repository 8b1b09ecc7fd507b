//! Findings: what a machine check or a reviewer holds against a submission, by file, row and rule.

use super::inspection::Locator;
use serde::{Deserialize, Serialize};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Shown, weighs nothing.
    Info,
    /// A warning that reviewers see.
    Should,
    /// Returns the submission.
    Must,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Finding {
    /// Rule id, e.g. `RIGHTS-LICENCE`.
    pub rule: String,
    /// Severity.
    pub severity: Severity,
    /// File in the package it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Row of the catalogue, 1 is the header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// Field of the manifest (`rights.licence`), or the header of the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Place inside the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locator: Option<Locator>,
    /// What is wrong and what to do, in Chinese, with the measured value in it.
    pub message: String,
    /// The value that was measured, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<String>,
    /// Somebody whom the rule names waived it: it weighs nothing any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waived: bool,
}

impl Finding {
    /// Whether it returns the submission.
    pub fn weighs(&self) -> bool {
        self.severity == Severity::Must && !self.waived
    }
}
