//! Minors and shared accounts: who is one, the guardian's consent, and who looked at a minor's record.
//!
//! What follows is asked where it matters ([`Learning::treatment`]); it is held in memory, since every report of an event asks.

use super::Learning;
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::change::ChangeSet;
use crate::domain::event::{learner_of, require_learner};
use crate::domain::learner::key_of;
use crate::domain::learner::protection::{
    Consent, ConsentAct, ConsentEntry, Holder, Protection, RecordAccess, Treatment, check_consent, consent_missing,
};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Record as _, Stored};
use crate::domain::time::Timestamp;
use crate::store::{MAX_PAGE, PageRequest, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Protections by surrogate; few beside the learners there are.
#[derive(Clone, Debug, Default)]
pub(super) struct Protections(Arc<RwLock<HashMap<u64, Protection>>>);

impl Protections {
    fn treatment(&self, surrogate: u64, now: Timestamp) -> Treatment {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.get(&surrogate).map_or(Treatment::Usual, |protection| protection.treatment(now))
    }

    fn put(&self, surrogate: u64, protection: Option<Protection>) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match protection {
            Some(protection) => held.insert(surrogate, protection),
            None => held.remove(&surrogate),
        };
    }
}

/// How a learner is protected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProtectionView {
    /// Who it is.
    pub holder: Holder,
    /// What follows from it today.
    pub treatment: Treatment,
    /// Of a child: the guardian's consent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
}

/// A guardian's consent, as it is written down by who saw it given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentRequest {
    /// Who the guardian is to the child (父亲, 母亲, 祖母 …), 1 to 60 characters.
    pub relation: String,
    /// Version of the text that was agreed to, 1 to 60 characters.
    pub text: String,
}

impl Learning {
    /// What follows from a learner's protection now.
    pub(super) fn treatment(&self, surrogate: u64) -> Treatment {
        self.protections.treatment(surrogate, self.clock.now())
    }

    /// As `own`, for what is to be kept of a learner.
    ///
    /// # Errors
    /// 403, also `guardian-consent-missing`.
    pub(super) fn own_to_keep(&self, actor: &Actor, learner: &str) -> Result<(String, u64), Problem> {
        let (key, surrogate) = self.own(actor, learner)?;
        if self.treatment(surrogate).may_keep() { Ok((key, surrogate)) } else { Err(consent_missing()) }
    }

    /// Whether anything of what a learner does may be kept, also by those who keep it elsewhere.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner, `guardian-consent-missing`.
    pub fn require_keeping(&self, actor: &Actor, learner: &str) -> Result<(), Problem> {
        self.own_to_keep(actor, learner).map(|_| ())
    }

