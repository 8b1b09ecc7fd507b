//! From the desk to the last opinion: assigning, claiming a seat, giving an opinion, returning.

use super::table::{Action, Party, StateCode};
use super::{Decider, Hand, Moved, Plan, Seat, State, Step, Submission};
use crate::domain::access::{Assignment, Role};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::review::{Given, Opinion, Outcome, Verdict, outcome};
use crate::domain::reviewer::{ReviewerProfile, Tie, Work};
use crate::domain::time::Timestamp;

/// Flag that an editor's or approver's escalation leaves.
pub const ESCALATED: &str = "escalated";

/// What is known of somebody who would judge, for recusal.
#[derive(Clone, Copy, Debug)]
pub struct Judge<'a> {
    /// Account.
    pub account: &'a str,
    /// Institution of the account.
    pub institution: Option<&'a str>,
    /// Roles in scopes.
    pub assignments: &'a [Assignment],
    /// What the person said of the own work and conflicts, where anything.
    pub profile: Option<&'a ReviewerProfile>,
}

impl Submission {
    /// Hands it to one reviewer or a panel, as the plan says; first to the institution where the plan asks for an approval that
    /// was not given (the track or the policy changed). A review is begun anew: what an earlier one earned cannot be confirmed any more.
    pub fn assign(mut self, plan: Plan, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Assign, step)?;
        self.check_screener(step)?;
        self.confirmable = None;
        let panel = plan.reviewers > 1;
        let facts = [("track", plan.track.clone()), ("reviewers", plan.reviewers.to_string()), ("flags", joined(&self.flags))];
        self.add_hand(step, StateCode::Screening);
        self.track.clone_from(&plan.track);
        self.blind = self.blind.max(plan.panel.blind);
        self.plan = Some(plan);
        let to = match self.lacks_approval() {
            true => State::Approval,
            false if panel => State::Panel,
            false => State::Review,
        };
        self.moved(from, Action::Assign, to, step, &facts)
    }

    /// Whether the plan asks for the institution's approval and this round has none.
    pub(super) fn lacks_approval(&self) -> bool {
        self.approved.is_none() && self.plan.as_ref().is_some_and(|plan| plan.approval)
    }

    /// Whether this step may screen it. The program hands on what the policy says and judges nothing. Of people nobody screens
    /// what they approved for the institution or countersigned for the office; nor, while an earlier review is what it goes
    /// on with, does anybody who gave that review.
    pub(super) fn check_screener(&self, step: &Step<'_>) -> Result<(), Problem> {
        if step.party == Party::Program {
            return Ok(());
        }
        let approved = self.approved.as_ref().is_some_and(|approval| approval.by == step.account);
        let countersigned = self.countersigned.as_ref().is_some_and(|said| said.by == step.account);
        if approved || countersigned {
            return Err(recused("已参与本资源的其他审核环节，应当回避。", "Whoever acted in another stage is recused."));
        }
        let reviewed = |hand: &&Hand| matches!(hand.stage, StateCode::Review | StateCode::Panel);
        let last = self.hands.iter().filter(reviewed).map(|hand| hand.round).max();
        let earned = self.hands.iter().filter(reviewed).filter(|hand| Some(hand.round) == last);
        if self.confirmable.is_some() && earned.into_iter().any(|hand| hand.account == step.account) {
            return Err(recused("初审、复审、终审应由不同人员进行。", "The three reviews are made by three different people."));
        }
        Ok(())
    }

    /// Confirms that the changes which 修改后通过 asked for were made: on to the decision without a second review; first to the
    /// institution where the plan asks for an approval that this round lacks (the policy changed).
    pub fn confirm(mut self, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Confirm, step)?;
        self.check_screener(step)?;
        let Some(earned) = self.confirmable.clone() else {
            return Err(conflict(
                "confirm",
                "上一轮结论不是“修改后通过”，须重新送审。",
                "The last round did not end in pass-after-changes.",
            ));
        };
        self.add_hand(step, StateCode::Screening);
        if self.lacks_approval() {
            return self.moved(from, Action::Confirm, State::Approval, step, &[]);
        }
        self.confirmable = None;
        self.outcome = Some(earned);
        let to = self.deciding_stage(step.at);
        self.moved(from, Action::Confirm, to, step, &[])
    }

    /// Sends it back for changes, with a reason.
    pub fn send_back(mut self, reason: &str, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Return, step)?;
        let stage = self.state.code();
        let to = State::Returned { stage, verdict: Some(Verdict::ReviewAgain), reason: required(reason)? };
        self.add_hand(step, stage);
        self.moved(from, Action::Return, to, step, &[])
    }

    /// Refuses it at the desk, with a reason.
    pub fn refuse(mut self, reason: &str, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Refuse, step)?;
        let stage = self.state.code();
        self.add_hand(step, stage);
        self.moved(from, Action::Refuse, State::Rejected { stage, reason: required(reason)?, appealed: false }, step, &[])
    }

    /// Puts it before the committee instead of one approver; under review that holds for the decision to come, and in later rounds.
    pub fn escalate(mut self, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Escalate, step)?;
        self.ask_committee();
        let to = match self.state.clone() {
            State::Final | State::Notice { .. } => State::Committee { votes: Vec::new() },
            reviewing => reviewing,
        };
        self.moved(from, Action::Escalate, to, step, &[])
    }

    /// The committee decides from now on, in later rounds too.
    pub(super) fn ask_committee(&mut self) {
        self.marks.insert(ESCALATED.to_owned());
        self.flags.insert(ESCALATED.to_owned());
        if let Some(plan) = &mut self.plan {
            plan.decides = Decider::Committee;
        }
    }

    /// Takes a seat until `until`, or renews the lease of the own one. Seats whose lease ran out are free again.
    pub fn claim(mut self, judge: &Judge<'_>, until: Timestamp, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Claim, step)?;
        self.check_judge(judge)?;
        if self.seat_of(judge.account).is_some_and(|seat| seat.given.is_some()) {
            return Err(conflict("already-given", "您已提交过本轮评审意见。", "You have given your opinion in this round."));
        }
        self.check_invited(judge.account, step.at)?;
        // Who has accepted keeps the day by which the opinion is due, however often the claim is renewed.
        let timed = self.panel().review_days > 0;
        let accepted = self.seat_of(judge.account).filter(|seat| timed && !seat.invited && seat.until > step.at);
        let (until, reminded, since) = accepted.map_or((until, false, Some(step.at)), |seat| (seat.until, seat.reminded, seat.since));
        self.drop_lapsed(judge.account, step.at);
        self.check_free(step.at)?;
        self.seats.push(Seat { account: judge.account.to_owned(), until, given: None, invited: false, reminded, since });
        let to = self.state.clone();
        self.moved(from, Action::Claim, to, step, &[])
    }

    /// Gives a seat back: the reviewer the own one, the desk anybody's.
    pub fn release(mut self, account: &str, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Release, step)?;
        if step.party == Party::Role(Role::Reviewer) && step.account != account {
            return Err(Problem::forbidden());
        }
        let before = self.seats.len();
        self.seats.retain(|seat| seat.account != account || seat.given.is_some());
        if self.seats.len() == before {
            return Err(conflict("no-claim", "没有可退还的评审名额。", "There is no open claim to give back."));
        }
        self.note_release(account, step);
        let to = self.state.clone();
        self.moved(from, Action::Release, to, step, &[])
    }

    /// Takes an opinion from the holder of a seat. The last one needed decides where it goes: a wide spread calls one more
    /// expert; 修改后通过 and 修改后再审 return it; 通过 and 不予入库 go to whoever decides; a split veto to the committee.
    pub fn opine(mut self, opinion: &Opinion, judge: &Judge<'_>, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Opine, step)?;
        self.check_judge(judge)?;
        let given = Given {
            opinion: opinion.id.clone(),
            verdict: opinion.verdict,
            mark: opinion.mark,
            scores: opinion.scores.clone(),
            vetoes: opinion.vetoes.iter().map(|veto| veto.item.clone()).collect(),
        };
        let seat = self.seats.iter_mut().find(|seat| seat.account == judge.account && seat.given.is_none() && !seat.invited);
        let Some(seat) = seat.filter(|seat| seat.until > step.at) else {
            return Err(no_claim());
        };
        seat.given = Some(given);
        let stage = self.state.code();
        self.add_hand(step, stage);
        let verdict = opinion.verdict.code().to_owned();
        let mark = opinion.mark.map_or_else(|| "-".to_owned(), |mark| mark.to_string());
        let facts = [("verdict", verdict), ("mark", mark), ("vetoes", opinion.vetoes.len().to_string())];
        let to = self.after_opinion(step.at);
        self.moved(from, Action::Opine, to, step, &facts)
    }

    fn after_opinion(&mut self, at: Timestamp) -> State {
        let given: Vec<Given> = self.seats.iter().filter_map(|seat| seat.given.clone()).collect();
        let (needed, most, pass_mark, limit) =
            self.plan.as_ref().map_or((1, 1, 0, u32::MAX), |plan| (plan.reviewers, plan.most_reviewers, plan.pass_mark, plan.spread));
        let Some(result) = outcome(&given, pass_mark).filter(|result| result.reviewers >= needed) else {
            return self.state.clone();
        };
        if needed > 1 && result.spread >= limit && needed < most {
            if let Some(plan) = &mut self.plan {
                plan.reviewers += 1;
            }
            return self.state.clone();
        }
        self.outcome = Some(result.clone());
        self.after_outcome(&result, at)
    }

    fn after_outcome(&mut self, result: &Outcome, at: Timestamp) -> State {
        let stage = self.state.code();
        if result.split_veto
            && let Some(plan) = &mut self.plan
        {
            plan.decides = Decider::Committee;
        }
        let returned = |reason: &str| State::Returned { stage, verdict: Some(result.verdict), reason: reason.to_owned() };
        match result.verdict {
            Verdict::PassAfterChanges => returned("评审结论为“修改后通过”，请按评审意见修改后重新提交，由编辑确认。"),
            Verdict::ReviewAgain => returned("评审结论为“修改后再审”，请按评审意见修改后重新提交，将重新评审。"),
            Verdict::Pass | Verdict::Reject => self.deciding_stage(at),
        }
    }

    /// Where it is decided; first with the office whose countersign it lacks.
    pub(super) fn deciding_stage(&self, at: Timestamp) -> State {
        if self.lacks_countersign() {
            return State::Countersign { since: at, reminded: false, overdue: false };
        }
        match self.plan.as_ref().map_or(Decider::Committee, |plan| plan.decides) {
            Decider::Final if self.flags.is_empty() && !self.is_objected_by_office() => State::Final,
            Decider::Final | Decider::Committee => State::Committee { votes: Vec::new() },
        }
    }

    /// The seat of an account in this round.
    pub fn seat_of(&self, account: &str) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.account == account)
    }

    /// Why somebody may not review this, if so: whoever has a tie to it, whoever acted in another stage, and after an appeal
    /// everybody who judged before. Answers "forbidden" with the reason.
    pub fn check_judge(&self, judge: &Judge<'_>) -> Result<(), Problem> {
        self.check_ties(judge)?;
        let judged = self.hands.iter().filter(|hand| hand.account == judge.account);
        if judged.clone().any(|hand| !matches!(hand.stage, StateCode::Review | StateCode::Panel)) {
            return Err(recused("已参与本资源的其他审核环节，应当回避。", "Whoever acted in another stage is recused."));
        }
        if judged.clone().any(|hand| self.is_before_appeal(hand.round)) {
            return Err(recused("申诉复评应由未参与原评审的人员进行。", "A re-review is made by people who took no part."));
        }
        Ok(())
    }

    /// Whether a round lies before the appeal that had it reviewed again.
    pub(super) fn is_before_appeal(&self, round: u32) -> bool {
        let from = if self.fresh_from == 0 { self.round } else { self.fresh_from };
        self.fresh_eyes && round < from
    }

    /// Why somebody may not judge this in any stage, if so: an author, a member of the submitting institution, whoever declared a
    /// conflict or has a tie to the work by the own profile.
    pub(super) fn check_ties(&self, judge: &Judge<'_>) -> Result<(), Problem> {
        let same_house = judge.institution.is_some_and(|name| name == self.institution);
        let member = |held: &Assignment| matches!(held.role, Role::Contributor | Role::Manager) && held.scope.covers(&self.owner);
        if self.is_author(judge.account) {
            return Err(recused("不能评审本人提交或修改过的资源。", "Nobody judges the own work."));
        }
        if same_house || judge.assignments.iter().any(member) {
            return Err(recused("与提交单位同属一个机构，应当回避。", "Members of the submitting institution are recused."));
        }
        self.check_declaration(judge.account)?;
        let known =
            Work { ids: [&self.id, &self.resource], institution: [&self.institution, self.owner.as_str()], metadata: &self.metadata };
        match judge.profile.and_then(|profile| profile.tie(&known)) {
            Some(Tie::Author) => Err(recused("与作品作者有合作关系，应当回避。", "Authors and co-authors are recused.")),
            Some(Tie::Institution) => {
                Err(recused("与相关机构有利害关系，应当回避。", "An institution of the work is to be kept away from."))
            }
            Some(Tie::Declared) => Err(recused("已声明与该作品或作者有利害关系，应当回避。", "A conflict with the work is declared.")),
            None => Ok(()),
        }
    }

    pub(super) fn add_hand(&mut self, step: &Step<'_>, stage: StateCode) {
        if step.party != Party::Program {
            self.hands.insert(Hand { account: step.account.to_owned(), stage, round: self.round });
        }
    }
}

fn joined(flags: &std::collections::BTreeSet<String>) -> String {
    flags.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

pub(in crate::domain) fn required(reason: &str) -> Result<String, Problem> {
    let text = reason.trim();
    if text.is_empty() {
        return Err(Problem::field("reason-required", "reason", "请写明理由。", "A reason is required."));
    }
    Ok(text.to_owned())
}

pub(in crate::domain) fn conflict(code: &'static str, zh: &str, en: &str) -> Problem {
    Problem::new(ProblemKind::Conflict, code, zh, en)
}

/// There is no own claim that still runs.
pub fn no_claim() -> Problem {
    let (zh, en) = ("请先领取评审；领取已过期的请重新领取。", "Claim the review first; an expired claim must be renewed.");
    conflict("no-claim", zh, en)
}

pub(in crate::domain) fn recused(zh: &str, en: &str) -> Problem {
    Problem::new(ProblemKind::Forbidden, "recused", zh, en)
}
