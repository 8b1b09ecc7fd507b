//! The applier's thread: what was written is applied and answered in log order; what takes long goes on beside.

use super::EventLogError;
use super::apply::Applier;
use super::block::Batch;
use super::files::Day;
use super::log::{Receipt, Reply};
use super::rebuild::Running;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The consumer is asked to keep what it learned after so many events.
const CHECKPOINT_EVERY: u64 = 2_000_000;
/// How often a rebuild under way is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// What the writer hands on, in log order.
pub enum Work {
    /// A batch, with how many of its rows each caller sent.
    Batch(Batch, Vec<(usize, Reply<Receipt>)>),
    /// A learner is to be forgotten.
    Forget(Batch, Reply<()>),
    /// Rows were taken out of the files; the new generation.
    Rewritten(u64),
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

/// The applier with its rebuilds.
pub struct Desk {
    applier: Applier,
    days: Arc<Mutex<Vec<Day>>>,
    keys: PathBuf,
    building: Option<Running>,
    waiting: Vec<Reply<()>>,
    since: u64,
}

impl Desk {
    /// `days` are the files as the writer publishes them; `keys` is a folder for the keys of rebuilds.
    pub fn new(applier: Applier, days: Arc<Mutex<Vec<Day>>>, keys: PathBuf) -> Self {
        Self { applier, days, keys, building: None, waiting: Vec::new(), since: 0 }
    }

    /// Works until the writer is gone; then what was learned is kept.
    pub fn run(mut self, todo: &Receiver<Work>) {
        loop {
            let work = match &self.building {
                None => todo.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(_) => todo.recv_timeout(LOOK),
            };
            match work {
                Ok(work) => self.take(work),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.building.as_ref().is_some_and(Running::is_finished) {
                self.finish_rebuild();
            }
            if self.since >= CHECKPOINT_EVERY {
                self.since = 0;
                self.keep();
            }
        }
        if let Some(running) = self.building.take() {
            running.cancel();
        }
        self.keep();
        self.applier.consumer.settle();
    }

    fn take(&mut self, work: Work) {
        match work {
            Work::Batch(batch, replies) => {
                self.since += batch.rows.len() as u64;
                answer(self.applier.take(batch), replies);
            }
            Work::Forget(batch, reply) => drop(reply.send(self.applier.take(batch).map(|_| ()))),
            Work::Rewritten(generation) => {
                self.applier.rewritten(generation);
                if let Some(running) = self.building.take() {
                    // What it has read may be gone from the files.
                    running.cancel();
                    self.begin_rebuild();
                }
            }
            Work::Rebuild { only_stale, reply } => {
                if only_stale && !self.applier.is_stale() {
                    drop(reply.send(Ok(())));
                    return;
                }
                self.waiting.push(reply);
                if self.building.is_none() {
                    self.begin_rebuild();
                }
            }
            Work::Checkpoint(reply) => {
                let (done, consumer) = (self.applier.checkpoint(), Arc::clone(&self.applier.consumer));
                std::thread::spawn(move || {
                    consumer.settle();
                    drop(reply.send(done));
                });
            }
        }
    }

    fn begin_rebuild(&mut self) {
        let model = self.applier.consumer.begin_rebuild();
        match Running::begin(&self.keys, model, Arc::clone(&self.days)) {
            Ok(running) => self.building = Some(running),
            Err(error) => self.answer_waiting(&Err(error)),
        }
    }

    fn finish_rebuild(&mut self) {
        let Some(running) = self.building.take() else { return };
        let days = self.days.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let done = running.finish().and_then(|anew| self.applier.replace(anew, &days));
        if let Err(error) = &done {
            tracing::error!(%error, "what was learned anew from the event log was not used");
        }
        self.answer_waiting(&done);
    }

    fn answer_waiting(&mut self, done: &Result<(), EventLogError>) {
        self.waiting.drain(..).for_each(|reply| drop(reply.send(done.clone())));
    }

    fn keep(&mut self) {
        if let Err(error) = self.applier.checkpoint() {
            // Nothing is lost: the log holds everything, the next opening only reads more of it.
            tracing::warn!(%error, "the keys of the event log were not written");
        }
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
