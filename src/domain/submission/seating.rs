//! Seats by invitation: reserving one, declining, standing down for a conflict, reminding, replacing who stays silent.
//!
//! A reserved seat is a seat like any other: it counts as taken until its answer is due, so that two people never do the same
//! work. Accepting it is claiming it.

use super::decisions::voted;
use super::opinions::{Judge, conflict, recused, required};
use super::table::{Action, Party};
use super::{Moved, Seat, State, Step, Submission};
use crate::domain::ledger::surrogate;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::Key;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Fact of a replacement after which the editor has to look.
pub const PANEL_ESCALATED: &str = "escalated";
/// Fact of a replacement after which the program asks nobody else.
pub const VACANT: &str = "vacant";

/// What a blind track keeps from its reviewers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Blind {
    /// Nothing.
    #[default]
    None,
    /// Who made, owns and submitted the work.
    Reviewer,
}

/// How a track gathers its reviewers and keeps them to time. Days are working days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Panel {
    /// Seats can be taken by those invited alone.
    pub invite: bool,
    /// The program invites the best experts itself.
    pub invites_itself: bool,
    /// Within which an invitation is to be answered.
    pub answer_days: u32,
    /// Within which the opinion is to be given after accepting; 0: the lease of a claim alone counts.
    pub review_days: u32,
    /// So many days before the end of either a reminder is due; 0 for none.
    pub remind_days: u32,
    /// So many silent reviewers replaced in a round bring it before the editor; 0 for never.
    pub escalate_after: u32,
    /// What reviewers do not see.
    pub blind: Blind,
}

/// Why somebody gave up a seat, or will not have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Declared a conflict: never gets this submission again.
    Recused,
    /// Declined, or gave the seat back.
    Declined,
    /// Let the time pass.
    Silent,
}

/// Somebody who stood down, in any round.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StoodDown {
    /// Account.
    pub account: String,
    /// The round.
    pub round: u32,
    /// Why.
    pub why: Why,
}

impl Submission {
    /// Prefix of the index `stood_down`: submissions that came in in a month (`YYYY-MM`) and that somebody stood down from.
    pub fn stood_down_key(month: &str) -> Key {
        Key::prefix(&[month])
    }

    /// How its track gathers reviewers.
    pub fn panel(&self) -> Panel {
        self.plan.as_ref().map(|plan| plan.panel.clone()).unwrap_or_default()
    }

    /// Whether its reviewers are gathered by invitation or kept to time now: the index `panel` has these alone. A claim whose
    /// beginning was not kept runs out unseen.
    pub fn keeps_time(&self) -> bool {
        use super::table::StateCode;
        let judged = matches!(self.state.code(), StateCode::Review | StateCode::Panel);
        let timed = |plan: &super::Plan| plan.panel.invite || plan.panel.invites_itself || plan.panel.review_days > 0;
        let claimed = self.seats.iter().any(|seat| seat.given.is_none() && seat.since.is_some());
        judged && (claimed || self.plan.as_ref().is_some_and(timed))
    }

    /// Whether a seat still counts as taken: seats that are kept to time count until they are replaced.
    pub fn is_taken(&self, seat: &Seat, at: Timestamp) -> bool {
        seat.given.is_some() || seat.until > at || self.panel().review_days > 0
    }

    /// Whether the holder of a seat that is kept to time let it pass without an opinion.
    pub fn is_late(&self, seat: &Seat, at: Timestamp) -> bool {
        self.panel().review_days > 0 && seat.given.is_none() && seat.until <= at
    }

    /// Whether a seat's time is over without an opinion, so that it is to be freed: a deadline, or the lease of a claim.
    pub fn has_lapsed(&self, seat: &Seat, at: Timestamp) -> bool {
        self.is_late(seat, at) || (seat.given.is_none() && seat.since.is_some() && seat.until <= at)
    }

    /// Seats that nobody holds at this instant.
    pub fn free_seats(&self, at: Timestamp) -> usize {
        let needed = self.plan.as_ref().map_or(1, |plan| plan.reviewers);
        let taken = self.seats.iter().filter(|seat| self.is_taken(seat, at)).count();
        usize::try_from(needed).unwrap_or(usize::MAX).saturating_sub(taken)
    }

    /// How often a silent reviewer was replaced in this round.
    pub fn silent(&self) -> usize {
        self.stood_down.iter().filter(|one| one.round == self.round && one.why == Why::Silent).count()
    }

    /// Whether so many were silent that the editor has to look.
    pub fn is_escalated(&self) -> bool {
        let after = self.panel().escalate_after;
        after > 0 && usize::try_from(after).is_ok_and(|after| self.silent() >= after)
    }

    /// Reserves a seat for somebody until `until`.
    pub fn invite(mut self, judge: &Judge<'_>, until: Timestamp, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Invite, step)?;
        self.check_judge(judge)?;
        if self.seat_of(judge.account).is_some_and(|seat| self.is_taken(seat, step.at)) {
            return Err(conflict("seated", "该专家已在评审名单中。", "This expert has a seat already."));
        }
        self.drop_lapsed(judge.account, step.at);
        self.check_free(step.at)?;
        self.seats.push(Seat { account: judge.account.to_owned(), until, given: None, invited: true, reminded: false, since: None });
        self.about(from, Action::Invite, judge.account, step)
    }

