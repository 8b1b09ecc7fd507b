//! The event log: what learners do, appended in batches, acknowledged after the sync, kept as compressed blocks by UTC day
//! of receipt; and the one applier, which drops duplicates in log order and hands the rest to its consumer.
//!
//! The log is the truth; everything else here (runs of keys) and above (models, records) is derived and can be rebuilt from
//! it. It must never acknowledge what is not durable, never change the number of an event, never hold a learner's name. A new
//! verb needs only a number in `domain::event`; a new column needs a new version of the block, with the old ones still read.
//!
//! * `key` – the site's secret, surrogates and event keys · `block` – the codec · `files` – one file a day, torn tails
//! * `log` – the handle · `writer` – groups under one sync · `desk`, `apply` – the applier · `rebuild` – learning anew beside it
//! * `dedup`, `runs`, `merging`, `filter` – which keys were seen · `erase` – taking rows out for good

mod apply;
pub mod block;
mod dedup;
mod desk;
mod erase;
mod files;
mod filter;
mod key;
mod log;
mod merging;
mod rebuild;
mod runs;
#[cfg(test)]
mod tests;
mod writer;

pub use block::{Act, Batch, Row};
pub use key::SiteKey;
pub use log::{EventLog, EventLogOptions, LogReport, Receipt, inspect};

use crate::domain::event::Standing;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::study::Report;
use std::sync::Arc;

/// What takes events in log order, each once: the models and records above. Called from one thread only.
pub trait Consumer: Send + Sync + 'static {
    /// The number of the next event wanted, given the log's generation. 0 asks for everything from the start; the consumer
    /// then begins empty. A generation it does not know means that the log was rewritten: it must begin empty.
    fn resume(&self, generation: u64, end: u64) -> u64;

    /// Takes a batch: new events only, in log order, with forgettings between them. `end` is the next number after it.
    fn apply(&self, batch: &Batch, end: u64);

    /// A good moment to keep what was learned: everything before `end` has been applied. Events wait for the return, so what
    /// takes long goes on beside.
    fn checkpoint(&self, generation: u64, end: u64);

    /// Returns when all that [`Consumer::checkpoint`] began has been kept.
    fn settle(&self);

    /// The whole log will be read once more (after learners were erased), on another thread, while [`Consumer::apply`] goes on.
    fn begin_rebuild(&self) -> Box<dyn Rebuild>;
}

/// Learns the log anew.
pub trait Rebuild: Send {
    /// As [`Consumer::apply`].
    fn apply(&mut self, batch: &Batch);

    /// Puts what it learned in the place of what the consumer had, which it answers: to be dropped where nobody waits.
    fn finish(self: Box<Self>) -> Box<dyn Send>;
}

/// Reads the learner's own record. Implemented by the consumer that keeps it.
pub trait Records: Send + Sync + 'static {
    /// Where the learner stands with each resource, the latest first; empty for one who is not known.
    fn standings(&self, learner: u64) -> Vec<Standing>;

    /// What the learner reported with a figure, the oldest first.
    fn reports(&self, learner: u64) -> Vec<Report>;

    /// From now on recommendations are made from the learner's own behaviour, or (`false`) not.
    fn personalise(&self, learner: u64, on: bool);
}

/// A consumer that keeps nothing: for tools that only read the log.
#[derive(Debug, Default)]
pub struct Nobody;

impl Consumer for Nobody {
    fn resume(&self, _generation: u64, end: u64) -> u64 {
        end
    }
    fn apply(&self, _batch: &Batch, _end: u64) {}
    fn checkpoint(&self, _generation: u64, _end: u64) {}
    fn settle(&self) {}
    fn begin_rebuild(&self) -> Box<dyn Rebuild> {
        Box::new(Self)
    }
}

impl Rebuild for Nobody {
    fn apply(&mut self, _batch: &Batch) {}
    fn finish(self: Box<Self>) -> Box<dyn Send> {
        self
    }
}

/// Why the log cannot do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EventLogError {
    /// The disk said no; nothing of the batch was kept. Trying again may help.
    #[error("event log, {doing}: {error}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        error: Arc<std::io::Error>,
    },
    /// There is too little room on the disk; nothing of the batch was written. It goes on when there is room again.
    #[error("event log: the disk is full up to its reserve")]
    Full,
    /// A sync failed: what the disk holds is not known until the log is opened again.
    #[error("event log: an earlier sync failed; open the log again")]
    Unsure,
    /// The log has been closed.
    #[error("event log: closed")]
    Closed,
    /// Bytes in a block are not what was written.
    #[error("event log: {file} is damaged at byte {offset}: {reason}")]
    Damaged {
        /// File name.
        file: String,
        /// Where the block begins.
        offset: u64,
        /// What does not hold.
        reason: &'static str,
    },
}

impl EventLogError {
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::Io { doing, error: Arc::new(error) }
    }

    fn is_full(&self) -> bool {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        matches!(self, Self::Full) || matches!(self, Self::Io { error, .. } if matches!(error.kind(), StorageFull | QuotaExceeded))
    }
}

impl From<EventLogError> for Problem {
    fn from(error: EventLogError) -> Self {
        tracing::error!(%error, "event log");
        if error.is_full() {
            return Self::storage_full();
        }
        Self::new(
            ProblemKind::Unavailable,
            "events-unavailable",
            "学习记录暂时无法写入，本批未保存，请稍后重试。",
            "Learning events cannot be written at the moment; nothing of this batch was kept, please try again.",
        )
    }
}
