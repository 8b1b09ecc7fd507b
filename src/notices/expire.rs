//! Removing what is old.

use super::Notices;
use crate::domain::change::ChangeSet;
use crate::domain::notice::delivery::Delivery;
use crate::domain::notice::{Notice, day_key};
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Record};
use crate::domain::time::{DAY_MS, Timestamp};
use crate::store::PageRequest;

/// Records removed in one commit.
const AT_ONCE: usize = 200;

impl Notices {
    /// Removes notices and deliveries of the days before the days that are kept; answers how many. A job whose delivery is gone
    /// has nothing left to do.
    ///
    /// # Errors
    /// The store's; a conflict with somebody who reads one at this instant is tried again with the job.
    pub async fn expire(&self) -> Result<usize, Problem> {
        let oldest = self.clock.now().plus_millis(-i64::from(self.options.keep_days).saturating_mul(DAY_MS));
        Ok(self.remove_before::<Notice>(oldest, |notice| notice.at).await? + self.remove_before::<Delivery>(oldest, |one| one.at).await?)
    }

    async fn remove_before<R: Record>(&self, oldest: Timestamp, at: impl Fn(&R) -> Timestamp + Send + Sync) -> Result<usize, Problem> {
        let mut removed = 0;
        loop {
            let found = self.store.list_by::<R>("day", &Key::default(), PageRequest::first(AT_ONCE)).await?;
            let old = found.items.iter().filter(|record| day_key(at(&record.value)) < day_key(oldest));
            let mut change = ChangeSet::new(self.clock.fresh_id());
            old.for_each(|record| {
                change.remove(record);
            });
            let count = change.deletes.len();
            if count == 0 {
                return Ok(removed);
            }
            self.store.commit(change).await?;
            removed += count;
        }
    }
}
