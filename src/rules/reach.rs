//! What sound rules can still get wrong together: a rule that nothing ever reaches, a change that changes nothing, two rules that
//! say the same of one file twice. Judged from the tables alone, so only what is certain is told.

use super::load::Reading;
use super::rule::{Adjustment, Applies, Comparison, Rule, Test, Threshold};
use std::collections::BTreeMap;
use std::ops::Range;

/// Where a table stands.
#[derive(Clone)]
pub(super) struct Place<'a> {
    pub file: &'a str,
    pub text: &'a str,
    pub span: Range<usize>,
}

/// Where the rules stand, by id, and their changes, by id and order.
#[derive(Default)]
pub(super) struct Places<'a> {
    pub rules: BTreeMap<String, Place<'a>>,
    pub adjustments: BTreeMap<(String, usize), Place<'a>>,
}

/// Notes what can never be reached and what is said twice.
pub(super) fn check(rules: &[Rule], places: &Places<'_>, problems: &mut Vec<super::RuleProblem>) {
    let mut told = |place: Option<&Place<'_>>, code: &str, zh: String, en: String| {
        if let Some(place) = place {
            Reading { file: place.file, text: place.text, problems: &mut *problems }.problem(Some(place.span.clone()), code, zh, en);
        }
    };
    for (at, rule) in rules.iter().enumerate() {
        let (here, id) = (places.rules.get(&rule.id), &rule.id);
        if let Some((zh, en)) = unreachable(rule) {
            told(here, "unreachable", format!("规则“{id}”永远不会得出意见：{zh}"), format!("rule {id} never yields a finding: {en}"));
        }
        for (order, change) in rule.adjustments.iter().enumerate() {
            if let Some((zh, en)) = idle(rule, order, change) {
                let place = places.adjustments.get(&(id.clone(), order));
                told(place, "unreachable", format!("对“{id}”的调整不起作用：{zh}"), format!("the change of {id} has no effect: {en}"));
            }
        }
        for other in rules.iter().skip(at + 1).filter(|other| overlap(rule, other)) {
            let (zh, en) =
                (format!("与规则“{id}”重叠，会对同一文件重复提出意见"), format!("overlaps with rule {id}: both speak of one file"));
            told(places.rules.get(&other.id), "overlap", zh, en);
        }
    }
}

type Why = (&'static str, &'static str);

fn unreachable(rule: &Rule) -> Option<Why> {
    let applies: Vec<&Applies> = rule.applies.iter().collect();
    if !meet(&applies) {
        return Some(("适用范围没有交集", "what it applies to has nothing in common"));
    }
    if rule.test.measure.is_per_file() && !measurable(rule) {
        return Some(("这类文件没有此测量项", "files of these classes have no such measure"));
    }
    let all = |test: &Test| rule.when.all.iter().any(|other| same(other, test));
    let none = |test: &Test| rule.when.none.iter().any(|other| same(other, test));
    let dead_any = !rule.when.any.is_empty() && rule.when.any.iter().all(none);
    if rule.when.none.iter().any(all) || dead_any || !possible(&rule.when.all.iter().filter_map(within).collect::<Vec<_>>()) {
        return Some(("前提条件互相矛盾", "its conditions contradict one another"));
    }
    if rule.adjustments.iter().all(|change| change.threshold.is_none()) && !possible(&yields(rule)) {
        return Some(("满足前提条件的值总是合格", "what meets its conditions always passes"));
    }
    let shadow =
        rule.adjustments.last().is_some_and(|last| last.off && covers(&last.applies, &applies) && last.valid_from <= rule.valid_from);
    shadow.then_some(("已被规则集整体关闭", "a set switches it off altogether"))
}

fn idle(rule: &Rule, order: usize, change: &Adjustment) -> Option<Why> {
    let applies: Vec<&Applies> = rule.applies.iter().chain(&change.applies).collect();
    if !meet(&applies) {
        return Some(("与规则的适用范围没有交集", "it is for nothing that the rule is for"));
    }
    let same_threshold = change.threshold.as_ref().is_none_or(|threshold| *threshold == rule.test.threshold);
    let same_rest = change.severity.is_none_or(|severity| severity == rule.severity) && change.basis.is_none();
    if same_threshold && same_rest && !change.off {
        return Some(("没有改动", "it changes nothing"));
    }
    let later = rule.adjustments.iter().skip(order + 1);
    let mut over = later.filter(|later| later.valid_from <= change.valid_from && covers(&later.applies, &applies));
    over.next().map(|_| ("被后面的调整完全覆盖", "a later change covers it altogether"))
}

