//! The handle of the log and its writer: callers that come together are written as one group under one sync.

use super::apply::Applier;
use super::block::{self, Act, Batch, BatchBuilder, Row};
use super::dedup::Dedup;
use super::files::{Blocks, Day, Files};
use super::{Consumer, EventLogError, SiteKey, erase};
use crate::clock::Clock;
use crate::domain::event::Event;
use crate::domain::space::LookAtSpace;
use crate::domain::time::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc as channel};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Most rows in one block and in one group.
const GROUP: usize = 1 << 16;
/// Requests waiting for the writer before callers must wait to be heard.
const QUEUE: usize = 256;
/// Groups written but not yet applied.
const AHEAD: usize = 4;
/// The consumer is asked to keep what it learned after so many events.
const CHECKPOINT_EVERY: u64 = 2_000_000;

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

type Reply<T> = oneshot::Sender<Result<T, EventLogError>>;

enum Request {
    Append(Vec<Event>, Reply<Receipt>),
    Forget(u64, Reply<()>),
    Erase(Vec<u64>, Reply<u64>),
    Rebuild(Reply<()>),
    Checkpoint(Reply<()>),
}

enum Work {
    Batch(Batch, Vec<(usize, Reply<Receipt>)>),
    Forget(Batch, Reply<()>),
    Rewritten(u64),
    Rebuild(Vec<Day>, u64, Reply<()>),
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
        let applier = Applier::start(dedup, consumer, files.days(), generation, found.end)?;
        let days = Arc::new(Mutex::new(files.days().to_vec()));
        let (requests, inbox) = mpsc::channel(QUEUE);
        let (work, todo) = channel::sync_channel(AHEAD);
        let writer = Writer { dir, clock, files, days: Arc::clone(&days), next: found.end, generation, last: Timestamp::default(), work };
        let spawn = |name: &str, body: Box<dyn FnOnce() + Send>| {
            std::thread::Builder::new().name(name.to_owned()).spawn(body).map_err(EventLogError::io("start a thread"))
        };
        let threads = vec![
            spawn("events-log", Box::new(move || writer.run(inbox)))?,
            spawn("events-apply", Box::new(move || apply(applier, &todo)))?,
        ];
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
        self.ask(|reply| Request::Erase(learners, reply)).await
    }

    /// Has the consumer learn the whole log anew; new events wait meanwhile, readers see the old state.
    pub async fn rebuild(&self) -> Result<(), EventLogError> {
        self.ask(Request::Rebuild).await
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

struct Writer {
    dir: PathBuf,
    clock: Clock,
    files: Files,
    days: Arc<Mutex<Vec<Day>>>,
    next: u64,
    generation: u64,
    last: Timestamp,
    work: channel::SyncSender<Work>,
}

impl Writer {
    fn run(mut self, mut inbox: mpsc::Receiver<Request>) {
        let mut kept = None;
        while let Some(request) = kept.take().or_else(|| inbox.blocking_recv()) {
            let work = match request {
                Request::Append(events, reply) => {
                    let (group, other) = gather(events, reply, &mut inbox);
                    kept = other;
                    self.write_group(group)
                }
                Request::Forget(learner, reply) => self.write_forgetting(learner, reply),
                Request::Erase(learners, reply) => self.erase(&learners, reply),
                Request::Rebuild(reply) => self.rebuild(reply),
                Request::Checkpoint(reply) => Some(Work::Checkpoint(reply)),
            };
            if work.is_some_and(|work| self.work.send(work).is_err()) {
                return;
            }
        }
    }

    fn write_group(&mut self, group: Vec<(Vec<Event>, Reply<Receipt>)>) -> Option<Work> {
        let mut batch = BatchBuilder::new(self.receive());
        let mut replies = Vec::with_capacity(group.len());
        let mut seq = self.next;
        for (events, reply) in group {
            replies.push((events.len(), reply));
            for event in events {
                let Event { key, learner, resource, verb, at, value } = event;
                batch.push(Row { seq, key, learner, act: Act::Did(verb), resource: 0, at: at.millis(), value }, resource);
                seq += 1;
            }
        }
        let batch = batch.finish();
        match self.write(&batch) {
            Ok(()) => Some(Work::Batch(batch, replies)),
            Err(error) => {
                tracing::error!(%error, "a group of events was not written");
                replies.into_iter().for_each(|(_, reply)| drop(reply.send(Err(error.clone()))));
                None
            }
        }
    }

    fn write_forgetting(&mut self, learner: u64, reply: Reply<()>) -> Option<Work> {
        let received = self.receive();
        let row = Row { seq: self.next, key: 0, learner, act: Act::Forget, resource: 0, at: received.millis(), value: 0 };
        let batch = Batch { received, resources: Vec::new(), rows: vec![row] };
        match self.write(&batch) {
            Ok(()) => Some(Work::Forget(batch, reply)),
            Err(error) => {
                drop(reply.send(Err(error)));
                None
            }
        }
    }

    fn write(&mut self, batch: &Batch) -> Result<(), EventLogError> {
        let Some(end) = batch.rows.last().map(|row| row.seq + 1) else { return Ok(()) };
        let block = block::encode(batch).ok_or(EventLogError::Damaged {
            file: "memory".to_owned(),
            offset: 0,
            reason: "the group is too large for a block",
        })?;
        self.files.append(batch.received, &block, end)?;
        self.next = end;
        self.publish();
        Ok(())
    }

    fn erase(&mut self, learners: &[u64], reply: Reply<u64>) -> Option<Work> {
        let done = erase::rewrite(&self.dir, &mut self.files, learners, self.next);
        self.publish();
        let generation = erase::generation(&self.dir);
        drop(reply.send(done));
        self.generation = generation.unwrap_or(self.generation);
        Some(Work::Rewritten(self.generation))
    }

    fn rebuild(&mut self, reply: Reply<()>) -> Option<Work> {
        Some(Work::Rebuild(self.files.days().to_vec(), self.generation, reply))
    }

    fn publish(&self) {
        self.files.days().clone_into(&mut self.days.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Times of receipt never go back: the order of days is the order of numbers.
    fn receive(&mut self) -> Timestamp {
        self.last = self.last.max(self.clock.now());
        self.last
    }
}

type Group = Vec<(Vec<Event>, Reply<Receipt>)>;

fn gather(events: Vec<Event>, reply: Reply<Receipt>, inbox: &mut mpsc::Receiver<Request>) -> (Group, Option<Request>) {
    let mut rows = events.len();
    let mut group = vec![(events, reply)];
    while rows < GROUP {
        match inbox.try_recv() {
            Ok(Request::Append(events, reply)) if rows + events.len() <= GROUP => {
                rows += events.len();
                group.push((events, reply));
            }
            Ok(other) => return (group, Some(other)),
            Err(_) => break,
        }
    }
    (group, None)
}

fn apply(mut applier: Applier, todo: &channel::Receiver<Work>) {
    let mut since = 0;
    while let Ok(work) = todo.recv() {
        match work {
            Work::Batch(batch, replies) => {
                since += batch.rows.len() as u64;
                answer(applier.take(batch), replies);
            }
            Work::Forget(batch, reply) => drop(reply.send(applier.take(batch).map(|_| ()))),
            Work::Rewritten(generation) => applier.rewritten(generation),
            Work::Rebuild(days, generation, reply) => drop(reply.send(applier.rebuild(&days, generation))),
            Work::Checkpoint(reply) => drop(reply.send(applier.checkpoint())),
        }
        if since >= CHECKPOINT_EVERY {
            since = 0;
            keep(&mut applier);
        }
    }
    keep(&mut applier);
}

fn keep(applier: &mut Applier) {
    if let Err(error) = applier.checkpoint() {
        // Nothing is lost: the log holds everything, the next opening only reads more of it.
        tracing::warn!(%error, "the keys of the event log were not written");
    }
}

fn answer(taken: Result<Vec<bool>, EventLogError>, replies: Vec<(usize, Reply<Receipt>)>) {
    match taken {
        Ok(fresh) => {
            let mut rest = fresh.iter();
            for (count, reply) in replies {
                let accepted = rest.by_ref().take(count).filter(|new| **new).count() as u64;
                drop(reply.send(Ok(Receipt { accepted, duplicates: count as u64 - accepted })));
            }
        }
        Err(error) => replies.into_iter().for_each(|(_, reply)| drop(reply.send(Err(error.clone())))),
    }
}
