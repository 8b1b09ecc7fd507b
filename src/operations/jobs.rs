//! Jobs as they are seen and set going again by those who run the site.

use super::Operations;
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::change::ChangeSet;
use crate::domain::job::{CONVERTING, Job, JobKind, JobState, NewJob, OUTWARD, READY};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::Key;
use crate::domain::time::Timestamp;
use crate::store::{PageRequest, StoreError};
use serde::{Deserialize, Serialize};

/// When fewest learn, by the clock of Shanghai.
const NIGHT: &str = "03:30:00";
/// When owners of saved searches are told, by the clock of Shanghai: before the morning's digests are sent.
const MORNING: &str = "07:00:00";

/// Which jobs are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// Those done in the house.
    House,
    /// Those that send something out of it.
    Outward,
    /// Those that make renditions.
    Converting,
    /// Those that were given up.
    Parked,
}

/// A page of jobs.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JobPage {
    /// The jobs.
    pub items: Vec<Job>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

impl Operations {
    /// The jobs that wait or run in a queue, next due first; or the parked ones of all queues, latest first.
    ///
    /// # Errors
    /// Forbidden but for administrators and auditors of the whole site.
    pub async fn jobs(&self, actor: &Actor, queue: Queue, limit: usize, cursor: Option<String>) -> Result<JobPage, Problem> {
        require(actor, &[Role::Administrator, Role::Auditor])?;
        let request = PageRequest { limit, cursor, reverse: queue == Queue::Parked };
        let index = match queue {
            Queue::House => READY,
            Queue::Outward => OUTWARD,
            Queue::Converting => CONVERTING,
            Queue::Parked => "parked",
        };
        let page = self.store.list_by::<Job>(index, &Key::default(), request).await?;
        Ok(JobPage { items: page.items.into_iter().map(|job| job.value).collect(), next: page.next })
    }

    /// Sets a parked job going again, with its attempts counted anew.
    ///
    /// # Errors
    /// Not found; `not-parked`.
    pub async fn retry_job(&self, actor: &Actor, id: &str) -> Result<Job, Problem> {
        require(actor, &[Role::Administrator])?;
        let old = self.store.get::<Job>(&Key::from(id)).await?.ok_or_else(|| Problem::not_found("任务", "job"))?;
        if !matches!(old.value.state, JobState::Parked { .. }) {
            let (zh, en) = ("该任务没有停下，不需要重试。", "This job is not parked.");
            return Err(Problem::new(ProblemKind::Conflict, "not-parked", zh, en));
        }
        let job = Job { state: JobState::Waiting, attempts: 0, due: self.clock.now(), ..old.value.clone() };
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.update(&old, &job)?;
        self.store.commit(change).await?;
        Ok(job)
    }
}

impl Operations {
    /// Queues the day's jobs, unless they are queued already: the sweep of bytes that nothing needs, the removal of old notices, at
    /// night the work on the event log, and in the morning the round through saved searches. Called from time to time by the program; a job's id is made of the day, so that it is queued once.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn queue_daily(&self) -> Result<(), Problem> {
        let now = self.clock.now();
        let date = now.shanghai_date();
        let at = |time: &str| Timestamp::parse(&format!("{date}T{time}+08:00")).unwrap_or(now);
        let daily = [
            ("sweep", JobKind::SweepBlobs, now),
            ("tidy-events", JobKind::TidyEvents, at(NIGHT)),
            ("tidy-notices", JobKind::TidyNotices, now),
            ("tell-searches", JobKind::TellSearches, at(MORNING)),
        ];
        for (name, kind, due) in daily {
            let id = format!("{name}-{date}");
            let mut change = ChangeSet::new(format!("queue-{id}"));
            change.queue(NewJob { id, kind, subject: String::new(), due }, now)?;
            match self.store.commit(change).await {
                // A change of this id was applied before, or the job is still there.
                Ok(_) | Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn require(actor: &Actor, roles: &[Role]) -> Result<(), Problem> {
    if actor.has(roles, &OrgPath::root()) { Ok(()) } else { Err(Problem::forbidden()) }
}
