//! Links to resources elsewhere: where they lead, and whether they still answer.

use super::Catalog;
use crate::domain::access::Actor;
use crate::domain::change::ChangeSet;
use crate::domain::job::{JobKind, NewJob};
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::resource::{LinkCheck, Resource};
use crate::domain::time::DAY_MS;

/// Days between two looks at a link that answers.
const DAYS_WELL: i64 = 7;
/// Days until the next look at one that does not.
const DAYS_ILL: i64 = 1;

impl Catalog {
    /// Where a linked resource leads; `None` when it is no link (any more) or is not served.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn link_of(&self, resource: &str) -> Result<Option<String>, Problem> {
        let found = self.store.get::<Resource>(&Key::from(resource)).await?;
        Ok(found.filter(|found| found.value.is_served()).and_then(|found| found.value.metadata.link).map(|link| link.url))
    }

    /// The change that notes what a look at a link found and queues the next look. `status`: the HTTP status, or `None` when
    /// nobody answered.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn note_link(&self, resource: &str, status: Option<u16>) -> Result<ChangeSet, Problem> {
        let now = self.clock.now();
        let old = self.store.get::<LinkCheck>(&Key::from(resource)).await?;
        let good = status.is_some_and(|status| (200..400).contains(&status));
        let failures = if good { 0 } else { old.as_ref().map_or(0, |old| old.value.failures).saturating_add(1) };
        let check = LinkCheck { resource: resource.to_owned(), checked: now, status, failures };
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.upsert(old.as_ref(), &check)?;
        let days = if good { DAYS_WELL } else { DAYS_ILL };
        let due = now.plus_millis(days * DAY_MS);
        let next = NewJob { id: self.clock.fresh_id(), kind: JobKind::LinkHealth, subject: resource.to_owned(), due };
        change.queue(next, now)?;
        Ok(change)
    }

    /// What the last look at a link found.
    ///
    /// # Errors
    /// Not found, also when nobody looked yet; `retired`.
    pub async fn link_check(&self, actor: &Actor, id: &str) -> Result<LinkCheck, Problem> {
        let resource = self.visible(actor, id).await?.value;
        let found = self.store.get::<LinkCheck>(&Key::from(resource.id.as_str())).await?;
        found.map(|check| check.value).ok_or_else(|| Problem::not_found("检查结果", "look at this link"))
    }
}
