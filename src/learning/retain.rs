//! What goes by itself: traces that are no part of a learner's own record, after the days of the rule.

use super::Learning;
use crate::domain::change::ChangeSet;
use crate::domain::learner::protection::{ConsentAct, ConsentEntry, Protection, RecordAccess};
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Record, Stored};
use crate::domain::study::Sourced;
use crate::domain::time::{DAY_MS, Timestamp};
use crate::store::{MAX_PAGE, PageRequest};

impl Learning {
    /// The night's work: takes the rows of all who were forgotten and old impressions out of the log, has the models learn what
    /// is left anew where rows were taken out, and removes proofs and notes that were kept long enough. Answers how many rows
    /// of the log are gone. Asked again after a failure, it does what is left.
    ///
    /// # Errors
    /// 503 when the log cannot be rewritten, or the store.
    pub async fn tidy(&self) -> Result<u64, Problem> {
        let forgotten = self.log.erase_forgotten().await?;
        let shown = self.log.erase_impressions(self.days_ago(&self.retention.impressions_days)).await?;
        self.log.freshen().await?;
        // Also where nothing went: a start after a crash then has a day to learn again at most, and the columns solved until now.
        self.log.checkpoint().await?;
        let accesses = self.days_ago(&self.retention.accesses_days);
        self.remove_old::<RecordAccess>(|access| access.at < accesses).await?;
        self.remove_ended_consents(self.days_ago(&self.retention.consents_days)).await?;
        Ok(forgotten + shown)
    }

    fn days_ago(&self, days: &Sourced) -> Timestamp {
        self.clock.now().plus_millis(-i64::from(days.value) * DAY_MS)
    }

    /// A proof goes when the consent ended long enough ago: when all that is known of the learner's consents is older, and none
    /// is in force.
    async fn remove_ended_consents(&self, before: Timestamp) -> Result<(), Problem> {
        let mut request = PageRequest::first(MAX_PAGE);
        loop {
            let page = self.store.list::<ConsentEntry>(&Key::default(), request).await?;
            let ended = |entry: &&Stored<ConsentEntry>| entry.value.act == ConsentAct::Withdrawn && entry.value.at < before;
            for last in page.items.iter().filter(ended) {
                let learner = last.value.learner.as_str();
                let in_force = self.store.get::<Protection>(&Key::from(learner)).await?.is_some_and(|held| held.value.consent.is_some());
                let proofs = self.store.list::<ConsentEntry>(&Key::prefix(&[learner]), PageRequest::first(MAX_PAGE)).await?;
                if !in_force && proofs.items.iter().all(|proof| proof.value.at < before) {
                    self.remove(&proofs.items).await?;
                }
            }
            if page.next.is_none() {
                return Ok(());
            }
            request = PageRequest::first(MAX_PAGE).after(page.next);
        }
    }

    async fn remove_old<R: Record>(&self, is_old: impl Fn(&R) -> bool) -> Result<(), Problem> {
        let mut request = PageRequest::first(MAX_PAGE);
        loop {
            let mut page = self.store.list::<R>(&Key::default(), request).await?;
            page.items.retain(|stored| is_old(&stored.value));
            self.remove(&page.items).await?;
            if page.next.is_none() {
                return Ok(());
            }
            request = PageRequest::first(MAX_PAGE).after(page.next);
        }
    }

    pub(super) async fn remove<R: Record>(&self, rows: &[Stored<R>]) -> Result<(), Problem> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut change = ChangeSet::new(self.clock.fresh_id());
        for row in rows {
            change.remove(row);
        }
        self.store.commit(change).await?;
        Ok(())
    }
}
