//! What learners do on the site's own pages: open a work, mark it.

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
        if found {
            self.told(actor, resource, Verb::Searched, &today).await?;
        }
        self.told(actor, resource, Verb::Viewed, &today).await
    }

    /// Records that a work was marked: as a favourite or not any more, as finished, as not wanted.
    ///
    /// # Errors
    /// As [`Learning::record`]; `guardian-consent-missing`.
    pub async fn mark(&self, actor: &Actor, resource: &str, verb: Verb) -> Result<(), Problem> {
        self.own_to_keep(actor, "me")?;
        self.told(actor, resource, verb, &self.clock.fresh_id()).await
    }

    /// Of one `turn` it counts once.
    async fn told(&self, actor: &Actor, resource: &str, verb: Verb, turn: &str) -> Result<(), Problem> {
        let event = EventInput {
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
        };
        self.record(actor, actor.account.as_deref().unwrap_or_default(), vec![event]).await.map(|_| ())
    }
}
