//! The job runner: leases, heartbeats, attempts with backoff, parking.

use super::Handler;
use crate::clock::Clock;
use crate::domain::change::{ChangeSet, Position};
use crate::domain::job::{Job, JobKind, JobState, READY};
use crate::domain::problem::{Problem, STORAGE_FULL};
use crate::domain::record::{Key, Stored};
use crate::domain::time::Timestamp;
use crate::store::{PageRequest, Store, StoreError};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How jobs are run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The queue that it takes from ([`JobKind::lane`]).
    pub lane: &'static str,
    /// Jobs at once.
    pub concurrency: usize,
    /// How long a lease holds; it is renewed at a third of that.
    pub lease: Duration,
    /// Attempts before a job is parked.
    pub attempts: u32,
    /// Pause after the first failed attempt; each further one is four times as long.
    pub pause: Duration,
    /// Longest time that one attempt may take.
    pub longest: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { lane: READY, concurrency: 2, lease: seconds(60), attempts: 5, pause: seconds(5), longest: seconds(3_600) }
    }
}

/// Longest sleep when nothing is due; a commit wakes the runner earlier.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// How long a job waits that found the disk full, in milliseconds.
const ROOM_PAUSE_MS: i64 = 10_000;
/// Shortest time between two looks at the queue while commits stream in.
const SHORTEST_SLEEP: Duration = Duration::from_millis(20);
/// How long running jobs may go on after the stop; then their leases run out and another start does them.
const GRACE: Duration = Duration::from_secs(10);

/// Takes jobs from the queue and has them done.
pub struct Runner {
    crew: Arc<Crew>,
}

struct Crew {
    store: Store,
    clock: Clock,
    settings: Settings,
    worker: String,
    handlers: HashMap<JobKind, Arc<dyn Handler>>,
}

impl Runner {
    /// A runner with these handlers.
    pub fn new(store: Store, clock: Clock, settings: Settings, handlers: Vec<Arc<dyn Handler>>) -> Self {
        let worker = clock.fresh_id();
        let handlers = handlers.into_iter().map(|handler| (handler.kind(), handler)).collect();
        Self { crew: Arc::new(Crew { store, clock, settings, worker, handlers }) }
    }

    /// Ends all leases. Only for whoever alone has the store open: the workers that held them are gone.
    ///
    /// # Errors
    /// The store's.
    pub async fn end_old_leases(&self) -> Result<(), Problem> {
        let crew = &self.crew;
        let mut request = PageRequest::first(500);
        loop {
            let page = crew.store.list_by::<Job>(crew.settings.lane, &Key::default(), request.clone()).await?;
            let leased = page.items.iter().filter(|job| matches!(job.value.state, JobState::Leased { .. }));
            let mut change = ChangeSet::new(crew.clock.fresh_id());
            for old in leased {
                change.update(old, &Job { state: JobState::Waiting, due: crew.clock.now(), ..old.value.clone() })?;
            }
            if !change.puts.is_empty() {
                crew.store.commit(change).await?;
            }
            if page.next.is_none() {
                return Ok(());
            }
            request = request.after(page.next);
        }
    }

    /// Runs until `stop`, then lets what runs end within a grace.
    pub async fn run(self, stop: CancellationToken) {
        let mut head = self.crew.store.watch();
        let mut running = JoinSet::new();
        while !stop.is_cancelled() {
            head.mark_unchanged();
            let free = self.crew.settings.concurrency.saturating_sub(running.len());
            let next = match self.crew.claim(free).await {
                Ok((claimed, next)) => {
                    claimed.into_iter().for_each(|job| drop(running.spawn(Arc::clone(&self.crew).perform(job))));
                    next
                }
                Err(problem) => {
                    tracing::error!(%problem, "the queue cannot be read");
                    Some(self.crew.clock.now().plus_millis(1_000))
                }
            };
            let full = running.len() >= self.crew.settings.concurrency;
            tokio::select! {
                () = stop.cancelled() => break,
                Some(_) = running.join_next() => {}
                () = self.crew.sleep_until(next), if !full => {}
                changed = head.changed(), if !full => {
                    if changed.is_err() {
                        break;
                    }
                    tokio::time::sleep(SHORTEST_SLEEP).await;
                }
            }
        }
        let ending = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, ending).await.is_err() {
            tracing::warn!("jobs were still running at the stop; they will be done again");
        }
    }
}

/// Why an attempt came to nothing.
enum Setback {
    /// There was no room on the disk.
    NoRoom,
    /// Anything else, in words for whoever looks after the job.
    Failed(String),
}

impl Crew {
    async fn sleep_until(&self, next: Option<Timestamp>) {
        let longest = self.clock.now().plus_millis(i64::try_from(LONGEST_SLEEP.as_millis()).unwrap_or(i64::MAX));
        tokio::time::sleep(SHORTEST_SLEEP).await;
        self.clock.sleep_until(next.map_or(longest, |next| next.min(longest))).await;
    }

    /// Leases up to `free` jobs that are due; with them, when the next one is.
    async fn claim(&self, free: usize) -> Result<(Vec<Stored<Job>>, Option<Timestamp>), Problem> {
        let mut claimed = Vec::new();
        let page = self.store.list_by::<Job>(self.settings.lane, &Key::default(), PageRequest::first(free.max(1) * 2)).await?;
        for old in page.items {
            let ready = old.value.ready_at();
            if claimed.len() >= free || ready.is_some_and(|ready| ready > self.clock.now()) {
                return Ok((claimed, ready));
            }
            if old.value.attempts >= self.settings.attempts {
                // Its last worker vanished in the middle of it: a job that kills its worker must not go on for ever.
                let said = old.value.last_error.clone().unwrap_or_else(|| "the worker ended before the job did".to_owned());
                self.give_back(&old, said).await?;
                continue;
            }
            claimed.extend(self.lease(&old, old.value.attempts + 1).await?);
        }
        let next = page.next.map(|_| self.clock.now());
        Ok((claimed, next))
    }

