//! Complaints after publication: made by anybody, decided by the desk, answered by the institution, followed with a code.

mod views;

pub use views::{ComplaintPage, ComplaintView, CounterStatement, DecideComplaint, Decision, FileComplaint, ListComplaints};

use super::Vetting;
use super::act::TRIES;
use super::panel::Known;
use super::petitions::{Filed, Follow, Listed, Moves, Served, Standing, Wanted, add_entry, check_judge, placed};
use super::resources;
use crate::domain::access::{Actor, Role};
use crate::domain::change::{ChangeSet, Position};
use crate::domain::petition::complaint::{Complaint, ComplaintAction, ComplaintKind, ComplaintState};
use crate::domain::petition::machine::{Coded as _, Effect, Petition as _, Root, Taken};
use crate::domain::petition::{Person, code_digest};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::resource::{Provenance, Resource, ResourceState, RetireCause};
use crate::domain::submission::published::{ResourceAction, Turn, holds};
use crate::domain::submission::table::Party;
use crate::domain::submission::{Step, Submission};
use crate::domain::time::Timestamp;
use crate::store::PageRequest;
use std::collections::BTreeMap;

impl Served for Complaint {
    type View = ComplaintView;

    fn maker(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The desk and auditors; who made it; of a copyright notice the institution, to which the law has it forwarded.
    fn is_seen_by(&self, actor: &Actor) -> bool {
        let own = self.account.is_some() && self.account == actor.account;
        let forwarded = self.kind == ComplaintKind::Copyright && actor.has(&[Role::Manager], &self.root.owner);
        own || forwarded || actor.has(&[Role::Editor, Role::Administrator, Role::Auditor], &self.root.owner)
    }

    fn shown(actor: &Actor, stored: Stored<Self>) -> ComplaintView {
        views::view(Standing::of(actor, &stored), stored.value)
    }
}

/// A decision of the desk, by somebody who took no part in the resource and did not complain.
#[async_trait::async_trait]
impl Moves<Complaint> for Known {
    async fn take(
        &self,
        vetting: &Vetting,
        old: &Stored<Complaint>,
        wanted: Wanted<'_, ComplaintAction>,
        step: &Step<'_>,
        changes: &mut ChangeSet,
    ) -> Result<Taken<Complaint>, Problem> {
        let resource = vetting.complained(&old.value).await?;
        let submission = match &resource {
            Some(resource) => vetting.submission_of(&resource.value).await?,
            None => None,
        };
        check_judge(self, &old.value, submission.as_ref(), None)?;
        let taken = old.value.clone().decide(wanted.action, wanted.words, step)?;
        vetting.affect(&taken, resource.as_ref(), step.at, changes).await?;
        Ok(taken)
    }
}

/// The institution's counter-statement.
struct Countering {
    person: Person,
    truthful: bool,
}

#[async_trait::async_trait]
impl Moves<Complaint> for Countering {
    async fn take(
        &self,
        vetting: &Vetting,
        old: &Stored<Complaint>,
        wanted: Wanted<'_, ComplaintAction>,
        step: &Step<'_>,
        changes: &mut ChangeSet,
    ) -> Result<Taken<Complaint>, Problem> {
        let taken = old.value.clone().counter(self.person.clone(), wanted.words.to_owned(), self.truthful, step)?;
        vetting.affect(&taken, vetting.complained(&old.value).await?.as_ref(), step.at, changes).await?;
        Ok(taken)
    }
}

impl Vetting {
    /// Makes a complaint about a resource that the actor may see. A complete copyright notice suspends it in the same change.
    ///
    /// # Errors
    /// `incomplete`; `countered` and `notified` for a notice that may not be given again, with where the earlier one stands;
    /// `retired`; `conflict` with where the resource stands.
    pub async fn complain(&self, actor: &Actor, ask: &FileComplaint) -> Result<Filed, Problem> {
        let (code, id) = (self.clock.secret()?, self.clock.fresh_id());
        let note = [ask.text.trim(), ask.work.trim(), ask.proof.trim()].join("\n");
        for _ in 0..TRIES {
            let resource = self.open_resource(actor, &ask.resource).await?;
            let salt = self.clock.fresh_id();
            let account = actor.account.as_deref().unwrap_or("visitor");
            let step = Step::person(account, Party::Public, self.clock.now()).with_note(&note, &salt);
            let taken = self.draft_complaint(&id, &code, actor, ask, &resource.value).file(ask.truthful, &step)?;
            self.check_not_barred(&taken.petition).await?;
            let mut changes = ChangeSet::new(self.clock.fresh_id());
            changes.insert(&taken.petition)?;
            add_entry(&taken, &step, &mut changes)?;
            self.affect(&taken, Some(&resource), step.at, &mut changes).await.map_err(|problem| resources::placed(problem, &resource))?;
            if self.try_commit(changes).await?.is_some() {
                return Ok(Filed::of(&taken.petition, code));
            }
        }
        Err(resources::stale(ProblemKind::Conflict, &self.open_resource(actor, &ask.resource).await?))
    }

