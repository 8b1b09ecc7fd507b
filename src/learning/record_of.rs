//! A learner's own record in short: history, resume points, favourites, lists, notes, hours, the switch.

use super::Learning;
use super::hours::Days;
use super::lists::ListView;
use super::notes::NoteView;
use crate::domain::access::Actor;
use crate::domain::event::Standing;
use crate::domain::problem::Problem;
use crate::store::PageRequest;
use serde::{Deserialize, Serialize};

/// What a learner did and keeps, in short.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LearnerRecord {
    /// Where the learner stands with each resource, the latest first.
    pub history: Vec<Standing>,
    /// Begun, not finished, the latest first: resume points.
    pub unfinished: Vec<Standing>,
    /// Favourites, the latest first.
    pub favourites: Vec<Standing>,
    /// Favourites in lists.
    pub lists: Vec<ListView>,
    /// Notes, the latest first.
    pub notes: Vec<NoteView>,
    /// Effective seconds of all days.
    pub effective_seconds: u64,
    /// The same in tenths of 学时.
    pub hours_tenths: u32,
    /// Whether recommendations are made from this record.
    pub personalised: bool,
}

impl Learning {
    /// The record of a learner, with at most `limit` entries in each list.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner; 503 when the store cannot be read.
    pub async fn record_of(&self, actor: &Actor, learner: &str, limit: usize) -> Result<LearnerRecord, Problem> {
        let (key, surrogate) = self.own(actor, learner)?;
        self.note_access(actor, learner, "record").await?;
        let all = self.records.standings(surrogate);
        let some = |wanted: &dyn Fn(&Standing) -> bool| all.iter().filter(|entry| wanted(entry)).take(limit).cloned().collect();
        let hours = self.hours_of(surrogate, &Days::default());
        let begun = |entry: &Standing| entry.progress > 0 || entry.position.is_some_and(|seconds| seconds > 0);
        Ok(LearnerRecord {
            history: some(&|_| true),
            unfinished: some(&|entry| begun(entry) && !entry.completed && !entry.dismissed),
            favourites: some(&|entry| entry.favourite),
            lists: self.lists_of(&key).await?.into_iter().map(|stored| stored.value.into()).collect(),
            notes: self.notes(actor, learner, None, PageRequest::last(limit)).await?.items,
            effective_seconds: hours.seconds,
            hours_tenths: hours.hours_tenths,
            personalised: self.is_personalised(&key, surrogate).await?,
        })
    }
}
