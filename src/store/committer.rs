//! One committer per store: a thread that takes what is waiting, up to a limit, commits it as one group and answers.
//!
//! It never retries: a group whose engine fails has an unknown fate, so the committer stops taking writes until the store is
//! opened again, and says so. Reading goes on.

use super::engine::{Engine, EngineError, Outcome, Stamped};
use super::error::StoreError;
use super::prune;
use crate::domain::change::{ChangeSet, Position};
use crate::domain::space::{LookAtSpace, Space};
use crate::domain::time::Timestamp;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

/// Changes in one group at most.
const GROUP_CHANGES: usize = 256;
/// Bytes in one group, the last change excepted.
const GROUP_BYTES: usize = 8 << 20;
/// Bytes that may wait for the committer, in KiB; a change larger than that waits alone.
const WAITING_KIB: u32 = 32 << 10;
/// Bytes of one change at most.
pub(super) const CHANGE_BYTES: usize = 64 << 20;
/// How often old feed and change rows are looked for.
const PRUNE_EVERY: Duration = Duration::from_secs(600);

/// Gives the present instant; a value so that tests can stand still.
pub(super) type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

enum Request {
    Commit { stamped: Stamped, bytes: usize, answer: oneshot::Sender<Result<Outcome, StoreError>> },
    Hold { held: oneshot::Sender<()>, release: oneshot::Receiver<()> },
    Write { rows: Vec<(Vec<u8>, Option<Vec<u8>>)>, answer: oneshot::Sender<Result<(), StoreError>> },
    Prune { keep_after: Timestamp, keep_commits: u64, answer: oneshot::Sender<Result<(), StoreError>> },
    Close { answer: oneshot::Sender<Result<(), StoreError>> },
}

/// The door to the committer's thread.
pub(super) struct Committer {
    requests: mpsc::UnboundedSender<Request>,
    room: Arc<Semaphore>,
    published: watch::Receiver<Position>,
    failure: Arc<OnceLock<String>>,
    space: Arc<OnceLock<LookAtSpace>>,
    now: Now,
}

/// While this lives nothing is committed.
pub(super) struct Held {
    _release: oneshot::Sender<()>,
}

impl Committer {
    /// Starts the thread. `keep` lives as long as it does (the directory's lock).
    pub(super) fn start(engine: Arc<dyn Engine>, head: Position, now: Now, keep: Box<dyn Send>) -> Result<Self, StoreError> {
        let (requests, inbox) = mpsc::unbounded_channel();
        let (publish, published) = watch::channel(head);
        let failure = Arc::new(OnceLock::new());
        let space = Arc::new(OnceLock::new());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(|error| StoreError::Open(format!("cannot start the committer: {error}")))?;
        let thread =
            Thread { engine, inbox, publish, failure: Arc::clone(&failure), space: Arc::clone(&space), now: Arc::clone(&now), runtime };
        std::thread::Builder::new()
            .name("committer".to_owned())
            .spawn(move || {
                let closed = thread.run();
                drop(keep);
                // Only now: who hears that the store is closed may open it again.
                if let Some((answer, done)) = closed {
                    let _ = answer.send(done);
                }
            })
            .map_err(|error| StoreError::Open(format!("cannot start the committer: {error}")))?;
        Ok(Self { requests, room: Arc::new(Semaphore::new(WAITING_KIB as usize)), published, failure, space, now })
    }

    /// Hands a change in and waits for its fate. Once it is handed in (after the first wait for room), dropping this future
    /// cancels nothing.
    pub(super) async fn commit(&self, change: ChangeSet) -> Result<Position, StoreError> {
        let bytes = weigh(&change)?;
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(WAITING_KIB).clamp(1, WAITING_KIB);
        let room = self.room.acquire_many(kib).await.map_err(|_| closed())?;
        let (answer, fate) = oneshot::channel();
        let stamped = Stamped { change, at: (self.now)() };
        self.send(Request::Commit { stamped, bytes, answer })?;
        let outcome = fate.await.map_err(|_| closed())?;
        drop(room);
        match outcome? {
            Outcome::Done(position) | Outcome::Repeated(position) => Ok(position),
            Outcome::Missed { table, key } => Err(StoreError::Conflict { table, key }),
        }
    }