    fn draft_complaint(&self, id: &str, code: &str, actor: &Actor, ask: &FileComplaint, resource: &Resource) -> Complaint {
        let now = self.clock.now();
        let trimmed = |text: &str| text.trim().to_owned();
        Complaint {
            root: Root::new(id, resource.owner.clone(), resource.institution.as_str(), ComplaintState::Received, now),
            resource: resource.id.clone(),
            revision: Some(resource.revision),
            kind: ask.kind,
            claimant: Person { name: trimmed(&ask.name), contact: trimmed(&ask.contact), address: trimmed(&ask.address) },
            account: actor.account.clone(),
            work: trimmed(&ask.work),
            proof: trimmed(&ask.proof),
            text: trimmed(&ask.text),
            code: code_digest(code),
            counter: None,
            answer_by: self.rules.calendar().after_working_days(now, self.rules.policy().after.complaint_answer_days),
        }
    }

    /// What a complaint about this resource would be about: its title and its institution.
    ///
    /// # Errors
    /// Not found, also for what the actor may not see; `retired`.
    pub async fn complained_about(&self, actor: &Actor, id: &str) -> Result<(String, String), Problem> {
        let Resource { metadata, institution, .. } = self.open_resource(actor, id).await?.value;
        Ok((metadata.title.main().to_owned(), institution))
    }

    /// A resource that the actor may see and that was not retired.
    async fn open_resource(&self, actor: &Actor, id: &str) -> Result<Stored<Resource>, Problem> {
        let found = if id.contains('\0') { None } else { self.store.get::<Resource>(&Key::from(id)).await? };
        let found = found.filter(|found| found.value.is_known_to(actor)).ok_or_else(|| Problem::not_found("资源", "resource"))?;
        if matches!(found.value.state, ResourceState::Retired { .. }) {
            return Err(Problem::new(ProblemKind::Gone, "retired", "该资源已出库。", "The resource has been retired."));
        }
        Ok(found)
    }

    /// Article 17: who was answered by a counter-statement may not notify again.
    async fn check_not_barred(&self, new: &Complaint) -> Result<(), Problem> {
        if new.kind != ComplaintKind::Copyright {
            return Ok(());
        }
        let mut page = PageRequest::first(100);
        loop {
            let found = self.store.list_by::<Complaint>("resource", &Key::prefix(&[&new.resource]), page).await?;
            if let Some(old) = found.items.iter().find(|old| old.value.bars(new)) {
                let (code, zh, en) = if old.value.root.state == ComplaintState::Countered {
                    let zh = "机构已就您的通知提交书面说明，依法不得就同一资源再次通知，可向人民法院起诉。";
                    ("countered", zh, "The institution answered your notice; you may not notify again, only go to court.")
                } else {
                    ("notified", "您的通知正在处理中。", "Your notice is being dealt with already.")
                };
                return Err(placed(Problem::new(ProblemKind::Conflict, code, zh, en), old));
            }
            let Some(next) = found.next else { return Ok(()) };
            page = PageRequest::first(100).after(Some(next));
        }
    }

