//! What an entry would change, before it is saved.

use super::super::{Discover, index_fault};
use super::learn::entries;
use super::may_teach;
use crate::domain::access::Actor;
use crate::domain::problem::Problem;
use crate::domain::search_word::{AskedQuery, SearchWord, WordKind};
use crate::domain::time::Timestamp;
use crate::search::document::Kept;
use crate::search::execute::run::{Request, run};
use crate::search::query::parse::parse;
use crate::search::synonyms::Tuning;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Queries of one trial.
const QUERIES: usize = 20;
/// Characters of a query.
const LONGEST: usize = 400;
/// Hits shown of each.
const SHOWN: usize = 5;

/// An entry to try.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// What it would teach; a word of segmentation has no effect before the index is built anew, and what is kept out or hidden
    /// none on what is found: they cannot be tried.
    pub kind: WordKind,
    /// The words.
    pub words: Vec<String>,
    /// Queries to try it on, 20 at most; without any, its words and the listed queries that hold one of them.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub queries: Vec<String>,
}

/// A hit, by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Seen {
    /// Resource id.
    pub id: String,
    /// Title.
    pub title: String,
}

/// What a query finds without and with the entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Effect {
    /// The query.
    pub query: String,
    /// Hits now.
    pub total_before: u64,
    /// Hits with it.
    pub total_after: u64,
    /// The first five now.
    pub before: Vec<Seen>,
    /// The first five with it.
    pub after: Vec<Seen>,
}

/// What an entry would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Effects {
    /// Query by query.
    pub queries: Vec<Effect>,
}

impl Discover {
    /// Tries an entry on queries, with what the actor may see. Nothing is saved.
    ///
    /// # Errors
    /// Forbidden but for editors and administrators of the whole site; words that are none; an index that cannot be read.
    pub async fn try_word(&self, actor: &Actor, trial: Trial) -> Result<Effects, Problem> {
        may_teach(actor)?;
        let words = SearchWord::checked(trial.kind, &trial.words)?;
        if trial.kind.is_single() {
            let (zh, en) = ("只有同义词可以预演。", "Synonyms alone can be tried.");
            return Err(Problem::field("kind", "kind", zh, en));
        }
        if trial.queries.len() > QUERIES || trial.queries.iter().any(|query| query.chars().count() > LONGEST) {
            return Err(Problem::field(
                "queries",
                "queries",
                "最多 20 条检索词，每条最多 400 字。",
                "At most 20 queries of 400 characters.",
            ));
        }
        self.ready()?;
        let mut known = entries(&self.store).await?;
        let before = Arc::new(self.tuned_with(&known));
        known.push(SearchWord {
            id: String::new(),
            kind: trial.kind,
            words: words.clone(),
            note: String::new(),
            by: String::new(),
            at: Timestamp::from_millis(0),
        });
        let after = Arc::new(self.tuned_with(&known));
        let queries = if trial.queries.is_empty() { self.queries_with(&words).await? } else { trial.queries };
        let (discover, actor) = (self.clone(), actor.clone());
        let trying = tokio::task::spawn_blocking(move || {
            let effect = |query: String| discover.effect(&actor, query, &before, &after);
            queries.into_iter().map(effect).collect::<tantivy::Result<Vec<Effect>>>()
        });
        let queries = trying.await.map_err(|error| index_fault(&error))?.map_err(|error| index_fault(&error))?;
        Ok(Effects { queries })
    }

    /// The words, and queries that found little and hold one of them.
    async fn queries_with(&self, words: &[String]) -> Result<Vec<String>, Problem> {
        let folded: Vec<String> = words.iter().map(|word| self.index.lexicon().fold(word).text).collect();
        let asked = self.asked_queries().await?;
        let holding =
            asked.into_iter().map(|AskedQuery { query, .. }| query).filter(|query| folded.iter().any(|word| query.contains(word)));
        let mut queries: Vec<String> = words.iter().cloned().chain(holding).collect();
        queries.dedup();
        queries.truncate(QUERIES);
        Ok(queries)
    }

    fn effect(&self, actor: &Actor, query: String, before: &Arc<Tuning>, after: &Arc<Tuning>) -> tantivy::Result<Effect> {
        let generation = self.index.generation();
        let found = |tuning: &Arc<Tuning>| {
            let (query, tokens, tuning) = (parse(&query), actor.viewer_tokens(), Some(Arc::clone(tuning)));
            let outcome = run(
                &generation,
                &Request { query, tokens, limit: SHOWN, tuning, today: self.today(), usage: self.usage(), ..Request::default() },
            )?;
            let seen = |(address, _): &(tantivy::DocAddress, f32)| {
                let card = outcome.view.searcher().doc::<Kept>(*address)?.read_card()?;
                Ok(Seen { id: card.id, title: card.title })
            };
            let hits: tantivy::Result<Vec<Seen>> = outcome.hits.iter().map(seen).collect();
            Ok::<_, tantivy::TantivyError>((outcome.total, hits?))
        };
        let (total_before, before) = found(before)?;
        let (total_after, after) = found(after)?;
        Ok(Effect { query, total_before, total_after, before, after })
    }
}