/// Two rules that compare one measure in one way, for things in common, and can both fail of one value.
fn overlap(one: &Rule, two: &Rule) -> bool {
    if one.test.measure.name != two.test.measure.name || one.test.compare != two.test.compare {
        return false;
    }
    let common: Vec<&Applies> = one.applies.iter().chain(&two.applies).collect();
    let off = |rule: &Rule| rule.adjustments.iter().any(|change| change.off && covers(&change.applies, &common));
    let excluded = |one: &Rule, two: &Rule| one.when.all.iter().any(|test| two.when.none.iter().any(|other| same(test, other)));
    let apart = match (&one.test.threshold, &two.test.threshold) {
        (Threshold::Texts(left), Threshold::Texts(right)) if one.test.compare == Comparison::ContainsAll => {
            !left.iter().any(|text| right.contains(text))
        }
        (left, right) => one.test.compare == Comparison::Equals && left != right,
    };
    let values: Vec<Within> = yields(one).into_iter().chain(yields(two)).collect();
    meet(&common) && !off(one) && !off(two) && !excluded(one, two) && !excluded(two, one) && !apart && possible(&values)
}

/// Whether something can be all of these.
fn meet(all: &[&Applies]) -> bool {
    fn shared<'a, T: PartialEq + 'a>(lists: impl Iterator<Item = &'a Vec<T>>) -> bool {
        let mut left: Option<Vec<&T>> = None;
        for list in lists.filter(|list| !list.is_empty()) {
            left = Some(match left {
                None => list.iter().collect(),
                Some(left) => left.into_iter().filter(|item| list.contains(item)).collect(),
            });
        }
        left.is_none_or(|left| !left.is_empty())
    }
    let cultures = |wanted: bool| all.iter().any(|one| one.culture == Some(wanted));
    shared(all.iter().map(|one| &one.kind))
        && shared(all.iter().map(|one| &one.category))
        && shared(all.iter().map(|one| &one.role))
        && shared(all.iter().map(|one| &one.file))
        && !(cultures(true) && cultures(false))
}

/// Whether whatever is all of `inner` is all of `outer` too.
fn covers(outer: &[Applies], inner: &[&Applies]) -> bool {
    fn held<T: PartialEq>(outer: &[T], inner: &[&Applies], list: impl Fn(&Applies) -> &Vec<T>) -> bool {
        outer.is_empty() || inner.iter().any(|one| !list(one).is_empty() && list(one).iter().all(|item| outer.contains(item)))
    }
    outer.iter().all(|one| {
        held(&one.kind, inner, |applies| &applies.kind)
            && held(&one.category, inner, |applies| &applies.category)
            && held(&one.role, inner, |applies| &applies.role)
            && held(&one.file, inner, |applies| &applies.file)
            && (one.culture.is_none() || inner.iter().any(|applies| applies.culture == one.culture))
    })
}

/// Whether files of the classes that a rule names can have its measure at all.
fn measurable(rule: &Rule) -> bool {
    let classes: &[&str] = match rule.test.measure.name.split('.').next().unwrap_or_default() {
        "video" => &["video"],
        "audio" => &["audio", "video"],
        "image" => &["image"],
        "subtitle" => &["subtitle"],
        _ => return true,
    };
    let wanted = Applies { file: classes.iter().map(|class| (*class).to_owned()).collect(), ..Applies::default() };
    meet(&rule.applies.iter().chain(std::iter::once(&wanted)).collect::<Vec<_>>())
}

fn same(one: &Test, two: &Test) -> bool {
    one.measure.name == two.measure.name && one.compare == two.compare && one.threshold == two.threshold
}

/// A measure lies within these bounds.
type Within = (&'static str, i64, i64);

/// The bounds in which a test of numbers holds.
fn within(test: &Test) -> Option<Within> {
    let (low, high) = match (test.compare, &test.threshold) {
        (Comparison::AtLeast, Threshold::Number(low)) => (*low, i64::MAX),
        (Comparison::AtMost, Threshold::Number(high)) => (i64::MIN, *high),
        (Comparison::Between, Threshold::Range(low, high)) => (*low, *high),
        (Comparison::Equals, Threshold::Number(number)) => (*number, *number),
        _ => return None,
    };
    Some((test.measure.name, low, high))
}

/// The bounds in which a rule yields a finding: its conditions, and its own test failing where one stretch says that.
fn yields(rule: &Rule) -> Vec<Within> {
    let name = rule.test.measure.name;
    let fails = match (rule.test.compare, &rule.test.threshold) {
        (Comparison::AtLeast, Threshold::Number(low)) => Some((name, i64::MIN, low.saturating_sub(1))),
        (Comparison::AtMost, Threshold::Number(high)) => Some((name, high.saturating_add(1), i64::MAX)),
        _ => None,
    };
    rule.when.all.iter().filter_map(within).chain(fails).collect()
}

/// Whether one set of values can lie within all of these.
fn possible(bounds: &[Within]) -> bool {
    let mut left: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for (name, low, high) in bounds {
        let kept = left.entry(name).or_insert((i64::MIN, i64::MAX));
        *kept = (kept.0.max(*low), kept.1.min(*high));
    }
    left.values().all(|(low, high)| low <= high)
}
