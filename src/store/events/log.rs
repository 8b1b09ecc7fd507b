//! The handle of the log: what is asked of it goes to the writer, and from there, in log order, to the applier.

use super::apply::Applier;
use super::block::Batch;
use super::dedup::Dedup;
use super::desk::Desk;
use super::erase::{Draft, Which};
use super::files::{Blocks, Day, Files};
use super::writer::Writer;
use super::{Consumer, EventLogError, SiteKey, erase};
use crate::clock::Clock;
use crate::domain::event::Event;
use crate::domain::space::LookAtSpace;
use crate::domain::time::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc as channel};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Requests waiting for the writer before callers must wait to be heard.
const QUEUE: usize = 256;
/// Groups written but not yet applied.
const AHEAD: usize = 4;

/// How to open the log.
#[derive(Clone, Debug)]
pub struct EventLogOptions {
    /// The log's own folder, `<data>/events`.
    pub dir: PathBuf,
    /// Gives times of receipt.
    pub clock: Clock,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// New events.
    pub accepted: u64,
    /// Events whose key had been used before: counted once, then.
    pub duplicates: u64,
}

/// What opening found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogReport {
    /// Rows ever written: the number of the next one.
    pub end: u64,
    /// Bytes of a torn, never acknowledged write that were cut off.
    pub torn: u64,
    /// Damaged stretches before whole blocks, left out of every reading.
    pub damaged: u32,
}

/// How an answer comes back.
pub type Reply<T> = oneshot::Sender<Result<T, EventLogError>>;

/// What is asked of the writer.
pub enum Request {
    /// Append events.
    Append(Vec<Event>, Reply<Receipt>),
    /// Forget a learner.
    Forget(u64, Reply<()>),
    /// Take rows out of the files; answered with how many there were.
    Erase(Which, Reply<u64>),
    /// The drafts of an erasure are ready.
    Erased(Result<Vec<Draft>, EventLogError>, Reply<u64>),
    /// Learn anew; if `only_stale`, only where rows were taken out since.
    Rebuild {
        /// See above.
        only_stale: bool,
        /// Answered when the new model is in place.
        reply: Reply<()>,
    },
    /// Keep what was learned.
    Checkpoint(Reply<()>),
}

/// The log. Clones share it; the last one dropped closes it.
#[derive(Clone)]
pub struct EventLog {
    shared: Arc<Shared>,
}

struct Shared {
    requests: Option<mpsc::Sender<Request>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    days: Arc<Mutex<Vec<Day>>>,
    key: SiteKey,
    report: LogReport,
    space: OnceLock<LookAtSpace>,
}

