//! One step: read, permit, move, write, and read again when somebody was faster.

use super::panel::{Known, party_for, party_in, sight};
use super::views::SubmissionView;
use super::{Vetting, publish};
use crate::domain::access::{Actor, Role};
use crate::domain::change::{ChangeSet, Position};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::Stored;
use crate::domain::submission::table::{Action, StateCode};
use crate::domain::submission::{Moved, Step, Submission};
use crate::store::StoreError;

/// How often a step is tried again when another one came between reading and writing.
pub(super) const TRIES: usize = 5;

/// A step to take.
pub(super) struct Request<'a> {
    pub id: &'a str,
    /// The version the caller saw (If-Match); `None` takes the step on whatever stands there now.
    pub expected: Option<Position>,
    pub action: Action,
    /// A text for the submitter, kept beside its salt.
    pub note: Option<&'a str>,
    /// In this role alone; else in any that the table lets.
    pub role: Option<Role>,
}

impl<'a> Request<'a> {
    pub fn new(id: &'a str, expected: Option<Position>, action: Action) -> Self {
        Self { id, expected, action, note: None, role: None }
    }

    pub fn with_note(self, note: &'a str) -> Self {
        let note = Some(note.trim()).filter(|text| !text.is_empty());
        Self { note, ..self }
    }

    pub fn in_role(self, role: Role) -> Self {
        Self { role: Some(role), ..self }
    }
}

impl Vetting {
    /// Takes a step and answers the submission as the actor sees it then. `step` may add records to the change.
    pub(super) async fn act(
        &self,
        actor: &Actor,
        request: Request<'_>,
        step: impl Fn(Submission, &Step<'_>, &mut ChangeSet) -> Result<Moved, Problem> + Send,
    ) -> Result<SubmissionView, Problem> {
        let stored = self.take(actor, request, step).await?;
        self.seen(actor, stored).await
    }

    /// The submission as it stands, where the actor may take this step on it.
    pub(super) async fn permitted(&self, actor: &Actor, request: &Request<'_>) -> Result<Stored<Submission>, Problem> {
        if actor.account.is_none() {
            return Err(unauthorized());
        }
        let stored = self.load(request.id).await?;
        if sight(actor, &stored.value).is_none() {
            return Err(Problem::not_found("提交", "submission"));
        }
        party_for(actor, &stored.value, request.action)?;
        check_version(&stored, request.expected)?;
        Ok(stored)
    }

    /// What is known of an actor who may take this step as a judge.
    pub(super) async fn judging(&self, actor: &Actor, request: &Request<'_>) -> Result<Known, Problem> {
        self.permitted(actor, request).await?;
        self.known(actor).await
    }

    /// Takes a step after which the actor may not see the submission any more.
    pub(super) async fn take(
        &self,
        actor: &Actor,
        request: Request<'_>,
        step: impl Fn(Submission, &Step<'_>, &mut ChangeSet) -> Result<Moved, Problem> + Send,
    ) -> Result<Stored<Submission>, Problem> {
        let account = actor.account.clone().ok_or_else(unauthorized)?;
        if request.note.is_some_and(|note| note.contains('\0')) {
            return Err(Problem::field("text", "reason", "文字中含有不能使用的字符。", "The text holds a character that is not taken."));
        }
        for _ in 0..TRIES {
            let old = self.load(request.id).await?;
            if sight(actor, &old.value).is_none() {
                return Err(Problem::not_found("提交", "submission"));
            }
            let party = match request.role {
                Some(role) => party_in(actor, &old.value, role)?,
                None => party_for(actor, &old.value, request.action)?,
            };
            check_version(&old, request.expected)?;
            let refused = |problem| placed(problem, &old);
            let at = self.clock.now();
            let salt = self.clock.fresh_id();
            let mut taken = Step::person(&account, party, at);
            if let Some(note) = request.note {
                taken = taken.with_note(note, &salt);
            }
            let mut changes = ChangeSet::new(self.clock.fresh_id());
            let moved = step(old.value.clone(), &taken, &mut changes).map_err(refused)?;
            if let Some(text) = moved.entries.last().and_then(|entry| taken.text_of(entry)) {
                changes.insert(&text)?;
            }
            match self.write(&old, &moved, changes, at).await {
                Ok(version) => return Ok(Stored { value: moved.submission, version }),
                Err(Written::Conflict) => {}
                Err(Written::Problem(problem)) => return Err(refused(problem)),
            }
        }
        let now = self.load(request.id).await?;
        Err(stale(ProblemKind::Conflict, &now))
    }

    /// Commits a step, with the resource where it publishes one.
    pub(super) async fn write(
        &self,
        old: &Stored<Submission>,
        moved: &Moved,
        mut changes: ChangeSet,
        at: crate::domain::time::Timestamp,
    ) -> Result<Position, Written> {
        moved.write(&mut changes, Some(old)).map_err(Problem::from)?;
        let publishes = moved.submission.state.code() == StateCode::Published && old.value.state.code() != StateCode::Published;
        if publishes {
            publish::publish(&self.store, &moved.submission, at, &mut changes).await?;
            self.draw_lot(&moved.submission, at, &mut changes).await?;
        }
        self.store.commit(changes).await.map_err(|error| match error {
            StoreError::Conflict { .. } => Written::Conflict,
            other => Written::Problem(other.into()),
        })
    }
}

/// Why a step was not written.
pub(super) enum Written {
    /// Somebody was faster.
    Conflict,
    /// Something else.
    Problem(Problem),
}

impl From<Problem> for Written {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

fn check_version(old: &Stored<Submission>, expected: Option<Position>) -> Result<(), Problem> {
    match expected {
        Some(expected) if expected != old.version => Err(stale(ProblemKind::Precondition, old)),
        _ => Ok(()),
    }
}

/// Somebody was faster: says where the submission stands now.
fn stale(kind: ProblemKind, now: &Stored<Submission>) -> Problem {
    let state = now.value.state.code();
    let zh = format!("该提交刚被他人处理，当前状态为“{}”（版本 {}），请刷新后再操作。", state.label(), now.version);
    let en = format!("Somebody else acted on this submission; it is now {} at version {}.", state.code(), now.version);
    let code = if kind == ProblemKind::Precondition { "precondition-failed" } else { "conflict" };
    placed(Problem::new(kind, code, zh, en), now)
}

/// The same problem, saying where the submission stands that refused the step.
pub(super) fn placed(problem: Problem, now: &Stored<Submission>) -> Problem {
    let state = now.value.state.code();
    problem.at_state(state.code(), state.label(), Some(now.version.0))
}

pub(super) fn unauthorized() -> Problem {
    Problem::new(ProblemKind::Unauthorized, "unauthorized", "请先登录。", "Sign in first.")
}
