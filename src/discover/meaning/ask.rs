//! What a query means.

use super::{Discover, Meaning};
use crate::discover::answer::QueryNote;
use crate::domain::problem::{Problem, ProblemKind};
use crate::gateway::embed::EmbedFault;
use crate::search::execute::run::{Order, Request};
use crate::search::meaning::{Packed, Toward};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a service that failed a query is left alone: queries meanwhile do not wait for it.
const REST: Duration = Duration::from_secs(2);
/// How long evaluation waits for the vectors of its queries.
const LONG_PATIENCE: Duration = Duration::from_secs(60);
/// Characters of a query that are sent.
const LONGEST_QUERY: usize = 500;

/// What is known of a query's meaning.
#[derive(Clone, Debug)]
pub enum Meant {
    /// It is not asked for: nothing is configured or kept yet, or the order is another one.
    Unasked,
    /// This.
    Toward(Toward),
    /// The service did not tell in time.
    Away,
}

impl Discover {
    /// What the query of a request means.
    pub(in crate::discover) async fn meant(&self, request: &Request) -> Meant {
        let Some(meaning) = self.meaning.as_ref().filter(|meaning| !meaning.vectors.table().is_empty()) else { return Meant::Unasked };
        let text = sent(&request.query.ranking_text());
        let by_text = request.cursor.as_ref().is_some_and(|cursor| !cursor.fused);
        let is_off = request.tuning.as_ref().is_some_and(|tuning| tuning.weights.meaning <= 0.0);
        if text.is_empty() || by_text || is_off || request.order != Order::Relevance {
            return Meant::Unasked;
        }
        meaning.of_query(text).await.map_or(Meant::Away, |query| Meant::Toward(meaning.toward(query)))
    }

    /// What each of many queries means, waited for; none where meaning is not asked for.
    ///
    /// # Errors
    /// When the service does not tell: figures of half a search would be wrong ones.
    pub(in crate::discover) async fn meant_of_all(&self, queries: &[String]) -> Result<Vec<Option<Toward>>, Problem> {
        let Some(meaning) = self.meaning.as_ref().filter(|meaning| !meaning.vectors.table().is_empty()) else {
            return Ok(vec![None; queries.len()]);
        };
        let texts: Vec<String> = queries.iter().map(|query| sent(&crate::search::query::parse::parse(query).ranking_text())).collect();
        let mut all = Vec::with_capacity(texts.len());
        for part in texts.chunks(meaning.options.batch) {
            // An empty text is none that a service takes; it means nothing.
            let asked: Vec<&str> = part.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
            let vectors = match asked.is_empty() {
                true => Vec::new(),
                false => meaning.embedder.embed(&asked, LONG_PATIENCE).await.map_err(away)?,
            };
            let mut packed = vectors.iter().map(|vector| Packed::of(vector));
            all.extend(part.iter().map(|text| {
                let found = if text.is_empty() { None } else { packed.next().flatten() };
                found.map(|query| meaning.toward(Arc::new(query)))
            }));
        }
        Ok(all)
    }
}

impl Meaning {
    fn toward(&self, query: Arc<Packed>) -> Toward {
        Toward { vectors: Arc::clone(&self.vectors), query, least: self.options.least }
    }

    /// The vector of a query; `None` when the service does not tell in time, tells nonsense, or did so a moment ago.
    async fn of_query(&self, text: String) -> Option<Arc<Packed>> {
        if let Some(known) = self.asked.get(&text) {
            return Some(known);
        }
        if self.resting().is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let told = self.embedder.embed(&[&text], self.options.patience).await;
        let length = self.vectors.table().length();
        let usable = |vector: &Vec<f32>| length == 0 || vector.len() == length;
        let found = match told.map(|vectors| vectors.into_iter().next()) {
            Ok(Some(vector)) if usable(&vector) => Ok(Packed::of(&vector).map(Arc::new)),
            Ok(_) => Err(EmbedFault::Garbled),
            Err(fault) => Err(fault),
        };
        match found {
            Ok(packed) => {
                *self.resting() = None;
                packed.inspect(|packed| self.asked.insert(text, Arc::clone(packed)))
            }
            Err(fault) => {
                tracing::debug!(%fault, "a query was searched for by text alone");
                if !fault.is_of_the_text() {
                    *self.resting() = Some(Instant::now() + REST);
                }
                None
            }
        }
    }

    fn resting(&self) -> MutexGuard<'_, Option<Instant>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sent(text: &str) -> String {
    text.trim().chars().take(LONGEST_QUERY).collect()
}

/// Says that the hits of a query were found by text alone.
pub fn by_text_alone(query: &str) -> QueryNote {
    QueryNote {
        code: "meaning",
        text: sent(query),
        zh: "语义检索暂时不可用，结果只按文字查找。",
        en: "Search by meaning is not available at the moment; this was found by text alone.",
    }
}

fn away(fault: EmbedFault) -> Problem {
    tracing::warn!(%fault, "the embedding service did not tell what queries mean");
    Problem::new(
        ProblemKind::Unavailable,
        "meaning-away",
        "向量服务没有应答，无法评估；排序权重 meaning 设为 0 可只评估文字检索。",
        "The embedding service does not answer; with the weight `meaning` at 0 search by text alone is evaluated.",
    )
}
