//! Finds resources a viewer may see: search, suggestions, likeness.
//!
//! Every request takes the viewer's tokens from [`crate::domain::access`] into the index; nothing is filtered afterwards, so
//! totals, facets and cursors know nothing of what the viewer may not see. This room never decides how text is analysed or
//! scored (that is `search`) and writes nothing but what `teach` keeps for editors and `saved` for everybody. A new filter is a
//! field of [`request::SearchQuery`] and a facet or a measure of the index; a new thing that a hit shows is a field of the index's card.

pub mod answer;
pub mod bodies;
pub mod hits;
pub mod indexer;
mod kept_out;
pub mod like;
pub mod meaning;
pub mod notes;
mod places;
pub mod popular;
pub mod rank;
pub mod reasons;
pub mod rebuild;
pub mod request;
pub mod saved;
pub mod search;
pub mod suggest;
pub mod teach;
mod usage;
pub mod verify;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod turning_tests;

use crate::blob::Blobs;
use crate::clock::Clock;
use crate::domain::codes::CodeLists;
use crate::domain::problem::{Problem, ProblemKind};
use crate::search::index::SearchIndex;
use crate::search::synonyms::Tuning;
use crate::search::usage::Usage;
use crate::store::Store;
use std::sync::{Arc, RwLock};
use teach::Asked;

/// The service.
#[derive(Clone)]
pub struct Discover {
    index: SearchIndex,
    bodies: bodies::Bodies,
    store: Store,
    codes: Arc<CodeLists>,
    clock: Clock,
    tuning: Arc<RwLock<Arc<Tuning>>>,
    asked: Asked,
    popular: popular::Popular,
    meaning: Option<meaning::Meaning>,
    usage: Arc<RwLock<Arc<Usage>>>,
}

impl Discover {
    /// Over an index, with the store and the blobs that long texts are opened from.
    pub fn new(index: SearchIndex, store: Store, blobs: Blobs, codes: Arc<CodeLists>, clock: Clock) -> Self {
        let tuning = Arc::new(RwLock::new(Arc::new(index.lexicon().tuning.clone())));
        Self {
            index,
            bodies: bodies::Bodies::new(store.clone(), blobs),
            store,
            codes,
            clock,
            tuning,
            asked: Asked::default(),
            popular: popular::Popular::default(),
            meaning: None,
            usage: Arc::default(),
        }
    }

    /// The index behind it.
    pub fn index(&self) -> &SearchIndex {
        &self.index
    }

    /// The day in Asia/Shanghai, counted from 1970: what is ordered by age stays as it is until the next.
    fn today(&self) -> i64 {
        (self.clock.now().millis() + 8 * 3_600_000).div_euclid(86_400_000)
    }

    /// Refuses while what is found is not the store's truth.
    fn ready(&self) -> Result<(), Problem> {
        if self.index.applied().ready {
            return Ok(());
        }
        Err(Problem::new(
            ProblemKind::Unavailable,
            "search-not-ready",
            "检索正在准备，请稍后再试。",
            "Search is catching up; please try again in a moment.",
        ))
    }
}

/// The index cannot be read: logged here, told as a fault of ours.
fn index_fault(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "the search index could not be read");
    Problem::internal()
}
