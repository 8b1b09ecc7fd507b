//! Reviewers as experts: what they know, what they must keep away from, when they can work; and their saved phrases.

use super::metadata::Metadata;
use super::record::{Key, Record};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Days on which a reviewer takes no work, both ends included, counted in Asia/Shanghai.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Leave {
    /// First day, `YYYY-MM-DD`.
    #[schema(examples("2026-12-01"))]
    pub from: String,
    /// Last day, `YYYY-MM-DD`.
    #[schema(examples("2026-12-14"))]
    pub until: String,
}

/// What is known of a reviewer as an expert. Codes are those of the code lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewerProfile {
    /// Account.
    pub account: String,
    /// Codes of subjects.
    #[serde(default)]
    pub subjects: BTreeSet<String>,
    /// Codes of categories.
    #[serde(default)]
    pub categories: BTreeSet<String>,
    /// GB/T 3304 codes of ethnic groups.
    #[serde(default)]
    pub ethnic_groups: BTreeSet<String>,
    /// Languages read, BCP 47.
    #[serde(default)]
    pub languages: BTreeSet<String>,
    /// Names under which the person publishes.
    #[serde(default)]
    pub names: BTreeSet<String>,
    /// Institutions to keep away from, by name or by organisation path.
    #[serde(default)]
    pub institutions: BTreeSet<String>,
    /// People and works to keep away from: a name, a title, a series, an id or an institution's own number.
    #[serde(default)]
    pub conflicts: BTreeSet<String>,
    /// Most open reviews at once; none: no limit of the person's own.
    #[serde(default)]
    pub most_open: Option<u32>,
    /// When the person is away.
    #[serde(default)]
    pub leave: Vec<Leave>,
}

impl Record for ReviewerProfile {
    const TABLE: &'static str = "reviewer_profiles";
    fn key(&self) -> Key {
        Key::from(self.account.as_str())
    }
}

/// Why a profile keeps its owner from judging a work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// A name of the profile stands among the work's people.
    Author,
    /// An institution to keep away from has a part in it.
    Institution,
    /// A declared person or work.
    Declared,
}

/// What a work is known by, for [`ReviewerProfile::tie`].
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    /// Ids of the submission and of the resource it becomes.
    pub ids: [&'a str; 2],
    /// Name and path of the owning organisation.
    pub institution: [&'a str; 2],
    /// Description.
    pub metadata: &'a Metadata,
}

impl ReviewerProfile {
    /// Whether the person is away at an instant.
    pub fn is_away(&self, at: Timestamp) -> bool {
        let day = at.shanghai_date();
        self.leave.iter().any(|leave| leave.from <= day && day <= leave.until)
    }

    /// Whether `open` reviews are as many as the person takes.
    pub fn is_full(&self, open: usize) -> bool {
        self.most_open.is_some_and(|most| usize::try_from(most).is_ok_and(|most| open >= most))
    }

    /// What ties the person to a work, if anything. Names are compared without white space and case.
    pub fn tie(&self, work: &Work<'_>) -> Option<Tie> {
        let metadata = work.metadata;
        let people = metadata.creators.iter().map(|creator| creator.name.as_str()).chain([metadata.rights.holder.as_str()]);
        let people: BTreeSet<String> = people.map(folded).collect();
        let houses = metadata.creators.iter().filter_map(|creator| creator.organisation.as_deref());
        let body = metadata.culture.iter().map(|culture| culture.protecting_body.as_str());
        let houses = houses.chain(body).chain(work.institution).chain([metadata.rights.holder.as_str()]);
        let houses: BTreeSet<String> = houses.map(folded).collect();
        let named = work.ids.into_iter().chain([metadata.title.main()]).chain(metadata.title.others());
        let works: BTreeSet<String> = named.chain(metadata.series.as_deref()).chain(metadata.source_id.as_deref()).map(folded).collect();
        let hits = |own: &BTreeSet<String>, theirs: &BTreeSet<String>| {
            own.iter().map(|name| folded(name)).any(|name| !name.is_empty() && theirs.contains(&name))
        };
        if hits(&self.names, &people) {
            Some(Tie::Author)
        } else if hits(&self.institutions, &houses) {
            Some(Tie::Institution)
        } else if [&people, &houses, &works].into_iter().any(|theirs| hits(&self.conflicts, theirs)) {
            Some(Tie::Declared)
        } else {
            None
        }
    }
}

fn folded(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Phrases that a reviewer keeps for opinions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewerPhrases {
    /// Account.
    pub account: String,
    /// The phrases, in the reviewer's own order.
    pub phrases: Vec<String>,
}

impl Record for ReviewerPhrases {
    const TABLE: &'static str = "reviewer_phrases";
    fn key(&self) -> Key {
        Key::from(self.account.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> Metadata {
        let json = serde_json::json!({
            "title": "苗绣入门", "kind": "video", "series": "湘西手艺", "source_id": "A-7",
            "creators": [{"name": "龙 秀英", "role": "bearer", "organisation": "吉首文化馆"}],
            "rights": {"holder": "乙出版社"},
        });
        serde_json::from_value(json).unwrap()
    }

    fn tie(profile: &ReviewerProfile) -> Option<Tie> {
        let metadata = metadata();
        profile.tie(&Work { ids: ["s1", "r1"], institution: ["甲学院", "/hunan/a"], metadata: &metadata })
    }

    fn set(text: &str) -> BTreeSet<String> {
        BTreeSet::from([text.to_owned()])
    }

    #[test]
    fn authors_institutions_and_declared_works_are_ties() {
        assert_eq!(tie(&ReviewerProfile::default()), None);
        assert_eq!(tie(&ReviewerProfile { names: set("龙秀英"), ..ReviewerProfile::default() }), Some(Tie::Author));
        for house in ["甲学院", "/hunan/a", "吉首文化馆", "乙出版社"] {
            let profile = ReviewerProfile { institutions: set(house), ..ReviewerProfile::default() };
            assert_eq!(tie(&profile), Some(Tie::Institution), "{house}");
        }
        for thing in ["龙秀英", "苗绣入门", "湘西手艺", "a-7", "r1", "甲学院"] {
            let profile = ReviewerProfile { conflicts: set(thing), ..ReviewerProfile::default() };
            assert_eq!(tie(&profile), Some(Tie::Declared), "{thing}");
        }
        let others =
            ReviewerProfile { names: set("龙秀"), institutions: set("丙学院"), conflicts: set(" "), ..ReviewerProfile::default() };
        assert_eq!(tie(&others), None);
    }

    #[test]
    fn leave_counts_both_ends_in_shanghai_and_the_limit_is_reached_at_the_limit() {
        let leave = vec![Leave { from: "2026-12-01".to_owned(), until: "2026-12-02".to_owned() }];
        let profile = ReviewerProfile { leave, most_open: Some(2), ..ReviewerProfile::default() };
        let away = |at: &str| profile.is_away(Timestamp::parse(at).unwrap());
        assert!(!away("2026-11-30T15:59:59Z") && away("2026-11-30T16:00:00Z"));
        assert!(away("2026-12-02T15:59:59Z") && !away("2026-12-02T16:00:00Z"));
        assert!(!profile.is_full(1) && profile.is_full(2) && !ReviewerProfile::default().is_full(1_000));
    }
}
