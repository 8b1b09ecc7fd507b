//! Forgetting a learner: the record, the profile and what was kept beside them at once, the rows of the log and what models
//! learned at night (`retain`).
//!
//! What stays, and why: the wish not to be personalised and a protection, which are no trace but what keeps the law for as long as the
//! account is there; proofs of a guardian's consent, for their three years; notes of who looked at a minor's record, for theirs, from
//! now on for auditors alone. Certificates go: no law has a proof of learning kept against its learner's wish (PIPL article 47), and
//! what one wants to show later is printed or taken along before. The account itself is another matter; so is what the learner did
//! as somebody else, a teacher's class or a reviewer's opinion.
//!
//! On the disk: the log's files are written anew without the rows at night, and so is the snapshot of what was learned. In the store,
//! keys of what was deleted stand in rows of changes for up to thirty days; a backup made after that has no trace. Engines leave
//! what was deleted in pages of their files until they use these again; `yuelu store compact` writes a store anew without them.

use super::Learning;
use super::protection::speaks_for_itself;
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::change::ChangeSet;
use crate::domain::event::require_learner;
use crate::domain::learner::certificate::{BY_LEARNER, Certificate};
use crate::domain::learner::class::{BY_MEMBER, ClassMember};
use crate::domain::learner::list::LearnerList;
use crate::domain::learner::note::LearnerNote;
use crate::domain::learner::protection::RecordAccess;
use crate::domain::notice::{Notice, Subject};
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Record};
use crate::domain::saved_search::{BY_LEARNER as SEARCHES_BY_LEARNER, MOST, SavedSearch};
use crate::store::PageRequest;
use std::collections::BTreeSet;

/// Records removed by one change.
const AT_ONCE: usize = 200;

impl Learning {
    /// Drops all that is known of a learner: profile, history, lists, notes, saved searches with what was told of them, classes,
    /// certificates; and sees to it that no replay brings it back. What stays is told above. Asked again after a failure, it does what
    /// is left.
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
        self.forget_searches(actor, learner, &name).await?;
        self.remove_all::<ClassMember>(Some(BY_MEMBER), &under).await?;
        self.remove_all::<Certificate>(Some(BY_LEARNER), &under).await?;
        self.seal_accesses(&under).await
    }

    /// Saved searches are an account's, and so is what it was told of them.
    async fn forget_searches(&self, actor: &Actor, learner: &str, name: &str) -> Result<(), Problem> {
        let under = Key::prefix(&[name]);
        let saved = self.store.list_by::<SavedSearch>(SEARCHES_BY_LEARNER, &under, PageRequest::first(MOST * 2)).await?;
        let mut accounts: BTreeSet<String> = saved.items.into_iter().map(|saved| saved.value.account).collect();
        accounts.extend(actor.account.clone().filter(|_| speaks_for_itself(actor, learner)));
        for account in accounts {
            let mut request = PageRequest::first(AT_ONCE);
            loop {
                let mut page = self.store.list_by::<Notice>("inbox", &Notice::inbox_key(&account), request).await?;
                page.items.retain(|notice| notice.value.subject == Subject::SavedSearch);
                self.remove(&page.items).await?;
                if page.next.is_none() {
                    break;
                }
                request = PageRequest::first(AT_ONCE).after(page.next);
            }
        }
        // Last: by them the account is found, should this be asked again.
        self.remove_all::<SavedSearch>(Some(SEARCHES_BY_LEARNER), &under).await
    }

    async fn seal_accesses(&self, under: &Key) -> Result<(), Problem> {
        let mut request = PageRequest::first(AT_ONCE);
        loop {
            let page = self.store.list::<RecordAccess>(under, request).await?;
            let mut change = ChangeSet::new(self.clock.fresh_id());
            for open in page.items.iter().filter(|row| !row.value.sealed) {
                change.update(open, &RecordAccess { sealed: true, ..open.value.clone() })?;
            }
            if !change.puts.is_empty() {
                self.store.commit(change).await?;
            }
            if page.next.is_none() {
                return Ok(());
            }
            request = PageRequest::first(AT_ONCE).after(page.next);
        }
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
            self.remove(&page.items).await?;
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
