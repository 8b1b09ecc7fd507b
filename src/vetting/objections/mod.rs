//! What is under public notice, and objections against it: made by anybody under their own name, answered by the desk.

mod views;

pub use views::{AnswerObjection, FileObjection, ListObjections, ObjectionAnswer, ObjectionPage, ObjectionView};

use super::Vetting;
use super::act::{TRIES, placed, unauthorized};
use super::panel::Known;
use super::petitions::{Filed, Follow, stale};
use super::scan::Scan;
use super::show::is_desk;
use super::views::Named;
use crate::domain::access::{Actor, Role, grants};
use crate::domain::change::{ChangeSet, Position, Topic};
use crate::domain::ledger::{LedgerHead, LedgerText};
use crate::domain::petition::objection::{OBJECTION_TABLE, Objection, ObjectionAction, ObjectionMoved, ObjectionState};
use crate::domain::petition::{Person, check_uninvolved, code_digest};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::submission::table::{Party, StateCode};
use crate::domain::submission::{State, Step, Submission};
use crate::store::PageRequest;
use views::shown;

/// A step to take.
struct Asked<'a> {
    id: &'a str,
    action: ObjectionAction,
    /// The version the caller saw (If-Match).
    expected: Option<Position>,
    reason: &'a str,
}

/// The desk sees objections, but not against what it submitted itself; auditors too; whoever made one sees it.
fn sees(actor: &Actor, objection: &Objection) -> bool {
    let own = objection.account.is_some() && objection.account == actor.account;
    own || is_desk(actor, &objection.owner) || actor.has(&[Role::Auditor], &objection.owner)
}

fn party(actor: &Actor, objection: &Objection, action: ObjectionAction) -> Result<Party, Problem> {
    let parties = OBJECTION_TABLE.iter().filter(|line| line.action == action).flat_map(|line| line.parties);
    let held = |party: &&Party| matches!(party, Party::Role(role) if actor.has(&[*role], &objection.owner));
    parties.copied().find(|party| held(&party)).ok_or_else(Problem::forbidden)
}

impl Vetting {
    /// Objects against what is under notice; publication waits from then on.
    pub async fn object(&self, actor: &Actor, id: &str, ask: &FileObjection) -> Result<Filed, Problem> {
        let (code, objection_id) = (self.clock.secret()?, self.clock.fresh_id());
        for _ in 0..TRIES {
            let old = self.under_notice(actor, id).await?;
            let account = actor.account.clone();
            let (salt, note) = (self.clock.fresh_id(), [ask.text.trim(), ask.evidence.trim()].join("\n"));
            let bare = Step::person(account.as_deref().unwrap_or("visitor"), Party::Public, self.clock.now());
            let step = bare.with_note(&note, &salt);
            let moved = self.draft_objection(&objection_id, &code, account.clone(), ask, &old.value).file(&step)?;
            let waiting = old.value.clone().object(&objection_id, &bare).map_err(|problem| placed(problem, &old))?;
            let mut changes = ChangeSet::new(self.clock.fresh_id());
            waiting.write(&mut changes, Some(&old))?;
            changes.insert(&moved.objection)?;
            if let Some(made) = self.write_objection(moved, &step, changes).await? {
                let state = made.value.state;
                return Ok(Filed { id: objection_id, code, state: Named::new(state.code(), state.label()) });
            }
        }
        let problem =
            Problem::new(ProblemKind::Conflict, "conflict", "公示状态正在变动，请稍后再试。", "The notice is being changed; try again.");
        Err(placed(problem, &self.load(id).await?))
    }

    fn draft_objection(&self, id: &str, code: &str, account: Option<String>, ask: &FileObjection, submission: &Submission) -> Objection {
        let now = self.clock.now();
        let trimmed = |text: &str| text.trim().to_owned();
        Objection {
            id: id.to_owned(),
            submission: submission.id.clone(),
            title: submission.metadata.title.main().to_owned(),
            owner: submission.owner.clone(),
            institution: submission.institution.clone(),
            state: ObjectionState::Filed,
            objector: Person { name: trimmed(&ask.name), contact: trimmed(&ask.contact), address: String::new() },
            account,
            text: trimmed(&ask.text),
            evidence: trimmed(&ask.evidence),
            code: code_digest(code),
            reason: String::new(),
            accept_by: self.rules.calendar().after_working_days(now, self.rules.policy().after.objection_accept_days),
            answer_by: None,
            created: now,
            updated: now,
            ledger: LedgerHead::default(),
        }
    }

