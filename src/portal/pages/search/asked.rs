//! What a page of search was asked for: read from its address, and written into the addresses that lead on from it.

use crate::discover::request::{SearchQuery, listed, values};
use crate::portal::form::Form;
use crate::portal::labels::Labels;
use form_urlencoded::Serializer;

/// Hits of one page: few, since phones and slow links read them.
pub(super) const SHOWN: u32 = 10;

/// Something that results are narrowed by.
pub(super) struct Filter {
    /// Name of the parameter and of the facet.
    pub name: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// The list of its codes; empty where it has none.
    pub list: &'static str,
}

/// All filters, in the order in which the page shows them.
pub(super) const FILTERS: [Filter; 13] = [
    Filter { name: "offline", label: "离线使用", list: "" },
    Filter { name: "kind", label: "类型", list: "kinds" },
    Filter { name: "category", label: "类别", list: "categories" },
    Filter { name: "duration", label: "学习时长", list: "" },
    Filter { name: "subject", label: "学科", list: "subjects" },
    Filter { name: "audience", label: "适用对象", list: "audiences" },
    Filter { name: "region", label: "地区", list: "regions" },
    Filter { name: "ethnic_group", label: "民族", list: "ethnic_groups" },
    Filter { name: "heritage_class", label: "非遗类别", list: "heritage_classes" },
    Filter { name: "institution", label: "机构", list: "" },
    Filter { name: "language", label: "语种", list: "languages" },
    Filter { name: "accessibility", label: "无障碍", list: "accessibility" },
    Filter { name: "licence", label: "许可", list: "licences" },
];

/// Ranges, which the page shows and drops but has no fields for.
pub(super) const RANGES: [(&str, &str); 3] = [("published", "发布时间"), ("added", "入库时间"), ("minutes", "分钟数")];

/// What was asked for: parameters that say something, in the order of this file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked(Vec<(&'static str, String)>);

impl Asked {
    /// Reads the parameters that a search takes. Lists come as several fields, or as one with commas as the API takes them;
    /// values become codes where their list knows them.
    pub fn read(form: &Form, labels: &Labels) -> Self {
        let mut asked = Self::default();
        asked.add("q", form.one("q"));
        for filter in &FILTERS {
            for value in form.all(filter.name).flat_map(values) {
                asked.add(filter.name, labels.code(filter.list, &value));
            }
        }
        let singles = RANGES.iter().map(|(name, _)| *name).chain(["sort", "cursor"]);
        singles.for_each(|name| asked.add(name, form.one(name)));
        asked
    }

    fn add(&mut self, name: &'static str, value: &str) {
        if !value.is_empty() && !self.has(name, value) {
            self.0.push((name, value.to_owned()));
        }
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether results are narrowed.
    pub fn is_narrowed(&self) -> bool {
        self.0.iter().any(|(name, _)| !["q", "sort", "cursor"].contains(name))
    }

    /// The words; empty where none are looked for.
    pub fn words(&self) -> &str {
        self.one("q")
    }

    /// A parameter; empty where it is missing.
    pub fn one<'a>(&'a self, name: &'a str) -> &'a str {
        self.values(name).next().unwrap_or_default()
    }

    /// All values of a parameter.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |pair| pair.0 == name).map(|pair| pair.1.as_str())
    }