    /// A page of the complaints that the actor may see.
    ///
    /// # Errors
    /// Unauthorized for visitors.
    pub async fn complaints(&self, actor: &Actor, ask: &ListComplaints) -> Result<ComplaintPage, Problem> {
        let about = ask.resource.as_deref().map(|id| ("resource", id));
        let listed = Listed { about, state: ask.state, limit: ask.limit, cursor: ask.cursor.as_deref() };
        let page = self.petitions::<Complaint>(actor, listed).await?;
        Ok(ComplaintPage { items: page.items, next: page.next })
    }

    /// One complaint.
    ///
    /// # Errors
    /// Not found, also for who may not see it.
    pub async fn complaint(&self, actor: &Actor, id: &str) -> Result<ComplaintView, Problem> {
        self.petition(actor, id).await.map(|stored| Complaint::shown(actor, stored))
    }

    /// The complaint that this code follows, for whoever brings the code.
    ///
    /// # Errors
    /// Not found.
    pub async fn followed_complaint(&self, follow: &Follow) -> Result<ComplaintView, Problem> {
        self.followed::<Complaint>(follow).await
    }

    /// A decision of the desk.
    ///
    /// # Errors
    /// `recused` for who took part or complained; `reason-required`; `state`, `conflict` and `precondition-failed` with where it stands.
    pub async fn decide_complaint(
        &self,
        actor: &Actor,
        id: &str,
        decide: &DecideComplaint,
        expected: Option<Position>,
    ) -> Result<ComplaintView, Problem> {
        let wanted = Wanted { action: decide.decision.action(), words: decide.reason.trim() };
        self.step_on::<Complaint>(actor, id, expected, wanted, &self.known(actor).await?).await
    }

    /// The institution's counter-statement: the resource is served again in the same change, unless something else holds it.
    ///
    /// # Errors
    /// `incomplete`; `state`, `conflict` and `precondition-failed` with where it stands.
    pub async fn counter_complaint(
        &self,
        actor: &Actor,
        id: &str,
        counter: &CounterStatement,
        expected: Option<Position>,
    ) -> Result<ComplaintView, Problem> {
        let trimmed = |text: &str| text.trim().to_owned();
        let CounterStatement { name, contact, address, proof, truthful } = counter;
        let person = Person { name: trimmed(name), contact: trimmed(contact), address: trimmed(address) };
        let wanted = Wanted { action: ComplaintAction::Counter, words: proof.trim() };
        self.step_on::<Complaint>(actor, id, expected, wanted, &Countering { person, truthful: *truthful }).await
    }

    async fn complained(&self, complaint: &Complaint) -> Result<Option<Stored<Resource>>, Problem> {
        Ok(self.store.get::<Resource>(&Key::from(complaint.resource.as_str())).await?)
    }

    /// What a step on a complaint means for its resource.
    async fn affect(
        &self,
        taken: &Taken<Complaint>,
        resource: Option<&Stored<Resource>>,
        at: Timestamp,
        changes: &mut ChangeSet,
    ) -> Result<(), Problem> {
        let Some(resource) = resource else { return Ok(()) };
        let (id, label) = (taken.petition.root.id.as_str(), taken.petition.kind.label());
        let reason = format!("投诉（{label}）");
        let gone = matches!(resource.value.state, ResourceState::Retired { .. });
        let mut turn = match taken.effect {
            Effect::Hold => Turn::hold(&resource.value, id, &reason),
            Effect::Release if holds(&resource.value).contains(id) => Turn::release(&resource.value, id, &reason),
            Effect::Retire if !gone => Turn { cause: RetireCause::Complaint, ..Turn::desk(ResourceAction::Retire, label) },
            Effect::None | Effect::Release | Effect::Retire => return Ok(()),
        };
        turn.facts = BTreeMap::from([(Complaint::CHAIN.to_owned(), id.to_owned())]);
        self.turn_resource(resource, resource.value.clone(), turn, &Step::program(at), changes).await
    }

    /// The submission that published a resource, where it was vetted here.
    pub(super) async fn submission_of(&self, resource: &Resource) -> Result<Option<Submission>, Problem> {
        let Provenance::Vetted { submission, .. } = &resource.provenance else { return Ok(None) };
        Ok(self.store.get::<Submission>(&Key::from(submission.as_str())).await?.map(|stored| stored.value))
    }
}
