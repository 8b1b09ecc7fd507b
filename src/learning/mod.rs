//! Learning: takes in what learners do, and shows learners their own record.
//!
//! A batch is taken whole or refused whole, with every wrong row named; what was acknowledged is durable and already
//! counted for the learner's next list. This room must never keep a learner's name (the log knows surrogates only), and
//! never know what is recommended: models are fed by the log.
//!
//! To take another form of events: a reader beside `parse` and `xapi` that answers `EventInput`s.

pub mod floods;
mod forget;
pub mod import;
pub mod parse;
mod record;
mod record_of;
mod replay;
mod rules;
#[cfg(test)]
mod tests;
mod xapi;

pub use record::Recorded;
pub use record_of::LearnerRecord;
pub use rules::LearningRules;

use crate::clock::Clock;
use crate::store::events::{EventLog, Records};
use floods::Floods;
use std::sync::Arc;

/// Most events in one call.
pub const MOST_EVENTS: usize = 10_000;

/// The service. Clones share it.
#[derive(Clone)]
pub struct Learning {
    log: EventLog,
    records: Arc<dyn Records>,
    clock: Clock,
    floods: Floods,
}

impl Learning {
    /// Over the log, and over what keeps the learners' records (the log's consumer).
    pub fn new(log: EventLog, records: Arc<dyn Records>, clock: Clock, rules: LearningRules) -> Self {
        Self { log, records, clock, floods: Floods::new(rules.floods) }
    }
}
