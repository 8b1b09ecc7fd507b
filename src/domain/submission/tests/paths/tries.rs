//! What somebody may try with each action.

use super::super::*;
use super::fold::LATER;
use super::people::Person;
use super::{MOST_ROUNDS, Way};
use crate::domain::submission::countersign::Word;

pub type Told = Result<Moved, Problem>;

/// The work of a way.
pub fn new_of(way: &Way) -> NewSubmission {
    let mut metadata = metadata();
    metadata.culture = way.culture.then(Default::default);
    NewSubmission { metadata, submitter: "author".into(), ..new() }
}

fn again(way: &Way) -> Resubmission {
    let metadata = new_of(way).metadata;
    Resubmission { deposit: "d2".into(), row: None, revision_of: None, metadata, files: Vec::new(), fingerprint: "g".into() }
}

fn checks(way: &Way, findings: Vec<Finding>) -> CheckResult {
    let flags = way.flags.iter().map(|flag| (*flag).to_owned()).collect();
    CheckResult { files: vec![file("a.pdf", 1)], findings, flags, rule_set: "r".into(), approval: way.approval }
}

/// An opinion of each kind that matters: marks far apart where criteria are scored, a veto.
fn opinions(one: &Submission, account: &str) -> Vec<Opinion> {
    let scored = one.plan.as_ref().is_some_and(|plan| plan.scored);
    let of = |verdict, mark: u32| Opinion { round: one.round, ..opinion(account, verdict, scored.then_some(mark)) };
    let vetoed = Veto { item: "rights".into(), fact: "图".into(), place: "页".into() };
    let refused = Opinion { vetoes: vec![vetoed], scores: BTreeMap::new(), mark: None, ..of(Verdict::Reject, 0) };
    vec![of(Verdict::Pass, 9000), of(Verdict::PassAfterChanges, 7000), of(Verdict::ReviewAgain, 5000), refused]
}

/// What comes of an action by somebody in one of their hats.
pub fn tries(one: &Submission, way: &Way, people: &[Person], action: Action, person: &Person, step: &Step<'_>) -> Vec<Told> {
    let fresh = || one.clone();
    let calendar = Calendar::default();
    let plans = || std::iter::once(&way.plan).chain(&way.other).cloned();
    let seated = || one.seats.iter().filter(|seat| seat.given.is_none()).map(|seat| seat.account.clone());
    let word = |agrees| Word { agrees, text: "意见", letter: "" };
    match action {
        Action::Draft | Action::Deposit => Vec::new(),
        Action::Submit => vec![fresh().submit_draft(step)],
        Action::BeginChecks => vec![fresh().begin_checks(step)],
        Action::RecordChecks => {
            let found = |findings| fresh().record_checks(checks(way, findings), step);
            vec![found(Vec::new()), found(vec![must("X", None)])]
        }
        Action::Approve => vec![fresh().approve("pledge", step)],
        Action::Assign => plans().map(|plan| fresh().assign(plan, step)).collect(),
        Action::Confirm => vec![fresh().confirm(step)],
        Action::Return => vec![fresh().send_back("请改", step)],
        Action::Refuse => vec![fresh().refuse("不收", step)],
        Action::Claim => vec![fresh().claim(&person.judge(), LATER, step)],
        Action::Release => vec![fresh().release(person.name, step)],
        Action::Opine => opinions(one, person.name).iter().map(|given| fresh().opine(given, &person.judge(), step)).collect(),
        Action::Flag if !way.markable => Vec::new(),
        Action::Flag => vec![fresh().flag("ethnic", "涉及民族风俗", step)],
        Action::Countersign => vec![fresh().countersign(&word(true), &person.judge(), step)],
        Action::Dissent => vec![fresh().countersign(&word(false), &person.judge(), step)],
        Action::Overdue => vec![fresh().note_overdue(NOW, step), fresh().note_overdue(LATER, step)],
        Action::Escalate => vec![fresh().escalate(step)],
        Action::Decide => Verdict::ALL.into_iter().map(|row| fresh().decide(row.0, "理由", &calendar, &person.judge(), step)).collect(),
        Action::Publish => vec![fresh().publish(step)],
        Action::Object => vec![fresh().object("o1", step)],
        Action::Overrule => vec![fresh().overrule("o1", step)],
        Action::Refer => vec![fresh().refer("o1", step)],
        Action::Withdraw => vec![fresh().withdraw(step)],
        Action::Waive => vec![fresh().waive(&BTreeSet::from([waived()]), "可以豁免", way.approval, step)],
        Action::Resubmit if one.state.code() == StateCode::Returned && one.round >= MOST_ROUNDS => Vec::new(),
        Action::Resubmit => vec![fresh().resubmit(again(way), step).map(|both| both.1)],
        Action::Appeal => vec![fresh().appeal("不服", step)],
        Action::Uphold => vec![fresh().uphold("维持", &person.judge(), step)],
        Action::Reopen if one.state.code() == StateCode::Appealed && one.round >= MOST_ROUNDS => Vec::new(),
        Action::Reopen => plans().map(|plan| fresh().reopen(plan, &person.judge(), step)).collect(),
        Action::Invite => people.iter().filter(|asked| asked.judges()).map(|asked| fresh().invite(&asked.judge(), LATER, step)).collect(),
        Action::Decline => vec![fresh().decline("太忙", step)],
        Action::Recuse => vec![fresh().recuse("合作者", step)],
        Action::Remind if one.state.code() == StateCode::Countersign => {
            vec![fresh().remind_office(step)]
        }
        Action::Remind => seated().chain([person.name.to_owned()]).map(|account| fresh().remind(&account, step)).collect(),
        Action::Replace => seated().chain([person.name.to_owned()]).map(|account| fresh().replace(&account, step)).collect(),
    }
}

impl Person {
    fn judges(&self) -> bool {
        self.hats.contains(&role(Role::Reviewer))
    }
}
