//! Looking through saved searches for what is new, a page of them at a time.

use super::keep::query_of;
use crate::discover::Discover;
use crate::discover::request::SearchQuery;
use crate::domain::access::Actor;
use crate::domain::account::Account;
use crate::domain::change::ChangeSet;
use crate::domain::notice::Notice;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::saved_search::{NAMED, SavedSearch, added};
use crate::domain::time::Timestamp;
use crate::store::PageRequest;
use std::collections::HashMap;

/// Saved searches looked through at once.
const AT_ONCE: usize = 100;
/// What came within this time, in milliseconds, waits for the next day: a decision takes its time before it is committed, and
/// what it publishes came when it was taken.
const SETTLED_MS: i64 = 5 * 60_000;

/// What is to be told to one account: to be committed together, or not at all.
pub struct News {
    /// The notice.
    pub notice: Notice,
    /// What remembers that it was told.
    pub change: ChangeSet,
}

/// How far the day's round through all saved searches has come.
#[derive(Debug, Default)]
pub struct Round {
    cursor: Option<String>,
    over: bool,
}

impl Discover {
    /// The news of the next saved searches; `None` when the round is over. What came before this moment must be in the index.
    ///
    /// # Errors
    /// When the index is not ready, or the store fails.
    pub async fn look_for_new(&self, round: &mut Round) -> Result<Option<Vec<News>>, Problem> {
        if round.over {
            return Ok(None);
        }
        let page = self.store.list::<SavedSearch>(&Key::default(), PageRequest::first(AT_ONCE).after(round.cursor.take())).await?;
        (round.over, round.cursor) = (page.next.is_none(), page.next);
        let now = self.clock.now();
        let due: Vec<Stored<SavedSearch>> = page.items.into_iter().filter(|saved| saved.value.may_tell(now)).collect();
        let owners = self.owners(&due).await?;
        let mut news = Vec::new();
        for saved in due {
            let Some(owner) = owners.get(&saved.value.account) else { continue };
            match self.news_of(&saved, owner, now).await {
                Ok(found) => news.extend(found),
                Err(problem) if problem.kind == ProblemKind::Unavailable => return Err(problem),
                // One that cannot be asked must not keep the others from their owners; what it missed it finds another day.
                Err(problem) => tracing::error!(search = saved.value.id, %problem, "a saved search could not be asked"),
            }
        }
        Ok(Some(news))
    }

    /// The owners as they are now, with all that they may see; without those who are locked, who are told when they are not.
    async fn owners(&self, saved: &[Stored<SavedSearch>]) -> Result<HashMap<String, Actor>, Problem> {
        let mut keys: Vec<Key> = saved.iter().map(|saved| Key::from(saved.value.account.as_str())).collect();
        keys.dedup();
        let found = self.store.get_many::<Account>(&keys).await?.into_iter().flatten().map(|stored| stored.value);
        let actor = |account: Account| {
            let Account { id, name, assignments, groups, .. } = account;
            (id.clone(), Actor { account: Some(id), name: Some(name), assignments, groups })
        };
        Ok(found.filter(|account| !account.locked).map(actor).collect())
    }

    async fn news_of(&self, saved: &Stored<SavedSearch>, owner: &Actor, now: Timestamp) -> Result<Option<News>, Problem> {
        let until = now.plus_millis(-SETTLED_MS);
        if until <= saved.value.since {
            return Ok(None);
        }
        let query = query_of(&saved.value.query)?;
        let newest = SearchQuery {
            added: Some(added(saved.value.since, until)),
            sort: Some("newest".to_owned()),
            limit: u32::try_from(NAMED).ok(),
            ..query
        };
        let found = self.search(owner, &newest, None).await?;
        if found.total.value == 0 {
            return Ok(None);
        }
        let titles: Vec<String> = found.hits.into_iter().map(|hit| hit.title).collect();
        let (told, notice) = saved.value.tell(found.total.value, &titles, until, now);
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.update(saved, &told)?;
        Ok(Some(News { notice, change }))
    }
}