    /// Whether a parameter has this value.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.values(name).any(|known| known == value)
    }

    /// What a form that changes filters and order takes along: everything that it has no field for.
    pub fn carried(&self) -> impl Iterator<Item = &(&'static str, String)> {
        let fixed = |name: &str| name == "q" || RANGES.iter().any(|range| range.0 == name);
        self.0.iter().filter(move |(name, _)| fixed(name))
    }

    /// The same without a value, from the first page on.
    pub fn without(&self, name: &str, value: &str) -> Self {
        Self(self.0.iter().filter(|pair| pair.0 != "cursor" && !(pair.0 == name && pair.1 == value)).cloned().collect())
    }

    /// The same search from its first page on.
    pub fn first(&self) -> Self {
        self.without("cursor", "")
    }

    /// The page after that one.
    pub fn after(&self, cursor: String) -> Self {
        let mut next = self.first();
        next.0.push(("cursor", cursor));
        next
    }

    /// Other words, narrowed alike.
    pub fn with_words(&self, words: &str) -> Self {
        let others = self.first().0.into_iter().filter(|pair| pair.0 != "q");
        Self(std::iter::once(("q", words.to_owned())).chain(others).collect())
    }

    /// These words, in the whole catalogue.
    pub fn for_words(words: &str) -> Self {
        Self(vec![("q", words.to_owned())])
    }

    /// Everything with this value.
    pub fn for_value(name: &'static str, value: &str) -> Self {
        Self(vec![(name, value.to_owned())])
    }

    /// As a part of an address.
    pub fn parameters(&self) -> String {
        let is_list = |name: &str| FILTERS.iter().any(|filter| filter.name == name);
        let pairs = self.0.iter().map(|(name, value)| (name, if is_list(name) { listed(value) } else { value.clone() }));
        Serializer::new(String::new()).extend_pairs(pairs).finish()
    }

    /// The page.
    pub fn address(&self) -> String {
        format!("/search?{}", self.parameters())
    }

    /// What the service is asked, with these facets.
    pub fn search(&self, facets: &str) -> SearchQuery {
        let text = |name: &str| self.values(name).next().map(str::to_owned);
        let list = |name: &str| Some(self.values(name).map(listed).collect::<Vec<_>>().join(",")).filter(|list| !list.is_empty());
        SearchQuery {
            q: self.words().to_owned(),
            limit: Some(SHOWN),
            cursor: text("cursor"),
            category: list("category"),
            kind: list("kind"),
            subject: list("subject"),
            ethnic_group: list("ethnic_group"),
            heritage_class: list("heritage_class"),
            region: list("region"),
            language: list("language"),
            institution: list("institution"),
            licence: list("licence"),
            audience: list("audience"),
            accessibility: list("accessibility"),
            duration: list("duration"),
            offline: list("offline"),
            published: text("published"),
            added: text("added"),
            minutes: text("minutes"),
            sort: text("sort"),
            facets: Some(facets.to_owned()),
            explain: true,
        }
    }
}

/// The names of all filters, as the service takes them for facets.
pub(super) fn all_facets() -> String {
    FILTERS.map(|filter| filter.name).join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::codes::Code;
    use std::collections::BTreeMap;

    fn asked(query: &str) -> Asked {
        let code = |code: &str, label: &str| Code { code: code.into(), label: label.into(), aliases: vec!["影片".into()], parent: None };
        Asked::read(&Form::read(query.as_bytes()), &Labels::new(BTreeMap::from([("kinds", vec![code("video", "视频")])])))
    }

    #[test]
    fn fields_and_lists_are_the_same_search() {
        let one = asked("kind=影片,audio&q=+%E7%BB%87%E9%94%A6+&sort=newest&page=3&done=x&region=");
        assert_eq!(one, asked("q=织锦&kind=视频&kind=audio&kind=video&sort=newest"));
        assert_eq!(one.parameters(), "q=%E7%BB%87%E9%94%A6&kind=video&kind=audio&sort=newest");
        let query = one.search("kind");
        assert_eq!((query.q.as_str(), query.kind.as_deref(), query.sort.as_deref()), ("织锦", Some("video,audio"), Some("newest")));
        let named = asked(r"institution=%E7%94%B2%5C%2C%E4%B9%99,%E4%B8%99");
        assert_eq!(named.values("institution").collect::<Vec<_>>(), ["甲,乙", "丙"]);
        assert_eq!((named.search("").institution.as_deref(), &asked(&named.parameters())), (Some(r"甲\,乙,丙"), &named));
        assert!(asked("q=++&kind=&sort=").is_empty() && !asked("q=a&sort=title").is_narrowed() && asked("minutes=..30").is_narrowed());
    }

    #[test]
    fn ways_on_begin_at_the_first_page() {
        let one = asked("q=a&kind=video&minutes=..30&cursor=x");
        assert_eq!(one.without("kind", "video").parameters(), "q=a&minutes=..30");
        assert_eq!(one.with_words("b c").parameters(), "q=b+c&kind=video&minutes=..30");
        assert_eq!(one.after("y".to_owned()).parameters(), "q=a&kind=video&minutes=..30&cursor=y");
        assert_eq!(one.carried().map(|pair| pair.0).collect::<Vec<_>>(), ["q", "minutes"]);
    }
}
