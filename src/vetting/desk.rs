//! A reviewer's desk: what may be claimed, what is claimed, the next one.

use super::Vetting;
use super::act::{Request, unauthorized};
use super::panel::{Known, Sight, sight};
use super::views::{Named, SubmissionLine, SubmissionView};
use crate::domain::access::{Actor, Role};
use crate::domain::change::Position;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::review::figures::OpinionFigures;
use crate::domain::submission::table::{Action, StateCode};
use crate::domain::submission::{Seat, Submission};
use crate::domain::time::Timestamp;
use crate::store::PageRequest;
use serde::Serialize;

/// Waiting submissions that the desk looks through for one it may offer.
const MOST_WAITING: usize = 500;

/// Opinions given that the desk still shows.
const LAST_DONE: usize = 20;

/// A reviewer's desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Desk {
    /// Claimed by the reviewer, no opinion given yet.
    pub claimed: Vec<SeatLine>,
    /// Reserved for the reviewer until the answer is due: claim to accept.
    pub invited: Vec<SeatLine>,
    /// Free for the reviewer to claim, the oldest first.
    pub waiting: Vec<SubmissionLine>,
    /// The last opinions that the reviewer gave, the newest first.
    pub done: Vec<DoneLine>,
}

/// A submission that a seat is kept in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SeatLine {
    /// The submission.
    #[serde(flatten)]
    pub line: SubmissionLine,
    /// The claim, or the time to answer, ends here.
    pub until: Timestamp,
    /// Reminded that the time runs out.
    pub reminded: bool,
}

/// An opinion given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DoneLine {
    /// The submission as it stands now.
    #[serde(flatten)]
    pub line: SubmissionLine,
    /// What the reviewer said.
    pub verdict: Named,
    /// When.
    pub at: Timestamp,
}

impl Vetting {
    /// The reviewer's own claims and the first `limit` submissions that may be claimed.
    pub async fn desk(&self, actor: &Actor, limit: usize) -> Result<Desk, Problem> {
        let known = self.reviewer(actor).await?;
        let now = self.clock.now();
        let claimed = self.seated(&known, false, now).await?;
        let invited = self.seated(&known, true, now).await?;
        let waiting = self.waiting(actor, &known, limit.clamp(1, 100)).await?;
        let account = known.judge().account;
        let seated = |found: &[Stored<Submission>]| found.iter().filter_map(|stored| self.seat_line(account, stored)).collect();
        let waiting = waiting.iter().map(|stored| self.line_for(Sight::Reviewer, stored)).collect();
        Ok(Desk { claimed: seated(&claimed), invited: seated(&invited), waiting, done: self.done(actor, account).await? })
    }

    fn seat_line(&self, account: &str, stored: &Stored<Submission>) -> Option<SeatLine> {
        let seat = stored.value.seat_of(account)?;
        Some(SeatLine { line: self.line_for(Sight::Reviewer, stored), until: seat.until, reminded: seat.reminded })
    }

    /// The last opinions of a reviewer on what the reviewer still sees.
    async fn done(&self, actor: &Actor, account: &str) -> Result<Vec<DoneLine>, Problem> {
        let given = OpinionFigures::reviewer_key(account, None);
        let last = self.store.list_by::<OpinionFigures>("reviewer", &given, PageRequest::last(LAST_DONE)).await?;
        let (mut rows, mut given) = (Vec::new(), Vec::new());
        for opinion in last.items.into_iter().map(|stored| stored.value) {
            let Some(stored) = self.store.get::<Submission>(&Key::from(opinion.submission.as_str())).await? else { continue };
            if let Some(sight) = sight(actor, &stored.value) {
                rows.push((sight, stored));
                given.push((opinion.verdict.into(), opinion.at));
            }
        }
        let lines = self.lines(actor, rows).await?.into_iter();
        Ok(lines.zip(given).map(|(line, (verdict, at))| DoneLine { line, verdict, at }).collect())
    }

    /// The reviewer's next work: an own claim that still runs, else an invitation, accepted, else the oldest free one, claimed.
    /// `None` when there is nothing.
    pub async fn next(&self, actor: &Actor) -> Result<Option<SubmissionView>, Problem> {
        let known = self.reviewer(actor).await?;
        let now = self.clock.now();
        if let Some(first) = self.seated(&known, false, now).await?.into_iter().next() {
            return self.seen(actor, first).await.map(Some);
        }
        let mut candidates = self.seated(&known, true, now).await?;
        candidates.extend(self.waiting(actor, &known, 20).await?);
        for candidate in candidates {
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
        let request = Request::new(id, expected, Action::Claim);
        if known.profile.is_some() {
            self.check_room(&known, &self.permitted(actor, &request).await?).await?;
        }
        self.act(actor, request, |submission, step, _| {
            let until = self.review_due(&submission, step.at);
            submission.claim(&known.judge(), until, step)
        })
        .await
    }

    /// Gives the own claim back; the desk may free anybody's by naming the account.
    pub async fn release(&self, actor: &Actor, id: &str, account: Option<&str>) -> Result<(), Problem> {
        let own = actor.account.clone().ok_or_else(unauthorized)?;
        let account = account.unwrap_or(&own);
        self.take(actor, Request::new(id, None, Action::Release), |submission, step, _| submission.release(account, step)).await?;
        self.fill_soon(id).await;
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

    /// Seats of the reviewer that still run: those offered, or those claimed; no opinion given yet.
    async fn seated(&self, known: &Known, invited: bool, now: Timestamp) -> Result<Vec<Stored<Submission>>, Problem> {
        let account = known.judge().account;
        let found = self.store.list_by::<Submission>("seat", &Submission::seat_key(account), PageRequest::last(200)).await?;
        let runs = |seat: &Seat| seat.until > now && seat.invited == invited;
        let running = |submission: &Submission| submission.seat_of(account).is_some_and(runs);
        let mut claimed: Vec<_> = found.items.into_iter().filter(|stored| running(&stored.value)).collect();
        claimed.reverse();
        Ok(claimed)
    }

    async fn waiting(&self, actor: &Actor, known: &Known, limit: usize) -> Result<Vec<Stored<Submission>>, Problem> {
        let now = self.clock.now();
        let mut free = Vec::new();
        // Whoever is away or has as much as the person takes is offered nothing.
        if let Some(profile) = &known.profile
            && (profile.is_away(now) || profile.is_full(self.open_reviews(known.judge().account, now).await?))
        {
            return Ok(free);
        }
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
    let mine = submission.seat_of(judge.account).is_some_and(|seat| seat.given.is_some() || seat.until > now);
    !mine && !submission.panel().invite && submission.free_seats(now) > 0 && submission.check_judge(&judge).is_ok()
}