    /// A submission under notice that the actor may learn of.
    async fn under_notice(&self, actor: &Actor, id: &str) -> Result<Stored<Submission>, Problem> {
        let missing = || Problem::not_found("公示", "notice");
        let found = self.load(id).await.map_err(|problem| if problem.kind == ProblemKind::NotFound { missing() } else { problem })?;
        let open = matches!(found.value.state.code(), StateCode::Notice | StateCode::Objected);
        let known = actor.sees(&grants(&found.value.owner, &found.value.metadata.access));
        if open && known { Ok(found) } else { Err(missing()) }
    }

    /// A page of the objections that the actor may see.
    pub async fn objections(&self, actor: &Actor, ask: &ListObjections) -> Result<ObjectionPage, Problem> {
        if actor.account.is_none() {
            return Err(unauthorized());
        }
        let by = match (&ask.submission, ask.state) {
            (Some(submission), _) => Some(("submission", Key::prefix(&[&submission.replace('\0', "")]))),
            (None, Some(state)) => Some(("state", Key::prefix(&[state.code()]))),
            (None, None) => None,
        };
        let scan = Scan { by, limit: ask.limit.unwrap_or(20), cursor: ask.cursor.clone(), reverse: true };
        let wanted = |objection: &Objection| sees(actor, objection) && ask.state.is_none_or(|state| state == objection.state);
        let page = self.page_of::<Objection>(scan, wanted).await?;
        Ok(ObjectionPage { items: page.items.into_iter().map(|stored| shown(actor, stored)).collect(), next: page.next })
    }

    /// One objection.
    pub async fn objection(&self, actor: &Actor, id: &str) -> Result<ObjectionView, Problem> {
        self.load_objection(actor, id).await.map(|stored| shown(actor, stored))
    }

    /// The objection that this code follows, for whoever brings the code.
    pub async fn followed_objection(&self, follow: &Follow) -> Result<ObjectionView, Problem> {
        let prefix = Key::prefix(&[&code_digest(&follow.code)]);
        let found = self.store.list_by::<Objection>("code", &prefix, PageRequest::first(1)).await?.items.into_iter().next();
        found.map(|stored| shown(&Actor::visitor(), stored)).ok_or_else(|| Problem::not_found("异议", "objection"))
    }

    /// The desk's answer, by somebody who took no part in the submission and did not object. Refusing and dismissing let the
    /// notice go on; referring puts the submission and every open objection against it before the committee, in one change.
    pub async fn answer_objection(
        &self,
        actor: &Actor,
        id: &str,
        answer: &AnswerObjection,
        expected: Option<Position>,
    ) -> Result<ObjectionView, Problem> {
        let account = actor.account.clone().ok_or_else(unauthorized)?;
        let asked = Asked { id, action: answer.answer.action(), expected, reason: answer.reason.trim() };
        if asked.reason.contains('\0') {
            return Err(Problem::field("text", "reason", "文字中含有不能使用的字符。", "The text holds a character that is not taken."));
        }
        let known = self.known(actor).await?;
        for _ in 0..TRIES {
            if let Some(written) = self.try_answer(actor, &account, &known, &asked).await? {
                return Ok(shown(actor, written));
            }
        }
        let now = self.load_objection(actor, id).await?.value.state;
        Err(stale(ProblemKind::Conflict, now.label(), now.code()))
    }

