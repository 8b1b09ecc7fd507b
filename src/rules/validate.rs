//! Turns the raw tables into rules and says what is wrong with them, line by line.

use super::format::{RawAdjustment, RawCondition, RawRule, RawTest, SetFile};
use super::load::{Reading, RuleProblem};
use super::measures::{Measure, Shape};
use super::reach::{Place, Places};
use super::rule::{Adjustment, Applies, Comparison, Condition, Rule, Test, Threshold};
use crate::domain::access::Role;
use crate::domain::submission::table::{Action, Party, StateCode, find};
use std::collections::BTreeMap;
use toml::{Spanned, Value};

/// Classes of files that `applies.file` may name.
const CLASSES: [&str; 9] = ["video", "audio", "image", "document", "slides", "ebook", "subtitle", "text", "other"];

/// Rules of all sets, with the adjustments laid upon them.
pub(super) fn rules<'a>(sets: Vec<(&'a str, &'a str, SetFile)>, problems: &mut Vec<RuleProblem>) -> (Vec<Rule>, Places<'a>) {
    let mut rules: Vec<Rule> = Vec::new();
    let mut places = Places::default();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut adjustments = Vec::new();
    for (file, text, set) in sets {
        let mut reading = Reading { file, text, problems };
        let name = set.set.get_ref().clone();
        if let Some(other) = names.insert(format!("set {name}"), file.to_owned()) {
            let span = Some(set.set.span());
            reading.problem(span, "duplicate", format!("规则集“{name}”已在{other}中"), format!("set {name} is in {other} already"));
        }
        let from = date(&set.valid_from, &mut reading);
        check_applies(&set.applies, true, None, &mut reading);
        for raw in set.rule {
            let id = raw.get_ref().id.clone();
            places.rules.insert(id.get_ref().clone(), Place { file, text, span: id.span() });
            if let Some(rule) = rule(raw, &name, &set.applies, &from, &mut reading) {
                rules.push(rule);
            }
            if let Some(other) = names.insert(id.get_ref().clone(), file.to_owned()) {
                let (span, id) = (Some(id.span()), id.get_ref());
                reading.problem(span, "duplicate", format!("规则编号“{id}”已在{other}中"), format!("rule {id} is in {other} already"));
            }
        }
        adjustments.extend(set.adjust.into_iter().map(|raw| (file, text, name.clone(), set.applies.clone(), from.clone(), raw)));
    }
    for (file, text, set, applies, from, raw) in adjustments {
        let mut reading = Reading { file, text, problems };
        let span = raw.get_ref().id.span();
        if let Some(named) = adjust(&mut rules, raw, (set, applies, from), &mut reading) {
            places.adjustments.insert(named, Place { file, text, span });
        }
    }
    (rules, places)
}

fn rule(raw: Spanned<RawRule>, set: &str, applies: &Applies, from: &str, reading: &mut Reading<'_>) -> Option<Rule> {
    let span = raw.span();
    let raw = raw.into_inner();
    let test = test(RawTest { measure: raw.measure, compare: raw.compare, threshold: raw.threshold }, reading);
    let when = condition(raw.when, reading);
    let per_file = test.as_ref().is_some_and(|test| test.measure.is_per_file());
    check_applies(&raw.applies, per_file || test.is_none(), Some(span), reading);
    check_message(&raw.message, reading);
    if let Some(converted) = &raw.converted {
        check_message(converted, reading);
        if !per_file {
            let en = "only rules about files can be met by converting them";
            reading.problem(Some(converted.span()), "reference", "只有逐个文件的规则可以写 converted", en);
        }
    }
    if let Some(waiver) = raw.waiver.as_ref().filter(|waiver| !may_waive(waiver.get_ref())) {
        let en = "waiver must be a role that may waive: editor, administrator or committee";
        reading.problem(Some(waiver.span()), "reference", "waiver 应为可以豁免的角色：editor、administrator、committee", en);
    }
    let valid_from = raw.valid_from.map_or_else(|| from.to_owned(), |own| date(&own, reading));
    Some(Rule {
        id: raw.id.into_inner(),
        set: set.to_owned(),
        title: raw.title,
        basis: raw.basis,
        evidence: raw.evidence,
        applies: vec![applies.clone(), raw.applies],
        when: when?,
        test: test?,
        severity: raw.severity,
        message: raw.message.into_inner(),
        converted: raw.converted.map(Spanned::into_inner),
        field: raw.field,
        waiver: raw.waiver.map(Spanned::into_inner),
        valid_from,
        flag: raw.flag,
        adjustments: Vec::new(),
    })
}

/// Whether the table of the submission's machine lets this role waive findings.
fn may_waive(role: &str) -> bool {
    let line = find(Some(StateCode::Returned), Action::Waive);
    Role::parse(role).is_some_and(|role| line.is_some_and(|line| line.parties.contains(&Party::Role(role))))
}

fn adjust(
    rules: &mut [Rule],
    raw: Spanned<RawAdjustment>,
    of: (String, Applies, String),
    reading: &mut Reading<'_>,
) -> Option<(String, usize)> {
    let raw = raw.into_inner();
    let (set, applies, from) = of;
    let Some(rule) = rules.iter_mut().find(|rule| rule.id == *raw.id.get_ref()) else {
        let (span, id) = (Some(raw.id.span()), raw.id.get_ref());
        reading.problem(span, "reference", format!("没有编号为“{id}”的规则可调整"), format!("there is no rule {id} to adjust"));
        return None;
    };
    let threshold = raw.threshold.as_ref().and_then(|value| threshold(rule.test.measure, rule.test.compare, Some(value), reading));
    let valid_from = raw.valid_from.map_or(from, |own| date(&own, reading));
    let applies = vec![applies, raw.applies];
    let changed = Adjustment { set, applies, valid_from, threshold, severity: raw.severity, basis: raw.basis, off: raw.off };
    rule.adjustments.push(changed);
    Some((rule.id.clone(), rule.adjustments.len() - 1))
}

