//! What can be asked for.

use crate::domain::codes::{CodeList, CodeLists, Kind};
use crate::domain::problem::Problem;
use crate::search::execute::cursor::Cursor;
use crate::search::execute::run::{Order, Request};
use crate::search::measures::{Measure, Span};
use crate::search::query::parse::{Misread, Parsed, parse};
use crate::search::schema::Facet;
use crate::search::{durations, offline};
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

/// Hits of a page where nothing is said.
const USUAL: usize = 20;
/// Most hits of a page.
const MOST: usize = 100;
/// Values of one filter that are heeded.
const VALUES: usize = 20;

/// A search as it is asked for over HTTP. Lists are separated by commas, a comma within a value is written `\,`; the values of one
/// filter widen it, different filters narrow the result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams, utoipa::ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct SearchQuery {
    /// Words, "phrases", -not, field:value, OR between phrases or fields, letters* at the end of a word. Empty browses.
    pub q: String,
    /// Hits of a page, 1 to 100; 20 where nothing is said.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
    /// `next` of the page before, up to 2,000 characters. It belongs to this search alone.
    pub cursor: Option<String>,
    /// Educational categories: codes or Chinese labels.
    pub category: Option<String>,
    /// Kinds: codes or Chinese labels.
    pub kind: Option<String>,
    /// Subjects: codes or Chinese labels; a group stands for its subjects.
    pub subject: Option<String>,
    /// Ethnic groups: GB/T 3304 numbers, letter codes or names.
    pub ethnic_group: Option<String>,
    /// Classes of intangible heritage: codes or Chinese labels.
    pub heritage_class: Option<String>,
    /// Divisions: GB/T 2260 codes or names; a city stands for its counties.
    pub region: Option<String>,
    /// Languages: BCP 47 tags.
    pub language: Option<String>,
    /// Names of institutions; a comma within a name is written `\,`.
    pub institution: Option<String>,
    /// Licences.
    pub licence: Option<String>,
    /// Audiences: codes or Chinese labels.
    pub audience: Option<String>,
    /// Features of accessibility.
    pub accessibility: Option<String>,
    /// How long it takes: `up_to_10`, `up_to_30`, `up_to_60`, `over_60` (minutes), or their Chinese labels.
    pub duration: Option<String>,
    /// Whether it can be kept for when there is no network: `downloadable`, `online_only`, or their Chinese labels.
    pub offline: Option<String>,
    /// First published within `FROM..TO`: days of Shanghai (`2026-01-01..2026-06-30`) or RFC 3339 instants, both included; either
    /// may be left out.
    pub published: Option<String>,
    /// Came into this catalogue within `FROM..TO`, as `published`.
    pub added: Option<String>,
    /// Takes a number of minutes within `FROM..TO`, such as `10..45` or `..30`.
    pub minutes: Option<String>,
    /// `relevance` (where nothing is said), `newest` or `title`.
    pub sort: Option<String>,
    /// Facets to count: names of filters, separated by commas.
    pub facets: Option<String>,
    /// Tell of each hit what made its score (`why`).
    pub explain: bool,
}

/// What separates the values of a list.
const COMMAS: [char; 2] = [',', '，'];

/// The values of a list that say something.
pub fn values(list: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut signs = list.chars().peekable();
    while let Some(sign) = signs.next() {
        let kept = if sign == '\\' { signs.next_if(|next| COMMAS.contains(next)) } else { None };
        match (kept, values.last_mut()) {
            (None, _) if COMMAS.contains(&sign) => values.push(String::new()),
            (kept, Some(value)) => value.push(kept.unwrap_or(sign)),
            (_, None) => {}
        }
    }
    values.into_iter().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).collect()
}

/// A value as it stands in a list.
pub fn listed(value: &str) -> String {
    value.replace(',', "\\,").replace('，', "\\，")
}