    async fn try_answer(
        &self,
        actor: &Actor,
        account: &str,
        known: &Known,
        asked: &Asked<'_>,
    ) -> Result<Option<Stored<Objection>>, Problem> {
        let old = self.load_objection(actor, asked.id).await?;
        let party = party(actor, &old.value, asked.action)?;
        let submission = self.load(&old.value.submission).await?;
        if old.value.account.as_deref() == Some(account) {
            let (zh, en) = ("不能处理本人提出的异议。", "Nobody answers the own objection.");
            return Err(Problem::new(ProblemKind::Forbidden, "recused", zh, en));
        }
        check_uninvolved(&known.judge(), &old.value.owner, &old.value.institution, Some(&submission.value), Some(StateCode::Objected))?;
        if asked.expected.is_some_and(|expected| expected != old.version) {
            return Err(stale(ProblemKind::Precondition, old.value.state.label(), old.value.state.code()));
        }
        let salt = self.clock.fresh_id();
        let bare = Step::person(account, party, self.clock.now());
        let step = if asked.reason.is_empty() { bare } else { bare.with_note(asked.reason, &salt) };
        let moved = match asked.action {
            ObjectionAction::Accept => {
                let term = self.rules.policy().after.objection_answer_days;
                old.value.clone().accept(self.rules.calendar().after_working_days(step.at, term), &step)?
            }
            action => old.value.clone().answer(action, asked.reason, &step)?,
        };
        let mut changes = ChangeSet::new(self.clock.fresh_id());
        changes.update(&old, &moved.objection)?;
        self.affect_submission(&submission, &moved.objection, asked, &bare, &mut changes).await?;
        self.write_objection(moved, &step, changes).await
    }

    /// What an answer means for the submission, and a referral for the other objections against it.
    async fn affect_submission(
        &self,
        submission: &Stored<Submission>,
        objection: &Objection,
        asked: &Asked<'_>,
        step: &Step<'_>,
        changes: &mut ChangeSet,
    ) -> Result<(), Problem> {
        // Withdrawn meanwhile, say: then the answer is for the objector alone.
        let State::Objected { open, .. } = &submission.value.state else {
            changes.guard(submission);
            return Ok(());
        };
        let value = submission.value.clone();
        match asked.action {
            ObjectionAction::Refuse | ObjectionAction::Dismiss => value.overrule(&objection.id, step)?.write(changes, Some(submission))?,
            ObjectionAction::Refer => {
                value.refer(&objection.id, step)?.write(changes, Some(submission))?;
                let keys: Vec<Key> = open.iter().filter(|id| **id != objection.id).map(|id| Key::from(id.as_str())).collect();
                for other in self.store.get_many::<Objection>(&keys).await?.into_iter().flatten().filter(|other| other.value.is_open()) {
                    let moved = other.value.clone().answer(ObjectionAction::Refer, asked.reason, step)?;
                    changes.update(&other, &moved.objection)?.insert(&moved.entry)?.tell(Topic::Petition, moved.objection.chain());
                }
            }
            ObjectionAction::Accept | ObjectionAction::File => {
                changes.guard(submission);
            }
        }
        Ok(())
    }

    /// Commits a step; `None` when somebody was faster.
    async fn write_objection(
        &self,
        moved: ObjectionMoved,
        step: &Step<'_>,
        mut changes: ChangeSet,
    ) -> Result<Option<Stored<Objection>>, Problem> {
        let ObjectionMoved { objection, entry } = moved;
        if let Some(note) = step.note {
            let (salt, text) = (note.salt.to_owned(), note.text.to_owned());
            changes.insert(&LedgerText { chain: entry.chain.clone(), sequence: entry.sequence, salt, text })?;
        }
        changes.insert(&entry)?.tell(Topic::Petition, objection.chain());
        let version = self.try_commit(changes).await?;
        Ok(version.map(|version| Stored { value: objection, version }))
    }

    async fn load_objection(&self, actor: &Actor, id: &str) -> Result<Stored<Objection>, Problem> {
        if actor.account.is_none() {
            return Err(unauthorized());
        }
        let found = if id.contains('\0') { None } else { self.store.get::<Objection>(&Key::from(id)).await? };
        found.filter(|found| sees(actor, &found.value)).ok_or_else(|| Problem::not_found("异议", "objection"))
    }
}
