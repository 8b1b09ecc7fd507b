//! Who somebody is towards a submission: what may be seen and in what capacity something may be done.

use super::Vetting;
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::account::Account;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::reviewer::ReviewerProfile;
use crate::domain::submission::opinions::Judge;
use crate::domain::submission::table::{Action, Party, StateCode, TABLE, find};
use crate::domain::submission::{Blind, Submission};

/// How much of a submission somebody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// The submitting side: everything of its own, nobody's name.
    Submitter,
    /// A reviewer: the work and the own opinion.
    Reviewer,
    /// An office asked for its countersign: the work with its evidence, and the own word; nobody's opinion.
    Office,
    /// The committee: all opinions, no reviewer's name.
    Committee,
    /// The desk and auditors: everything.
    Staff,
}

/// How much of it this actor sees; `None`: it does not exist for them.
pub fn sight(actor: &Actor, submission: &Submission) -> Option<Sight> {
    let owner = &submission.owner;
    let account = actor.account.as_deref();
    // Whoever had a hand in it is a submitter first, also with another hat on: a hat must not unmask the reviewers.
    let mine = account.is_some_and(|account| submission.is_author(account));
    if mine || actor.has(&[Role::Contributor, Role::Manager], owner) && !actor.has(&[Role::Administrator], owner) {
        return Some(Sight::Submitter);
    }
    // Whoever judges a blind work stays blind to it, whatever other hat there is.
    if submission.blind != Blind::None && judges(account, submission) {
        return Some(Sight::Reviewer);
    }
    if actor.has(&[Role::Editor, Role::Auditor, Role::Administrator], owner) {
        return Some(Sight::Staff);
    }
    if actor.has(&[Role::Committee], owner) {
        return Some(Sight::Committee);
    }
    if actor.has(&[Role::EthnicAffairs], owner) && concerns_office(submission) {
        return Some(Sight::Office);
    }
    reviewer_sees(actor, submission).then_some(Sight::Reviewer)
}

/// Whether an office is, or was, asked about it.
fn concerns_office(submission: &Submission) -> bool {
    let spoke = || submission.hands.iter().any(|hand| hand.stage == StateCode::Countersign);
    submission.state.code() == StateCode::Countersign || spoke()
}

/// Where experts are invited nobody else among the reviewers sees the work.
fn reviewer_sees(actor: &Actor, submission: &Submission) -> bool {
    let account = actor.account.as_deref();
    let open = matches!(submission.state.code(), StateCode::Review | StateCode::Panel) && !submission.panel().invite;
    let took_part = submission.hands.iter().any(|hand| Some(hand.account.as_str()) == account);
    actor.has(&[Role::Reviewer], &submission.owner) && (open || took_part || judges(account, submission))
}

/// Whether an account holds a seat, or gave an opinion in any round.
fn judges(account: Option<&str>, submission: &Submission) -> bool {
    let reviewed = |stage| matches!(stage, StateCode::Review | StateCode::Panel);
    let judged = submission.hands.iter().any(|hand| Some(hand.account.as_str()) == account && reviewed(hand.stage));
    judged || account.is_some_and(|account| submission.seat_of(account).is_some())
}

/// The capacities in which this actor may act on a submission.
pub fn parties(actor: &Actor, submission: &Submission) -> Vec<Party> {
    let held = Role::ALL.into_iter().filter(|role| actor.has(&[*role], &submission.owner));
    // A contributor acts on the own submissions only; a manager on the institution's.
    let mine = actor.account.as_deref().is_some_and(|account| submission.is_author(account));
    let mut parties: Vec<Party> = held.filter(|role| *role != Role::Contributor || mine).map(Party::Role).collect();
    if actor.account.as_deref() == Some("system") {
        parties.push(Party::Program);
    }
    parties
}

/// The capacity in which this actor takes an action.
pub(super) fn party_for(actor: &Actor, submission: &Submission, action: Action) -> Result<Party, Problem> {
    let held = parties(actor, submission);
    let any = held.first().copied().unwrap_or(Party::Role(Role::Learner));
    let Some(line) = find(Some(submission.state.code()), action) else {
        // Who may take this action in another state is told by the transition that this one does not allow it.
        let ever = TABLE.iter().any(|line| line.action == action && line.parties.iter().any(|party| held.contains(party)));
        return if ever { Ok(any) } else { Err(Problem::forbidden()) };
    };
    line.parties.iter().copied().find(|party| held.contains(party)).ok_or_else(Problem::forbidden)
}

/// This role as a capacity, where the actor holds it.
pub(super) fn party_in(actor: &Actor, submission: &Submission, role: Role) -> Result<Party, Problem> {
    parties(actor, submission).into_iter().find(|party| *party == Party::Role(role)).ok_or_else(Problem::forbidden)
}

/// What is known of an actor who would judge.
pub(super) struct Known {
    account: String,
    institution: Option<String>,
    assignments: Vec<crate::domain::access::Assignment>,
    pub(super) profile: Option<ReviewerProfile>,
}

impl Known {
    pub(super) fn judge(&self) -> Judge<'_> {
        Judge {
            account: &self.account,
            institution: self.institution.as_deref(),
            assignments: &self.assignments,
            profile: self.profile.as_ref(),
        }
    }
}

impl Vetting {
    /// What the accounts tell of an actor, for recusal: all roles count, also those that the token leaves out.
    pub(super) async fn known(&self, actor: &Actor) -> Result<Known, Problem> {
        let account = actor.account.clone().ok_or_else(Problem::forbidden)?;
        let found = self.store.get::<Account>(&Key::from(account.as_str())).await?.map(|stored| stored.value);
        let profile = self.store.get::<ReviewerProfile>(&Key::from(account.as_str())).await?.map(|stored| stored.value);
        let mut assignments = actor.assignments.clone();
        let institution = found.and_then(|found| {
            assignments.extend(found.assignments);
            found.institution
        });
        Ok(Known { account, institution, assignments, profile })
    }

    /// What is known of an account that may review works of this organisation; `None` for every other account.
    pub(super) async fn known_reviewer(&self, account: &str, owner: &OrgPath) -> Result<Option<Known>, Problem> {
        let Some(found) = self.store.get::<Account>(&Key::from(account)).await? else { return Ok(None) };
        let Account { id, institution, assignments, locked, .. } = found.value;
        let reviews = assignments.iter().any(|held| held.role == Role::Reviewer && held.scope.covers(owner));
        let profile = self.store.get::<ReviewerProfile>(&Key::from(account)).await?.map(|stored| stored.value);
        Ok((reviews && !locked).then_some(Known { account: id, institution, assignments, profile }))
    }
}
