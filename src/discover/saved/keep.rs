//! Saving, listing, changing and deleting the own searches.

use crate::discover::Discover;
use crate::discover::request::SearchQuery;
use crate::domain::access::Actor;
use crate::domain::change::ChangeSet;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::saved_search::{MOST, SavedSearch, SavedSearchView, Wanted, too_many};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A search to save.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSearch {
    /// 1 to 60 characters.
    pub name: String,
    /// What is looked for, as `GET /api/v1/search` takes it. Order, page, facets, `added` and `explain` are not kept.
    pub query: SearchQuery,
}

/// What is to be changed; what is missing stays.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedSearch {
    /// Another name, 1 to 60 characters.
    #[serde(default)]
    pub name: Option<String>,
    /// Nothing is told while it is paused, nor afterwards of what came meanwhile.
    #[serde(default)]
    pub paused: Option<bool>,
}

/// All of somebody's saved searches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SavedSearches {
    /// In the order in which they were made.
    pub items: Vec<SavedSearchView>,
}

impl Discover {
    /// The actor's saved searches.
    ///
    /// # Errors
    /// Unauthorized for visitors.
    pub async fn saved_searches(&self, actor: &Actor) -> Result<SavedSearches, Problem> {
        let items = self.saved_of(account_of(actor)?).await?;
        Ok(SavedSearches { items: items.into_iter().map(|stored| stored.value.into()).collect() })
    }

    /// Saves a search; from now on its owner is told of what is new in it.
    ///
    /// # Errors
    /// Unauthorized for visitors; `bad-length`; a parameter that no search takes; `too-many-searches`.
    pub async fn save_search(&self, actor: &Actor, new: NewSearch) -> Result<SavedSearchView, Problem> {
        let account = account_of(actor)?;
        let kept = kept(new.query);
        kept.read(actor.viewer_tokens(), &self.codes)?;
        let wanted = Wanted { name: new.name, query: parameters(&kept)? };
        let learner = actor.name.as_deref().unwrap_or(account);
        let saved = SavedSearch::new(account, learner, self.clock.fresh_id(), wanted, self.clock.now())?;
        if self.saved_of(account).await?.len() >= MOST {
            return Err(too_many());
        }
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.insert(&saved)?;
        self.store.commit(change).await?;
        Ok(saved.into())
    }

    /// Renames a saved search, pauses it or lets it go on.
    ///
    /// # Errors
    /// Unauthorized for visitors; not found, also for somebody else's; `bad-length`.
    pub async fn change_search(&self, actor: &Actor, id: &str, wanted: ChangedSearch) -> Result<SavedSearchView, Problem> {
        let old = self.saved(actor, id).await?;
        let mut saved = old.value.clone();
        wanted.name.map_or(Ok(()), |name| saved.rename(&name))?;
        wanted.paused.into_iter().for_each(|paused| saved.pause(paused, self.clock.now()));
        if saved != old.value {
            let mut change = ChangeSet::new(self.clock.fresh_id());
            change.update(&old, &saved)?;
            self.store.commit(change).await?;
        }
        Ok(saved.into())
    }

    /// Deletes a saved search.
    ///
    /// # Errors
    /// Unauthorized for visitors; not found, also for somebody else's.
    pub async fn delete_search(&self, actor: &Actor, id: &str) -> Result<(), Problem> {
        let old = self.saved(actor, id).await?;
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.remove(&old);
        self.store.commit(change).await?;
        Ok(())
    }

    async fn saved(&self, actor: &Actor, id: &str) -> Result<Stored<SavedSearch>, Problem> {
        let found = self.store.get::<SavedSearch>(&Key::of(&[account_of(actor)?, id])).await?;
        found.ok_or_else(|| Problem::not_found("保存的检索", "saved search"))
    }
}

/// The account of somebody who is signed in.
fn account_of(actor: &Actor) -> Result<&str, Problem> {
    actor.account.as_deref().ok_or_else(|| Problem::new(ProblemKind::Unauthorized, "unauthorized", "请先登录。", "Sign in first."))
}

/// What of a search says what is looked for.
fn kept(query: SearchQuery) -> SearchQuery {
    SearchQuery { limit: None, cursor: None, sort: None, facets: None, added: None, explain: false, ..query }
}

/// A search as the parameters that say something.
fn parameters(query: &SearchQuery) -> Result<BTreeMap<String, String>, Problem> {
    let Ok(Value::Object(all)) = serde_json::to_value(query) else { return Err(Problem::internal()) };
    let text = |(name, value): (String, Value)| value.as_str().map(|value| (name, value.to_owned()));
    Ok(all.into_iter().filter_map(text).filter(|(_, value)| !value.is_empty()).collect())
}

/// The search that these parameters say.
///
/// # Errors
/// `internal`: they were not written by [`parameters`].
pub(super) fn query_of(parameters: &BTreeMap<String, String>) -> Result<SearchQuery, Problem> {
    let all = parameters.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    serde_json::from_value(Value::Object(all.collect())).map_err(|error| {
        tracing::error!(%error, "a saved search is none");
        Problem::internal()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_for_is_kept_and_nothing_else() {
        let text = |text: &str| Some(text.to_owned());
        let asked = SearchQuery {
            q: "土家 织锦".to_owned(),
            kind: text("视频"),
            minutes: text("..30"),
            category: text(""),
            sort: text("title"),
            limit: Some(5),
            explain: true,
            ..SearchQuery::default()
        };
        let parameters = parameters(&kept(asked)).unwrap();
        assert_eq!(parameters.keys().collect::<Vec<_>>(), ["kind", "minutes", "q"]);
        let again = query_of(&parameters).unwrap();
        assert_eq!((again.q.as_str(), again.kind, again.minutes, again.sort), ("土家 织锦", text("视频"), text("..30"), None));
    }
}
