//! The job of approving what a stamped pledge covers.

use super::Handler;
use crate::domain::change::ChangeSet;
use crate::domain::job::{Job, JobKind};
use crate::domain::problem::Problem;
use crate::vetting::Vetting;

/// Approves the works on a pledge's list.
pub struct Approve(pub Vetting);

#[async_trait::async_trait]
impl Handler for Approve {
    fn kind(&self) -> JobKind {
        JobKind::Approve
    }

    async fn run(&self, job: &Job) -> Result<ChangeSet, Problem> {
        self.0.approve_listed(job).await
    }
}
