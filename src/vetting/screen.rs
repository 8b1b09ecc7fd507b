//! The desk: choosing the track, confirming changes, returning, refusing, escalating; and the program doing the first of these
//! where the track lets it.

use super::Vetting;
use super::act::{Request, Written};
use super::views::SubmissionView;
use crate::domain::access::Actor;
use crate::domain::change::{ChangeSet, Position};
use crate::domain::problem::Problem;
use crate::domain::submission::table::{Action, StateCode};
use crate::domain::submission::{Moved, Submission};
use crate::store::PageRequest;
use serde::Deserialize;

/// What the desk decides.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Screening {
    /// To reviewers, by the track asked for or by this one.
    Assign {
        /// Code of the track.
        #[serde(default)]
        track: Option<String>,
    },
    /// The changes that 修改后通过 asked for were made.
    Confirm,
    /// Back to the submitter.
    Return {
        /// Why, in words for the submitter.
        reason: String,
    },
    /// Not for this repository.
    Refuse {
        /// Why, in words for the submitter.
        reason: String,
    },
    /// The committee decides instead of one approver.
    Escalate {
        /// Why.
        #[serde(default)]
        reason: String,
    },
}

impl Vetting {
    /// A decision of the desk.
    pub async fn screen(
        &self,
        actor: &Actor,
        id: &str,
        decision: &Screening,
        expected: Option<Position>,
    ) -> Result<SubmissionView, Problem> {
        let request = |action| Request::new(id, expected, action);
        match decision {
            Screening::Assign { track } => {
                let plan = |submission: &Submission| self.rules.plan_for(submission, track.as_deref());
                let assigned = self.take(actor, request(Action::Assign), |submission, step, _| {
                    let plan = plan(&submission)?;
                    submission.assign(plan, step)
                });
                assigned.await?;
                self.fill_soon(id).await;
                self.get(actor, id).await
            }
            Screening::Confirm => self.act(actor, request(Action::Confirm), |submission, step, _| submission.confirm(step)).await,
            Screening::Return { reason } => {
                let request = request(Action::Return).with_note(reason);
                self.act(actor, request, |submission, step, _| submission.send_back(reason, step)).await
            }
            Screening::Refuse { reason } => {
                let request = request(Action::Refuse).with_note(reason);
                self.act(actor, request, |submission, step, _| submission.refuse(reason, step)).await
            }
            Screening::Escalate { reason } => {
                let request = request(Action::Escalate).with_note(reason);
                self.act(actor, request, |submission, step, _| submission.escalate(step)).await
            }
        }
    }

    /// The submitter takes it back.
    pub async fn withdraw(&self, actor: &Actor, id: &str, expected: Option<Position>) -> Result<SubmissionView, Problem> {
        self.act(actor, Request::new(id, expected, Action::Withdraw), |submission, step, _| submission.withdraw(step)).await
    }

    /// Hands on what waits at the desk although its track needs no desk (the policy changed meanwhile). Answers how many.
    pub async fn screen_waiting(&self) -> Result<usize, Problem> {
        let mut moved = 0;
        let mut page = PageRequest::first(100);
        loop {
            let found = self.store.list_by::<Submission>("state", &Submission::state_key(StateCode::Screening), page).await?;
            for old in found.items.iter().filter(|old| self.rules.screens_itself(&old.value)) {
                let at = self.clock.now();
                let checked = Moved { submission: old.value.clone(), entries: Vec::new() };
                let assigned = self.rules.after_checks(checked, at)?;
                match self.write(old, &assigned, ChangeSet::new(self.clock.fresh_id()), at).await {
                    Ok(_) => moved += 1,
                    Err(Written::Conflict) => {}
                    Err(Written::Problem(problem)) => return Err(problem),
                }
            }
            let Some(next) = found.next else { return Ok(moved) };
            page = PageRequest::first(100).after(Some(next));
        }
    }
}
