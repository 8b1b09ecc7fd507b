//! Applies the rules: findings, flags for the committee, and every outcome for whoever wants them explained.

use super::measures::{self, Item, Value, View, decimal, field_label, levels};
use super::policy::ETHNIC;
use super::rule::{Adjustment, Applies, Comparison, Rule, RuleSet, Test, Threshold};
use super::subject::{Subject, class_of};
use super::text_pool::TextPool;
use crate::domain::finding::{Finding, Severity};
use crate::domain::rendition::{Purpose, Source};
use crate::domain::submission::SubmittedFile;
use std::collections::BTreeSet;

/// Most findings of one rule; beyond them the message says how many there are.
const MOST_FINDINGS: usize = 20;

/// What the rules found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Findings, the severest first, then in the order of the rules.
    pub findings: Vec<Finding>,
    /// Why the committee must see it.
    pub flags: BTreeSet<String>,
    /// Digest of the rule set.
    pub rule_set: String,
}

/// What became of a rule, on the whole or on one file.
pub(super) enum Verdict<'a> {
    /// Not for this submission, not yet in force, switched off, or its condition does not hold.
    NotLookedAt(&'static str),
    /// The measure makes no sense here, or could not be taken; why, where that is known.
    NotMeasured(Option<&'a str>),
    /// It holds.
    Holds(&'a Value),
    /// It does not.
    Fails(&'a Value),
}

/// A rule as it stands for this submission, adjustments applied.
#[derive(Clone, Copy)]
pub(super) struct Standing<'a> {
    pub rule: &'a Rule,
    pub threshold: &'a Threshold,
    pub severity: Severity,
    pub basis: &'a str,
    pub message: &'a str,
}

impl<'a> Standing<'a> {
    /// As it stands for one file: of what the platform converts by itself the submitter is only told.
    fn of_file(&self, converts: &BTreeSet<Purpose>, file: &SubmittedFile) -> Self {
        let need = Source::of(file).and_then(Source::need).filter(|purpose| converts.contains(purpose));
        let told = self.rule.converted.as_deref().filter(|_| need.is_some());
        let (severity, message) = told.map_or((self.severity, self.message), |told| (Severity::Info, told));
        Self { severity, message, ..*self }
    }
}

impl RuleSet {
    /// Applies all rules.
    pub fn check(&self, subject: &Subject<'_>) -> Report {
        self.report(subject, |_| true)
    }

    /// Applies the rules about the description and about texts alone, for what is not here as a package; finds only what would
    /// have returned it or sent it to the committee.
    pub fn check_described(&self, subject: &Subject<'_>) -> Report {
        let weighs = |standing: &Standing<'_>| standing.severity == Severity::Must || standing.rule.flag.is_some();
        self.report(subject, |standing| measures::needs_no_package(standing.rule.test.measure) && weighs(standing))
    }

    fn report(&self, subject: &Subject<'_>, wanted: impl Fn(&Standing<'_>) -> bool) -> Report {
        let mut report = Report { rule_set: self.digest.clone(), ..Report::default() };
        if self.policy.committee_culture && subject.metadata.culture.is_some() {
            report.flags.insert(ETHNIC.to_owned());
        }
        self.walk(subject, &mut |standing, file, verdict| {
            if let Verdict::Fails(value) = verdict
                && wanted(standing)
            {
                report.flags.extend(standing.rule.flag.clone());
                report.findings.extend(findings(standing, subject, file, value));
            }
        });
        report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        report
    }

    /// Takes every measure that a rule asks for and tells `told` what became of the rule.
    pub(super) fn walk(&self, subject: &Subject<'_>, told: &mut dyn FnMut(&Standing<'_>, Option<&SubmittedFile>, Verdict<'_>)) {
        let texts = TextPool::new(subject);
        let view = View::new(subject, &texts, &self.words);
        let today = subject.at.shanghai_date();
        for rule in &self.rules {
            let changed = rule.adjustments.iter().rev().find(|change| change.valid_from <= today && all_match(&change.applies, subject));
            let standing = stand(rule, changed);
            let skip = if !all_match(&rule.applies, subject) {
                Some("不适用于此类资源")
            } else if rule.valid_from > today {
                Some("尚未生效")
            } else if changed.is_some_and(|change| change.off) {
                Some("已由规则集关闭")
            } else {
                None
            };
            if let Some(why) = skip {
                told(&standing, None, Verdict::NotLookedAt(why));
            } else if rule.test.measure.is_per_file() {
                for file in subject.files.iter().filter(|file| rule.applies.iter().all(|applies| file_matches(applies, file))) {
                    try_one(&view, &standing.of_file(&self.converts, file), Some(file), told);
                }
            } else {
                try_one(&view, &standing, None, told);
            }
        }
    }
}

fn stand<'a>(rule: &'a Rule, changed: Option<&'a Adjustment>) -> Standing<'a> {
    Standing {
        rule,
        threshold: changed.and_then(|change| change.threshold.as_ref()).unwrap_or(&rule.test.threshold),
        severity: changed.and_then(|change| change.severity).unwrap_or(rule.severity),
        basis: changed.and_then(|change| change.basis.as_deref()).unwrap_or(&rule.basis),
        message: &rule.message,
    }
}

fn try_one(
    view: &View<'_>,
    standing: &Standing<'_>,
    file: Option<&SubmittedFile>,
    told: &mut dyn FnMut(&Standing<'_>, Option<&SubmittedFile>, Verdict<'_>),
) {
    let when = &standing.rule.when;
    let passes = |test: &Test| test.measure.take(view, file).is_some_and(|value| holds(test.compare, &test.threshold, &value));
    let due = when.all.iter().all(passes) && (when.any.is_empty() || when.any.iter().any(passes)) && !when.none.iter().any(passes);
    if !due {
        return told(standing, file, Verdict::NotLookedAt("不满足规则的前提条件"));
    }
    match standing.rule.test.measure.take(view, file) {
        None => {
            let why = file.filter(|_| standing.rule.test.measure.decoded).and_then(levels::unmeasured);
            told(standing, file, Verdict::NotMeasured(why));
        }
        Some(value) if holds(standing.rule.test.compare, standing.threshold, &value) => told(standing, file, Verdict::Holds(&value)),
        Some(value) => told(standing, file, Verdict::Fails(&value)),
    }
}

fn all_match(applies: &[Applies], subject: &Subject<'_>) -> bool {
    let meta = subject.metadata;
    applies.iter().all(|one| {
        (one.kind.is_empty() || one.kind.contains(&meta.kind))
            && (one.category.is_empty() || one.category.contains(&meta.category))
            && one.culture.is_none_or(|culture| culture == meta.culture.is_some())
    })
}

fn file_matches(applies: &Applies, file: &SubmittedFile) -> bool {
    (applies.role.is_empty() || applies.role.contains(&file.entry.role))
        && (applies.file.is_empty() || applies.file.iter().any(|class| class == class_of(file)))
}

/// Whether a value compares as asked. Shapes were checked when the rule was read; what does not fit does not hold.
pub(super) fn holds(compare: Comparison, threshold: &Threshold, value: &Value) -> bool {
    use Comparison as C;
    match (compare, value, threshold) {
        (C::AtLeast, Value::Number(number), Threshold::Number(low)) => number >= low,
        (C::AtMost, Value::Number(number), Threshold::Number(high)) => number <= high,
        (C::Between, Value::Number(number), Threshold::Range(low, high)) => (low..=high).contains(&number),
        (C::Equals, Value::Number(number), Threshold::Number(same)) => number == same,
        (C::Equals, Value::Flag(flag), Threshold::Flag(same)) => flag == same,
        (C::Equals, Value::Text(text), Threshold::Text(same)) => text == same,
        (C::OneOf, Value::Text(text), Threshold::Texts(texts)) => texts.contains(text),
        (C::NoneOf, Value::Text(text), Threshold::Texts(texts)) => !texts.contains(text),
        (C::Empty, Value::Text(text), _) => text.is_empty(),
        (C::NotEmpty, Value::Text(text), _) => !text.is_empty(),
        (C::Empty, Value::List(items), _) => items.is_empty(),
        (C::NotEmpty, Value::List(items), _) => !items.is_empty(),
        (C::ContainsAll, Value::List(items), Threshold::Texts(texts)) => lacking(items, texts).next().is_none(),
        (C::CountAtMost, Value::List(items), Threshold::Number(high)) => i64::try_from(items.len()).is_ok_and(|count| count <= *high),
        _ => false,
    }
}

fn lacking<'a>(items: &'a [Item], texts: &'a [String]) -> impl Iterator<Item = &'a String> {
    texts.iter().filter(|text| !items.iter().any(|item| item.text == **text))
}

fn findings(standing: &Standing<'_>, subject: &Subject<'_>, file: Option<&SubmittedFile>, value: &Value) -> Vec<Finding> {
    match (standing.rule.test.compare, value, standing.threshold) {
        (Comparison::Empty, Value::List(items), _) => {
            let shown = items.iter().take(MOST_FINDINGS).map(|item| finding(standing, subject, file, item));
            shown.collect()
        }
        (Comparison::ContainsAll, Value::List(items), Threshold::Texts(texts)) => {
            let missing = lacking(items, texts).map(|name| Item::field(field_label(name), name));
            missing.map(|item| finding(standing, subject, file, &item)).collect()
        }
        _ => {
            let measure = standing.rule.test.measure;
            let locator = file.and_then(|file| measure.locate?(file));
            vec![finding(standing, subject, file, &Item { text: measure.shown(value), locator, ..Item::default() })]
        }
    }
}

fn finding(standing: &Standing<'_>, subject: &Subject<'_>, file: Option<&SubmittedFile>, item: &Item) -> Finding {
    let path = item.file.clone().or_else(|| file.map(|file| file.entry.path.clone()));
    let message = standing.message.replace("{measured}", &item.text);
    let measure = standing.rule.test.measure;
    let message =
        message.replace("{threshold}", &shown(standing.threshold, measure.places)).replace("{file}", path.as_deref().unwrap_or("资源包"));
    let sampled = file.is_some_and(|file| levels::is_sampled(file, measure));
    let message = if sampled { format!("{message}（系抽样测得）") } else { message };
    Finding {
        rule: standing.rule.id.clone(),
        severity: standing.severity,
        file: path,
        row: subject.row,
        field: item.field.clone().or_else(|| standing.rule.field.clone()),
        locator: item.locator.clone(),
        message,
        measured: (!item.text.is_empty()).then(|| item.text.clone()),
        waived: false,
    }
}

/// A threshold as people read it, its numbers with so many decimal places.
pub(super) fn shown(threshold: &Threshold, places: u32) -> String {
    let number = |number: &i64| decimal(*number, places);
    match threshold {
        Threshold::None => String::new(),
        Threshold::Number(only) => number(only),
        Threshold::Range(low, high) if *low < 0 => format!("{} 至 {}", number(low), number(high)),
        Threshold::Range(low, high) => format!("{}–{}", number(low), number(high)),
        Threshold::Flag(flag) => if *flag { "是" } else { "否" }.to_owned(),
        Threshold::Text(text) => text.clone(),
        Threshold::Texts(texts) => texts.join("、"),
    }
}
