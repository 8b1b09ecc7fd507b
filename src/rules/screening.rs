//! What the policy says of a submission that has just passed its checks.

use super::rule::RuleSet;
use crate::domain::problem::Problem;
use crate::domain::submission::table::StateCode;
use crate::domain::submission::{Moved, Plan, Step, Submission};
use crate::domain::time::Timestamp;

impl RuleSet {
    /// What its track asks of a submission; `track` overrides the one it asked for.
    pub fn plan_for(&self, submission: &Submission, track: Option<&str>) -> Result<Plan, Problem> {
        if let Some(code) = track
            && !self.policy.tracks.iter().any(|known| known.code == code)
        {
            return Err(Problem::field("track", "track", "没有这一审核通道。", "There is no such track."));
        }
        let track = self.policy.track(track.unwrap_or(&submission.track)).ok_or_else(Problem::internal)?;
        Ok(Plan { countersign: self.policy.countersign.clone(), ..track.plan(!submission.flags.is_empty()) })
    }

    /// Hands a submission that stands at the desk to its reviewers, where its track lets the program do so and no editor has to
    /// confirm changes first; else gives it back as it is. To be called on what `record_checks` gives, in the same change.
    pub fn after_checks(&self, checked: Moved, at: Timestamp) -> Result<Moved, Problem> {
        if !self.screens_itself(&checked.submission) {
            return Ok(checked);
        }
        let plan = self.plan_for(&checked.submission, None)?;
        checked.then(|submission| submission.assign(plan, &Step::program(at)))
    }

    /// Whether its track asks for the approval of its institution.
    pub fn needs_approval(&self, submission: &Submission) -> bool {
        self.policy.track(&submission.track).is_some_and(|track| track.approval)
    }

    /// Whether the program may hand it on without a screening by hand.
    pub fn screens_itself(&self, submission: &Submission) -> bool {
        let automatic = self.policy.track(&submission.track).is_some_and(|track| track.automatic);
        automatic && submission.state.code() == StateCode::Screening && submission.confirmable.is_none()
    }
}
