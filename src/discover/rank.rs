//! Bare rankings for evaluation: the ids that search would give, without anything that a hit shows.

use super::{Discover, index_fault};
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::problem::Problem;
use crate::search::execute::run::{Request, run};
use crate::search::meaning::Toward;
use crate::search::query::parse::parse;
use crate::search::synonyms::Tuning;
use crate::search::weights::Weights;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Queries of one request.
pub const MOST_QUERIES: usize = 500;
/// Ids of one ranking.
const MOST_IDS: usize = 100;

/// Queries to rank.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RankRequest {
    /// Queries as people type them, 500 at most.
    #[schema(max_items = 500)]
    pub queries: Vec<String>,
    /// Ids of each, 1 to 100; 100 where nothing is said.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
    /// Numbers of ranking to try in place of those in force: the text of a file such as `index/weights.toml`.
    #[serde(default)]
    pub weights: Option<String>,
}

/// Rankings in the order of the queries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Rankings {
    /// Ids of resources, best first.
    pub rankings: Vec<Vec<String>>,
}

impl Discover {
    /// Ranks queries as the default search does, for evaluation.
    ///
    /// # Errors
    /// Forbidden but for administrators and auditors of the whole site; a wrong count or wrong weights; an index that cannot
    /// be read or is not ready; an embedding service that does not answer.
    pub async fn rank(&self, actor: &Actor, ask: RankRequest) -> Result<Rankings, Problem> {
        if !actor.has(&[Role::Administrator, Role::Auditor], &OrgPath::root()) {
            return Err(Problem::forbidden());
        }
        if ask.queries.len() > MOST_QUERIES {
            return Err(Problem::field("queries", "queries", "一次最多 500 条检索词。", "At most 500 queries at once."));
        }
        let limit = match ask.limit {
            None => MOST_IDS,
            Some(limit) => usize::try_from(limit).ok().filter(|limit| (1..=MOST_IDS).contains(limit)).ok_or_else(wrong_limit)?,
        };
        let weights = ask.weights.as_deref().map(Weights::parse).transpose().map_err(|error| wrong_weights(&error))?;
        self.ready()?;
        let in_force = self.tuning();
        let tuning = match weights {
            Some(weights) => Arc::new(Tuning { weights, synonyms: in_force.synonyms.clone() }),
            None => in_force,
        };
        let (generation, tokens) = (self.index.generation(), actor.viewer_tokens());
        let (today, usage) = (self.today(), self.usage());
        let meant = match tuning.weights.meaning > 0.0 {
            true => self.meant_of_all(&ask.queries).await?,
            false => vec![None; ask.queries.len()],
        };
        let one = move |(query, toward): (&String, Option<Toward>)| {
            let (query, tokens, tuning, usage) = (parse(query), tokens.clone(), Some(Arc::clone(&tuning)), Arc::clone(&usage));
            let request = Request { query, tokens, limit, tuning, today, usage, toward, ..Request::default() };
            let outcome = run(&generation, &request)?;
            outcome.ids()
        };
        // Long: not on the threads that serve connections.
        let ranking = move || ask.queries.iter().zip(meant).map(one).collect::<tantivy::Result<Vec<Vec<String>>>>();
        let rankings = tokio::task::spawn_blocking(ranking).await.map_err(|error| index_fault(&error))?;
        rankings.map(|rankings| Rankings { rankings }).map_err(|error| index_fault(&error))
    }
}

fn wrong_limit() -> Problem {
    Problem::field("limit", "limit", "limit 应为 1 至 100 的整数。", "limit must be a whole number from 1 to 100.")
}

fn wrong_weights(error: &dyn std::fmt::Display) -> Problem {
    Problem::field("weights", "weights", format!("排序权重不对：{error}"), format!("The weights are wrong: {error}"))
}
