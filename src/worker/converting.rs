//! The jobs of conversion. They have a queue of their own and are done one at a time, so that a term's lessons, which take hours,
//! keep no deposit from its check.

use super::Handler;
use super::runner::Settings;
use crate::domain::change::ChangeSet;
use crate::domain::job::{CONVERTING, Job, JobKind};
use crate::domain::problem::Problem;
use crate::ingest::Ingest;
use std::time::Duration;

/// What a job may take beside the conversion itself: its result is read once more and copied.
const BESIDE: Duration = Duration::from_secs(1_800);

/// One at a time. What failed is tried twice more, since it may have been memory that was short; a file that cannot be converted is
/// then parked.
pub fn settings(longest: Duration) -> Settings {
    let pause = Duration::from_secs(1);
    Settings { lane: CONVERTING, concurrency: 1, attempts: 3, pause, longest: longest + BESIDE, ..Settings::default() }
}

/// Makes renditions.
pub struct Convert(pub Ingest);

#[async_trait::async_trait]
impl Handler for Convert {
    fn kind(&self) -> JobKind {
        JobKind::Convert
    }

    async fn run(&self, job: &Job) -> Result<ChangeSet, Problem> {
        self.0.convert(job).await
    }
}

/// Goes through the catalogue for renditions that can be made now.
pub struct Renew(pub Ingest);

#[async_trait::async_trait]
impl Handler for Renew {
    fn kind(&self) -> JobKind {
        JobKind::RenewRenditions
    }

    async fn run(&self, job: &Job) -> Result<ChangeSet, Problem> {
        self.0.renew(job).await
    }
}
