//! Invitations: asking an expert, declining, declaring a conflict, and the program asking the best ones itself.

use super::Vetting;
use super::act::{Request, Written};
use super::deadlines::HOUR_MS;
use super::views::SubmissionView;
use crate::domain::access::Actor;
use crate::domain::change::{ChangeSet, Position};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::Stored;
use crate::domain::submission::table::{Action, StateCode};
use crate::domain::submission::{Moved, Step, Submission};
use crate::domain::time::Timestamp;
use serde::Deserialize;

/// Whom to invite.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// Id or sign-in name of a reviewer.
    pub account: String,
}

/// Why somebody does not review.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StandDown {
    /// Why, for the desk; 1 to 1,000 characters.
    pub reason: String,
}

/// Ways of giving up a seat before an opinion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandingDown {
    /// The invitation is not taken.
    Decline,
    /// There is an own conflict.
    Recuse,
}

/// The transition by which a seat is given up, with its reason.
type Leaving = fn(Submission, &str, &Step<'_>) -> Result<Moved, Problem>;

impl Vetting {
    /// Reserves a seat for an expert until the answer is due.
    ///
    /// # Errors
    /// Those of every step; `reviewer` for an account that may not review this, `recused`, `unavailable`, `no-seat`.
    pub async fn invite(&self, actor: &Actor, id: &str, invite: &Invite, expected: Option<Position>) -> Result<SubmissionView, Problem> {
        let request = Request::new(id, expected, Action::Invite);
        let stored = self.permitted(actor, &request).await?;
        let nobody = || Problem::field("reviewer", "account", "没有这位评审专家。", "There is no such reviewer.");
        let account = self.account(&invite.account).await?.ok_or_else(nobody)?;
        let known = self.known_reviewer(&account.id, &stored.value.owner).await?.ok_or_else(nobody)?;
        self.check_room(&known, &stored).await?;
        self.act(actor, request, |submission, step, _| {
            let until = self.answer_due(&submission, step.at);
            submission.invite(&known.judge(), until, step)
        })
        .await
    }

    /// Declines an invitation, or declares an own conflict: the seat is free, and the next expert is asked. Who declared one never
    /// judges this submission; members of the committee declare theirs before they vote.
    ///
    /// # Errors
    /// Those of every step; `no-invitation`, `already-given`, `already-voted`.
    pub async fn stand_down(
        &self,
        actor: &Actor,
        id: &str,
        how: StandingDown,
        why: &StandDown,
        expected: Option<Position>,
    ) -> Result<(), Problem> {
        check_reason(why)?;
        let (action, step): (Action, Leaving) = match how {
            StandingDown::Decline => (Action::Decline, Submission::decline),
            StandingDown::Recuse => (Action::Recuse, Submission::recuse),
        };
        let request = Request::new(id, expected, action).with_note(&why.reason);
        self.take(actor, request, |submission, taken, _| step(submission, &why.reason, taken)).await?;
        self.fill_soon(id).await;
        Ok(())
    }

    /// Invites the best experts to the free seats of a submission, where its track says so. Answers how many were asked.
    pub(super) async fn fill(&self, id: &str) -> Result<usize, Problem> {
        let mut asked = 0;
        let mut old = self.load(id).await?;
        while self.wants_experts(&old.value) {
            let Some(best) = self.proposed(&old.value).await?.experts.into_iter().next() else { break };
            let Some(known) = self.known_reviewer(&best.account, &old.value.owner).await? else { break };
            let step = Step::program(self.clock.now());
            let moved = old.value.clone().invite(&known.judge(), self.answer_due(&old.value, step.at), &step)?;
            let Some(new) = self.by_program(&old, moved).await? else { break };
            old = new;
            asked += 1;
        }
        Ok(asked)
    }

    /// Asks the next experts at once; what fails is tried again by the calendar.
    pub(super) async fn fill_soon(&self, id: &str) {
        if let Err(problem) = self.fill(id).await {
            tracing::warn!(submission = id, %problem, "experts could not be invited at once");
        }
    }

    pub(super) fn wants_experts(&self, submission: &Submission) -> bool {
        let judging = matches!(submission.state.code(), StateCode::Review | StateCode::Panel);
        judging && submission.panel().invites_itself && submission.free_seats(self.clock.now()) > 0
    }

    /// Writes a step of the program; `None` when somebody else was faster: the next look sees what is still needed.
    pub(super) async fn by_program(&self, old: &Stored<Submission>, moved: Moved) -> Result<Option<Stored<Submission>>, Problem> {
        let changes = ChangeSet::new(self.clock.fresh_id());
        match self.write(old, &moved, changes, self.clock.now()).await {
            Ok(version) => Ok(Some(Stored { value: moved.submission, version })),
            Err(Written::Conflict) => Ok(None),
            Err(Written::Problem(problem)) => Err(problem),
        }
    }

    /// Until when an invitation made now is to be answered.
    fn answer_due(&self, submission: &Submission, from: Timestamp) -> Timestamp {
        self.due(submission.panel().answer_days, from)
    }

    /// Until when a claim made now holds.
    pub(super) fn review_due(&self, submission: &Submission, from: Timestamp) -> Timestamp {
        self.due(submission.panel().review_days, from)
    }

    /// So many working days, as the track has them; the lease of a claim where it has none.
    fn due(&self, days: u32, from: Timestamp) -> Timestamp {
        match days {
            0 => from.plus_millis(i64::from(self.rules.policy().lease_hours) * HOUR_MS),
            days => self.rules.calendar().after_working_days(from, days),
        }
    }
}

fn check_reason(why: &StandDown) -> Result<(), Problem> {
    let length = why.reason.trim().chars().count();
    if (1..=1_000).contains(&length) && !why.reason.contains('\0') {
        return Ok(());
    }
    let (zh, en) = ("请写明理由（1 至 1000 字）。", "A reason of 1 to 1,000 characters is needed.");
    Err(Problem { kind: ProblemKind::Unprocessable, ..Problem::field("reason-required", "reason", zh, en) })
}
