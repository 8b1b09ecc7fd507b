//! The writer's thread: callers that come together are written as one group under one sync.

use super::EventLogError;
use super::block::{self, Act, Batch, BatchBuilder, Row};
use super::desk::Work;
use super::erase::{self, Draft, Which};
use super::files::{Day, Files};
use super::log::{Receipt, Reply, Request};
use crate::clock::Clock;
use crate::domain::event::Event;
use crate::domain::time::Timestamp;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::{Receiver, WeakSender};

/// Most rows in one block and in one group.
const GROUP: usize = 1 << 16;

/// Writes what callers ask for.
pub struct Writer {
    /// The log's folder.
    pub dir: PathBuf,
    /// Gives times of receipt.
    pub clock: Clock,
    /// The files.
    pub files: Files,
    /// Where the files are published for readers.
    pub days: Arc<Mutex<Vec<Day>>>,
    /// Number of the next row.
    pub next: u64,
    /// Latest time of receipt.
    pub last: Timestamp,
    /// To the applier.
    pub work: SyncSender<Work>,
    /// To itself, as long as anybody else holds the log.
    pub own: WeakSender<Request>,
    /// An erasure is under way; these come after it.
    pub erasing: Option<VecDeque<(Which, Reply<u64>)>>,
}

impl Writer {
    /// Works until nobody holds the log any more.
    pub fn run(mut self, mut inbox: Receiver<Request>) {
        let mut kept = None;
        while let Some(request) = kept.take().or_else(|| inbox.blocking_recv()) {
            let work = match request {
                Request::Append(events, reply) => {
                    let (group, other) = gather(events, reply, &mut inbox);
                    kept = other;
                    self.write_group(group)
                }
                Request::Forget(learner, reply) => self.write_forgetting(learner, reply),
                Request::Erase(which, reply) => {
                    self.erase(which, reply);
                    None
                }
                Request::Erased(drafts, reply) => self.replace(drafts, reply),
                Request::Rebuild { only_stale, reply } => Some(Work::Rebuild { only_stale, reply }),
                Request::Checkpoint(reply) => Some(Work::Checkpoint(reply)),
            };
            if work.is_some_and(|work| self.work.send(work).is_err()) {
                return;
            }
        }
    }

    fn write_group(&mut self, group: Group) -> Option<Work> {
        let mut batch = BatchBuilder::new(self.receive());
        let mut replies = Vec::with_capacity(group.len());
        let mut seq = self.next;
        for (events, reply) in group {
            replies.push((events.len(), reply));
            for event in events {
                let Event { key, learner, resource, verb, at, value, position, list, region, marked } = event;
                let row = Row { key, at: at.millis(), value, position, region, marked, ..Row::blank(seq, learner, Act::Did(verb)) };
                batch.push(row, resource, list);
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
        let row = Row { at: received.millis(), ..Row::blank(self.next, learner, Act::Forget) };
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

    /// Has the files written anew on a thread of its own, while this one goes on appending.
    fn erase(&mut self, which: Which, reply: Reply<u64>) {
        if let Some(waiting) = &mut self.erasing {
            waiting.push_back((which, reply));
            return;
        }
        self.erasing = Some(VecDeque::new());
        let (days, end, own) = (self.files.days().to_vec(), self.next, self.own.clone());
        let body = move || {
            let drafts = erase::prepare(&days, which, end, &|| own.strong_count() == 0);
            match own.upgrade() {
                Some(writer) => drop(writer.blocking_send(Request::Erased(drafts, reply))),
                None => erase::discard(drafts.unwrap_or_default()),
            }
        };
        if let Err(error) = std::thread::Builder::new().name("events-erase".to_owned()).spawn(body) {
            // The caller's reply went with the thread: it is told that the log is closed, and asks again.
            tracing::error!(%error, "learners were not erased");
            self.erasing = None;
        }
    }

    fn replace(&mut self, drafts: Result<Vec<Draft>, EventLogError>, reply: Reply<u64>) -> Option<Work> {
        let done = drafts.and_then(|drafts| match drafts.is_empty() {
            true => Ok((0, None)),
            // The generation changes first: a snapshot of what was learned before is then of another log, whatever happens.
            false => {
                erase::renew(&self.dir).and_then(|generation| erase::install(&mut self.files, drafts).map(|gone| (gone, Some(generation))))
            }
        });
        self.publish();
        for (which, reply) in self.erasing.take().unwrap_or_default() {
            self.erase(which, reply);
        }
        // After a failure half of the files may be new ones; the generation on disk tells.
        let generation = match &done {
            Ok((_, generation)) => *generation,
            Err(_) => erase::generation(&self.dir).ok(),
        };
        drop(reply.send(done.map(|(gone, _)| gone)));
        generation.map(Work::Rewritten)
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

fn gather(events: Vec<Event>, reply: Reply<Receipt>, inbox: &mut Receiver<Request>) -> (Group, Option<Request>) {
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