    /// Stops committing until what this returns is dropped. Changes handed in meanwhile wait.
    pub(super) async fn hold(&self) -> Result<Held, StoreError> {
        let (release, released) = oneshot::channel();
        let (held, holding) = oneshot::channel();
        self.send(Request::Hold { held, release: released })?;
        holding.await.map_err(|_| closed())?;
        Ok(Held { _release: release })
    }

    /// Writes raw rows between two groups.
    pub(super) async fn write(&self, rows: Vec<(Vec<u8>, Option<Vec<u8>>)>) -> Result<(), StoreError> {
        self.ask(|answer| Request::Write { rows, answer }).await
    }

    /// Forgets feed and change rows handed in before `keep_after`, but keeps the last `keep_commits`.
    pub(super) async fn prune(&self, keep_after: Timestamp, keep_commits: u64) -> Result<(), StoreError> {
        self.ask(|answer| Request::Prune { keep_after, keep_commits, answer }).await
    }

    /// Finishes what waits and closes the engine.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        self.ask(|answer| Request::Close { answer }).await
    }

    /// The position of the last acknowledged commit, as it moves.
    pub(super) fn published(&self) -> watch::Receiver<Position> {
        self.published.clone()
    }

    /// From now on nothing is begun while `look` says that the reserve is reached.
    pub(super) fn keep_reserve(&self, look: LookAtSpace) {
        // The first one stays: a store has one disk.
        let _ = self.space.set(look);
    }

    /// How much room there is, where somebody minds it.
    pub(super) fn space(&self) -> Option<Space> {
        self.space.get().map(|look| look())
    }

    /// Why nothing is committed any more, when that is so.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Request) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.send(request(answer))?;
        answered.await.map_err(|_| closed())?
    }

    fn send(&self, request: Request) -> Result<(), StoreError> {
        self.requests.send(request).map_err(|_| closed())
    }
}

fn closed() -> StoreError {
    EngineError::Closed.into()
}

fn weigh(change: &ChangeSet) -> Result<usize, StoreError> {
    let too_large = |what: &str, bytes: usize| Err(StoreError::TooLarge(format!("{what} of {bytes} bytes")));
    let mut bytes = change.id.len();
    for put in &change.puts {
        bytes += put.json.len() + put.key.as_bytes().len() + 64;
        for row in &put.add {
            let length = row.key.as_bytes().len() + put.key.as_bytes().len();
            if length > super::keyspace::MAX_KEY {
                return too_large("an index key", length);
            }
            bytes += length + 64;
        }
        if put.key.as_bytes().len() > super::keyspace::MAX_KEY {
            return too_large("a key", put.key.as_bytes().len());
        }
    }
    bytes += change.facts.iter().map(|fact| fact.id.len() + 32).sum::<usize>();
    if change.id.len() > super::keyspace::MAX_KEY {
        return too_large("a change id", change.id.len());
    }
    if bytes > CHANGE_BYTES { too_large("a change", bytes) } else { Ok(bytes) }
}

struct Thread {
    engine: Arc<dyn Engine>,
    inbox: mpsc::UnboundedReceiver<Request>,
    publish: watch::Sender<Position>,
    failure: Arc<OnceLock<String>>,
    space: Arc<OnceLock<LookAtSpace>>,
    now: Now,
    runtime: tokio::runtime::Runtime,
}

type Closed = (oneshot::Sender<Result<(), StoreError>>, Result<(), StoreError>);
type Answers = Vec<oneshot::Sender<Result<Outcome, StoreError>>>;

impl Thread {
    /// Serves until the store is closed; answers whom to tell, where somebody asked for it.
    fn run(mut self) -> Option<Closed> {
        let mut next_prune = std::time::Instant::now() + PRUNE_EVERY;
        let mut left_over = None;
        loop {
            let request = match left_over.take() {
                Some(request) => Some(request),
                None => match self.wait(next_prune) {
                    Ok(request) => request,
                    Err(_elapsed) => {
                        next_prune = std::time::Instant::now() + PRUNE_EVERY;
                        self.prune_old();
                        continue;
                    }
                },
            };
            match request {
                Some(Request::Commit { stamped, bytes, answer }) => left_over = self.group(stamped, bytes, answer),
                Some(Request::Hold { held, release }) => {
                    if held.send(()).is_ok() {
                        // An error means that the holder is gone, which is the release.
                        let _ = release.blocking_recv();
                    }
                }
                Some(Request::Write { rows, answer }) => {
                    let done = self.guarded(|thread| thread.runtime.block_on(thread.engine.write(rows)));
                    let _ = answer.send(done);
                }
                Some(Request::Prune { keep_after, keep_commits, answer }) => {
                    let _ = answer.send(self.prune(keep_after, keep_commits));
                }
                Some(Request::Close { answer }) => return Some((answer, self.close())),
                None => {
                    if let Err(error) = self.close() {
                        tracing::error!(%error, "the store did not close cleanly");
                    }
                    return None;
                }
            }
        }
    }