    /// Takes or renews the lease; `None` when another was faster.
    async fn lease(&self, old: &Stored<Job>, attempts: u32) -> Result<Option<Stored<Job>>, Problem> {
        let lease = i64::try_from(self.settings.lease.as_millis()).unwrap_or(i64::MAX);
        let state = JobState::Leased { worker: self.worker.clone(), until: self.clock.now().plus_millis(lease) };
        self.replace(old, Job { state, attempts, ..old.value.clone() }).await
    }

    async fn replace(&self, old: &Stored<Job>, job: Job) -> Result<Option<Stored<Job>>, Problem> {
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.update(old, &job)?;
        match self.store.commit(change).await {
            Ok(version) => Ok(Some(Stored { value: job, version })),
            Err(StoreError::Conflict { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn perform(self: Arc<Self>, leased: Stored<Job>) {
        let (id, kind) = (leased.value.id.clone(), leased.value.kind);
        if let Err(problem) = self.attempt(leased).await {
            // The lease runs out and the job is taken again.
            tracing::error!(job = id, ?kind, %problem, "the outcome of a job could not be written");
        }
    }

    /// One attempt: the handler's work under a lease that is renewed, then its effects and the job's end in one commit.
    async fn attempt(&self, mut leased: Stored<Job>) -> Result<(), Problem> {
        let job = leased.value.clone();
        let Some(handler) = self.handlers.get(&job.kind).cloned() else {
            return self.give_back(&leased, "no handler for this kind of job".to_owned()).await.map(drop);
        };
        let work = {
            let job = job.clone();
            tokio::spawn(async move { handler.run(&job).await })
        };
        let abort = work.abort_handle();
        let mut work = std::pin::pin!(tokio::time::timeout(self.settings.longest, work));
        let mut beat = tokio::time::interval(self.settings.lease / 3);
        beat.tick().await;
        let outcome = loop {
            tokio::select! {
                outcome = &mut work => break outcome,
                _ = beat.tick() => match self.lease(&leased, job.attempts).await {
                    Ok(Some(renewed)) => leased = renewed,
                    Ok(None) => {
                        abort.abort();
                        tracing::warn!(job = job.id, "the lease was lost; another does the job");
                        return Ok(());
                    }
                    Err(problem) => tracing::warn!(job = job.id, %problem, "the lease could not be renewed"),
                },
            }
        };
        let effects = match outcome {
            Ok(Ok(Ok(effects))) => self.finish(&leased, effects).await,
            Ok(Ok(Err(problem))) if problem.code == STORAGE_FULL => Err(Setback::NoRoom),
            Ok(Ok(Err(problem))) => Err(Setback::Failed(format!("{}: {}", problem.code, problem.zh))),
            Ok(Err(_panicked)) => Err(Setback::Failed("the handler panicked".to_owned())),
            Err(_elapsed) => {
                abort.abort();
                Err(Setback::Failed("the attempt took too long".to_owned()))
            }
        };
        match effects {
            Ok(position) => {
                tracing::debug!(job = job.id, kind = ?job.kind, %position, "job done");
                metrics::counter!("jobs_done", "kind" => format!("{:?}", job.kind)).increment(1);
                Ok(())
            }
            Err(Setback::Failed(said)) => self.give_back(&leased, said).await.map(drop),
            Err(Setback::NoRoom) => self.put_off(&leased).await.map(drop),
        }
    }

    async fn finish(&self, leased: &Stored<Job>, mut effects: ChangeSet) -> Result<Position, Setback> {
        if effects.id.is_empty() {
            effects.id = self.clock.fresh_id();
        }
        effects.remove(leased);
        self.store.commit(effects).await.map_err(|error| match error {
            StoreError::Full => Setback::NoRoom,
            error => Setback::Failed(error.to_string()),
        })
    }

    /// Puts a job back that found the disk full: that is no fault of the job's, and no attempt of its own.
    async fn put_off(&self, leased: &Stored<Job>) -> Result<Option<Stored<Job>>, Problem> {
        let job = &leased.value;
        tracing::warn!(job = job.id, kind = ?job.kind, "a job waits for room on the disk");
        let due = self.clock.now().plus_millis(ROOM_PAUSE_MS);
        let last_error = Some(STORAGE_FULL.to_owned());
        let attempts = job.attempts.saturating_sub(1);
        self.replace(leased, Job { state: JobState::Waiting, due, attempts, last_error, ..job.clone() }).await
    }

    /// Puts a job back for a later attempt, or parks it after the last one.
    async fn give_back(&self, leased: &Stored<Job>, said: String) -> Result<Option<Stored<Job>>, Problem> {
        let now = self.clock.now();
        let job = &leased.value;
        let last = job.attempts >= self.settings.attempts || !self.handlers.contains_key(&job.kind);
        tracing::warn!(job = job.id, kind = ?job.kind, subject = job.subject, attempt = job.attempts, said, parked = last, "a job failed");
        metrics::counter!("jobs_failed", "kind" => format!("{:?}", job.kind)).increment(1);
        let factor = 4_u32.saturating_pow(job.attempts.saturating_sub(1).min(8));
        let pause = i64::try_from((self.settings.pause * factor).as_millis()).unwrap_or(i64::MAX);
        let (state, due) = if last { (JobState::Parked { at: now }, job.due) } else { (JobState::Waiting, now.plus_millis(pause)) };
        self.replace(leased, Job { state, due, last_error: Some(said), ..job.clone() }).await
    }
}
