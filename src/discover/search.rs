//! Search.

use super::answer::{FacetCount, Hit, QueryNote, Results, Total};
use super::hits::{Texts, hit};
use super::meaning::{Meant, by_text_alone};
use super::notes::note;
use super::request::SearchQuery;
use super::{Discover, index_fault};
use crate::domain::access::Actor;
use crate::domain::codes::{CodeLists, Kind};
use crate::domain::problem::Problem;
use crate::search::correct::{Correction, corrections};
use crate::search::document::{Card, Kept};
use crate::search::execute::run::{Outcome, Request, run};
use crate::search::generation::Generation;
use crate::search::schema::Facet;
use crate::search::{durations, offline};
use std::sync::Arc;

/// Work, in documents times terms, above which a request leaves the threads that serve connections.
const LARGE: u64 = 6_000_000;
/// Characters of long texts that one request opens.
const OPENED: usize = 12_000_000;

impl Discover {
    /// What a viewer finds. `who` tells the one who asks from others, so that queries can be counted.
    ///
    /// # Errors
    /// When a parameter is wrong, or the index cannot be read or is not ready.
    pub async fn search(&self, actor: &Actor, query: &SearchQuery, who: Option<&str>) -> Result<Results, Problem> {
        let mut request = query.read(actor.viewer_tokens(), &self.codes)?;
        self.ready()?;
        request.tuning = Some(self.tuning());
        request.today = self.today();
        request.usage = self.usage();
        let mut notes: Vec<QueryNote> = std::mem::take(&mut request.query.notes).into_iter().map(note).collect();
        match self.meant(&request).await {
            Meant::Unasked => {}
            Meant::Toward(toward) => request.toward = Some(toward),
            Meant::Away => notes.push(by_text_alone(&query.q)),
        }
        let generation = self.index.generation();
        let Found { mut outcome, cards, did_you_mean } = if is_large(&generation, &request) {
            let (generation, typed) = (Arc::clone(&generation), query.q.clone());
            tokio::task::spawn_blocking(move || find(&generation, &request, &typed)).await.map_err(|error| index_fault(&error))??
        } else {
            find(&generation, &request, &query.q)?
        };
        let lexicon = generation.lexicon();
        let mut hits = Vec::with_capacity(cards.len());
        let mut left = OPENED;
        let mut why = outcome.why.take().map(Vec::into_iter);
        for Shown { card, texts: kept, score, by_meaning } in cards {
            let texts = match card.text_elsewhere && left > 0 && !outcome.plan.marker.is_empty() {
                true => Texts::Opened(self.bodies.open(&card.id, card.version).await?),
                false => Texts::Kept(kept),
            };
            left = left.saturating_sub(texts.bytes());
            let shown = hit(card, &texts, score, &outcome.plan.marker, lexicon, &self.codes);
            let mut found = Hit { why: why.as_mut().and_then(Iterator::next), ..shown };
            if by_meaning {
                found.matched.push("meaning");
            }
            hits.push(found);
        }
        if let Some(who) = who.filter(|_| is_plain(query)) {
            self.count_query(&query.q, who).await;
        }
        let facets = outcome.facets.into_iter().map(|(facet, counts)| (facet.name(), self.labelled(facet, counts))).collect();
        let total = Total { value: outcome.total, relation: "eq" };
        let next = outcome.next.map(|cursor| cursor.encode());
        Ok(Results { total, hits, facets, next, did_you_mean, notes })
    }

    fn labelled(&self, facet: Facet, counts: Vec<(String, u64)>) -> Vec<FacetCount> {
        let label = |value: &str| label_of(&self.codes, facet, value);
        counts.into_iter().map(|(value, count)| FacetCount { label: label(&value), value, count }).collect()
    }
}

/// Whether a query is the first look for some words, without filters of its own: what it does not find is missing.
fn is_plain(query: &SearchQuery) -> bool {
    let SearchQuery { q, limit, facets, sort, explain, .. } = query.clone();
    let bare = SearchQuery { q, limit, facets, sort, explain, ..SearchQuery::default() };
    let q = &query.q;
    *query == bare && !q.contains(['"', '“', ':', '：'])
}

/// Long queries over many documents, vectors, and explanations, keep a processor longer than the threads that serve connections should be kept.
fn is_large(generation: &Generation, request: &Request) -> bool {
    let letters = request.query.text.len() / 3 + 1 + request.facets.len() * 4;
    generation.view().searcher().num_docs().saturating_mul(letters as u64) > LARGE || request.explain || request.toward.is_some()
}

/// What the index gave.
struct Found {
    outcome: Outcome,
    cards: Vec<Shown>,
    did_you_mean: Vec<Correction>,
}

/// A hit as the index keeps it.
struct Shown {
    card: Card,
    /// The text kept beside the card.
    texts: Vec<String>,
    score: f32,
    /// It was found by its meaning alone.
    by_meaning: bool,
}

fn find(generation: &Generation, request: &Request, typed: &str) -> Result<Found, Problem> {
    let outcome = run(generation, request).map_err(|error| index_fault(&error))?;
    let mut cards = Vec::with_capacity(outcome.hits.len());
    for (address, score) in &outcome.hits {
        let kept: Kept = outcome.view.searcher().doc(*address).map_err(|error| index_fault(&error))?;
        let card = kept.read_card().map_err(|error| index_fault(&error))?;
        cards.push(Shown { card, texts: kept.texts, score: *score, by_meaning: outcome.by_meaning.contains(address) });
    }
    let first_page = request.cursor.is_none() && !outcome.plan.is_browse();
    let did_you_mean = match first_page {
        // What only means about the same does not make a mistyped word right.
        true => corrections(generation, typed, outcome.total - outcome.by_meaning.len() as u64, &request.tokens)
            .map_err(|error| index_fault(&error))?,
        false => Vec::new(),
    };
    Ok(Found { outcome, cards, did_you_mean })
}

fn label_of(codes: &CodeLists, facet: Facet, value: &str) -> String {
    let list = match facet {
        Facet::Category => &codes.categories,
        Facet::Subject => &codes.subjects,
        Facet::EthnicGroup => &codes.ethnic_groups,
        Facet::HeritageClass => &codes.heritage_classes,
        Facet::Region => &codes.regions,
        Facet::Licence => &codes.licences,
        Facet::Audience => &codes.audiences,
        Facet::Duration => return durations::label(value).to_owned(),
        Facet::Offline => return offline::label(value).to_owned(),
        Facet::Kind => return Kind::parse(value).map_or_else(|| value.to_owned(), |kind| kind.label().to_owned()),
        Facet::Language | Facet::Institution | Facet::Accessibility => return value.to_owned(),
    };
    list.label(value).to_owned()
}
