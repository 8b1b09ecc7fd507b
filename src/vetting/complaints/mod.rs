//! Complaints after publication: made by anybody, decided by the desk, answered by the institution, followed with a code.

mod views;

pub use views::{ComplaintPage, ComplaintView, CounterStatement, DecideComplaint, Decision, FileComplaint, ListComplaints};

use super::Vetting;
use super::act::{TRIES, unauthorized};
use super::panel::Known;
use super::petitions::{Filed, Follow, stale};
use super::scan::Scan;
use super::views::Named;
use crate::domain::access::{Actor, Role};
use crate::domain::change::{ChangeSet, Position, Topic};
use crate::domain::ledger::{LedgerHead, LedgerText};
use crate::domain::petition::complaint::{
    COMPLAINT_TABLE, Complaint, ComplaintAction, ComplaintKind, ComplaintMoved, ComplaintState, Effect,
};
use crate::domain::petition::{Person, check_uninvolved, code_digest};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::resource::{Provenance, Resource, ResourceState, RetireCause};
use crate::domain::submission::published::{ResourceAction, Turn, holds};
use crate::domain::submission::table::Party;
use crate::domain::submission::{Step, Submission};
use crate::domain::time::Timestamp;
use crate::store::PageRequest;
use std::collections::BTreeMap;
use views::shown;

/// A step to take.
struct Asked<'a> {
    id: &'a str,
    action: ComplaintAction,
    /// The version the caller saw (If-Match).
    expected: Option<Position>,
    note: &'a str,
    /// Who judges, where the step is a judgement.
    judge: Option<&'a Known>,
}

/// Whether this actor sees a complaint: the desk and auditors; who made it; of a copyright notice the institution, to which the
/// law has it forwarded.
fn sees(actor: &Actor, complaint: &Complaint) -> bool {
    let own = complaint.account.is_some() && complaint.account == actor.account;
    let forwarded = complaint.kind == ComplaintKind::Copyright && actor.has(&[Role::Manager], &complaint.owner);
    own || forwarded || actor.has(&[Role::Editor, Role::Administrator, Role::Auditor], &complaint.owner)
}

fn party(actor: &Actor, complaint: &Complaint, action: ComplaintAction) -> Result<Party, Problem> {
    let parties = COMPLAINT_TABLE.iter().filter(|line| line.action == action).flat_map(|line| line.parties);
    let held = |party: &&Party| matches!(party, Party::Role(role) if actor.has(&[*role], &complaint.owner));
    parties.copied().find(|party| held(&party)).ok_or_else(Problem::forbidden)
}

impl Vetting {
    /// Makes a complaint about a resource that the actor may see. A complete copyright notice suspends it in the same change.
    pub async fn complain(&self, actor: &Actor, ask: &FileComplaint) -> Result<Filed, Problem> {
        let code = self.clock.secret()?;
        let id = self.clock.fresh_id();
        for _ in 0..TRIES {
            let resource = self.open_resource(actor, &ask.resource).await?;
            let account = actor.account.clone();
            let salt = self.clock.fresh_id();
            let note = [ask.text.trim(), ask.work.trim(), ask.proof.trim()].join("\n");
            let step = Step::person(account.as_deref().unwrap_or("visitor"), Party::Public, self.clock.now()).with_note(&note, &salt);
            let moved = self.draft_complaint(&id, &code, account.clone(), ask, &resource.value).file(ask.truthful, &step)?;
            self.check_not_barred(&moved.complaint).await?;
            let mut changes = ChangeSet::new(self.clock.fresh_id());
            changes.insert(&moved.complaint)?;
            if let Some(made) = self.write_complaint(moved, Some(&resource), &step, changes).await? {
                let state = made.value.state;
                return Ok(Filed { id, code, state: Named::new(state.code(), state.label()) });
            }
        }
        Err(Problem::new(ProblemKind::Conflict, "conflict", "资源正在变动，请稍后再试。", "The resource is being changed; try again."))
    }

