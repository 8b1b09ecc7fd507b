//! The jobs of taking in: unpack a deposit, check a submission, sweep bytes that nothing needs.

use super::Handler;
use crate::domain::change::ChangeSet;
use crate::domain::job::{Job, JobKind};
use crate::domain::problem::Problem;
use crate::ingest::Ingest;

/// Unpacks deposits.
pub struct Unpack(pub Ingest);

#[async_trait::async_trait]
impl Handler for Unpack {
    fn kind(&self) -> JobKind {
        JobKind::Unpack
    }

    async fn run(&self, job: &Job) -> Result<ChangeSet, Problem> {
        self.0.unpack(job).await
    }
}

/// Checks submissions by machine.
pub struct Check(pub Ingest);

#[async_trait::async_trait]
impl Handler for Check {
    fn kind(&self) -> JobKind {
        JobKind::Check
    }

    async fn run(&self, job: &Job) -> Result<ChangeSet, Problem> {
        self.0.check(job).await
    }
}

/// Sweeps bytes that nothing needs.
pub struct SweepBlobs(pub Ingest);

#[async_trait::async_trait]
impl Handler for SweepBlobs {
    fn kind(&self) -> JobKind {
        JobKind::SweepBlobs
    }

    async fn run(&self, _job: &Job) -> Result<ChangeSet, Problem> {
        let report = self.0.sweep().await?;
        tracing::info!(seen = report.seen, condemned = report.condemned, spared = report.spared, removed = report.removed, "bytes swept");
        Ok(ChangeSet::default())
    }
}
