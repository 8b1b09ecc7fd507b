//! What learners do on the site's own pages: open a work, mark it, be shown lists.

use super::Learning;
use crate::domain::access::Actor;
use crate::domain::event::{EventInput, Verb};
use crate::domain::problem::Problem;

impl Learning {
    /// Records that the page of a work was opened, and where it was `found` by a search that it was chosen there; each once a day.
    ///
    /// # Errors
    /// As [`Learning::record`].
    pub async fn opened(&self, actor: &Actor, resource: &str, found: bool) -> Result<(), Problem> {
        let today = self.clock.now().shanghai_date();
        let verbs = found.then_some(Verb::Searched).into_iter().chain([Verb::Viewed]);
        self.tell(actor, verbs.map(|verb| self.of_page(resource, verb, &today)).collect()).await
    }

    /// Records that lists of recommendations were shown: each by its id, with its works in the order of their places.
    ///
    /// # Errors
    /// As [`Learning::record`].
    pub async fn shown(&self, actor: &Actor, lists: Vec<(String, Vec<String>)>) -> Result<(), Problem> {
        let mut events = Vec::new();
        for (list, works) in lists.into_iter().filter(|(list, _)| !list.is_empty()) {
            for (slot, work) in (1..).zip(works) {
                let event = self.of_page(&work, Verb::Impression, &list);
                events.push(EventInput { list: Some(list.clone()), slot: Some(slot), ..event });
            }
        }
        if events.is_empty() { Ok(()) } else { self.tell(actor, events).await }
    }

    /// Records that a work was marked: as a favourite or not any more, as finished, as not wanted.
    ///
    /// # Errors
    /// As [`Learning::record`]; `guardian-consent-missing`.
    pub async fn mark(&self, actor: &Actor, resource: &str, verb: Verb) -> Result<(), Problem> {
        self.own_to_keep(actor, "me")?;
        let event = self.of_page(resource, verb, &self.clock.fresh_id());
        self.tell(actor, vec![event]).await
    }

    /// Of one `turn` it counts once.
    fn of_page(&self, resource: &str, verb: Verb, turn: &str) -> EventInput {
        EventInput {
            id: format!("page-{}-{turn}-{resource}", verb.code()),
            learner: "me".to_owned(),
            resource: resource.to_owned(),
            verb,
            at: self.clock.now(),
            value: None,
            position: None,
            list: None,
            slot: None,
            region: None,
        }
    }

    async fn tell(&self, actor: &Actor, events: Vec<EventInput>) -> Result<(), Problem> {
        self.record(actor, actor.account.as_deref().unwrap_or_default(), events).await.map(|_| ())
    }
}
