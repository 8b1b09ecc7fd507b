//! The night's work on the event log: those who asked to be forgotten leave it for good, and the models learn anew.

use super::Handler;
use crate::domain::change::ChangeSet;
use crate::domain::job::{Job, JobKind};
use crate::domain::problem::Problem;
use crate::learning::Learning;

/// Erases who was forgotten.
pub struct TidyEvents(pub Learning);

#[async_trait::async_trait]
impl Handler for TidyEvents {
    fn kind(&self) -> JobKind {
        JobKind::TidyEvents
    }

    async fn run(&self, _job: &Job) -> Result<ChangeSet, Problem> {
        let gone = self.0.tidy().await?;
        tracing::info!(gone, "the event log was tidied");
        Ok(ChangeSet::default())
    }
}
