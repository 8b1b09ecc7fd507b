//! Learning: takes in what learners do, and shows learners their own record.
//!
//! A batch is taken whole or refused whole, with every wrong row named; what was acknowledged is durable and already
//! counted for the learner's next list. This room must never keep a learner's name (the log knows surrogates only), and
//! never know what is recommended: models are fed by the log.
//!
//! To take another form of events (xAPI, say): a reader beside `parse` that answers `EventInput`s.

mod forget;
pub mod import;
pub mod parse;
mod record;
mod record_of;
mod replay;
#[cfg(test)]
mod tests;

pub use record::Recorded;
pub use record_of::LearnerRecord;

use crate::store::events::{EventLog, Records};
use std::sync::Arc;

/// Most events in one call.
pub const MOST_EVENTS: usize = 10_000;

/// The service. Clones share it.
#[derive(Clone)]
pub struct Learning {
    log: EventLog,
    records: Arc<dyn Records>,
}

impl Learning {
    /// Over the log, and over what keeps the learners' records (the log's consumer).
    pub fn new(log: EventLog, records: Arc<dyn Records>) -> Self {
        Self { log, records }
    }
}
