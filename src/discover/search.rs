//! Search.

use super::answer::{FacetCount, Results, Total};
use super::hits::{Texts, hit};
use super::request::SearchQuery;
use super::{Discover, index_fault};
use crate::domain::access::Actor;
use crate::domain::codes::{CodeLists, Kind};
use crate::domain::problem::Problem;
use crate::search::document::{Card, Kept};
use crate::search::execute::run::{Outcome, Request, run};
use crate::search::generation::Generation;
use crate::search::schema::Facet;
use std::sync::Arc;

/// Work, in documents times terms, above which a request leaves the threads that serve connections.
const LARGE: u64 = 6_000_000;
/// Characters of long texts that one request opens.
const OPENED: usize = 12_000_000;

impl Discover {
    /// What a viewer finds.
    ///
    /// # Errors
    /// When a parameter is wrong, or the index cannot be read or is not ready.
    pub async fn search(&self, actor: &Actor, query: &SearchQuery) -> Result<Results, Problem> {
        let request = query.read(actor.viewer_tokens(), &self.codes)?;
        self.ready()?;
        let generation = self.index.generation();
        let (outcome, cards) = if is_large(&generation, &request) {
            let generation = Arc::clone(&generation);
            tokio::task::spawn_blocking(move || find(&generation, &request)).await.map_err(|error| index_fault(&error))??
        } else {
            find(&generation, &request)?
        };
        let lexicon = generation.lexicon();
        let mut hits = Vec::with_capacity(cards.len());
        let mut left = OPENED;
        for (card, kept, score) in cards {
            let texts = match card.text_elsewhere && left > 0 && !outcome.plan.marker.is_empty() {
                true => Texts::Opened(self.bodies.open(&card.id, card.version).await?),
                false => Texts::Kept(kept),
            };
            left = left.saturating_sub(texts.bytes());
            hits.push(hit(card, &texts, score, &outcome.plan.marker, lexicon, &self.codes));
        }
        let facets = outcome.facets.into_iter().map(|(facet, counts)| (facet.name(), self.labelled(facet, counts))).collect();
        let total = Total { value: outcome.total, relation: "eq" };
        Ok(Results { total, hits, facets, next: outcome.next.map(|cursor| cursor.encode()) })
    }

    fn labelled(&self, facet: Facet, counts: Vec<(String, u64)>) -> Vec<FacetCount> {
        let label = |value: &str| label_of(&self.codes, facet, value);
        counts.into_iter().map(|(value, count)| FacetCount { label: label(&value), value, count }).collect()
    }
}

/// Long queries over many documents keep a processor longer than the threads that serve connections should be kept.
fn is_large(generation: &Generation, request: &Request) -> bool {
    let letters = request.query.text.len() / 3 + 1 + request.facets.len() * 4;
    generation.view().searcher().num_docs().saturating_mul(letters as u64) > LARGE
}

/// A stored card with the text kept beside it, and its score.
type Found = (Card, Vec<String>, f32);

fn find(generation: &Generation, request: &Request) -> Result<(Outcome, Vec<Found>), Problem> {
    let outcome = run(generation, request).map_err(|error| index_fault(&error))?;
    let mut cards = Vec::with_capacity(outcome.hits.len());
    for (address, score) in &outcome.hits {
        let kept: Kept = outcome.view.searcher().doc(*address).map_err(|error| index_fault(&error))?;
        let card = kept.read_card().map_err(|error| index_fault(&error))?;
        cards.push((card, kept.texts, *score));
    }
    Ok((outcome, cards))
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
        Facet::Kind => return Kind::parse(value).map_or_else(|| value.to_owned(), |kind| kind.label().to_owned()),
        Facet::Language | Facet::Institution | Facet::Accessibility => return value.to_owned(),
    };
    list.label(value).to_owned()
}