    fn wait(&mut self, until: std::time::Instant) -> Result<Option<Request>, tokio::time::error::Elapsed> {
        let Self { inbox, runtime, .. } = self;
        if let Ok(request) = inbox.try_recv() {
            return Ok(Some(request));
        }
        runtime.block_on(async { tokio::time::timeout_at(until.into(), inbox.recv()).await })
    }

    /// Commits `first` with what else waits; gives back a request that is not a commit.
    fn group(&mut self, first: Stamped, mut bytes: usize, answer: oneshot::Sender<Result<Outcome, StoreError>>) -> Option<Request> {
        let (mut group, mut answers, mut left_over) = (vec![first], vec![answer], None);
        while group.len() < GROUP_CHANGES && bytes < GROUP_BYTES {
            match self.inbox.try_recv() {
                Ok(Request::Commit { stamped, bytes: more, answer }) => {
                    group.push(stamped);
                    answers.push(answer);
                    bytes += more;
                }
                Ok(other) => {
                    left_over = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        let done = match self.has_room() {
            true => self.guarded(|thread| thread.runtime.block_on(thread.engine.commit(group))),
            false => Err(StoreError::Full),
        };
        self.answer(done, answers);
        left_over
    }

    fn answer(&self, done: Result<Vec<Outcome>, StoreError>, answers: Answers) {
        match done {
            Ok(outcomes) => {
                let last = outcomes.iter().filter_map(|outcome| match outcome {
                    Outcome::Done(position) => Some(*position),
                    _ => None,
                });
                // Before the answers: who holds a position finds the head at least there.
                if let Some(head) = last.max() {
                    self.publish.send_replace(head);
                }
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    // A caller that has gone away is no concern: the change is in.
                    let _ = answer.send(Ok(outcome));
                }
            }
            Err(error) => {
                for answer in answers {
                    let _ = answer.send(Err(error.clone()));
                }
            }
        }
    }

    /// Runs a write; after the first one that fails or panics, none is tried again.
    fn guarded<T>(&mut self, work: impl FnOnce(&Self) -> Result<T, EngineError>) -> Result<T, StoreError> {
        if let Some(failure) = self.failure.get() {
            return Err(StoreError::Unavailable(failure.clone()));
        }
        let tried = std::panic::catch_unwind(AssertUnwindSafe(|| work(self)));
        let failed = match tried {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the engine panicked while writing".to_owned(),
        };
        tracing::error!(cause = failed, "the store takes no more writes until it is opened again");
        let _ = self.failure.set(format!("{failed}; restart to open the store again"));
        Err(StoreError::Unavailable(failed))
    }

    /// Whether a write may begin: one that meets the end of the disk on its way would have an unknown fate.
    fn has_room(&self) -> bool {
        self.space.get().is_none_or(|look| look().takes_records())
    }

    fn prune_old(&mut self) {
        if !self.has_room() {
            return;
        }
        let ago = |millis: i64| (self.now)().plus_millis(-millis);
        let (young, old) = (ago(prune::KEEP_MS), ago(prune::KEEP_NONE_MS));
        if let Err(error) = self.prune(young, prune::KEEP_COMMITS).and_then(|()| self.prune(old, 0)) {
            tracing::warn!(%error, "old feed rows could not be pruned");
        }
    }

    fn prune(&mut self, keep_after: Timestamp, keep_commits: u64) -> Result<(), StoreError> {
        let head = *self.publish.borrow();
        loop {
            let more =
                self.guarded(|thread| thread.runtime.block_on(prune::slice(thread.engine.as_ref(), head, keep_after, keep_commits)))?;
            if !more {
                return Ok(());
            }
        }
    }

    fn close(&mut self) -> Result<(), StoreError> {
        let closed = std::panic::catch_unwind(AssertUnwindSafe(|| self.runtime.block_on(self.engine.close())));
        closed.map_err(|_| StoreError::Unavailable("the engine panicked while closing".to_owned()))?.map_err(StoreError::from)
    }
}
