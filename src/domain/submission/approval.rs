//! The institution's own approval (机构审核): a second person of the institution answers for a batch with a stamped pledge.

use super::opinions::recused;
use super::table::{Action, StateCode};
use super::{Moved, State, Step, Submission};
use crate::domain::problem::Problem;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// That the institution approved it in the present round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Id of the stamped pledge it rests on.
    pub pledge: String,
    /// Account that approved.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Submission {
    /// Approves it for the institution under the stamped pledge of its batch: a second person, who judged it in no other stage.
    pub fn approve(mut self, pledge: &str, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Approve, step)?;
        if self.hands.iter().any(|hand| hand.account == step.account && hand.stage != StateCode::Approval) {
            return Err(recused("已参与本资源的其他审核环节，应当回避。", "Whoever acted in another stage is recused."));
        }
        self.add_hand(step, StateCode::Approval);
        self.approved = Some(Approval { pledge: pledge.to_owned(), by: step.account.to_owned(), at: step.at });
        self.moved(from, Action::Approve, State::Screening, step, &[("pledge", pledge.to_owned())])
    }
}
