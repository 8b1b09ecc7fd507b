//! What a search answers, as it goes over HTTP.

use crate::domain::codes::Kind;
use crate::domain::time::Timestamp;
use crate::search::correct::Correction;
use crate::search::document::Place;
use crate::search::execute::explain::Part;
use serde::Serialize;
use std::collections::BTreeMap;

/// The answer to a search.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Results {
    /// How many there are: all that were found by their text, and where search by meaning is configured the few nearest in meaning
    /// that were not.
    pub total: Total,
    /// This page.
    pub hits: Vec<Hit>,
    /// Counts by facet, for the facets that were asked for. A facet's own filter does not narrow its counts.
    pub facets: BTreeMap<&'static str, Vec<FacetCount>>,
    /// Cursor of the next page, when there is one.
    pub next: Option<String>,
    /// What could have been meant, best first; it has not been searched for.
    pub did_you_mean: Vec<Correction>,
    /// Parts of the query that could not be understood as they were meant.
    pub notes: Vec<QueryNote>,
}

/// A part of the query that could not be understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct QueryNote {
    /// Stable code: `field value quotation wildcard or exclusion length`, or `meaning` where the answer is by text alone because
    /// search by meaning is not available at the moment.
    pub code: &'static str,
    /// The part.
    pub text: String,
    /// What was made of it, in Chinese.
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
}

/// A number of hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Total {
    /// The number.
    pub value: u64,
    /// `eq`: it is exact.
    pub relation: &'static str,
}

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FacetCount {
    /// Code, as filters take it.
    pub value: String,
    /// Chinese label, or the code where it has none.
    pub label: String,
    /// Hits.
    pub count: u64,
}

/// A resource that was found.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Hit {
    /// Resource id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Kind.
    pub kind: Kind,
    /// Educational category.
    pub category: String,
    /// Score of relevance; 0 where the order is another one.
    pub score: f32,
    /// What made the score, the greatest part first, where `explain` asked for it: the parts add up to the score.
    pub why: Option<Vec<Part>>,
    /// Fields in which something was found: `title people keywords description institution body`, or in what a code of
    /// `subject ethnic_group heritage_class region` stands for; `meaning` for what was found by its meaning alone.
    pub matched: Vec<&'static str>,
    /// Passages in which something was found.
    pub snippets: Vec<Snippet>,
    /// Beginning of the description.
    pub description: String,
    /// Owning institution.
    pub institution: String,
    /// Names of those who made it.
    pub people: Vec<String>,
    /// Keywords.
    pub keywords: Vec<String>,
    /// Subjects.
    pub subjects: Vec<String>,
    /// Ethnic groups.
    pub ethnic_groups: Vec<String>,
    /// Languages.
    pub language: Vec<String>,
    /// Minutes of learning.
    pub minutes: Option<u32>,
    /// Path of the file whose thumbnail stands for the whole.
    pub thumbnail: Option<String>,
    /// First publication.
    pub published: Timestamp,
}

/// A passage in which something was found.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Snippet {
    /// Field: `title people keywords description institution body`.
    pub field: &'static str,
    /// The passage as HTML: everything escaped, `<mark>` around what was found.
    pub html: String,
    /// File and page, slide, chapter or time, where the passage is in a file.
    pub locator: Option<Place>,
}
