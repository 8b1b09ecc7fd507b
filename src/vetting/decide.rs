//! Final approval, votes of the committee, the end of a notice, appeals.

use super::Vetting;
use super::act::Request;
use super::views::SubmissionView;
use crate::domain::access::Actor;
use crate::domain::change::Position;
use crate::domain::problem::Problem;
use crate::domain::review::Verdict;
use crate::domain::submission::table::{Action, StateCode};
use crate::domain::submission::{State, Submission};
use crate::store::PageRequest;
use serde::Deserialize;

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
pub struct Decide {
    /// 通过 publishes (or begins the notice); the others return or refuse.
    pub verdict: Verdict,
    /// Why, in words for the submitter; needed unless it passes.
    #[serde(default)]
    pub reason: String,
}

/// What is done about an appeal.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum AnswerAppeal {
    /// The refusal stands.
    Uphold {
        /// Why.
        reason: String,
    },
    /// Reviewed again by people who took no part.
    Reopen {
        /// Code of the track; the one it had where none is named.
        #[serde(default)]
        track: Option<String>,
    },
}

impl Vetting {
    /// Decides as final approver, or votes as a member of the committee.
    pub async fn decide(&self, actor: &Actor, id: &str, decide: &Decide, expected: Option<Position>) -> Result<SubmissionView, Problem> {
        let request = Request::new(id, expected, Action::Decide);
        let known = self.judging(actor, &request).await?;
        let calendar = self.rules.calendar();
        self.act(actor, request.with_note(&decide.reason), |submission, step, _| {
            submission.decide(decide.verdict, &decide.reason, calendar, &known.judge(), step)
        })
        .await
    }

    /// Publishes a submission whose notice has run out.
    pub async fn publish(&self, actor: &Actor, id: &str, expected: Option<Position>) -> Result<SubmissionView, Problem> {
        self.act(actor, Request::new(id, expected, Action::Publish), |submission, step, _| submission.publish(step)).await
    }

    /// Publishes every submission whose notice has run out; called from time to time by the program. Answers how many.
    pub async fn publish_due(&self) -> Result<usize, Problem> {
        let now = self.clock.now();
        let mut published = 0;
        let mut page = PageRequest::first(100);
        loop {
            let found = self.store.list_by::<Submission>("state", &Submission::state_key(StateCode::Notice), page).await?;
            for due in found.items.iter().filter(|stored| matches!(stored.value.state, State::Notice { until } if until <= now)) {
                match self.publish(&Actor::system(), &due.value.id, None).await {
                    Ok(_) => published += 1,
                    // One that cannot be published must not keep the others waiting.
                    Err(problem) => tracing::warn!(submission = %due.value.id, %problem, "a notice ended without publication"),
                }
            }
            let Some(next) = found.next else { return Ok(published) };
            page = PageRequest::first(100).after(Some(next));
        }
    }

    /// Appeals against a refusal.
    pub async fn appeal(&self, actor: &Actor, id: &str, reason: &str, expected: Option<Position>) -> Result<SubmissionView, Problem> {
        let request = Request::new(id, expected, Action::Appeal).with_note(reason);
        self.act(actor, request, |submission, step, _| submission.appeal(reason, step)).await
    }

    /// Answers an appeal.
    pub async fn answer_appeal(
        &self,
        actor: &Actor,
        id: &str,
        answer: &AnswerAppeal,
        expected: Option<Position>,
    ) -> Result<SubmissionView, Problem> {
        match answer {
            AnswerAppeal::Uphold { reason } => {
                let request = Request::new(id, expected, Action::Uphold);
                let known = self.judging(actor, &request).await?;
                self.act(actor, request.with_note(reason), |submission, step, _| submission.uphold(reason, &known.judge(), step)).await
            }
            AnswerAppeal::Reopen { track } => {
                let request = Request::new(id, expected, Action::Reopen);
                let known = self.judging(actor, &request).await?;
                self.act(actor, request, |submission, step, _| {
                    let plan = self.rules.plan_for(&submission, track.as_deref())?;
                    submission.reopen(plan, &known.judge(), step)
                })
                .await
            }
        }
    }
}