fn condition(raw: RawCondition, reading: &mut Reading<'_>) -> Option<Condition> {
    let mut read = |tests: Vec<RawTest>| tests.into_iter().map(|raw| test(raw, reading)).collect::<Vec<_>>();
    let (all, any, none) = (read(raw.all), read(raw.any), read(raw.none));
    let sound = |tests: Vec<Option<Test>>| tests.into_iter().collect::<Option<Vec<Test>>>();
    Some(Condition { all: sound(all)?, any: sound(any)?, none: sound(none)? })
}

fn test(raw: RawTest, reading: &mut Reading<'_>) -> Option<Test> {
    let name = raw.measure.get_ref();
    let Some(measure) = Measure::find(name) else {
        reading.problem(Some(raw.measure.span()), "measure", format!("没有名为“{name}”的测量项"), format!("there is no measure {name}"));
        return None;
    };
    let compare = *raw.compare.get_ref();
    if !fits(measure.shape, compare) {
        let zh = format!("测量项“{name}”不能这样比较");
        reading.problem(Some(raw.compare.span()), "comparison", zh, format!("{name} cannot be compared in this way"));
        return None;
    }
    if raw.threshold.is_none() && !matches!(compare, Comparison::Empty | Comparison::NotEmpty) {
        reading.problem(Some(raw.compare.span()), "threshold", "缺少 threshold", "the threshold is missing");
        return None;
    }
    let threshold = threshold(measure, compare, raw.threshold.as_ref(), reading)?;
    Some(Test { measure, compare, threshold })
}

fn fits(shape: Shape, compare: Comparison) -> bool {
    use Comparison as C;
    match shape {
        Shape::Number => matches!(compare, C::AtLeast | C::AtMost | C::Between | C::Equals),
        Shape::Text => matches!(compare, C::Equals | C::OneOf | C::NoneOf | C::Empty | C::NotEmpty),
        Shape::Flag => matches!(compare, C::Equals),
        Shape::List => matches!(compare, C::ContainsAll | C::Empty | C::NotEmpty | C::CountAtMost),
    }
}

fn threshold(measure: &Measure, compare: Comparison, raw: Option<&Spanned<Value>>, reading: &mut Reading<'_>) -> Option<Threshold> {
    use Comparison as C;
    let Some(raw) = raw else { return Some(Threshold::None) };
    let texts = |values: &[Value]| values.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
    let read = match (compare, measure.shape, raw.get_ref()) {
        (C::AtLeast | C::AtMost | C::CountAtMost, _, Value::Integer(number)) => Some(Threshold::Number(*number)),
        (C::Equals, Shape::Number, Value::Integer(number)) => Some(Threshold::Number(*number)),
        (C::Equals, Shape::Flag, Value::Boolean(flag)) => Some(Threshold::Flag(*flag)),
        (C::Equals, Shape::Text, Value::String(text)) => Some(Threshold::Text(text.clone())),
        (C::OneOf | C::NoneOf | C::ContainsAll, _, Value::Array(values)) if !values.is_empty() => texts(values).map(Threshold::Texts),
        (C::Between, _, Value::Array(ends)) => match ends.as_slice() {
            [Value::Integer(low), Value::Integer(high)] if low <= high => Some(Threshold::Range(*low, *high)),
            _ => None,
        },
        _ => None,
    };
    if read.is_none() {
        let zh = format!("threshold 与测量项“{}”及比较方式不符", measure.name);
        reading.problem(Some(raw.span()), "threshold", zh, format!("this threshold does not fit {} and its comparison", measure.name));
    }
    read
}

fn check_applies(applies: &Applies, per_file: bool, span: Option<std::ops::Range<usize>>, reading: &mut Reading<'_>) {
    if let Some(class) = applies.file.iter().find(|class| !CLASSES.contains(&class.as_str())) {
        reading.problem(span.clone(), "reference", format!("没有“{class}”这一文件类别"), format!("there is no class of files {class}"));
    }
    if !per_file && (!applies.file.is_empty() || !applies.role.is_empty()) {
        reading.problem(span, "reference", "整体测量的规则不能限定文件", "a rule about the whole cannot be limited to files");
    }
}

fn date(raw: &Spanned<String>, reading: &mut Reading<'_>) -> String {
    let text = raw.get_ref();
    if crate::domain::time::Timestamp::parse(&format!("{text}T00:00:00Z")).is_none() {
        reading.problem(Some(raw.span()), "date", "日期应写作 YYYY-MM-DD", "a date is written YYYY-MM-DD");
    }
    text.clone()
}

fn check_message(message: &Spanned<String>, reading: &mut Reading<'_>) {
    for placeholder in placeholders(message.get_ref()) {
        if !["measured", "threshold", "file"].contains(&placeholder) {
            let (zh, en) = (format!("消息中有未知的占位符 {{{placeholder}}}"), format!("unknown placeholder {placeholder}"));
            reading.problem(Some(message.span()), "reference", zh, en);
        }
    }
}

fn placeholders(message: &str) -> Vec<&str> {
    message.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}