    fn draft_complaint(&self, id: &str, code: &str, account: Option<String>, ask: &FileComplaint, resource: &Resource) -> Complaint {
        let now = self.clock.now();
        let trimmed = |text: &str| text.trim().to_owned();
        Complaint {
            id: id.to_owned(),
            resource: resource.id.clone(),
            owner: resource.owner.clone(),
            institution: resource.institution.clone(),
            kind: ask.kind,
            state: ComplaintState::Received,
            claimant: Person { name: trimmed(&ask.name), contact: trimmed(&ask.contact), address: trimmed(&ask.address) },
            account,
            work: trimmed(&ask.work),
            proof: trimmed(&ask.proof),
            text: trimmed(&ask.text),
            code: code_digest(code),
            counter: None,
            reason: String::new(),
            answer_by: self.rules.calendar().after_working_days(now, self.rules.policy().after.complaint_answer_days),
            created: now,
            updated: now,
            ledger: LedgerHead::default(),
        }
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
            if let Some(old) = found.items.iter().map(|stored| &stored.value).find(|old| old.bars(new)) {
                let (code, zh, en) = if old.state == ComplaintState::Countered {
                    let zh = "机构已就您的通知提交书面说明，依法不得就同一资源再次通知，可向人民法院起诉。";
                    ("countered", zh, "The institution answered your notice; you may not notify again, only go to court.")
                } else {
                    ("notified", "您的通知正在处理中。", "Your notice is being dealt with already.")
                };
                return Err(Problem::new(ProblemKind::Conflict, code, zh, en));
            }
            let Some(next) = found.next else { return Ok(()) };
            page = PageRequest::first(100).after(Some(next));
        }
    }

    /// A page of the complaints that the actor may see.
    pub async fn complaints(&self, actor: &Actor, ask: &ListComplaints) -> Result<ComplaintPage, Problem> {
        if actor.account.is_none() {
            return Err(unauthorized());
        }
        let by = match (&ask.resource, ask.state) {
            (Some(resource), _) => Some(("resource", Key::prefix(&[&resource.replace('\0', "")]))),
            (None, Some(state)) => Some(("state", Key::prefix(&[state.code()]))),
            (None, None) => None,
        };
        let scan = Scan { by, limit: ask.limit.unwrap_or(20), cursor: ask.cursor.clone(), reverse: true };
        let wanted = |complaint: &Complaint| sees(actor, complaint) && ask.state.is_none_or(|state| state == complaint.state);
        let page = self.page_of::<Complaint>(scan, wanted).await?;
        Ok(ComplaintPage { items: page.items.into_iter().map(|stored| shown(actor, stored)).collect(), next: page.next })
    }

    /// One complaint.
    pub async fn complaint(&self, actor: &Actor, id: &str) -> Result<ComplaintView, Problem> {
        self.load_complaint(actor, id).await.map(|stored| shown(actor, stored))
    }

    /// The complaint that this code follows, for whoever brings the code.
    pub async fn followed_complaint(&self, follow: &Follow) -> Result<ComplaintView, Problem> {
        let prefix = Key::prefix(&[&code_digest(&follow.code)]);
        let found = self.store.list_by::<Complaint>("code", &prefix, PageRequest::first(1)).await?.items.into_iter().next();
        found.map(|stored| shown(&Actor::visitor(), stored)).ok_or_else(|| Problem::not_found("投诉", "complaint"))
    }

    /// A decision of the desk, by somebody who took no part in the resource and did not complain.
    pub async fn decide_complaint(
        &self,
        actor: &Actor,
        id: &str,
        decide: &DecideComplaint,
        expected: Option<Position>,
    ) -> Result<ComplaintView, Problem> {
        let reason = decide.reason.trim();
        let action = decide.decision.action();
        let known = self.known(actor).await?;
        let asked = Asked { id, action, expected, note: reason, judge: Some(&known) };
        self.step(actor, asked, |complaint, step| complaint.decide(action, reason, step)).await
    }

    /// The institution's counter-statement: the resource is served again in the same change, unless something else holds it.
    pub async fn counter_complaint(
        &self,
        actor: &Actor,
        id: &str,
        counter: &CounterStatement,
        expected: Option<Position>,
    ) -> Result<ComplaintView, Problem> {
        let CounterStatement { name, contact, address, proof, truthful } = counter.clone();
        let person = Person { name: name.trim().to_owned(), contact: contact.trim().to_owned(), address: address.trim().to_owned() };
        let note = proof.trim().to_owned();
        let asked = Asked { id, action: ComplaintAction::Counter, expected, note: &note, judge: None };
        self.step(actor, asked, |complaint, step| complaint.counter(person.clone(), note.clone(), truthful, step)).await
    }

    async fn check_judge_of(&self, actor: &Actor, known: &Known, complaint: &Complaint) -> Result<(), Problem> {
        if complaint.account.is_some() && complaint.account == actor.account {
            let (zh, en) = ("不能处理本人提出的投诉。", "Nobody decides the own complaint.");
            return Err(Problem::new(ProblemKind::Forbidden, "recused", zh, en));
        }
        let resource = self.store.get::<Resource>(&Key::from(complaint.resource.as_str())).await?;
        let submission = match &resource {
            Some(resource) => self.submission_of(&resource.value).await?,
            None => None,
        };
        check_uninvolved(&known.judge(), &complaint.owner, &complaint.institution, submission.as_ref(), None)
    }

    /// Takes a step on a complaint, tried again when somebody was faster.
    async fn step(
        &self,
        actor: &Actor,
        asked: Asked<'_>,
        step: impl Fn(Complaint, &Step<'_>) -> Result<ComplaintMoved, Problem> + Send,
    ) -> Result<ComplaintView, Problem> {
        let account = actor.account.clone().ok_or_else(unauthorized)?;
        let Asked { id, action, expected, note, judge } = asked;
        if note.contains('\0') {
            return Err(Problem::field("text", "reason", "文字中含有不能使用的字符。", "The text holds a character that is not taken."));
        }
        for _ in 0..TRIES {
            let old = self.load_complaint(actor, id).await?;
            let party = party(actor, &old.value, action)?;
            if let Some(known) = judge {
                self.check_judge_of(actor, known, &old.value).await?;
            }
            if expected.is_some_and(|expected| expected != old.version) {
                return Err(stale(ProblemKind::Precondition, old.value.state.label(), old.value.state.code()));
            }
            let salt = self.clock.fresh_id();
            let taken = Step::person(&account, party, self.clock.now()).with_note(note, &salt);
            let moved = step(old.value.clone(), &taken)?;
            let resource = self.store.get::<Resource>(&Key::from(old.value.resource.as_str())).await?;
            let mut changes = ChangeSet::new(self.clock.fresh_id());
            changes.update(&old, &moved.complaint)?;
            if let Some(written) = self.write_complaint(moved, resource.as_ref(), &taken, changes).await? {
                return Ok(shown(actor, written));
            }
        }
        let now = self.load_complaint(actor, id).await?.value.state;
        Err(stale(ProblemKind::Conflict, now.label(), now.code()))
    }

    /// Commits a step with what it means for the resource; `None` when somebody was faster.
    async fn write_complaint(
        &self,
        moved: ComplaintMoved,
        resource: Option<&Stored<Resource>>,
        step: &Step<'_>,
        mut changes: ChangeSet,
    ) -> Result<Option<Stored<Complaint>>, Problem> {
        let ComplaintMoved { complaint, entry, effect } = moved;
        if let Some(note) = step.note {
            let (salt, text) = (note.salt.to_owned(), note.text.to_owned());
            changes.insert(&LedgerText { chain: entry.chain.clone(), sequence: entry.sequence, salt, text })?;
        }
        changes.insert(&entry)?.tell(Topic::Petition, complaint.chain());
        if let Some(resource) = resource {
            self.affect(&complaint, effect, resource, step.at, &mut changes).await?;
        }
        let version = self.try_commit(changes).await?;
        Ok(version.map(|version| Stored { value: complaint, version }))
    }

    /// What a step on a complaint means for its resource.
    async fn affect(
        &self,
        complaint: &Complaint,
        effect: Effect,
        resource: &Stored<Resource>,
        at: Timestamp,
        changes: &mut ChangeSet,
    ) -> Result<(), Problem> {
        let (id, label) = (complaint.id.as_str(), complaint.kind.label());
        let reason = format!("投诉（{label}）");
        let gone = matches!(resource.value.state, ResourceState::Retired { .. });
        let mut turn = match effect {
            Effect::Hold => Turn::hold(&resource.value, id, &reason),
            Effect::Release if holds(&resource.value).contains(id) => Turn::release(&resource.value, id, &reason),
            Effect::Retire if !gone => Turn { cause: RetireCause::Complaint, ..Turn::desk(ResourceAction::Retire, label) },
            Effect::None | Effect::Release | Effect::Retire => return Ok(()),
        };
        turn.facts = BTreeMap::from([("complaint".to_owned(), complaint.id.clone())]);
        self.turn_resource(resource, resource.value.clone(), turn, &Step::program(at), changes).await
    }

    async fn load_complaint(&self, actor: &Actor, id: &str) -> Result<Stored<Complaint>, Problem> {
        if actor.account.is_none() {
            return Err(unauthorized());
        }
        let found = if id.contains('\0') { None } else { self.store.get::<Complaint>(&Key::from(id)).await? };
        found.filter(|found| sees(actor, &found.value)).ok_or_else(|| Problem::not_found("投诉", "complaint"))
    }

    /// The submission that published a resource, where it was vetted here.
    pub(super) async fn submission_of(&self, resource: &Resource) -> Result<Option<Submission>, Problem> {
        let Provenance::Vetted { submission, .. } = &resource.provenance else { return Ok(None) };
        Ok(self.store.get::<Submission>(&Key::from(submission.as_str())).await?.map(|stored| stored.value))
    }
}
