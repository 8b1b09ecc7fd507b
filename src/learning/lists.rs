//! Favourites in lists with names. What is put into a list is a favourite; what is in none any more is not.

use super::Learning;
use crate::domain::access::Actor;
use crate::domain::change::ChangeSet;
use crate::domain::event::{Event, Verb};
use crate::domain::learner::list::{LearnerList, ListItem, MOST_LISTS};
use crate::domain::learner::protection::Treatment;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::store::PageRequest;
use serde::{Deserialize, Serialize};

/// A list as its learner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ListView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// What is in it, the latest last.
    pub items: Vec<ListItem>,
}

impl From<LearnerList> for ListView {
    fn from(list: LearnerList) -> Self {
        Self { id: list.id, name: list.name, items: list.items }
    }
}

impl Learning {
    /// The lists of a learner, in the order in which they were made.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner.
    pub async fn lists(&self, actor: &Actor, learner: &str) -> Result<Vec<ListView>, Problem> {
        let (key, _) = self.own(actor, learner)?;
        self.note_access(actor, learner, "lists").await?;
        Ok(self.lists_of(&key).await?.into_iter().map(|stored| stored.value.into()).collect())
    }

    /// Makes a list.
    ///
    /// # Errors
    /// 403; `bad-length`; `too-many-lists`.
    pub async fn make_list(&self, actor: &Actor, learner: &str, name: &str) -> Result<ListView, Problem> {
        let (key, _) = self.own_to_keep(actor, learner)?;
        if self.lists_of(&key).await?.len() >= MOST_LISTS {
            let (zh, en) = (format!("最多建 {MOST_LISTS} 个清单。"), format!("There can be {MOST_LISTS} lists at most."));
            return Err(Problem::new(ProblemKind::Conflict, "too-many-lists", zh, en));
        }
        let list = LearnerList::new(&key, self.clock.fresh_id(), name, self.clock.now())?;
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.insert(&list)?;
        self.store.commit(change).await?;
        Ok(list.into())
    }

    /// Gives a list another name.
    ///
    /// # Errors
    /// 403; 404; `bad-length`.
    pub async fn rename_list(&self, actor: &Actor, learner: &str, id: &str, name: &str) -> Result<ListView, Problem> {
        let (key, _) = self.own(actor, learner)?;
        self.change_list(&key, id, |list| list.rename(name)).await
    }

    /// Removes a list; what was in no other is no favourite any more.
    ///
    /// # Errors
    /// 403; 404.
    pub async fn remove_list(&self, actor: &Actor, learner: &str, id: &str) -> Result<(), Problem> {
        let (key, surrogate) = self.own(actor, learner)?;
        let old = self.list_of(&key, id).await?;
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.remove(&old);
        self.store.commit(change).await?;
        let resources = old.value.items.into_iter().map(|item| item.resource);
        self.let_go(&key, surrogate, resources.collect()).await
    }

    /// Puts a resource into a list.
    ///
    /// # Errors
    /// 403; 404 for the list; `list-full`.
    pub async fn put_in_list(&self, actor: &Actor, learner: &str, id: &str, resource: &str) -> Result<ListView, Problem> {
        let (key, surrogate) = self.own_to_keep(actor, learner)?;
        let now = self.clock.now();
        let list = self.change_list(&key, id, |list| list.put(resource, now)).await?;
        self.did(surrogate, Verb::Favourited, vec![resource.to_owned()]).await?;
        Ok(list)
    }

    /// Takes a resource out of a list.
    ///
    /// # Errors
    /// 403; 404 for the list, or for a resource that is not in it.
    pub async fn take_from_list(&self, actor: &Actor, learner: &str, id: &str, resource: &str) -> Result<(), Problem> {
        let (key, surrogate) = self.own(actor, learner)?;
        let take = |list: &mut LearnerList| list.take_out(resource).then_some(()).ok_or_else(|| Problem::not_found("资源", "resource"));
        self.change_list(&key, id, take).await?;
        self.let_go(&key, surrogate, vec![resource.to_owned()]).await
    }

    pub(super) async fn lists_of(&self, key: &str) -> Result<Vec<Stored<LearnerList>>, Problem> {
        Ok(self.store.list::<LearnerList>(&Key::prefix(&[key]), PageRequest::first(MOST_LISTS * 2)).await?.items)
    }

    async fn list_of(&self, key: &str, id: &str) -> Result<Stored<LearnerList>, Problem> {
        let found = self.store.get::<LearnerList>(&Key::of(&[key, id])).await?;
        found.ok_or_else(|| Problem::not_found("清单", "list"))
    }

    async fn change_list(
        &self,
        key: &str,
        id: &str,
        act: impl FnOnce(&mut LearnerList) -> Result<(), Problem>,
    ) -> Result<ListView, Problem> {
        let old = self.list_of(key, id).await?;
        let mut list = old.value.clone();
        act(&mut list)?;
        if list != old.value {
            let mut change = ChangeSet::new(self.clock.fresh_id());
            change.update(&old, &list)?;
            self.store.commit(change).await?;
        }
        Ok(list.into())
    }

    /// What is in no list any more is no favourite.
    async fn let_go(&self, key: &str, surrogate: u64, mut resources: Vec<String>) -> Result<(), Problem> {
        let lists = self.lists_of(key).await?;
        resources.retain(|resource| !lists.iter().any(|list| list.value.holds(resource)));
        self.did(surrogate, Verb::Unfavourited, resources).await
    }

    async fn did(&self, learner: u64, verb: Verb, resources: Vec<String>) -> Result<(), Problem> {
        let at = self.clock.now();
        // What is marked together on one account speaks for nobody.
        let marked = self.treatment(learner) == Treatment::Shared;
        let event = |resource| {
            let key = self.log.key().event("lists", &self.clock.fresh_id());
            Event { key, learner, resource, verb, at, value: 0, position: None, list: None, region: None, marked }
        };
        let events: Vec<Event> = resources.into_iter().map(event).collect();
        if !events.is_empty() {
            self.log.append(events).await?;
        }
        Ok(())
    }
}
