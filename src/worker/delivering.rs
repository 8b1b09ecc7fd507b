//! Jobs of notices: sending one out of the house, and removing old ones.

use super::Handler;
use super::runner::Settings;
use crate::domain::change::ChangeSet;
use crate::domain::job::{Job, JobKind, OUTWARD};
use crate::domain::problem::Problem;
use crate::notices::Notices;
use std::time::Duration;

/// How sendings are run: four at once, in a queue of their own; nine attempts, the last about a day after the first (5 s, 20 s,
/// 80 s, … between them; proposed).
pub fn settings() -> Settings {
    let seconds = Duration::from_secs;
    Settings { lane: OUTWARD, concurrency: 4, lease: seconds(60), attempts: 9, pause: seconds(5), longest: seconds(50) }
}

/// Sends a notice, a code or an event.
pub struct Deliver(pub Notices);

#[async_trait::async_trait]
impl Handler for Deliver {
    fn kind(&self) -> JobKind {
        JobKind::Deliver
    }

    async fn run(&self, job: &Job) -> Result<ChangeSet, Problem> {
        self.0.deliver(job).await
    }
}

/// Removes what has expired.
pub struct TidyNotices(pub Notices);

#[async_trait::async_trait]
impl Handler for TidyNotices {
    fn kind(&self) -> JobKind {
        JobKind::TidyNotices
    }

    async fn run(&self, _job: &Job) -> Result<ChangeSet, Problem> {
        let removed = self.0.expire().await?;
        if removed > 0 {
            tracing::info!(removed, "old notices were removed");
        }
        Ok(ChangeSet::default())
    }
}