    /// Declines an invitation, with a reason.
    pub fn decline(mut self, reason: &str, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Decline, step)?;
        required(reason)?;
        if !self.seat_of(step.account).is_some_and(|seat| seat.invited) {
            return Err(conflict("no-invitation", "没有待答复的评审邀请。", "There is no invitation to answer."));
        }
        self.stand_down(step.account, Why::Declined);
        let to = self.state.clone();
        self.moved(from, Action::Decline, to, step, &[])
    }

    /// Declares an own conflict: the seat is free, and the person never judges this submission, in whatever stage.
    pub fn recuse(mut self, reason: &str, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Recuse, step)?;
        required(reason)?;
        if self.seat_of(step.account).is_some_and(|seat| seat.given.is_some()) {
            return Err(conflict("already-given", "您已提交过本轮评审意见。", "You have given your opinion in this round."));
        }
        if matches!(&self.state, State::Committee { votes } if votes.iter().any(|vote| vote.account == step.account)) {
            return Err(voted());
        }
        self.stand_down(step.account, Why::Recused);
        let to = self.state.clone();
        self.moved(from, Action::Recuse, to, step, &[])
    }

    /// Notes that the holder of a seat was reminded, once for the answer and once for the opinion.
    pub fn remind(mut self, account: &str, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Remind, step)?;
        let waiting = |seat: &&mut Seat| seat.account == account && seat.given.is_none() && !seat.reminded;
        let Some(seat) = self.seats.iter_mut().find(waiting) else {
            return Err(conflict("no-reminder", "没有需要提醒的评审。", "There is nothing to remind of."));
        };
        seat.reminded = true;
        self.about(from, Action::Remind, account, step)
    }

    /// Frees the seat of somebody whose time has passed.
    pub fn replace(mut self, account: &str, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Replace, step)?;
        if !self.seat_of(account).is_some_and(|seat| seat.given.is_none() && seat.until <= step.at) {
            return Err(conflict("not-due", "评审期限未到。", "The time for this review has not passed."));
        }
        self.stand_down(account, Why::Silent);
        let (to, concerned) = (self.state.clone(), surrogate(&self.id, account));
        let mut facts = vec![("reviewer", concerned)];
        if self.is_escalated() {
            facts.push((PANEL_ESCALATED, "true".to_owned()));
        }
        if !self.panel().invites_itself {
            facts.push((VACANT, "true".to_owned()));
        }
        self.moved(from, Action::Replace, to, step, &facts)
    }

    /// Drops leases that ran out, and the open seat of `account`.
    pub(super) fn drop_lapsed(&mut self, account: &str, at: Timestamp) {
        let timed = self.panel().review_days > 0;
        self.seats.retain(|seat| seat.given.is_some() || (seat.account != account && (timed || seat.until > at)));
    }

    pub(super) fn check_free(&self, at: Timestamp) -> Result<(), Problem> {
        if self.free_seats(at) > 0 {
            return Ok(());
        }
        Err(conflict("no-seat", "评审名额已满。", "All seats of this submission are taken."))
    }

    /// Refuses who was not invited, where only those invited may judge; whoever accepted renews the own seat alone.
    pub(super) fn check_invited(&self, account: &str, at: Timestamp) -> Result<(), Problem> {
        if !self.panel().invite || self.seat_of(account).is_some_and(|seat| seat.until > at) {
            return Ok(());
        }
        let (zh, en) = ("本通道由受邀专家评审，您没有有效的邀请。", "Only invited experts review this; you have no invitation in force.");
        Err(Problem::new(ProblemKind::Forbidden, "not-invited", zh, en))
    }

    /// Refuses who declared a conflict.
    pub(super) fn check_declaration(&self, account: &str) -> Result<(), Problem> {
        if self.stood_down.iter().any(|one| one.account == account && one.why == Why::Recused) {
            return Err(recused("您已声明回避。", "A conflict was declared."));
        }
        Ok(())
    }

    /// Takes the open seat away and remembers why.
    pub(super) fn stand_down(&mut self, account: &str, why: Why) {
        self.seats.retain(|seat| seat.account != account || seat.given.is_some());
        self.stood_down.insert(StoodDown { account: account.to_owned(), round: self.round, why });
    }

    /// A step that concerns another person: the ledger names both by their surrogates.
    fn about(self, from: Option<super::table::StateCode>, action: Action, account: &str, step: &Step<'_>) -> Result<Moved, Problem> {
        let (to, concerned) = (self.state.clone(), surrogate(&self.id, account));
        self.moved(from, action, to, step, &[("reviewer", concerned)])
    }

    /// A seat given back by its holder where experts are invited: the next one is asked.
    pub(super) fn note_release(&mut self, account: &str, step: &Step<'_>) {
        let own = step.account == account && step.party == Party::Role(crate::domain::access::Role::Reviewer);
        if own && self.panel().invite {
            self.stand_down(account, Why::Declined);
        }
    }

    /// Accounts that the program does not ask again in this round.
    pub fn passed_over(&self) -> BTreeSet<&str> {
        let mine = self.stood_down.iter().filter(|one| one.round == self.round || one.why == Why::Recused);
        mine.map(|one| one.account.as_str()).collect()
    }
}
