//! Feeds the recommender's catalogue from the feed: what is published can be recommended within a moment, what is not
//! served any more is in no list from the same moment on.

use super::Follower;
use crate::domain::change::{Position, Topic};
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::resource::Resource;
use crate::operations::pulse;
use crate::recommend::{CatalogueItem, Recommender};
use crate::store::{MAX_PAGE, PageRequest, Store, Told};
use std::collections::BTreeSet;

/// The follower. Its state is in memory: every start reads the records once.
pub struct FollowRecommend {
    store: Store,
    recommender: Recommender,
    covers: Option<Position>,
}

impl FollowRecommend {
    /// Over the store and the recommender.
    pub fn new(store: Store, recommender: Recommender) -> Self {
        Self { store, recommender, covers: None }
    }

    fn take(&self, id: &str, resource: Option<&Resource>) {
        match resource.filter(|resource| resource.is_served()) {
            Some(resource) => self.recommender.put(CatalogueItem::from(resource)),
            None => self.recommender.remove(id),
        }
    }

    /// The index may lag behind or take its time: it is asked on a thread of its own, and no list waits for it.
    fn learn_content(&self) {
        let recommender = self.recommender.clone();
        tokio::task::spawn_blocking(move || while recommender.learn_content() > 0 {});
    }
}

#[async_trait::async_trait]
impl Follower for FollowRecommend {
    fn name(&self) -> &'static str {
        pulse::RECOMMEND
    }

    async fn position(&mut self) -> Result<Option<Position>, Problem> {
        Ok(self.covers)
    }

    async fn rebuild(&mut self) -> Result<Position, Problem> {
        let head = self.store.head();
        let mut gone: BTreeSet<String> = self.recommender.catalogue_ids().into_iter().collect();
        let mut page = PageRequest::first(MAX_PAGE);
        loop {
            let found = self.store.list::<Resource>(&Key::default(), page.clone()).await?;
            for stored in &found.items {
                gone.remove(&stored.value.id);
                self.take(&stored.value.id, Some(&stored.value));
            }
            let Some(next) = found.next else { break };
            page = page.after(Some(next));
        }
        gone.iter().for_each(|id| self.recommender.remove(id));
        self.covers = Some(head);
        self.recommender.solve_in_background();
        self.learn_content();
        Ok(head)
    }

    async fn apply(&mut self, told: &[Told], through: Position) -> Result<(), Problem> {
        let facts = told.iter().flat_map(|told| &told.facts).filter(|fact| fact.topic == Topic::Resource);
        let ids: BTreeSet<&str> = facts.map(|fact| fact.id.as_str()).collect();
        let keys: Vec<Key> = ids.iter().map(|id| Key::from(*id)).collect();
        let found = self.store.get_many::<Resource>(&keys).await?;
        for (id, stored) in ids.iter().zip(&found) {
            self.take(id, stored.as_ref().map(|stored| &stored.value));
        }
        self.covers = Some(through);
        if !ids.is_empty() {
            self.learn_content();
        }
        Ok(())
    }
}
