//! What results can be narrowed by: the values of each facet with their counts, those that were chosen, and the way back from
//! each.

use super::asked::{Asked, FILTERS, Filter, RANGES};
use crate::discover::answer::{FacetCount, Results};
use crate::discover::request::listed;
use crate::domain::time::Timestamp;
use crate::portal::labels::Labels;
use crate::portal::words;

/// Steps of learning time, from short to long.
const STEPS: [&str; 4] = ["up_to_10", "up_to_30", "up_to_60", "over_60"];
/// Levels of the deepest tree of codes.
const DEEPEST: usize = 8;

/// A facet.
pub(super) struct Group {
    /// Name of the parameter.
    pub name: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// Values that are chosen.
    pub chosen: usize,
    /// Its values; those of a tree below one another.
    pub rows: Vec<Row>,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// As the parameter takes it.
    pub value: String,
    /// What it is called.
    pub label: String,
    /// Hits; `None` for a chosen value that none of them has.
    pub count: Option<u64>,
    /// It is chosen.
    pub chosen: bool,
    /// The next row stands below it.
    pub opens: bool,
    /// Levels that end with it.
    pub ends: usize,
}

/// Something that results are narrowed by at the moment.
pub(super) struct Chip {
    /// What it is called.
    pub label: String,
    /// The search without it.
    pub address: String,
}

/// The facets by which what was found can be narrowed, or is.
pub(super) fn groups(found: &Results, asked: &Asked, labels: &Labels) -> Vec<Group> {
    FILTERS.iter().filter_map(|filter| group(filter, counts(found, filter), found.total.value, asked, labels)).collect()
}

fn counts<'a>(found: &'a Results, filter: &Filter) -> &'a [FacetCount] {
    found.facets.get(filter.name).map(Vec::as_slice).unwrap_or_default()
}

fn group(filter: &Filter, counts: &[FacetCount], total: u64, asked: &Asked, labels: &Labels) -> Option<Group> {
    let mut rows: Vec<Row> = counts.iter().map(|count| row(filter, count, asked, labels)).collect();
    for value in asked.values(filter.name).filter(|value| !counts.iter().any(|count| count.value == *value)) {
        rows.push(Row { label: labels.of(filter.list, value).to_owned(), count: None, chosen: true, ..Row::of(value) });
    }
    let chosen = rows.iter().filter(|row| row.chosen).count();
    // What everything that was found has narrows nothing.
    if chosen == 0 && rows.iter().all(|row| row.count == Some(total)) {
        return None;
    }
    if filter.name == "duration" {
        rows.sort_by_key(|row| STEPS.iter().position(|step| *step == row.value));
    }
    Some(Group { name: filter.name, label: filter.label, chosen, rows: in_tree(filter, rows, labels) })
}

impl Row {
    fn of(value: &str) -> Self {
        Self { value: listed(value), label: value.to_owned(), count: None, chosen: false, opens: false, ends: 0 }
    }
}

fn row(filter: &Filter, count: &FacetCount, asked: &Asked, labels: &Labels) -> Row {
    Row {
        label: label(filter, count, labels),
        count: Some(count.count),
        chosen: asked.has(filter.name, &count.value),
        ..Row::of(&count.value)
    }
}

/// The service names no codes of closed lists.
fn label(filter: &Filter, count: &FacetCount, labels: &Labels) -> String {
    if count.label == count.value { labels.of(filter.list, &count.value).to_owned() } else { count.label.clone() }
}

/// The rows of a tree, each below the nearest above it that is there too.
fn in_tree(filter: &Filter, rows: Vec<Row>, labels: &Labels) -> Vec<Row> {
    let above = |value: &str| {
        let mut codes = std::iter::successors(labels.parent(filter.list, value), |code| labels.parent(filter.list, code)).take(DEEPEST);
        codes.find_map(|code| rows.iter().position(|row| row.value == code))
    };
    let parents: Vec<Option<usize>> = rows.iter().map(|row| above(&row.value)).collect();
    let mut order = Vec::with_capacity(rows.len());
    lay_out(&parents, None, 0, &mut order);
    let depths: Vec<usize> = order.iter().map(|(_, depth)| *depth).collect();
    let laid = order.iter().enumerate().filter_map(|(place, (at, depth))| {
        let next = depths.get(place + 1).copied().unwrap_or(0);
        Some(Row { opens: next > *depth, ends: depth.saturating_sub(next), ..rows.get(*at)?.clone() })
    });
    laid.collect()
}

