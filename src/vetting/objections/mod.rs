//! What is under public notice, and objections against it: made by anybody under their own name, answered by the desk.

mod views;

pub use views::{AnswerObjection, FileObjection, ListObjections, ObjectionAnswer, ObjectionPage, ObjectionView};

use super::Vetting;
use super::act::{TRIES, placed};
use super::panel::Known;
use super::petitions::{Filed, Follow, Listed, Moves, Served, Standing, Wanted, add_entry, check_judge};
use super::show::is_desk;
use crate::domain::access::{Actor, Role, grants};
use crate::domain::change::{ChangeSet, Position};
use crate::domain::petition::machine::{Root, Taken};
use crate::domain::petition::objection::{Objection, ObjectionAction, ObjectionState};
use crate::domain::petition::{Person, code_digest};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::submission::table::{Party, StateCode};
use crate::domain::submission::{State, Step, Submission};

impl Served for Objection {
    type View = ObjectionView;

    fn maker(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The desk sees objections, but not against what it submitted itself; auditors too; whoever made one sees it.
    fn is_seen_by(&self, actor: &Actor) -> bool {
        let own = self.account.is_some() && self.account == actor.account;
        own || is_desk(actor, &self.root.owner) || actor.has(&[Role::Auditor], &self.root.owner)
    }

    fn shown(actor: &Actor, stored: Stored<Self>) -> ObjectionView {
        views::view(Standing::of(actor, &stored), stored.value)
    }
}

/// The desk's answer, by somebody who took no part in the submission and did not object.
#[async_trait::async_trait]
impl Moves<Objection> for Known {
    async fn take(
        &self,
        vetting: &Vetting,
        old: &Stored<Objection>,
        wanted: Wanted<'_, ObjectionAction>,
        step: &Step<'_>,
        changes: &mut ChangeSet,
    ) -> Result<Taken<Objection>, Problem> {
        let submission = vetting.load(&old.value.submission).await?;
        check_judge(self, &old.value, Some(&submission.value), Some(StateCode::Objected))?;
        let taken = match wanted.action {
            ObjectionAction::Accept => {
                let term = vetting.rules.policy().after.objection_answer_days;
                old.value.clone().accept(vetting.rules.calendar().after_working_days(step.at, term), step)?
            }
            action => old.value.clone().answer(action, wanted.words, step)?,
        };
        vetting.affect_submission(&submission, &taken.petition, wanted, step, changes).await?;
        Ok(taken)
    }
}

impl Vetting {
    /// Objects against what is under notice; publication waits from then on.
    ///
    /// # Errors
    /// `incomplete`; not found for what is under no notice; `notice-over`.
    pub async fn object(&self, actor: &Actor, id: &str, ask: &FileObjection) -> Result<Filed, Problem> {
        let (code, objection) = (self.clock.secret()?, self.clock.fresh_id());
        let note = [ask.text.trim(), ask.evidence.trim()].join("\n");
        for _ in 0..TRIES {
            let old = self.under_notice(actor, id).await?;
            let salt = self.clock.fresh_id();
            let bare = Step::person(actor.account.as_deref().unwrap_or("visitor"), Party::Public, self.clock.now());
            let step = bare.with_note(&note, &salt);
            let taken = self.draft_objection(&objection, &code, actor, ask, &old.value).file(&step)?;
            let waiting = old.value.clone().object(&objection, &bare).map_err(|problem| placed(problem, &old))?;
            let mut changes = ChangeSet::new(self.clock.fresh_id());
            waiting.write(&mut changes, Some(&old))?;
            changes.insert(&taken.petition)?;
            add_entry(&taken, &step, &mut changes)?;
            if self.try_commit(changes).await?.is_some() {
                return Ok(Filed::of(&taken.petition, code));
            }
        }
        let problem =
            Problem::new(ProblemKind::Conflict, "conflict", "公示状态正在变动，请稍后再试。", "The notice is being changed; try again.");
        Err(placed(problem, &self.load(id).await?))
    }