impl EventLog {
    /// Opens the log, cuts off what a crash tore, and brings the consumer up to its end before it answers. Blocks; call it
    /// off the async threads.
    pub fn open(options: EventLogOptions, consumer: Arc<dyn Consumer>) -> Result<Self, EventLogError> {
        let EventLogOptions { dir, clock } = options;
        std::fs::create_dir_all(&dir).map_err(EventLogError::io("make the folder"))?;
        let key = SiteKey::open(&dir)?;
        let generation = erase::generation(&dir)?;
        let (files, found) = Files::open(&dir)?;
        let dedup = Dedup::open(&dir.join("keys"), found.end)?;
        let keys_anew = dir.join("keys-anew");
        let applier = Applier::start(dedup, consumer, files.days(), generation, found.end)?;
        let days = Arc::new(Mutex::new(files.days().to_vec()));
        let (requests, inbox) = mpsc::channel(QUEUE);
        let (work, todo) = channel::sync_channel(AHEAD);
        let desk = Desk::new(applier, Arc::clone(&days), keys_anew);
        let (own, last) = (requests.downgrade(), Timestamp::default());
        let writer = Writer { dir, clock, files, days: Arc::clone(&days), next: found.end, last, work, own, erasing: None };
        let spawn = |name: &str, body: Box<dyn FnOnce() + Send>| {
            std::thread::Builder::new().name(name.to_owned()).spawn(body).map_err(EventLogError::io("start a thread"))
        };
        let threads =
            vec![spawn("events-log", Box::new(move || writer.run(inbox)))?, spawn("events-apply", Box::new(move || desk.run(&todo)))?];
        let report = LogReport { end: found.end, torn: found.torn, damaged: found.damaged };
        let shared = Shared { requests: Some(requests), threads: Mutex::new(threads), days, key, report, space: OnceLock::new() };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The key that makes surrogates and event keys.
    pub fn key(&self) -> &SiteKey {
        &self.shared.key
    }

    /// From now on events are refused ([`EventLogError::Full`]) while `look` says that the reserve is reached.
    pub fn keep_reserve(&self, look: LookAtSpace) {
        // The first one stays: a log has one disk.
        let _ = self.shared.space.set(look);
    }

    /// What opening found.
    pub fn report(&self) -> LogReport {
        self.shared.report
    }

    /// Appends events. The answer comes when they are durable and the consumer has taken them; a batch is kept whole or
    /// not at all.
    pub async fn append(&self, events: Vec<Event>) -> Result<Receipt, EventLogError> {
        if self.shared.space.get().is_some_and(|look| !look().takes_content()) {
            return Err(EventLogError::Full);
        }
        self.ask(|reply| Request::Append(events, reply)).await
    }

    /// Forgets what is known of a learner, at once and again at every replay. The rows stay until [`EventLog::erase`].
    pub async fn forget(&self, learner: u64) -> Result<(), EventLogError> {
        self.ask(|reply| Request::Forget(learner, reply)).await
    }

    /// Takes all rows of these learners up to now out of the files and answers how many there were. Models keep what they
    /// learned from them until [`EventLog::rebuild`] or the next opening.
    pub async fn erase(&self, learners: Vec<u64>) -> Result<u64, EventLogError> {
        for learner in &learners {
            self.forget(*learner).await?;
        }
        self.ask(|reply| Request::Erase(Which::Of(learners), reply)).await
    }

    /// Takes the rows of all learners who were forgotten out of the files, up to their forgetting, and answers how many there
    /// were.
    pub async fn erase_forgotten(&self) -> Result<u64, EventLogError> {
        self.ask(|reply| Request::Erase(Which::Forgotten, reply)).await
    }

    /// Takes impressions received before an instant out of the files, and answers how many there were.
    pub async fn erase_impressions(&self, before: Timestamp) -> Result<u64, EventLogError> {
        self.ask(|reply| Request::Erase(Which::Impressions(before), reply)).await
    }

    /// Has the consumer learn the whole log anew, beside what it has learned; events are taken meanwhile.
    pub async fn rebuild(&self) -> Result<(), EventLogError> {
        self.ask(|reply| Request::Rebuild { only_stale: false, reply }).await
    }

    /// The same, but only when rows were taken out since the consumer learned.
    pub async fn freshen(&self) -> Result<(), EventLogError> {
        self.ask(|reply| Request::Rebuild { only_stale: true, reply }).await
    }

    /// Has the consumer keep what it learned, so that the next opening is quick.
    pub async fn checkpoint(&self) -> Result<(), EventLogError> {
        self.ask(Request::Checkpoint).await
    }

    /// Reads the log's blocks from row number `from` on, duplicates and forgettings included, as of now.
    pub fn read(&self, from: u64) -> impl Iterator<Item = Result<Batch, EventLogError>> + use<> {
        let days = self.shared.days.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Blocks::new(&days, from)
    }

    /// The files and their durable lengths as of now: what a backup copies.
    pub fn files(&self) -> Vec<(PathBuf, u64)> {
        let days = self.shared.days.lock().unwrap_or_else(PoisonError::into_inner);
        days.iter().map(|day| (day.path.clone(), day.length)).collect()
    }

    async fn ask<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Result<T, EventLogError> {
        let (reply, answer) = oneshot::channel();
        let requests = self.shared.requests.as_ref().ok_or(EventLogError::Closed)?;
        requests.send(request(reply)).await.map_err(|_| EventLogError::Closed)?;
        answer.await.map_err(|_| EventLogError::Closed)?
    }
}

/// Reads a log that nobody serves, without changing it: every block, or what is wrong with it.
pub fn inspect(dir: &Path) -> Result<impl Iterator<Item = Result<Batch, EventLogError>> + use<>, EventLogError> {
    let mut days = Files::list(dir)?;
    days.iter_mut().for_each(|day| day.end = u64::MAX);
    Ok(Blocks::new(&days, 0))
}

impl Drop for Shared {
    /// Lets both threads finish what was asked of them; the applier keeps what was learned.
    fn drop(&mut self) {
        self.requests = None;
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the event log ended badly");
            }
        }
    }
}