/// Each row with its depth, those below it behind it.
fn lay_out(parents: &[Option<usize>], parent: Option<usize>, depth: usize, order: &mut Vec<(usize, usize)>) {
    for (at, _) in parents.iter().enumerate().filter(|(_, above)| **above == parent) {
        order.push((at, depth));
        if depth < DEEPEST {
            lay_out(parents, Some(at), depth + 1, order);
        }
    }
}

/// What results are narrowed by, each with the search without it.
pub(super) fn chips(facets: Option<&Results>, asked: &Asked, labels: &Labels) -> Vec<Chip> {
    let mut chips = Vec::new();
    let mut add = |name: &str, value: &str, said: String| chips.push(Chip { label: said, address: asked.without(name, value).address() });
    for filter in &FILTERS {
        let known = facets.map(|found| counts(found, filter)).unwrap_or_default();
        for value in asked.values(filter.name) {
            let counted = known.iter().find(|count| count.value == value).map(|count| label(filter, count, labels));
            let said = counted.unwrap_or_else(|| labels.of(filter.list, value).to_owned());
            add(filter.name, value, format!("{}：{said}", filter.label));
        }
    }
    for (name, said) in RANGES {
        asked.values(name).for_each(|value| add(name, value, format!("{said}：{}", range(value))));
    }
    chips
}

/// A range in words; instants are told in Shanghai.
fn range(text: &str) -> String {
    let end = |text: &str| Timestamp::parse(text).map_or_else(|| text.to_owned(), words::at);
    match text.split_once("..").map(|(from, to)| (end(from), end(to))) {
        Some((from, to)) if from.is_empty() => format!("至 {to}"),
        Some((from, to)) if to.is_empty() => format!("{from} 起"),
        Some((from, to)) => format!("{from} 至 {to}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::codes::Code;
    use std::collections::BTreeMap;

    fn labels() -> Labels {
        let code = |code: &str, label: &str, parent: Option<&str>| Code {
            code: code.into(),
            label: label.into(),
            aliases: Vec::new(),
            parent: parent.map(Into::into),
        };
        let regions = vec![
            code("43", "湖南", None),
            code("4301", "长沙", Some("43")),
            code("430104", "岳麓区", Some("4301")),
            code("4312", "怀化", Some("43")),
            code("431230", "通道", Some("4312")),
        ];
        Labels::new(BTreeMap::from([("regions", regions)]))
    }

    fn region() -> &'static Filter {
        FILTERS.iter().find(|filter| filter.name == "region").unwrap()
    }

    fn count(value: &str, count: u64) -> FacetCount {
        FacetCount { value: value.to_owned(), label: value.to_owned(), count }
    }

    #[test]
    fn divisions_stand_below_those_they_belong_to() {
        let asked = Asked::read(&crate::portal::form::Form::read("region=岳麓区&region=x".as_bytes()), &labels());
        let counts = [count("43", 9), count("431230", 4), count("4301", 3), count("430104", 2)];
        let group = group(region(), &counts, 9, &asked, &labels()).unwrap();
        let told: Vec<_> = group.rows.iter().map(|row| (row.label.as_str(), row.count, row.chosen, row.opens, row.ends)).collect();
        let want = [
            ("湖南", Some(9), false, true, 0),
            ("通道", Some(4), false, false, 0),
            ("长沙", Some(3), false, true, 0),
            ("岳麓区", Some(2), true, false, 2),
            ("x", None, true, false, 0),
        ];
        assert_eq!((told.as_slice(), group.chosen), (want.as_slice(), 2));
    }

    #[test]
    fn what_all_have_is_no_filter() {
        let none = Asked::default();
        assert!(group(region(), &[count("43", 9)], 9, &none, &labels()).is_none() && group(region(), &[], 9, &none, &labels()).is_none());
        assert!(group(region(), &[count("43", 8)], 9, &none, &labels()).is_some());
    }

    #[test]
    fn ranges_are_told_in_words() {
        assert_eq!([range("..30"), range("2026-01-01.."), range("10..45"), range("x")], ["至 30", "2026-01-01 起", "10 至 45", "x"]);
        assert_eq!(range("2026-11-23T02:00:00.001Z..2026-11-24T03:00:00Z"), "2026-11-23 10:00 至 2026-11-24 11:00");
    }
}