    fn draft_objection(&self, id: &str, code: &str, actor: &Actor, ask: &FileObjection, submission: &Submission) -> Objection {
        let now = self.clock.now();
        let trimmed = |text: &str| text.trim().to_owned();
        Objection {
            root: Root::new(id, submission.owner.clone(), submission.institution.as_str(), ObjectionState::Filed, now),
            submission: submission.id.clone(),
            title: submission.metadata.title.main().to_owned(),
            objector: Person { name: trimmed(&ask.name), contact: trimmed(&ask.contact), address: String::new() },
            account: actor.account.clone(),
            text: trimmed(&ask.text),
            evidence: trimmed(&ask.evidence),
            code: code_digest(code),
            accept_by: self.rules.calendar().after_working_days(now, self.rules.policy().after.objection_accept_days),
            answer_by: None,
        }
    }

    /// A submission under notice that the actor may learn of.
    pub(super) async fn under_notice(&self, actor: &Actor, id: &str) -> Result<Stored<Submission>, Problem> {
        let missing = || Problem::not_found("公示", "notice");
        let found = self.load(id).await.map_err(|problem| if problem.kind == ProblemKind::NotFound { missing() } else { problem })?;
        let open = matches!(found.value.state.code(), StateCode::Notice | StateCode::Objected);
        let known = actor.sees(&grants(&found.value.owner, &found.value.metadata.access));
        if open && known { Ok(found) } else { Err(missing()) }
    }

    /// A page of the objections that the actor may see.
    ///
    /// # Errors
    /// Unauthorized for visitors.
    pub async fn objections(&self, actor: &Actor, ask: &ListObjections) -> Result<ObjectionPage, Problem> {
        let about = ask.submission.as_deref().map(|id| ("submission", id));
        let listed = Listed { about, state: ask.state, limit: ask.limit, cursor: ask.cursor.as_deref() };
        let page = self.petitions::<Objection>(actor, listed).await?;
        Ok(ObjectionPage { items: page.items, next: page.next })
    }

    /// One objection.
    ///
    /// # Errors
    /// Not found, also for who may not see it.
    pub async fn objection(&self, actor: &Actor, id: &str) -> Result<ObjectionView, Problem> {
        self.petition(actor, id).await.map(|stored| Objection::shown(actor, stored))
    }

    /// The objection that this code follows, for whoever brings the code.
    ///
    /// # Errors
    /// Not found.
    pub async fn followed_objection(&self, follow: &Follow) -> Result<ObjectionView, Problem> {
        self.followed::<Objection>(follow).await
    }

    /// The desk's answer. Refusing and dismissing let the notice go on; referring puts the submission and every open objection
    /// against it before the committee, in one change.
    ///
    /// # Errors
    /// `recused` for who took part or objected; `reason-required`; `state`, `conflict` and `precondition-failed` with where it stands.
    pub async fn answer_objection(
        &self,
        actor: &Actor,
        id: &str,
        answer: &AnswerObjection,
        expected: Option<Position>,
    ) -> Result<ObjectionView, Problem> {
        let wanted = Wanted { action: answer.answer.action(), words: answer.reason.trim() };
        self.step_on::<Objection>(actor, id, expected, wanted, &self.known(actor).await?).await
    }

    /// What an answer means for the submission, and a referral for the other objections against it.
    async fn affect_submission(
        &self,
        submission: &Stored<Submission>,
        objection: &Objection,
        wanted: Wanted<'_, ObjectionAction>,
        step: &Step<'_>,
        changes: &mut ChangeSet,
    ) -> Result<(), Problem> {
        // Withdrawn meanwhile, say: then the answer is for the objector alone.
        let State::Objected { open, .. } = &submission.value.state else {
            changes.guard(submission);
            return Ok(());
        };
        // The words belong to the objection's own chain.
        let step = &Step { note: None, ..*step };
        let (value, id) = (submission.value.clone(), &objection.root.id);
        match wanted.action {
            ObjectionAction::Refuse | ObjectionAction::Dismiss => value.overrule(id, step)?.write(changes, Some(submission))?,
            ObjectionAction::Refer => {
                value.refer(id, step)?.write(changes, Some(submission))?;
                let keys: Vec<Key> = open.iter().filter(|other| *other != id).map(|other| Key::from(other.as_str())).collect();
                for other in self.store.get_many::<Objection>(&keys).await?.into_iter().flatten().filter(|other| other.value.is_open()) {
                    let taken = other.value.clone().answer(ObjectionAction::Refer, wanted.words, step)?;
                    changes.update(&other, &taken.petition)?;
                    add_entry(&taken, step, changes)?;
                }
            }
            ObjectionAction::Accept | ObjectionAction::File => {
                changes.guard(submission);
            }
        }
        Ok(())
    }
}
