//! The jobs of taking in: unpack a deposit, check a submission.

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
