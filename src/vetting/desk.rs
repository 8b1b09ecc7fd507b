//! A reviewer's desk: what may be claimed, what is claimed, the next one.

use super::Vetting;
use super::act::{Request, unauthorized};
use super::panel::Known;
use super::views::{SubmissionLine, SubmissionView};
use crate::domain::access::{Actor, Role};
use crate::domain::change::Position;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::Stored;
use crate::domain::submission::Submission;
use crate::domain::submission::table::{Action, StateCode};
use crate::domain::time::Timestamp;
use crate::store::PageRequest;
use serde::Serialize;

/// Waiting submissions that the desk looks through for one it may offer.
const MOST_WAITING: usize = 500;

/// A reviewer's desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Desk {
    /// Claimed by the reviewer, no opinion given yet.
    pub claimed: Vec<SubmissionLine>,
    /// Free for the reviewer to claim, the oldest first.
    pub waiting: Vec<SubmissionLine>,
}

impl Vetting {
    /// The reviewer's own claims and the first `limit` submissions that may be claimed.
    pub async fn desk(&self, actor: &Actor, limit: usize) -> Result<Desk, Problem> {
        let known = self.reviewer(actor).await?;
        let claimed = self.claimed(&known, self.clock.now()).await?;
        let waiting = self.waiting(actor, &known, limit.clamp(1, 100)).await?;
        let lines = |found: &[Stored<Submission>]| found.iter().map(|stored| self.line(stored)).collect();
        Ok(Desk { claimed: lines(&claimed), waiting: lines(&waiting) })
    }

    /// The reviewer's next work: an own claim that still runs, else the oldest free one, claimed. `None` when there is nothing.
    pub async fn next(&self, actor: &Actor) -> Result<Option<SubmissionView>, Problem> {
        let known = self.reviewer(actor).await?;
        if let Some(first) = self.claimed(&known, self.clock.now()).await?.into_iter().next() {
            return self.seen(actor, first).await.map(Some);
        }
        for candidate in self.waiting(actor, &known, 20).await? {
            match self.claim(actor, &candidate.value.id, None).await {
                Ok(view) => return Ok(Some(view)),
                // Somebody else took the seat a moment ago: on to the next one.
                Err(problem) if matches!(problem.kind, ProblemKind::Conflict | ProblemKind::Forbidden | ProblemKind::NotFound) => {}
                Err(problem) => return Err(problem),
            }
        }
        Ok(None)
    }

    /// Takes a seat, or renews the own claim, for as long as the policy says.
    pub async fn claim(&self, actor: &Actor, id: &str, expected: Option<Position>) -> Result<SubmissionView, Problem> {
        let known = self.reviewer(actor).await?;
        let lease = i64::from(self.rules.policy().lease_hours) * 3_600_000;
        self.act(actor, Request::new(id, expected, Action::Claim), |submission, step, _| {
            submission.claim(&known.judge(), step.at.plus_millis(lease), step)
        })
        .await
    }

    /// Gives the own claim back; the desk may free anybody's by naming the account.
    pub async fn release(&self, actor: &Actor, id: &str, account: Option<&str>) -> Result<(), Problem> {
        let own = actor.account.clone().ok_or_else(unauthorized)?;
        let account = account.unwrap_or(&own);
        self.act(actor, Request::new(id, None, Action::Release), |submission, step, _| submission.release(account, step)).await?;
        Ok(())
    }

    pub(super) async fn reviewer(&self, actor: &Actor) -> Result<Known, Problem> {
        if actor.account.is_none() {
            return Err(unauthorized());
        }
        if !actor.has_anywhere(&[Role::Reviewer]) {
            return Err(Problem::forbidden());
        }
        self.known(actor).await
    }

    async fn claimed(&self, known: &Known, now: Timestamp) -> Result<Vec<Stored<Submission>>, Problem> {
        let account = known.judge().account;
        let found = self.store.list_by::<Submission>("seat", &Submission::seat_key(account), PageRequest::last(200)).await?;
        let open = |submission: &Submission| matches!(submission.state.code(), StateCode::Review | StateCode::Panel);
        let running = |submission: &Submission| submission.seat_of(account).is_some_and(|seat| seat.given.is_none() && seat.until > now);
        let mut claimed: Vec<_> = found.items.into_iter().filter(|stored| open(&stored.value) && running(&stored.value)).collect();
        claimed.reverse();
        Ok(claimed)
    }

    async fn waiting(&self, actor: &Actor, known: &Known, limit: usize) -> Result<Vec<Stored<Submission>>, Problem> {
        let now = self.clock.now();
        let mut free = Vec::new();
        for state in [StateCode::Review, StateCode::Panel] {
            let mut page = PageRequest::first(100);
            let mut looked = 0;
            loop {
                let found = self.store.list_by::<Submission>("state", &Submission::state_key(state), page).await?;
                looked += found.items.len();
                let fits = |stored: &Stored<Submission>| {
                    let submission = &stored.value;
                    actor.has(&[Role::Reviewer], &submission.owner) && is_free(submission, known, now)
                };
                free.extend(found.items.into_iter().filter(fits));
                let Some(next) = found.next.filter(|_| looked < MOST_WAITING && free.len() < limit) else { break };
                page = PageRequest::first(100).after(Some(next));
            }
        }
        free.sort_by_key(|stored| stored.value.created);
        free.truncate(limit);
        Ok(free)
    }
}

fn is_free(submission: &Submission, known: &Known, now: Timestamp) -> bool {
    let judge = known.judge();
    let taken = submission.seats.iter().filter(|seat| seat.given.is_some() || seat.until > now);
    let needed = submission.plan.as_ref().map_or(1, |plan| plan.reviewers);
    let mine = submission.seat_of(judge.account).is_some_and(|seat| seat.given.is_some() || seat.until > now);
    !mine && u32::try_from(taken.count()).is_ok_and(|taken| taken < needed) && submission.check_judge(&judge).is_ok()
}
