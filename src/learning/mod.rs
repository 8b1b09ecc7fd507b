//! Learning: takes in what learners do, and shows learners their own record.
//!
//! A batch is taken whole or refused whole, with every wrong row named; what was acknowledged is durable and already
//! counted for the learner's next list. What learners keep beside it (lists, notes, certificates) lies in the store under their
//! surrogates. This room must never keep a learner's name (but on a certificate and in a class, where it is to be read), and never know what is
//! recommended: models are fed by the log.
//!
//! To take another form of events: a reader beside `parse` and `xapi` that answers `EventInput`s.

pub mod certificates;
pub mod classes;
pub mod export;
pub mod floods;
mod forget;
pub mod gather;
pub mod history;
pub mod hours;
pub mod import;
pub mod lists;
mod marks;
pub mod notes;
pub mod parse;
pub mod personal;
pub mod progress;
pub mod protection;
mod record;
mod record_of;
mod replay;
mod retain;
mod rules;
#[cfg(test)]
mod tests;
mod xapi;

pub use record::Recorded;
pub use record_of::LearnerRecord;
pub use rules::LearningRules;
use rules::RetentionRule;

use crate::clock::Clock;
use crate::domain::access::Actor;
use crate::domain::codes::CodeLists;
use crate::domain::event::require_learner;
use crate::domain::learner::key_of;
use crate::domain::problem::Problem;
use crate::domain::study::HoursRule;
use crate::store::Store;
use crate::store::events::{EventLog, Records};
use floods::Floods;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Most events in one call.
pub const MOST_EVENTS: usize = 10_000;

/// The service. Clones share it.
#[derive(Clone)]
pub struct Learning {
    log: EventLog,
    records: Arc<dyn Records>,
    store: Store,
    clock: Clock,
    floods: Floods,
    hours_rule: Arc<HoursRule>,
    retention: Arc<RetentionRule>,
    exports: Arc<Semaphore>,
    protections: protection::Protections,
    codes: Arc<CodeLists>,
}

impl Learning {
    /// Over the log, over what keeps the learners' records (the log's consumer), and over the store of what they keep beside;
    /// `codes` has the divisions that events may name.
    pub fn new(log: EventLog, records: Arc<dyn Records>, store: Store, clock: Clock, rules: LearningRules, codes: Arc<CodeLists>) -> Self {
        let (floods, hours_rule, retention) = (Floods::new(rules.floods), Arc::new(rules.hours), Arc::new(rules.retention));
        // An export reads the whole log: one at a time.
        let (exports, protections) = (Arc::new(Semaphore::new(1)), protection::Protections::default());
        Self { log, records, store, clock, floods, hours_rule, retention, exports, protections, codes }
    }

    /// The learner whom an actor speaks for: the key of what the learner keeps, and the surrogate.
    fn own(&self, actor: &Actor, learner: &str) -> Result<(String, u64), Problem> {
        let surrogate = self.log.key().learner(&require_learner(actor, learner)?);
        Ok((key_of(surrogate), surrogate))
    }
}
