//! Forgetting a learner: the record and the profile at once, the rows of the log and what models learned at night.

use super::Learning;
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::event::require_learner;
use crate::domain::problem::Problem;

impl Learning {
    /// Drops all that is known of a learner from memory, and sees to it that no replay brings it back.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner; 503 when the log cannot be written.
    pub async fn forget(&self, actor: &Actor, learner: &str) -> Result<(), Problem> {
        let name = require_learner(actor, learner)?;
        Ok(self.log.forget(self.log.key().learner(&name)).await?)
    }

    /// Takes the rows of these learners out of the log and has the models learn what is left anew. Answers how many rows
    /// there were. Events are taken meanwhile.
    ///
    /// # Errors
    /// 403 for all but an administrator of the whole site; 503 when the log cannot be rewritten.
    pub async fn erase(&self, actor: &Actor, learners: &[String]) -> Result<u64, Problem> {
        if !actor.has(&[Role::Administrator], &OrgPath::root()) {
            return Err(Problem::forbidden());
        }
        let surrogates = learners.iter().map(|learner| self.log.key().learner(learner)).collect();
        let gone = self.log.erase(surrogates).await?;
        self.log.freshen().await?;
        Ok(gone)
    }

    /// The night's work: takes the rows of all who were forgotten out of the log, and has the models learn what is left anew
    /// where rows were taken out. Answers how many rows there were. Asked again after a failure, it does what is left.
    ///
    /// # Errors
    /// 503 when the log cannot be rewritten.
    pub async fn tidy(&self) -> Result<u64, Problem> {
        let gone = self.log.erase_forgotten().await?;
        self.log.freshen().await?;
        Ok(gone)
    }
}
