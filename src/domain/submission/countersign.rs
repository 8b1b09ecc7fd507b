//! Countersign (会签): content that concerns an office waits for that office's word before anybody may pass it.
//!
//! The office agrees, or objects with its reasons; its silence is never taken for either. An objection takes the work from the
//! one final approver to the committee, which may pass it by two votes at least, each of them with a reason that answers it.
//! What was said holds as long as the content: a changed work is asked about again.

use super::opinions::{Judge, conflict, no_claim, recused, required};
use super::table::{Action, Party, StateCode};
use super::{Decider, Moved, State, Step, Submission};
use crate::domain::access::Role;
use crate::domain::problem::Problem;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Votes that it takes at least to pass what the office objects to.
const ANSWERING_VOTES: u32 = 2;

/// Whose countersign which content needs, and by when. Days are working days, counted from the day after.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountersignTerms {
    /// Code of the office: the role in which its people act.
    pub office: String,
    /// Chinese name of the office.
    pub label: String,
    /// Whether every item of the ethnic-culture zone needs it.
    pub culture: bool,
    /// What is flagged with one of these needs it; people may set these flags.
    pub flags: BTreeSet<String>,
    /// Days in which the office is to answer.
    pub answer_days: u32,
    /// So many days before the end of that term the office is reminded; 0 for never.
    #[serde(default)]
    pub remind_days: u32,
}

/// What the office said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Countersigned {
    /// Code of the office.
    pub office: String,
    /// Whether it agrees.
    pub agreed: bool,
    /// In its words; always there where it objects.
    pub text: String,
    /// Number of the office's letter, where there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub letter: String,
    /// Account that acted for it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The round whose content it is about.
    pub round: u32,
    /// What members of the committee answered to the objection when they voted to pass it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<String>,
}

/// The office's word.
#[derive(Clone, Copy, Debug)]
pub struct Word<'a> {
    /// Whether it agrees.
    pub agrees: bool,
    /// Its reasons.
    pub text: &'a str,
    /// Number of its letter; empty for none.
    pub letter: &'a str,
}

impl Submission {
    /// The terms of the countersign that its plan and its content call for.
    pub fn countersign_terms(&self) -> Option<&CountersignTerms> {
        let terms = self.plan.as_ref().and_then(|plan| plan.countersign.as_ref())?;
        let called = (terms.culture && self.metadata.culture.is_some()) || !terms.flags.is_disjoint(&self.flags);
        called.then_some(terms)
    }

    /// Whether it needs a countersign that this content has not got.
    pub(super) fn lacks_countersign(&self) -> bool {
        self.countersigned.is_none() && self.countersign_terms().is_some()
    }

    /// Whether the office objects to this content.
    pub fn is_objected_by_office(&self) -> bool {
        self.countersigned.as_ref().is_some_and(|said| !said.agreed)
    }

    /// Equal votes of the committee that decide it as it stands now.
    pub(super) fn votes_needed(&self) -> u32 {
        let Some(plan) = &self.plan else { return 1 };
        let flagged = if self.flags.is_empty() { 0 } else { plan.flagged_votes };
        let answering = if self.is_objected_by_office() { ANSWERING_VOTES } else { 1 };
        plan.votes.max(flagged).max(answering)
    }

    /// The office agrees, or objects with its reasons; then the committee decides.
    pub fn countersign(mut self, word: &Word<'_>, judge: &Judge<'_>, step: &Step<'_>) -> Result<Moved, Problem> {
        let action = if word.agrees { Action::Countersign } else { Action::Dissent };
        let from = self.gate(action, step)?;
        self.check_countersigner(judge)?;
        let text = if word.agrees { word.text.trim().to_owned() } else { required(word.text)? };
        let office = self.countersign_terms().map_or_else(|| step.party.code().to_owned(), |terms| terms.office.clone());
        let facts = [("office", office.clone())];
        self.add_hand(step, StateCode::Countersign);
        self.countersigned = Some(Countersigned {
            office,
            agreed: word.agrees,
            text,
            letter: word.letter.trim().to_owned(),
            by: step.account.to_owned(),
            at: step.at,
            round: self.round,
            answers: Vec::new(),
        });
        let to = self.deciding_stage(step.at);
        self.moved(from, action, to, step, &facts)
    }

    /// Notes that the office was reminded, once.
    pub fn remind_office(self, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Remind, step)?;
        let State::Countersign { since, reminded: false, overdue } = self.state else {
            return Err(conflict("no-reminder", "没有需要催办的会签。", "There is nothing to remind of."));
        };
        self.moved(from, Action::Remind, State::Countersign { since, reminded: true, overdue }, step, &[])
    }

    /// Notes that the office's term, which ended at `due`, has passed: the desk is told, and the work goes on waiting.
    pub fn note_overdue(self, due: Timestamp, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Overdue, step)?;
        let State::Countersign { since, overdue: false, .. } = self.state else {
            return Err(not_due());
        };
        if due > step.at {
            return Err(not_due());
        }
        self.moved(from, Action::Overdue, State::Countersign { since, reminded: true, overdue: true }, step, &[])
    }

    /// Marks it as content of this kind, with a reason. The mark stays in later rounds; where the plan names an office for it and
    /// the decision was near, the office is asked first, and votes begin anew after it.
    pub fn flag(mut self, flag: &str, reason: &str, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Flag, step)?;
        required(reason)?;
        if step.party == Party::Role(Role::Reviewer) && !self.reviews_now(step) {
            return Err(no_claim());
        }
        if !self.marks.insert(flag.to_owned()) {
            return Err(conflict("flagged", "已作此标记。", "It is marked so already."));
        }
        self.flags.insert(flag.to_owned());
        if let Some(plan) = &mut self.plan {
            plan.decides = Decider::Committee;
        }
        let to = match self.state.clone() {
            State::Final | State::Notice { .. } => self.deciding_stage(step.at),
            State::Committee { .. } if self.lacks_countersign() => self.deciding_stage(step.at),
            standing => standing,
        };
        self.moved(from, Action::Flag, to, step, &[("flag", flag.to_owned())])
    }

    /// Whether who acts has a seat that runs, or gave an opinion in this round.
    fn reviews_now(&self, step: &Step<'_>) -> bool {
        self.seat_of(step.account).is_some_and(|seat| seat.given.is_some() || (!seat.invited && seat.until > step.at))
    }

    /// Why somebody may not speak for the office about this work, if so: an author, a member of the submitting institution,
    /// whoever has a tie to the work, and whoever acted in another stage.
    pub fn check_countersigner(&self, judge: &Judge<'_>) -> Result<(), Problem> {
        self.check_ties(judge)?;
        if self.hands.iter().any(|hand| hand.account == judge.account && hand.stage != StateCode::Countersign) {
            return Err(recused("已参与本资源的其他审核环节，应当回避。", "Whoever acted in another stage is recused."));
        }
        Ok(())
    }
}

fn not_due() -> Problem {
    conflict("not-due", "会签期限未到，或已登记逾期。", "The office's term has not passed, or that was noted already.")
}
