//! Search by meaning, where the site has an embedding service: what resources mean is kept beside the index, what a query
//! means is asked for with little patience.
//!
//! Nothing of search waits for it: while the service is slow or away the answer is the one by text, and says so. The texts of
//! public resources and the words of queries go to the service; those that not everybody may see only where the operator says so.

mod ask;
mod keep;

pub use ask::{Meant, by_text_alone};
pub use keep::MeaningKeeper;

use super::Discover;
use crate::gateway::embed::Embedder;
use crate::search::meaning::{Packed, Vectors};
use moka::sync::Cache;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Queries whose vectors are kept, so that later pages and repeated queries cost nothing.
const KEPT_QUERIES: u64 = 2_000;
/// How long they are kept.
const KEPT_FOR: Duration = Duration::from_secs(900);

/// How the service is asked.
#[derive(Clone, Copy, Debug)]
pub struct MeaningOptions {
    /// How long a query waits for it.
    pub patience: Duration,
    /// Texts of one request.
    pub batch: usize,
    /// Least cosine of what is found.
    pub least: f32,
    /// Whether texts that not everybody may see are sent, too.
    pub restricted: bool,
}

/// Search by meaning. Clones share it.
#[derive(Clone)]
pub struct Meaning {
    embedder: Arc<Embedder>,
    vectors: Arc<Vectors>,
    options: MeaningOptions,
    asked: Cache<String, Arc<Packed>>,
    resting: Arc<Mutex<Option<Instant>>>,
}

impl Meaning {
    /// By a service, over the vectors of its model.
    pub fn new(embedder: Embedder, vectors: Vectors, options: MeaningOptions) -> Self {
        let asked = Cache::builder().max_capacity(KEPT_QUERIES).time_to_live(KEPT_FOR).build();
        Self { embedder: Arc::new(embedder), vectors: Arc::new(vectors), options, asked, resting: Arc::default() }
    }
}

impl Discover {
    /// The same with search by meaning.
    #[must_use]
    pub fn with_meaning(self, meaning: Meaning) -> Self {
        Self { meaning: Some(meaning), ..self }
    }

    /// Who keeps what resources mean, where the site searches by it; there must be one alone.
    pub fn meaning_keeper(&self) -> Option<MeaningKeeper> {
        let meaning = self.meaning.clone()?;
        Some(MeaningKeeper::new(meaning, self.store.clone(), self.bodies.clone()))
    }
}
