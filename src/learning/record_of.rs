//! A learner's own record: history, resume points, favourites.

use super::Learning;
use crate::domain::access::Actor;
use crate::domain::event::{Standing, require_learner};
use crate::domain::problem::Problem;
use serde::{Deserialize, Serialize};

/// What a learner did, in short.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LearnerRecord {
    /// Where the learner stands with each resource, the latest first.
    pub history: Vec<Standing>,
    /// Begun, not finished, the latest first: resume points.
    pub unfinished: Vec<Standing>,
    /// Favourites, the latest first.
    pub favourites: Vec<Standing>,
}

impl Learning {
    /// The record of a learner, with at most `limit` entries in each list.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner.
    pub fn record_of(&self, actor: &Actor, learner: &str, limit: usize) -> Result<LearnerRecord, Problem> {
        let name = require_learner(actor, learner)?;
        let all = self.records.standings(self.log.key().learner(&name));
        let some = |wanted: &dyn Fn(&Standing) -> bool| all.iter().filter(|entry| wanted(entry)).take(limit).cloned().collect();
        Ok(LearnerRecord {
            history: some(&|_| true),
            unfinished: some(&|entry| (entry.progress > 0 || entry.position.is_some_and(|seconds| seconds > 0)) && !entry.completed && !entry.dismissed),
            favourites: some(&|entry| entry.favourite),
        })
    }
}
