//! Waivers: who may take the weight off a `must` finding, and how long that holds.
//!
//! A waiver is for one rule and one file's bytes; where a finding is about the whole, for what exactly was found. It holds in
//! later rounds as long as that is the same, and falls by itself when the file is changed.

use super::opinions::{conflict, required};
use super::table::{Action, StateCode};
use super::{Moved, State, Step, Submission, SubmittedFile};
use crate::domain::digest::Digest;
use crate::domain::finding::{Finding, Severity};
use crate::domain::problem::Problem;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is waived: the findings of a rule, in one file or about the whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Waived {
    /// Rule.
    pub rule: String,
    /// Path of the file; none for findings about the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// A waiver as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// Rule and file.
    pub waived: Waived,
    /// The file's bytes; none for findings about the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// What was found about the whole: field and measured value of each finding.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub found: BTreeSet<(Option<String>, Option<String>)>,
    /// Account that granted it.
    pub account: String,
    /// Code of the role in which it was granted.
    pub role: String,
    /// Why; the ledger holds its digest.
    pub reason: String,
    /// Round.
    pub round: u32,
    /// When.
    pub at: Timestamp,
}

impl Waiver {
    /// Whether it covers a finding among these files.
    fn covers(&self, finding: &Finding, files: &[SubmittedFile]) -> bool {
        if finding.rule != self.waived.rule {
            return false;
        }
        match (&finding.file, &self.digest) {
            // By its bytes, so that a renamed file keeps its waiver and a changed one loses it.
            (Some(path), Some(digest)) => files.iter().any(|file| file.entry.path == *path && file.digest == *digest),
            (None, None) => self.found.contains(&(finding.field.clone(), finding.measured.clone())),
            // A file that the manifest names and the package lacks has no bytes.
            (Some(path), None) => self.waived.file.as_ref() == Some(path) && !files.iter().any(|file| file.entry.path == *path),
            (None, Some(_)) => false,
        }
    }
}

/// Marks the findings that waivers cover.
pub(super) fn mark(findings: &mut [Finding], waivers: &[Waiver], files: &[SubmittedFile]) {
    for finding in findings.iter_mut().filter(|finding| finding.severity == Severity::Must) {
        finding.waived = waivers.iter().any(|waiver| waiver.covers(finding, files));
    }
}

impl Submission {
    /// Whether the machine returned it, so that a waiver makes sense.
    pub fn is_machine_returned(&self) -> bool {
        matches!(self.state, State::Returned { stage: StateCode::Checking, .. })
    }

    /// Waives findings for which the checks returned the submission. When no `must` finding is left it goes where it
    /// would have gone from the checks: to its institution where `approval` is asked for, or to the desk. Which role may waive a rule the caller has looked up in the rule.
    pub fn waive(mut self, waived: &BTreeSet<Waived>, reason: &str, approval: bool, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Waive, step)?;
        if !self.is_machine_returned() {
            return Err(conflict(
                "not-machine",
                "只有机器检测退回的提交可以豁免。",
                "Only what the machine checks returned can be waived.",
            ));
        }
        self.check_screener(step)?;
        let reason = required(reason)?;
        for one in waived {
            let waiver = self.waiver(one, &reason, step)?;
            self.waivers.push(waiver);
        }
        mark(&mut self.findings, &self.waivers, &self.files);
        // Who waives has judged it: the final decision is another's.
        self.add_hand(step, StateCode::Screening);
        let left = self.findings.iter().filter(|finding| finding.weighs()).count();
        let to = match (left, approval) {
            (0, true) => State::Approval,
            (0, false) => State::Screening,
            _ => self.state.clone(),
        };
        let named: Vec<String> = waived.iter().map(|one| one.rule.clone()).collect();
        self.moved(from, Action::Waive, to, step, &[("rules", named.join(" ")), ("left", left.to_string())])
    }

    fn waiver(&self, waived: &Waived, reason: &str, step: &Step<'_>) -> Result<Waiver, Problem> {
        let found = self.findings.iter().filter(|one| one.weighs() && one.rule == waived.rule && one.file == waived.file);
        let found: Vec<&Finding> = found.collect();
        if found.is_empty() {
            let (zh, en) = ("没有这样一条必须修改的检测意见。", "There is no such finding that must be mended.");
            return Err(Problem::field("finding", "waived", zh, en));
        }
        let file = waived.file.as_ref().and_then(|path| self.files.iter().find(|file| file.entry.path == *path));
        let about_whole = found.iter().filter(|_| waived.file.is_none()).map(|one| (one.field.clone(), one.measured.clone()));
        Ok(Waiver {
            waived: waived.clone(),
            digest: file.map(|file| file.digest.clone()),
            found: about_whole.collect(),
            account: step.account.to_owned(),
            role: step.party.code().to_owned(),
            reason: reason.to_owned(),
            round: self.round,
            at: step.at,
        })
    }
}
