//! Each measure taken and each rule's outcome, for people who ask why.

use super::check::{Verdict, shown};
use super::measures::levels;
use super::rule::{Evidence, RuleSet, Threshold};
use super::subject::Subject;
use crate::domain::finding::Severity;
use serde::Serialize;

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleOutcome {
    /// It holds.
    Holds,
    /// It does not: there is a finding.
    Fails,
    /// The measure makes no sense here, or could not be taken; `why` says so where that is known.
    NotMeasured,
    /// It is not for this submission, or not now; `why` says so.
    NotLookedAt,
}

/// One rule on the whole or on one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Taken {
    /// Rule id.
    pub rule: String,
    /// The set it stands in.
    pub set: String,
    /// Chinese title.
    pub title: String,
    /// What it rests on.
    pub basis: String,
    /// How far that can be trusted.
    pub evidence: Evidence,
    /// Severity of a finding.
    pub severity: Severity,
    /// File, where the measure is taken of each.
    pub file: Option<String>,
    /// Measure.
    pub measure: String,
    /// What the measure is, in Chinese.
    pub about: String,
    /// Measured value with its unit; personal data is masked.
    pub measured: Option<String>,
    /// Threshold in force for this submission.
    pub threshold: String,
    /// Outcome.
    pub outcome: RuleOutcome,
    /// Why it was not looked at, or not measured.
    pub why: Option<String>,
}

/// A check explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Explanation {
    /// Digest of the rule set.
    pub rule_set: String,
    /// Rules in order, with every file they were tried on.
    pub rules: Vec<Taken>,
}

impl RuleSet {
    /// Applies all rules and tells what became of each.
    pub fn explain(&self, subject: &Subject<'_>) -> Explanation {
        let mut rules = Vec::new();
        self.walk(subject, &mut |standing, file, verdict| {
            let (outcome, value, why) = match verdict {
                Verdict::Holds(value) => (RuleOutcome::Holds, Some(value), None),
                Verdict::Fails(value) => (RuleOutcome::Fails, Some(value), None),
                Verdict::NotMeasured(why) => (RuleOutcome::NotMeasured, None, why.map(str::to_owned)),
                Verdict::NotLookedAt(why) => (RuleOutcome::NotLookedAt, None, Some(why.to_owned())),
            };
            let rule = standing.rule;
            let measure = rule.test.measure;
            let with_unit = |text: String| if text.is_empty() { text } else { format!("{text}{}", measure.unit) };
            let sampled = if file.is_some_and(|file| levels::is_sampled(file, measure)) { "（抽样）" } else { "" };
            rules.push(Taken {
                rule: rule.id.clone(),
                set: rule.set.clone(),
                title: rule.title.clone(),
                basis: standing.basis.to_owned(),
                evidence: rule.evidence,
                severity: standing.severity,
                file: file.map(|file| file.entry.path.clone()),
                measure: measure.name.to_owned(),
                about: measure.about.to_owned(),
                measured: value.map(|value| with_unit(measure.shown(value)) + sampled),
                threshold: if *standing.threshold == Threshold::None {
                    String::new()
                } else {
                    with_unit(shown(standing.threshold, measure.places))
                },
                outcome,
                why,
            });
        });
        Explanation { rule_set: self.digest.clone(), rules }
    }
}