impl SearchQuery {
    /// The request for the index, for a viewer with these tokens.
    ///
    /// # Errors
    /// When limit, sort, facets, cursor or a range are none. A filter value that is no code is looked for as it is.
    pub fn read(&self, tokens: BTreeSet<String>, codes: &CodeLists) -> Result<Request, Problem> {
        let limit = match self.limit {
            None => USUAL,
            Some(limit) => usize::try_from(limit).ok().filter(|limit| (1..=MOST).contains(limit)).ok_or_else(wrong_limit)?,
        };
        let order = match self.sort.as_deref() {
            None | Some("" | "relevance") => Order::Relevance,
            Some("newest") => Order::Newest,
            Some("title") => Order::Title,
            Some(_) => return Err(wrong_sort()),
        };
        let (filters, ranges) = (self.filters(codes), self.ranges()?);
        let names = self.facets.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
        let mut facets: Vec<Facet> = names.map(|name| Facet::parse(name).ok_or_else(|| wrong_facet(name))).collect::<Result<_, _>>()?;
        facets.sort_unstable();
        facets.dedup();
        let mut query = parse(&self.q);
        read_facets(&mut query, codes);
        let hash = self.hash_with(&filters, &ranges);
        let cursor = match self.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
            None => None,
            Some(text) => Some(Cursor::decode(text, hash).ok_or_else(wrong_cursor)?),
        };
        Ok(Request { query, tokens, filters, ranges, facets, order, limit, cursor, hash, explain: self.explain, ..Request::default() })
    }

    fn filters(&self, codes: &CodeLists) -> BTreeMap<Facet, BTreeSet<String>> {
        let mut filters: BTreeMap<Facet, BTreeSet<String>> = BTreeMap::new();
        for (facet, given) in self.given() {
            let values = values(given).into_iter().take(VALUES);
            let values = values.map(|value| code_of(codes, facet, &value).unwrap_or(value));
            let values: BTreeSet<String> = values.collect();
            if !values.is_empty() {
                filters.insert(facet, values);
            }
        }
        filters
    }

    fn given(&self) -> impl Iterator<Item = (Facet, &str)> {
        let all = [
            (Facet::Category, &self.category),
            (Facet::Kind, &self.kind),
            (Facet::Subject, &self.subject),
            (Facet::EthnicGroup, &self.ethnic_group),
            (Facet::HeritageClass, &self.heritage_class),
            (Facet::Region, &self.region),
            (Facet::Language, &self.language),
            (Facet::Institution, &self.institution),
            (Facet::Licence, &self.licence),
            (Facet::Audience, &self.audience),
            (Facet::Accessibility, &self.accessibility),
            (Facet::Duration, &self.duration),
            (Facet::Offline, &self.offline),
        ];
        all.into_iter().filter_map(|(facet, value)| value.as_deref().map(|value| (facet, value)))
    }

    fn ranges(&self) -> Result<Vec<Span>, Problem> {
        let given = [(Measure::Published, &self.published), (Measure::Added, &self.added), (Measure::Minutes, &self.minutes)];
        let given = given.into_iter().filter_map(|(measure, text)| Some((measure, text.as_deref().filter(|text| !text.is_empty())?)));
        given.map(|(measure, text)| measure.read(text).ok_or_else(|| wrong_range(measure))).collect()
    }

    fn hash_with(&self, filters: &BTreeMap<Facet, BTreeSet<String>>, ranges: &[Span]) -> u32 {
        let mut hash = SipHasher13::new();
        (self.q.as_str(), filters, ranges, self.sort.as_deref().unwrap_or_default()).hash(&mut hash);
        (hash.finish() >> 32) as u32
    }
}

/// The code of a value as people write it; `None` where the facet has no list, or the list has no such value.
fn code_of(codes: &CodeLists, facet: Facet, value: &str) -> Option<String> {
    let code = |list: &CodeList| list.find(value).map(|row| row.code.clone());
    match facet {
        Facet::Category => code(&codes.categories),
        Facet::Kind => Kind::parse(value).map(|kind| kind.code().to_owned()),
        Facet::Subject => code(&codes.subjects),
        Facet::EthnicGroup => code(&codes.ethnic_groups),
        Facet::HeritageClass => code(&codes.heritage_classes),
        Facet::Region => code(&codes.regions),
        Facet::Licence => code(&codes.licences),
        Facet::Audience => code(&codes.audiences),
        Facet::Duration => durations::find(value).map(str::to_owned),
        Facet::Offline => offline::find(value).map(str::to_owned),
        Facet::Language | Facet::Institution | Facet::Accessibility => None,
    }
}

/// Values named in the query become codes; one that is none is noted and finds nothing.
fn read_facets(query: &mut Parsed, codes: &CodeLists) {
    let mut unknown = Vec::new();
    for (facet, value) in &mut query.facets {
        match code_of(codes, *facet, value) {
            Some(code) => *value = code,
            None if matches!(facet, Facet::Language | Facet::Institution | Facet::Accessibility) => {}
            None => unknown.push(format!("{}:{value}", facet.name())),
        }
    }
    unknown.into_iter().for_each(|text| query.note(Misread::Value, text));
}

