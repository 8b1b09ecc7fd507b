//! Keeping reviewers and offices to time: reminders, replacing who stays silent, and what the editor has to look at.

use super::Vetting;
use super::show::is_desk;
use super::views::SubmissionLine;
use crate::domain::access::{Actor, Role};
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::submission::table::StateCode;
use crate::domain::submission::{Seat, State, Step, Submission};
use crate::domain::time::Timestamp;
use crate::store::{MAX_PAGE, PageRequest};
use serde::Serialize;

/// Most submissions that one list of what is overdue holds.
const MOST: usize = 500;

/// A submission whose reviewers, or whose office, keep it waiting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Overdue {
    /// The submission.
    #[serde(flatten)]
    pub line: SubmissionLine,
    /// Seats that nobody holds, although experts were to be invited.
    pub free: usize,
    /// Silent reviewers replaced in this round.
    pub replaced: usize,
    /// So many that the editor has to look; or an office let its term pass.
    pub escalated: bool,
    /// Accounts whose time has passed without an opinion.
    pub late: Vec<String>,
}

impl Vetting {
    /// Submissions of the actor's desk that wait for reviewers who are late, were replaced too often or cannot be found, or for an
    /// office that let its term pass.
    ///
    /// # Errors
    /// Forbidden to all but editors and administrators.
    pub async fn overdue(&self, actor: &Actor) -> Result<Vec<Overdue>, Problem> {
        if !actor.has_anywhere(&[Role::Editor, Role::Administrator]) {
            return Err(Problem::forbidden());
        }
        let now = self.clock.now();
        let mut items = Vec::new();
        for stored in self.judged().await? {
            let submission = &stored.value;
            if let State::Countersign { overdue, .. } = submission.state {
                if overdue && is_desk(actor, &submission.owner) && items.len() < MOST {
                    items.push(Overdue { line: self.line(&stored), free: 0, replaced: 0, escalated: true, late: Vec::new() });
                }
                continue;
            }
            let late =
                submission.seats.iter().filter(|seat| submission.is_late(seat, now)).map(|seat| seat.account.clone()).collect::<Vec<_>>();
            let free = if submission.panel().invite { submission.free_seats(now) } else { 0 };
            let escalated = submission.is_escalated();
            if is_desk(actor, &submission.owner) && (escalated || free > 0 || !late.is_empty()) && items.len() < MOST {
                items.push(Overdue { line: self.line(&stored), free, replaced: submission.silent(), escalated, late });
            }
        }
        items.sort_by_key(|overdue| (!overdue.escalated, overdue.line.updated));
        Ok(items)
    }

    /// Reminds, replaces and invites what is due; called from time to time by the program. Answers how many steps it took.
    pub async fn keep_time(&self) -> Result<usize, Problem> {
        let mut steps = 0;
        for stored in self.judged().await? {
            let id = stored.value.id.clone();
            match self.keep_to_time(stored).await {
                Ok(taken) => steps += taken,
                // One that cannot be moved must not keep the others waiting.
                Err(problem) => tracing::warn!(submission = id, %problem, "reviewers could not be kept to time"),
            }
        }
        Ok(steps)
    }

    async fn keep_to_time(&self, mut stored: Stored<Submission>) -> Result<usize, Problem> {
        if stored.value.state.code() == StateCode::Countersign {
            return self.keep_office_to_time(&stored).await;
        }
        let now = self.clock.now();
        let step = Step::program(now);
        let mut taken = 0;
        for seat in stored.value.seats.clone() {
            let submission = stored.value.clone();
            let timed = submission.panel().review_days > 0;
            let moved = if submission.is_late(&seat, now) {
                submission.replace(&seat.account, &step)?
            } else if timed && self.is_reminder_due(&submission, &seat, now) {
                submission.remind(&seat.account, &step)?
            } else {
                continue;
            };
            let Some(new) = self.by_program(&stored, moved).await? else { return Ok(taken) };
            stored = new;
            taken += 1;
        }
        if self.wants_experts(&stored.value) {
            taken += self.fill(&stored.value.id).await?;
        }
        Ok(taken)
    }

    fn is_reminder_due(&self, submission: &Submission, seat: &Seat, now: Timestamp) -> bool {
        let days = submission.panel().remind_days;
        let waiting = seat.given.is_none() && !seat.reminded && seat.until > now;
        days > 0 && waiting && self.rules.calendar().working_days_left(now, seat.until) <= days
    }

    /// What is gathered by invitation or kept to time and before reviewers now, and what waits for an office.
    async fn judged(&self) -> Result<Vec<Stored<Submission>>, Problem> {
        let mut all = Vec::new();
        let mut page = PageRequest::first(MAX_PAGE);
        loop {
            let found = self.store.list_by::<Submission>("panel", &Key::default(), page.clone()).await?;
            all.extend(found.items);
            let Some(next) = found.next else { return Ok(all) };
            page = page.after(Some(next));
        }
    }
}
