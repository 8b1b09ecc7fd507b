//! What those who run the site look at: jobs, how far the followers are, and the code lists.
//!
//! Reads and nudges; it must never do a job's work or touch what a job is about. To let another figure be seen, add a file
//! with an `impl Operations` block, and a route.

pub mod jobs;
pub mod lists;
pub mod offline;
pub mod pulse;
pub mod ready;
pub mod upkeep;

pub use pulse::Pulse;
pub use upkeep::Upkeep;

use crate::clock::Clock;
use crate::domain::codes::CodeLists;
use crate::store::Store;
use std::sync::Arc;

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Operations {
    store: Store,
    clock: Clock,
    pulse: Pulse,
    codes: Arc<CodeLists>,
    upkeep: Upkeep,
    tools: Arc<Vec<ready::Tool>>,
}

impl Operations {
    /// Over this store and the followers that report to `pulse`.
    pub fn new(store: Store, clock: Clock, pulse: Pulse, codes: Arc<CodeLists>, upkeep: Upkeep) -> Self {
        Self { store, clock, pulse, codes, upkeep, tools: Arc::default() }
    }

    /// On a machine where these programs of others were looked for.
    #[must_use]
    pub fn with_tools(self, tools: Vec<ready::Tool>) -> Self {
        Self { tools: Arc::new(tools), ..self }
    }

    /// Where the followers stand.
    pub fn pulse(&self) -> &Pulse {
        &self.pulse
    }
}
