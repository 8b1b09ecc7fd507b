//! Decisions: final approval, votes of the committee, appeals.

use super::opinions::{Judge, conflict, recused, required};
use super::table::{Action, StateCode};
use super::{Moved, Plan, State, Step, Submission, Vote};
use crate::domain::calendar::Calendar;
use crate::domain::problem::Problem;
use crate::domain::review::Verdict;

impl Submission {
    /// The revision of the resource that it becomes.
    pub fn next_revision(&self) -> u32 {
        self.revision_of.map_or(1, |head| head.saturating_add(1))
    }

    /// The final approver's decision, or one vote of the committee; the vote that makes as many equal ones as are needed decides. A
    /// verdict other than 通过 needs a reason, and so does 通过 against the office's objection, which it answers; 通过 begins the
    /// notice where the plan asks for one. The decider is another person than submitter, reviewers and whoever screened it, and has
    /// no tie to the work.
    pub fn decide(
        mut self,
        verdict: Verdict,
        reason: &str,
        calendar: &Calendar,
        judge: &Judge<'_>,
        step: &Step<'_>,
    ) -> Result<Moved, Problem> {
        let from = self.gate(Action::Decide, step)?;
        self.check_decider(judge)?;
        let answers = verdict == Verdict::Pass && self.is_objected_by_office();
        let reason = if verdict == Verdict::Pass && !answers { reason.trim().to_owned() } else { required(reason)? };
        let stage = self.state.code();
        self.add_hand(step, stage);
        let facts = |decided: bool| [("verdict", verdict.code().to_owned()), ("decided", decided.to_string())];
        if let State::Committee { votes } = &self.state {
            if votes.iter().any(|vote| vote.account == step.account) {
                return Err(voted());
            }
            let mut votes = votes.clone();
            votes.push(Vote { account: step.account.to_owned(), verdict });
            let equal = votes.iter().filter(|vote| vote.verdict == verdict).count();
            if answers && let Some(said) = &mut self.countersigned {
                said.answers.push(reason.clone());
            }
            if u32::try_from(equal).unwrap_or(u32::MAX) < self.votes_needed() {
                return self.moved(from, Action::Decide, State::Committee { votes }, step, &facts(false));
            }
        }
        let to = self.after_decision(verdict, reason, stage, calendar, step);
        self.moved(from, Action::Decide, to, step, &facts(true))
    }

    fn after_decision(&self, verdict: Verdict, reason: String, stage: StateCode, calendar: &Calendar, step: &Step<'_>) -> State {
        let notice = self.plan.as_ref().and_then(|plan| plan.notice_until(step.at, calendar));
        match (verdict, notice) {
            (Verdict::Pass, Some(until)) => State::Notice { until },
            (Verdict::Pass, None) => State::Published { revision: self.next_revision() },
            (Verdict::PassAfterChanges | Verdict::ReviewAgain, _) => State::Returned { stage, verdict: Some(verdict), reason },
            (Verdict::Reject, _) => State::Rejected { stage, reason, appealed: self.fresh_eyes },
        }
    }

    /// Appeals against a refusal, once.
    pub fn appeal(self, reason: &str, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Appeal, step)?;
        let State::Rejected { stage, appealed: false, .. } = self.state else {
            return Err(conflict("appealed", "同一决定只能申诉一次。", "There is one appeal per decision."));
        };
        self.moved(from, Action::Appeal, State::Appealed { stage, reason: required(reason)? }, step, &[])
    }

    /// Upholds the refusal; no second appeal.
    pub fn uphold(mut self, reason: &str, judge: &Judge<'_>, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Uphold, step)?;
        let stage = match &self.state {
            State::Appealed { stage, .. } => *stage,
            other => other.code(),
        };
        self.check_appeal_judge(judge)?;
        self.add_hand(step, StateCode::Appealed);
        self.moved(from, Action::Uphold, State::Rejected { stage, reason: required(reason)?, appealed: true }, step, &[])
    }

    /// Grants the appeal: reviewed again under `plan` by people who took no part; first to the institution where the plan asks for
    /// an approval that was not given.
    pub fn reopen(mut self, plan: Plan, judge: &Judge<'_>, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Reopen, step)?;
        self.check_appeal_judge(judge)?;
        self.add_hand(step, StateCode::Appealed);
        self.blind = self.blind.max(plan.panel.blind);
        self.track.clone_from(&plan.track);
        self.plan = Some(plan);
        self.seats = Vec::new();
        self.outcome = None;
        self.confirmable = None;
        self.round += 1;
        self.fresh_eyes = true;
        self.fresh_from = self.round;
        let to = if self.lacks_approval() { State::Approval } else { State::Panel };
        self.moved(from, Action::Reopen, to, step, &[])
    }

    /// Why somebody may not decide, if so: whoever has a tie to the work, approved it for the institution, screened, reviewed or
    /// countersigned it, or answered an objection against it; after an appeal, whoever decided before.
    pub fn check_decider(&self, judge: &Judge<'_>) -> Result<(), Problem> {
        self.check_ties(judge)?;
        let early = |stage| {
            use StateCode as S;
            matches!(stage, S::Approval | S::Screening | S::Review | S::Panel | S::Countersign | S::Objected)
        };
        let barred = |stage, round| early(stage) || self.is_before_appeal(round);
        if self.hands.iter().any(|hand| hand.account == judge.account && barred(hand.stage, hand.round)) {
            return Err(recused("初审、复审、终审应由不同人员进行。", "The three reviews are made by three different people."));
        }
        Ok(())
    }

    fn check_appeal_judge(&self, judge: &Judge<'_>) -> Result<(), Problem> {
        self.check_ties(judge)?;
        if self.hands.iter().any(|hand| hand.account == judge.account) {
            return Err(recused("申诉应由未参与原审核的人员处理。", "An appeal is decided by people who took no part."));
        }
        Ok(())
    }
}

pub(super) fn voted() -> Problem {
    conflict("already-voted", "您已投票。", "You have voted.")
}