fn wrong_limit() -> Problem {
    Problem::field("limit", "limit", "limit 应为 1 至 100 的整数。", "limit must be a whole number from 1 to 100.")
}

fn wrong_sort() -> Problem {
    Problem::field("sort", "sort", "sort 应为 relevance、newest 或 title。", "sort must be relevance, newest or title.")
}

fn wrong_facet(name: &str) -> Problem {
    let names = Facet::ALL.map(Facet::name).join("、");
    let name: String = name.chars().take(40).collect();
    Problem::field("facet", "facets", format!("没有分面“{name}”，可用：{names}。"), format!("There is no facet “{name}”."))
}

fn wrong_range(measure: Measure) -> Problem {
    let (zh, en) = match measure {
        Measure::Minutes => ("应写成 起..止，如 10..45 或 ..30（分钟）。", "It must be FROM..TO in minutes, such as 10..45 or ..30."),
        Measure::Published | Measure::Added => (
            "应写成 起..止，如 2026-01-01..2026-06-30 或 2026-01-01..。",
            "It must be FROM..TO in days or RFC 3339 instants, such as 2026-01-01..2026-06-30.",
        ),
    };
    Problem::field("range", measure.name(), zh, en)
}

fn wrong_cursor() -> Problem {
    Problem::field("cursor", "cursor", "cursor 无效，或不属于本次检索。", "The cursor is not valid or belongs to another search.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::codes::load;

    #[test]
    fn labels_and_aliases_become_codes() {
        let query = SearchQuery { region: Some("湘西，430104".to_owned()), kind: Some("视频".to_owned()), ..SearchQuery::default() };
        let request = query.read(BTreeSet::new(), &load(None).unwrap()).unwrap();
        let values = |facet| request.filters.get(&facet).cloned().unwrap_or_default().into_iter().collect::<Vec<_>>();
        assert_eq!(values(Facet::Region), ["430104", "433100"]);
        assert_eq!(values(Facet::Kind), ["video"]);
    }

    #[test]
    fn a_list_is_its_values() {
        assert_eq!(values(r" 甲\,乙 ，, 丙\\，丁\x,"), ["甲,乙", r"丙\，丁\x"]);
        assert!(values(" ,，").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn what_is_listed_reads_back(names in proptest::collection::vec("[a-z甲乙 ,，]{0,6}[a-z甲乙]", 0..5)) {
            let list = names.iter().map(|name| listed(name)).collect::<Vec<_>>().join(",");
            proptest::prop_assert_eq!(values(&list), names.iter().map(|name| name.trim()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn values_in_the_query_become_codes() {
        let codes = load(None).unwrap();
        let read = |q: &str| SearchQuery { q: q.to_owned(), ..SearchQuery::default() }.read(BTreeSet::new(), &codes).unwrap().query;
        assert_eq!(read("地区:湘西 kind:视频").facets, [(Facet::Region, "433100".to_owned()), (Facet::Kind, "video".to_owned())]);
        let unknown = read("kind:nothing");
        assert_eq!((unknown.notes.len(), unknown.notes[0].what, unknown.notes[0].text.as_str()), (1, Misread::Value, "kind:nothing"));
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        let codes = CodeLists::default();
        for (query, path) in [
            (SearchQuery { limit: Some(0), ..SearchQuery::default() }, "limit"),
            (SearchQuery { limit: Some(101), ..SearchQuery::default() }, "limit"),
            (SearchQuery { sort: Some("best".to_owned()), ..SearchQuery::default() }, "sort"),
            (SearchQuery { facets: Some("kind,colour".to_owned()), ..SearchQuery::default() }, "facets"),
            (SearchQuery { cursor: Some("!".to_owned()), ..SearchQuery::default() }, "cursor"),
            (SearchQuery { minutes: Some("30".to_owned()), ..SearchQuery::default() }, "minutes"),
            (SearchQuery { added: Some("2026..".to_owned()), ..SearchQuery::default() }, "added"),
        ] {
            assert_eq!(query.read(BTreeSet::new(), &codes).unwrap_err().fields[0].path, path);
        }
    }
}
