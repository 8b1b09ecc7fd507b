//! Who has how much to do, and how long things take: for the desk.

use super::Vetting;
use super::figures::YEAR_MS;
use crate::domain::access::{Actor, Role};
use crate::domain::account::Account;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::review::figures::OpinionFigures;
use crate::domain::submission::table::StateCode;
use crate::domain::submission::{Submission, Why};
use crate::domain::time::Timestamp;
use crate::store::{MAX_PAGE, PageRequest};
use serde::Serialize;
use std::collections::BTreeMap;

/// Who may read the figures: they name reviewers.
const READERS: [Role; 3] = [Role::Editor, Role::Administrator, Role::Auditor];

/// One reviewer's work on submissions that the desk oversees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Workload {
    /// Account.
    pub account: String,
    /// Name shown to people.
    pub name: String,
    /// Claimed, no opinion given yet.
    pub open: usize,
    /// Offered and not answered yet.
    pub invited: usize,
    /// Opinions given within a year.
    pub done: usize,
    /// Whole hours from the claim to the opinion, in the middle case.
    pub median_hours: Option<i64>,
    /// Past their time and not yet replaced.
    pub overdue: usize,
    /// Replaced for silence, of works that came in within a year; so the two that follow.
    pub replaced: usize,
    /// Declined, or given back where experts are invited.
    pub declined: usize,
    /// Conflicts declared.
    pub recused: usize,
}

impl Vetting {
    /// Workload and turnaround of every reviewer of submissions that the actor oversees: what is open now, and what was done
    /// within a year.
    ///
    /// # Errors
    /// Forbidden to all but editors, administrators and auditors.
    pub async fn workload(&self, actor: &Actor) -> Result<Vec<Workload>, Problem> {
        if !actor.has_anywhere(&READERS) {
            return Err(Problem::forbidden());
        }
        let now = self.clock.now();
        let since = now.plus_millis(-YEAR_MS);
        let mut figures = Figures::default();
        self.count_seats(actor, &mut figures).await?;
        let given = self.figures(since, now.plus_millis(1)).await?;
        given.iter().filter(|one| actor.has(&READERS, &one.owner)).for_each(|one| figures.add_opinion(one));
        self.count_stood_down(actor, since, &mut figures).await?;
        let mut all = Vec::new();
        for (account, (mut figures, mut minutes)) in figures.0 {
            minutes.sort_unstable();
            figures.median_hours = minutes.get(minutes.len() / 2).map(|minutes| minutes / 60);
            let found = self.store.get::<Account>(&Key::from(account.as_str())).await?;
            figures.name = found.map_or_else(String::new, |stored| stored.value.display);
            figures.account = account;
            all.push(figures);
        }
        Ok(all)
    }

    async fn count_seats(&self, actor: &Actor, figures: &mut Figures) -> Result<(), Problem> {
        let now = self.clock.now();
        for state in [StateCode::Review, StateCode::Panel] {
            let mut page = PageRequest::first(MAX_PAGE);
            loop {
                let found = self.store.list_by::<Submission>("state", &Submission::state_key(state), page.clone()).await?;
                let overseen = found.items.into_iter().map(|stored| stored.value).filter(|one| actor.has(&READERS, &one.owner));
                overseen.for_each(|submission| figures.add_seats(&submission, now));
                let Some(next) = found.next else { break };
                page = page.after(Some(next));
            }
        }
        Ok(())
    }

    async fn count_stood_down(&self, actor: &Actor, since: Timestamp, figures: &mut Figures) -> Result<(), Problem> {
        for month in self.clock.now().shanghai_months_since(since) {
            let mut page = PageRequest::first(MAX_PAGE);
            loop {
                let found = self.store.list_by::<Submission>("stood_down", &Submission::stood_down_key(&month), page.clone()).await?;
                let recent = found.items.into_iter().map(|stored| stored.value).filter(|one| one.created >= since);
                recent.filter(|one| actor.has(&READERS, &one.owner)).for_each(|submission| figures.add_stood_down(&submission));
                let Some(next) = found.next else { break };
                page = page.after(Some(next));
            }
        }
        Ok(())
    }
}

/// Figures and minutes by account.
#[derive(Default)]
struct Figures(BTreeMap<String, (Workload, Vec<i64>)>);

impl Figures {
    fn of(&mut self, account: &str) -> &mut Workload {
        &mut self.0.entry(account.to_owned()).or_default().0
    }

    fn add_opinion(&mut self, opinion: &OpinionFigures) {
        let of = self.0.entry(opinion.reviewer.clone()).or_default();
        of.0.done += 1;
        of.1.extend(opinion.minutes);
    }

    fn add_stood_down(&mut self, submission: &Submission) {
        for one in &submission.stood_down {
            let of = self.of(&one.account);
            match one.why {
                Why::Silent => of.replaced += 1,
                Why::Declined => of.declined += 1,
                Why::Recused => of.recused += 1,
            }
        }
    }

    fn add_seats(&mut self, submission: &Submission, now: Timestamp) {
        for seat in submission.seats.iter().filter(|seat| seat.given.is_none()) {
            let of = self.of(&seat.account);
            match (submission.is_late(seat, now), seat.until > now, seat.invited) {
                (true, ..) => of.overdue += 1,
                (false, true, true) => of.invited += 1,
                (false, true, false) => of.open += 1,
                // A lease that ran out on a track without deadlines is nobody's any more.
                (false, false, _) => {}
            }
        }
    }
}
