//! The log from its beginning, for whoever measures what is learned from it.

use super::Learning;
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::problem::Problem;
use crate::store::events::Batch;

impl Learning {
    /// Every batch of the log as of now, duplicates and forgettings included; learners are surrogates.
    ///
    /// # Errors
    /// Forbidden but for administrators and auditors of the whole site. In the sequence: a block that cannot be read.
    pub fn replay(&self, actor: &Actor) -> Result<impl Iterator<Item = Result<Batch, Problem>> + use<>, Problem> {
        if !actor.has(&[Role::Administrator, Role::Auditor], &OrgPath::root()) {
            return Err(Problem::forbidden());
        }
        let unreadable = |error| {
            tracing::error!(%error, "the event log cannot be read");
            Problem::internal()
        };
        Ok(self.log.read(0).map(move |batch| batch.map_err(unreadable)))
    }
}
