//! Gathering notices into the digest of the next working-day morning, for the channels by which an account wants one.
//!
//! A digest is a delivery that waits until then and holds the ids of its notices; what was read meanwhile is left out of it.

use super::Notices;
use crate::domain::change::ChangeSet;
use crate::domain::notice::delivery::{Delivery, Target};
use crate::domain::notice::{Channel, Notice, digest, id_of};
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use std::collections::BTreeMap;

/// Ids of notices by the account and the channel whose digest they go to.
pub(super) type Gathered = BTreeMap<(String, Channel), Vec<String>>;

impl Notices {
    /// Adds notices to the digests of the next morning; a digest that begins with them is queued for then.
    pub(super) async fn gather(&self, gathered: Gathered, change: &mut ChangeSet) -> Result<(), Problem> {
        let now = self.clock.now();
        let due = self.options.calendar.next_morning(now);
        let id = |account: &str, channel: Channel| id_of(&[account, channel.code(), "digest", &due.to_string()]);
        let keys: Vec<Key> = gathered.keys().map(|(account, channel)| Key::from(id(account, *channel).as_str())).collect();
        let there = self.store.get_many::<Delivery>(&keys).await?;
        for (((account, channel), mut notices), old) in gathered.into_iter().zip(there) {
            let id = id(&account, channel);
            let Some(old) = old else {
                let target = Target::Digest { account, channel, notices };
                self.queue(change, &Delivery::new(id, target, now), due)?;
                continue;
            };
            if let Target::Digest { notices: held, .. } = &old.value.target {
                notices.splice(0..0, held.iter().cloned());
            }
            let target = Target::Digest { account, channel, notices };
            change.update(&old, &Delivery { target, ..old.value.clone() })?;
        }
        Ok(())
    }

    /// Sends a digest of what was not read yet.
    pub(super) async fn deliver_digest(&self, id: &str, account: &str, channel: Channel, notices: &[String]) -> Result<(), Problem> {
        let Some(settings) = self.settings_to_send(account).await? else { return Ok(()) };
        let keys: Vec<Key> = notices.iter().map(|notice| Notice::key_of(account, notice)).collect();
        let found = self.store.get_many::<Notice>(&keys).await?.into_iter().flatten().map(|found| found.value);
        let unread = found.filter(|notice| notice.read.is_none() && settings.wanted(notice.group).contains(&channel));
        let unread: Vec<Notice> = unread.map(|notice| Notice { text: self.text_of(&notice, channel), ..notice }).collect();
        let Some((headline, text)) = digest::words(channel, &unread) else { return Ok(()) };
        let Some(address) = settings.addresses.get(&channel) else { return Ok(()) };
        self.send(channel, id, address, &headline, &text).await
    }
}
