//! The switch of personalisation (PIPL article 24): off, lists are made from what is shown and what is new, never from what this
//! learner did. The own record goes on being kept. Minors begin with it off, accounts that many share cannot switch it on.

use super::Learning;
use super::protection::{guardian_needed, speaks_for_itself};
use crate::domain::access::Actor;
use crate::domain::change::ChangeSet;
use crate::domain::learner::choice::NotPersonalised;
use crate::domain::learner::protection::{Treatment, consent_missing};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::Key;
use crate::store::{MAX_PAGE, PageRequest};
use serde::{Deserialize, Serialize};

/// The switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Personalisation {
    /// Whether recommendations may be made from the learner's own behaviour.
    pub on: bool,
}

impl Learning {
    /// Brings the recommender to know who switched personalisation off. To be called once, before anybody is served.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn recall_choices(&self) -> Result<(), Problem> {
        let mut request = PageRequest::first(MAX_PAGE);
        loop {
            let page = self.store.list::<NotPersonalised>(&Key::default(), request).await?;
            for learner in page.items.iter().filter_map(|stored| u64::from_str_radix(&stored.value.learner, 16).ok()) {
                self.records.personalise(learner, false);
            }
            if page.next.is_none() {
                return Ok(());
            }
            request = PageRequest::first(MAX_PAGE).after(page.next);
        }
    }

    /// Turns the switch; the next list is made accordingly.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner, `guardian-needed` when a child switches it on,
    /// `guardian-consent-missing` when anybody does before a guardian consented; 409 `shared-account`.
    pub async fn personalise(&self, actor: &Actor, learner: &str, wanted: Personalisation) -> Result<Personalisation, Problem> {
        let (key, surrogate) = self.own(actor, learner)?;
        let treatment = self.treatment(surrogate);
        match treatment {
            Treatment::Shared if wanted.on => return Err(shared_account()),
            Treatment::ChildWithoutConsent if wanted.on => return Err(consent_missing()),
            Treatment::Child if wanted.on && speaks_for_itself(actor, learner) => return Err(guardian_needed()),
            _ => {}
        }
        let old = self.store.get::<NotPersonalised>(&Key::from(key.as_str())).await?;
        let mut change = ChangeSet::new(self.clock.fresh_id());
        match &old {
            Some(old) if wanted.on => {
                change.remove(old);
            }
            None if !wanted.on => {
                change.insert(&NotPersonalised { learner: key, since: self.clock.now() })?;
            }
            _ => {}
        }
        if !change.guards.is_empty() {
            self.store.commit(change).await?;
        }
        self.records.personalise(surrogate, wanted.on);
        Ok(wanted)
    }

    /// How the switch stands.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner.
    pub async fn personalisation(&self, actor: &Actor, learner: &str) -> Result<Personalisation, Problem> {
        let (key, surrogate) = self.own(actor, learner)?;
        Ok(Personalisation { on: self.is_personalised(&key, surrogate).await? })
    }

    pub(super) async fn is_personalised(&self, key: &str, surrogate: u64) -> Result<bool, Problem> {
        Ok(self.treatment(surrogate).may_personalise() && self.store.get::<NotPersonalised>(&Key::from(key)).await?.is_none())
    }

    /// Has a change switch it off too.
    pub(super) async fn switch_off(&self, change: &mut ChangeSet, key: &str) -> Result<(), Problem> {
        if self.store.get::<NotPersonalised>(&Key::from(key)).await?.is_none() {
            change.insert(&NotPersonalised { learner: key.to_owned(), since: self.clock.now() })?;
        }
        Ok(())
    }
}

fn shared_account() -> Problem {
    let zh = "这是多人共用的账号，不做个性化推荐。";
    let en = "Several people share this account; nothing is recommended from what they did together.";
    Problem::new(ProblemKind::Conflict, "shared-account", zh, en)
}
