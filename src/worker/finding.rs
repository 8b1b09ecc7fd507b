//! The day's round through saved searches: their owners are told of what is new.

use super::Handler;
use crate::discover::Discover;
use crate::discover::saved::Round;
use crate::domain::change::ChangeSet;
use crate::domain::job::{Job, JobKind};
use crate::domain::problem::{Problem, ProblemKind};
use crate::notices::Notices;
use crate::operations::Operations;
use crate::store::Store;

/// Tells the owners of saved searches.
pub struct TellSearches {
    /// What finds.
    pub discover: Discover,
    /// What tells.
    pub notices: Notices,
    /// What knows how far search is.
    pub operations: Operations,
    /// Whose head is waited for.
    pub store: Store,
}

#[async_trait::async_trait]
impl Handler for TellSearches {
    fn kind(&self) -> JobKind {
        JobKind::TellSearches
    }

    async fn run(&self, _job: &Job) -> Result<ChangeSet, Problem> {
        self.operations.wait_for_search(self.store.head()).await?;
        let (mut round, mut told, mut left) = (Round::default(), 0_usize, 0_usize);
        while let Some(news) = self.discover.look_for_new(&mut round).await? {
            for one in news {
                match self.notices.tell(one.notice, one.change).await {
                    Ok(()) => told += 1,
                    // Its owner changed it, or something else went into the same digest, at this instant: the next attempt tells.
                    Err(problem) if problem.kind == ProblemKind::Conflict => left += 1,
                    Err(problem) => return Err(problem),
                }
            }
        }
        tracing::info!(told, left, "owners of saved searches were told of what is new");
        if left > 0 {
            let (zh, en) = ("有的检索刚被修改，稍后再通知。", "Some searches had just been changed; their owners are told later.");
            return Err(Problem::new(ProblemKind::Unavailable, "searches-left", zh, en));
        }
        Ok(ChangeSet::default())
    }
}
