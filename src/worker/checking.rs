//! The job of checking what was taken over from another body.

use super::Handler;
use crate::domain::change::ChangeSet;
use crate::domain::job::{Job, JobKind};
use crate::domain::problem::Problem;
use crate::vetting::Vetting;

/// Checks the resources of one batch of an import.
pub struct CheckAdmitted(pub Vetting);

#[async_trait::async_trait]
impl Handler for CheckAdmitted {
    fn kind(&self) -> JobKind {
        JobKind::CheckAdmitted
    }

    async fn run(&self, job: &Job) -> Result<ChangeSet, Problem> {
        self.0.check_admitted(job).await
    }
}
