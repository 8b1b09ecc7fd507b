//! Forgetting a learner: the record, the profile and what was kept beside them at once, the rows of the log and what models
//! learned at night (`retain`).

use super::Learning;
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::change::ChangeSet;
use crate::domain::event::require_learner;
use crate::domain::learner::certificate::{BY_LEARNER, Certificate};
use crate::domain::learner::class::{BY_MEMBER, ClassMember};
use crate::domain::learner::list::LearnerList;
use crate::domain::learner::note::LearnerNote;
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Record};
use crate::domain::saved_search::{BY_LEARNER as SEARCHES_BY_LEARNER, SavedSearch};
use crate::store::PageRequest;

/// Records removed by one change.
const AT_ONCE: usize = 200;

impl Learning {
    /// Drops all that is known of a learner: profile, history, lists, notes, saved searches, classes, certificates; and sees to it
    /// that no replay brings it back. The wish not to be personalised stays, as it is no trace but a wish, and so do a protection and
    /// the proofs of consent. Asked again after a failure, it does what is left.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner; 503 when the log or the store cannot be written.
    pub async fn forget(&self, actor: &Actor, learner: &str) -> Result<(), Problem> {
        let (key, surrogate) = self.own(actor, learner)?;
        let name = require_learner(actor, learner)?;
        self.log.forget(surrogate).await?;
        let under = Key::prefix(&[&key]);
        self.remove_all::<LearnerList>(None, &under).await?;
        self.remove_all::<LearnerNote>(None, &under).await?;
        self.remove_all::<SavedSearch>(Some(SEARCHES_BY_LEARNER), &Key::prefix(&[&name])).await?;
        self.remove_all::<ClassMember>(Some(BY_MEMBER), &under).await?;
        self.remove_all::<Certificate>(Some(BY_LEARNER), &under).await
    }

    /// Removes the records whose keys, or whose keys in an index, begin so, until there are none.
    async fn remove_all<R: Record>(&self, index: Option<&'static str>, under: &Key) -> Result<(), Problem> {
        loop {
            let request = PageRequest::first(AT_ONCE);
            let page = match index {
                Some(index) => self.store.list_by::<R>(index, under, request).await?,
                None => self.store.list::<R>(under, request).await?,
            };
            if page.items.is_empty() && page.next.is_none() {
                return Ok(());
            }
            let mut change = ChangeSet::new(self.clock.fresh_id());
            for stored in &page.items {
                change.remove(stored);
            }
            self.store.commit(change).await?;
        }
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
}
