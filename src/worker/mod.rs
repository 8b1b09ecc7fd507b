//! What runs without being asked: jobs that someone must do once, and followers that read the feed.
//!
//! A job carries ids; its [`Handler`] re-reads the truth, may run twice, and answers the ChangeSet of its effects, which the
//! [`runner`] commits together with the removal of the job. A [`Follower`] keeps its position with its own state. Neither
//! may hold a rule of the domain: they call services. This is the one interface that works on the store directly, because
//! leases and positions are its trade. To add a job: a `JobKind`, a file here with its handler, one line in `app`.

pub mod approving;
pub mod calendar;
pub mod checking;
pub mod converting;
pub mod delivering;
pub mod finding;
pub mod follow_likeness;
pub mod follow_meaning;
pub mod follow_notices;
pub mod follow_recommend;
pub mod follow_search;
pub mod follower;
pub mod ingesting;
pub mod link_health;
pub mod runner;
pub mod tidy_events;

pub use follow_likeness::FollowLikeness;
pub use follow_meaning::FollowMeaning;
pub use follow_notices::FollowNotices;
pub use follow_recommend::FollowRecommend;
pub use follow_search::FollowSearch;
pub use follower::{Follower, Following, follow};
pub use runner::Runner;

use crate::domain::change::ChangeSet;
use crate::domain::job::{Job, JobKind};
use crate::domain::problem::Problem;

/// Does jobs of one kind.
#[async_trait::async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Which jobs.
    fn kind(&self) -> JobKind;

    /// Does what is still needed and answers its effects. May be called again for the same job: after a crash, a failed
    /// commit, or an attempt that lost its lease.
    ///
    /// # Errors
    /// The job is tried again later, and parked with this problem's words after too many attempts.
    async fn run(&self, job: &Job) -> Result<ChangeSet, Problem>;
}
