//! The figures of opinions, from which agreement, workload and the experts proposed are reckoned.

use super::Vetting;
use crate::domain::change::ChangeSet;
use crate::domain::ledger::{LedgerEntry, surrogate};
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::review::Opinion;
use crate::domain::review::figures::{Filled, OpinionFigures};
use crate::domain::submission::Submission;
use crate::domain::submission::table::Action;
use crate::domain::time::{DAY_MS, Timestamp};
use crate::store::{MAX_PAGE, PageRequest, StoreError};

/// How far back reports go that are asked for no beginning: a year of opinions is read within a second.
pub(super) const YEAR_MS: i64 = 365 * DAY_MS;
/// Opinions whose figures one change writes.
const AT_ONCE: usize = 200;
/// What [`Filled`] says of the figures.
const FIGURES: &str = "opinion_figures";

impl Vetting {
    /// The figures of all opinions given from `since` to before `until`, in no order that means anything.
    pub(super) async fn figures(&self, since: Timestamp, until: Timestamp) -> Result<Vec<OpinionFigures>, Problem> {
        let mut all = Vec::new();
        for month in until.min(self.clock.now()).shanghai_months_since(since) {
            let mut page = PageRequest::first(MAX_PAGE);
            loop {
                let found = self.store.list_by::<OpinionFigures>("month", &OpinionFigures::month_key(&month), page.clone()).await?;
                let meant = found.items.into_iter().map(|stored| stored.value).filter(|one| one.at >= since && one.at < until);
                all.extend(meant);
                let Some(next) = found.next else { break };
                page = page.after(Some(next));
            }
        }
        Ok(all)
    }

    /// When a person first claimed a submission since the opinion before: the one given at `opinion`, else the next one.
    pub(super) async fn claimed_at(
        &self,
        submission: &str,
        account: &str,
        opinion: Option<Timestamp>,
    ) -> Result<Option<Timestamp>, Problem> {
        if submission.contains('\0') {
            return Ok(None);
        }
        let (who, mut claimed) = (surrogate(submission, account), None);
        let mut page = PageRequest::first(MAX_PAGE);
        loop {
            let found = self.store.list::<LedgerEntry>(&LedgerEntry::prefix_of(submission), page.clone()).await?;
            for entry in found.items.into_iter().map(|stored| stored.value).filter(|entry| entry.actor == who) {
                if entry.action == Action::Claim.code() {
                    claimed.get_or_insert(entry.at);
                } else if entry.action == Action::Opine.code() {
                    if opinion == Some(entry.at) {
                        return Ok(claimed);
                    }
                    claimed = None;
                }
            }
            let Some(next) = found.next else { return Ok(claimed) };
            page = page.after(Some(next));
        }
    }

    /// Writes the figures of opinions that were given before the program kept any; once a store. Answers how many it wrote.
    ///
    /// # Errors
    /// Those of the store; it is tried again.
    pub async fn fill_figures(&self) -> Result<usize, Problem> {
        if self.store.get::<Filled>(&Key::from(FIGURES)).await?.is_some() {
            return Ok(0);
        }
        let (mut written, mut page) = (0, PageRequest::first(AT_ONCE));
        loop {
            let found = self.store.list::<Opinion>(&Key::default(), page.clone()).await?;
            let opinions: Vec<Opinion> = found.items.into_iter().map(|stored| stored.value).collect();
            written += self.fill_in(&opinions).await?;
            let Some(next) = found.next else { break };
            page = page.after(Some(next));
        }
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.insert(&Filled { what: FIGURES.to_owned(), at: self.clock.now() })?;
        match self.store.commit(change).await {
            // Another node did the same.
            Ok(_) | Err(StoreError::Conflict { .. }) => Ok(written),
            Err(error) => Err(error.into()),
        }
    }

    async fn fill_in(&self, opinions: &[Opinion]) -> Result<usize, Problem> {
        let keys: Vec<Key> = opinions.iter().map(OpinionFigures::key_of).collect();
        let there = self.store.get_many::<OpinionFigures>(&keys).await?;
        let mut change = ChangeSet::new(self.clock.fresh_id());
        for (opinion, _) in opinions.iter().zip(there).filter(|(_, there)| there.is_none()) {
            let Some(of) = self.store.get::<Submission>(&Key::from(opinion.submission.as_str())).await? else { continue };
            let claimed = self.claimed_at(&opinion.submission, &opinion.reviewer, Some(opinion.at)).await?;
            change.insert(&OpinionFigures::of(opinion, &of.value, claimed))?;
        }
        let count = change.puts.len();
        if count > 0 {
            self.store.commit(change).await?;
        }
        Ok(count)
    }
}