    /// Reads all protections. To be called once, before anybody is served.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn recall_protections(&self) -> Result<(), Problem> {
        let mut request = PageRequest::first(MAX_PAGE);
        loop {
            let page = self.store.list::<Protection>(&Key::default(), request).await?;
            for protection in page.items.into_iter().map(|stored| stored.value) {
                let Ok(surrogate) = u64::from_str_radix(&protection.learner, 16) else { continue };
                let treatment = protection.treatment(self.clock.now());
                self.protections.put(surrogate, Some(protection));
                if !treatment.may_personalise() {
                    self.records.personalise(surrogate, false);
                }
            }
            if page.next.is_none() {
                return Ok(());
            }
            request = PageRequest::first(MAX_PAGE).after(page.next);
        }
    }

    /// How a learner is protected.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner.
    pub async fn protection(&self, actor: &Actor, learner: &str) -> Result<ProtectionView, Problem> {
        let (key, _) = self.own(actor, learner)?;
        Ok(self.view(self.protection_of(&key).await?.map(|stored| stored.value)))
    }

    /// Writes down who a learner is. Personalisation is off from then on for minors and shared accounts.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner; `guardian-needed` when a minor asks for less protection.
    pub async fn protect(&self, actor: &Actor, learner: &str, holder: Holder) -> Result<ProtectionView, Problem> {
        let (key, surrogate) = self.own(actor, learner)?;
        let old = self.protection_of(&key).await?;
        let present = old.as_ref().map_or(Treatment::Usual, |old| old.value.treatment(self.clock.now()));
        if old.as_ref().is_some_and(|old| old.value.holder == holder) {
            return Ok(self.view(old.map(|old| old.value)));
        }
        if present.is_minor() && speaks_for_itself(actor, learner) {
            return Err(guardian_needed());
        }
        let mut change = ChangeSet::new(self.clock.fresh_id());
        let consent = old.as_ref().and_then(|old| old.value.consent.clone()).filter(|_| matches!(holder, Holder::Minor { .. }));
        let new = Protection { learner: key.clone(), holder, consent, since: self.clock.now() };
        let kept = (new.holder != Holder::Adult).then_some(new);
        if kept.as_ref().is_some_and(|new| new.treatment(self.clock.now()).is_minor()) {
            self.switch_off(&mut change, &key).await?;
        }
        match (&old, &kept) {
            (old, Some(new)) => change.upsert(old.as_ref(), new)?,
            (Some(old), None) => change.remove(old),
            (None, None) => return Ok(self.view(None)),
        };
        self.put_protection(change, &key, surrogate, kept).await
    }

    /// Writes down a guardian's consent; from then on what the child does is kept.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner, `guardian-needed` for the child itself; `bad-length`; 409
    /// `no-consent-needed` where the learner is not under fourteen.
    pub async fn consent(&self, actor: &Actor, learner: &str, request: ConsentRequest) -> Result<ProtectionView, Problem> {
        let (key, surrogate) = self.own(actor, learner)?;
        if speaks_for_itself(actor, learner) {
            return Err(guardian_needed());
        }
        check_consent(&request.relation, &request.text)?;
        let old = self.protection_of(&key).await?;
        let is_child =
            |old: &Stored<Protection>| matches!(old.value.treatment(self.clock.now()), Treatment::Child | Treatment::ChildWithoutConsent);
        let Some(old) = old.filter(is_child) else { return Err(no_consent_needed()) };
        let consent = Consent { relation: request.relation, text: request.text, given: self.clock.now() };
        let new = Protection { consent: Some(consent.clone()), ..old.value.clone() };
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.update(&old, &new)?;
        change.insert(&self.entry(actor, &key, ConsentAct::Given, consent))?;
        self.put_protection(change, &key, surrogate, Some(new)).await
    }

    /// Takes a consent back: nothing more is kept of what the child does. What was kept stays until it is deleted.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner; 404 when there is none.
    pub async fn withdraw_consent(&self, actor: &Actor, learner: &str) -> Result<(), Problem> {
        let (key, surrogate) = self.own(actor, learner)?;
        let none = || Problem::not_found("监护人同意", "consent");
        let old = self.protection_of(&key).await?.ok_or_else(none)?;
        let new = Protection { consent: None, ..old.value.clone() };
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.update(&old, &new)?;
        let consent = old.value.consent.ok_or_else(none)?;
        change.insert(&self.entry(actor, &key, ConsentAct::Withdrawn, consent))?;
        self.switch_off(&mut change, &key).await?;
        self.put_protection(change, &key, surrogate, Some(new)).await.map(|_| ())
    }

    /// Who looked at the record of a minor, the latest day first, at most a page of rows: for whoever may speak for the learner, and
    /// for auditors of the whole site, who alone see those from before everything was deleted.
    ///
    /// # Errors
    /// 403.
    pub async fn accesses(&self, actor: &Actor, learner: &str) -> Result<Vec<RecordAccess>, Problem> {
        let audits = actor.has(&[Role::Auditor], &OrgPath::root());
        let name = if audits && learner != "me" { learner.to_owned() } else { require_learner(actor, learner)? };
        let key = key_of(self.log.key().learner(&name));
        let request = PageRequest { limit: MAX_PAGE, cursor: None, reverse: true };
        let page = self.store.list::<RecordAccess>(&Key::prefix(&[&key]), request).await?;
        let rows = page.items.into_iter().map(|stored| stored.value);
        Ok(rows.filter(|row| audits || !row.sealed).collect())
    }

    /// Notes that somebody else looks at a part of a minor's record.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner; 503 when the store cannot be written.
    pub async fn note_access(&self, actor: &Actor, learner: &str, part: &str) -> Result<(), Problem> {
        if speaks_for_itself(actor, learner) {
            return Ok(());
        }
        let (_, surrogate) = self.own(actor, learner)?;
        self.note_accesses(actor, &[surrogate], part).await
    }

    /// Notes that somebody looks at a part of the records of some learners, for those of them who are minors.
    pub(super) async fn note_accesses(&self, actor: &Actor, learners: &[u64], part: &str) -> Result<(), Problem> {
        let (by, at) = (actor.account.clone().unwrap_or_default(), self.clock.now());
        let minors = learners.iter().filter(|learner| self.treatment(**learner).is_minor());
        let rows: Vec<RecordAccess> = minors
            .map(|learner| (key_of(*learner), by.clone(), part.to_owned()))
            .map(|(learner, by, part)| RecordAccess { learner, day: at.shanghai_date(), by, part, at, sealed: false })
            .collect();
        for rows in rows.chunks(MAX_PAGE) {
            self.note(rows).await?;
        }
        Ok(())
    }

    /// What was noted today already stays as it is, unless the record was deleted in between.
    async fn note(&self, rows: &[RecordAccess]) -> Result<(), Problem> {
        let keys: Vec<Key> = rows.iter().map(RecordAccess::key).collect();
        loop {
            let mut change = ChangeSet::new(self.clock.fresh_id());
            for (row, old) in rows.iter().zip(self.store.get_many::<RecordAccess>(&keys).await?) {
                if old.as_ref().is_none_or(|old| old.value.sealed) {
                    change.upsert(old.as_ref(), row)?;
                }
            }
            if change.puts.is_empty() {
                return Ok(());
            }
            match self.store.commit(change).await {
                // Somebody noted the same at this moment: what is left is noted now.
                Err(StoreError::Conflict { .. }) => {}
                done => return Ok(done.map(|_| ())?),
            }
        }
    }

    pub(super) async fn protection_of(&self, key: &str) -> Result<Option<Stored<Protection>>, Problem> {
        Ok(self.store.get::<Protection>(&Key::from(key)).await?)
    }

    /// The proofs of consent of a learner, the oldest first.
    pub(super) async fn consents_of(&self, key: &str) -> Result<Vec<ConsentEntry>, Problem> {
        let page = self.store.list::<ConsentEntry>(&Key::prefix(&[key]), PageRequest::first(MAX_PAGE)).await?;
        Ok(page.items.into_iter().map(|stored| stored.value).collect())
    }

    async fn put_protection(
        &self,
        change: ChangeSet,
        key: &str,
        surrogate: u64,
        new: Option<Protection>,
    ) -> Result<ProtectionView, Problem> {
        self.store.commit(change).await?;
        self.protections.put(surrogate, new.clone());
        self.records.personalise(surrogate, self.is_personalised(key, surrogate).await?);
        Ok(self.view(new))
    }

    fn entry(&self, actor: &Actor, key: &str, act: ConsentAct, consent: Consent) -> ConsentEntry {
        let by = actor.account.clone().unwrap_or_default();
        ConsentEntry { learner: key.to_owned(), id: self.clock.fresh_id(), act, consent, by, at: self.clock.now() }
    }

    fn view(&self, protection: Option<Protection>) -> ProtectionView {
        let treatment = protection.as_ref().map_or(Treatment::Usual, |protection| protection.treatment(self.clock.now()));
        let (holder, consent) = protection.map_or((Holder::Adult, None), |protection| (protection.holder, protection.consent));
        ProtectionView { holder, treatment, consent }
    }
}

/// Whether the actor is the learner, and not somebody who speaks for them.
pub(super) fn speaks_for_itself(actor: &Actor, learner: &str) -> bool {
    let own = learner_of(actor, "me");
    own.is_some() && learner_of(actor, learner) == own
}

/// The refusal of what only somebody else may do for a minor.
pub(super) fn guardian_needed() -> Problem {
    let zh = "未成年人的这项设置须由监护人通过学校或学习点办理。";
    let en = "For a minor this is done by a guardian, through the school or station.";
    Problem::new(ProblemKind::Forbidden, "guardian-needed", zh, en)
}

fn no_consent_needed() -> Problem {
    let (zh, en) = ("该学习者不是未满十四周岁的儿童，不需要监护人同意。", "This learner is not under fourteen; no consent is needed.");
    Problem::new(ProblemKind::Conflict, "no-consent-needed", zh, en)
}
