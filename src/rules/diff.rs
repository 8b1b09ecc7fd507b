//! What changes from one set of standards to another.

use super::check::shown;
use super::rule::{Adjustment, Applies, Condition, Rule, RuleSet, Test};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What happens to a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else.
    Changed,
}

/// A part of a rule that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PartChange {
    /// `severity`, `threshold`, `applies`, …
    pub part: String,
    /// As it was; empty for a new rule.
    pub before: String,
    /// As it becomes; empty for a rule that goes.
    pub after: String,
}

/// A rule that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RuleChange {
    /// Rule id.
    pub rule: String,
    /// Chinese title: the new one, or that of the rule that goes.
    pub title: String,
    /// What happens to it.
    pub change: ChangeKind,
    /// Its parts that differ.
    pub parts: Vec<PartChange>,
}

/// All that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StandardsDiff {
    /// Digest of the set before.
    pub before: String,
    /// Digest of the set after.
    pub after: String,
    /// Rules that differ, by id.
    pub rules: Vec<RuleChange>,
    /// Which of `policy`, `criteria` and `words` differ.
    pub others: Vec<String>,
}

type Parts = BTreeMap<&'static str, String>;

impl RuleSet {
    /// What changes from this set to another.
    pub fn diff(&self, after: &Self) -> StandardsDiff {
        let of = |set: &Self| -> BTreeMap<String, Parts> { set.rules.iter().map(|rule| (rule.id.clone(), parts(rule))).collect() };
        let (old, new) = (of(self), of(after));
        let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let rules = ids.into_iter().filter_map(|id| change(id, old.get(id), new.get(id))).collect();
        let others =
            [("policy", self.policy != after.policy), ("criteria", self.criteria != after.criteria), ("words", self.words != after.words)];
        let others = others.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name.to_owned()).collect();
        StandardsDiff { before: self.digest.clone(), after: after.digest.clone(), rules, others }
    }
}

fn change(id: &str, old: Option<&Parts>, new: Option<&Parts>) -> Option<RuleChange> {
    let nothing = Parts::new();
    let (before, after) = (old.unwrap_or(&nothing), new.unwrap_or(&nothing));
    let names: BTreeSet<&&'static str> = before.keys().chain(after.keys()).collect();
    let value = |parts: &Parts, name: &str| parts.get(name).cloned().unwrap_or_default();
    let parts =
        names.into_iter().map(|name| PartChange { part: (*name).to_owned(), before: value(before, name), after: value(after, name) });
    let parts: Vec<PartChange> = parts.filter(|part| part.before != part.after).collect();
    let change = match (old, new) {
        (None, _) => ChangeKind::Added,
        (_, None) => ChangeKind::Removed,
        _ if parts.is_empty() => return None,
        _ => ChangeKind::Changed,
    };
    let title = value(if new.is_some() { after } else { before }, "title");
    Some(RuleChange { rule: id.to_owned(), title, change, parts })
}

/// A rule in words, part by part.
fn parts(rule: &Rule) -> Parts {
    let adjustments: Vec<String> = rule.adjustments.iter().map(adjustment).collect();
    Parts::from([
        ("set", rule.set.clone()),
        ("title", rule.title.clone()),
        ("basis", rule.basis.clone()),
        ("evidence", code(&rule.evidence)),
        ("applies", applies(&rule.applies)),
        ("when", condition(&rule.when)),
        ("test", test(&rule.test)),
        ("severity", code(&rule.severity)),
        ("message", rule.message.clone()),
        ("converted", rule.converted.clone().unwrap_or_default()),
        ("field", rule.field.clone().unwrap_or_default()),
        ("waiver", rule.waiver.clone().unwrap_or_default()),
        ("valid_from", rule.valid_from.clone()),
        ("flag", rule.flag.clone().unwrap_or_default()),
        ("adjustments", adjustments.join("; ")),
    ])
}

/// A value by its name in rule files.
fn code(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

fn test(test: &Test) -> String {
    format!("{} {} {}", test.measure.name, code(&test.compare), shown(&test.threshold, 0)).trim_end().to_owned()
}

fn condition(when: &Condition) -> String {
    let group = |name: &str, tests: &[Test]| -> Option<String> {
        (!tests.is_empty()).then(|| format!("{name}({})", tests.iter().map(test).collect::<Vec<_>>().join(", ")))
    };
    [group("all", &when.all), group("any", &when.any), group("none", &when.none)].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn applies(all: &[Applies]) -> String {
    all.iter().filter(|applies| **applies != Applies::default()).map(code).collect::<Vec<_>>().join(" ")
}

fn adjustment(change: &Adjustment) -> String {
    let threshold = change.threshold.as_ref().map(|threshold| format!("threshold={}", shown(threshold, 0)));
    let severity = change.severity.as_ref().map(|severity| format!("severity={}", code(severity)));
    let off = change.off.then(|| "off".to_owned());
    let said = [threshold, severity, change.basis.clone(), off].into_iter().flatten().collect::<Vec<_>>().join(" ");
    format!("{} {} {} {said}", change.set, change.valid_from, applies(&change.applies))
}
