//! Tests of the state machine: every state, action and party against the table; the ledger; the paths that must hold.

mod document;
mod hands;
mod office;
mod paths;
mod ways;

use super::countersign::{CountersignTerms, Word};
use super::intake::{CheckResult, NewSubmission, Resubmission};
use super::opinions::Judge;
use super::table::{self, Action, Party, StateCode};
use super::waivers::Waived;
use super::{Decider, Hand, Moved, Plan, State, Step, Submission, SubmittedFile, Vote};
use crate::domain::access::{OrgPath, Role};
use crate::domain::calendar::Calendar;
use crate::domain::codes::Kind;
use crate::domain::digest::Digest;
use crate::domain::finding::{Finding, Severity};
use crate::domain::ledger::{ChainFault, LedgerEntry, LedgerHead, verify_chain};
use crate::domain::metadata::{FileEntry, Metadata};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::review::{Given, Opinion, Verdict, Veto, outcome};
use crate::domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn metadata() -> Metadata {
    let kind = Kind::Document;
    serde_json::from_value(serde_json::json!({ "title": "防诈骗", "kind": kind })).unwrap()
}

fn new() -> NewSubmission {
    NewSubmission {
        id: "s1".into(),
        deposit: "d1".into(),
        row: None,
        owner: OrgPath::parse("/hunan/a").unwrap(),
        institution: "甲学院".into(),
        resource: "r1".into(),
        revision_of: None,
        metadata: metadata(),
        files: Vec::new(),
        track: String::new(),
        submitter: "submitter".into(),
        fingerprint: "f".into(),
    }
}

fn plan(reviewers: u32) -> Plan {
    Plan {
        track: "regular".into(),
        approval: false,
        reviewers,
        most_reviewers: reviewers + 1,
        scored: reviewers > 1,
        pass_mark: 6000,
        spread: 1500,
        decides: Decider::Final,
        votes: 1,
        flagged_votes: 0,
        countersign: None,
        notice_days: 0,
        panel: super::Panel::default(),
        notice_working_days: 0,
        sample_percent: 0,
    }
}

fn role(role: Role) -> Party {
    Party::Role(role)
}

fn by(account: &str, party: Party) -> Step<'_> {
    Step::person(account, party, NOW)
}

fn judge(account: &str) -> Judge<'_> {
    Judge { account, institution: Some("乙学院"), assignments: &[], profile: None }
}

fn opinion(reviewer: &str, verdict: Verdict, mark: Option<u32>) -> Opinion {
    Opinion {
        id: format!("o-{reviewer}"),
        submission: "s1".into(),
        round: 1,
        reviewer: reviewer.into(),
        at: NOW,
        scores: mark.map(|mark| BTreeMap::from([("all".to_owned(), mark)])).unwrap_or_default(),
        mark,
        verdict,
        text: "可以".into(),
        salt: "salt".into(),
        vetoes: Vec::new(),
        rule_set: "rules".into(),
    }
}

/// Puts a fresh submission into a state by force, with what that state needs, to try an action there.
pub(in crate::domain) fn standing(code: StateCode) -> Submission {
    let mut submission = Submission::submit(new(), &by("submitter", role(Role::Contributor))).unwrap().submission;
    submission.plan = Some(plan(1));
    let stage = StateCode::Final;
    submission.state = match code {
        StateCode::Draft => State::Draft,
        StateCode::Submitted => State::Submitted,
        StateCode::Checking => State::Checking,
        StateCode::Returned => State::Returned { stage, verdict: None, reason: "改".into() },
        StateCode::Approval => State::Approval,
        StateCode::Screening => State::Screening,
        StateCode::Review => State::Review,
        StateCode::Panel => State::Panel,
        StateCode::Countersign => State::Countersign { since: NOW, reminded: false, overdue: false },
        StateCode::Final => State::Final,
        StateCode::Committee => State::Committee { votes: Vec::new() },
        // Objections are taken until the end, publication is done from it on.
        StateCode::Notice => State::Notice { until: NOW },
        StateCode::Objected => State::Objected { until: NOW.plus_millis(1), open: BTreeSet::from(["o1".to_owned()]) },
        StateCode::Published => State::Published { revision: 1 },
        StateCode::Withdrawn => State::Withdrawn,
        StateCode::Rejected => State::Rejected { stage, reason: "否".into(), appealed: false },
        StateCode::Appealed => State::Appealed { stage, reason: "申诉".into() },
    };
    if code == StateCode::Screening {
        submission.confirmable = outcome(&[given(Verdict::PassAfterChanges, None)], 0);
    }
    if matches!(code, StateCode::Review | StateCode::Panel) {
        submission.seats.push(super::Seat {
            account: "actor".into(),
            until: NOW.plus_millis(1),
            given: None,
            invited: false,
            reminded: false,
            since: None,
        });
    }
    submission
}

/// Returned by the checks with these findings, over one file.
fn standing_with(findings: Vec<Finding>) -> Submission {
    let checks = CheckResult { files: vec![file("a.pdf", 1)], findings, flags: BTreeSet::new(), rule_set: "r".into(), approval: false };
    standing(StateCode::Checking).record_checks(checks, &Step::program(NOW)).unwrap().submission
}

fn file(path: &str, byte: u8) -> SubmittedFile {
    let entry = FileEntry { path: path.into(), ..FileEntry::default() };
    SubmittedFile { entry, digest: Digest::from_bytes(&[byte; 32]), size: 1, facts: None, text: None, thumbnail: None }
}

fn waived() -> Waived {
    Waived { rule: "X".into(), file: None }
}

fn must(rule: &str, file: Option<&str>) -> Finding {
    Finding {
        rule: rule.into(),
        severity: Severity::Must,
        file: file.map(str::to_owned),
        row: None,
        field: None,
        locator: None,
        message: "错".into(),
        measured: None,
        waived: false,
    }
}

fn given(verdict: Verdict, mark: Option<u32>) -> Given {
    Given { opinion: "o".into(), verdict, mark, scores: BTreeMap::new(), vetoes: Vec::new() }
}

/// The same work, sent in again.
fn sent_again() -> Resubmission {
    let (metadata, files) = (metadata(), Vec::new());
    Resubmission { deposit: "d2".into(), row: None, revision_of: None, metadata, files, fingerprint: "g".into() }
}

fn word(agrees: bool) -> Word<'static> {
    Word { agrees, text: "不妥之处", letter: "民宗函〔2026〕1号" }
}

fn attempt(from: Option<StateCode>, action: Action, party: Party) -> Result<Moved, Problem> {
    let step = by("actor", party);
    let Some(code) = from else {
        return match action {
            Action::Draft => Submission::draft(new(), &step),
            _ => Submission::submit(new(), &step),
        };
    };
    let mut submission = standing(code);
    submission.seats.iter_mut().for_each(|seat| match action {
        Action::Decline => seat.invited = true,
        Action::Replace => seat.until = NOW,
        Action::Invite => seat.until = NOW.plus_millis(-1),
        _ => {}
    });
    let checks = CheckResult { files: Vec::new(), findings: Vec::new(), flags: BTreeSet::new(), rule_set: "r".into(), approval: false };
    match action {
        Action::Draft | Action::Deposit => Err(Problem::new(ProblemKind::Conflict, "state", "", "")),
        Action::Submit => submission.submit_draft(&step),
        Action::BeginChecks => submission.begin_checks(&step),
        Action::Approve => submission.approve("pledge", &step),
        Action::RecordChecks => submission.record_checks(checks, &step),
        Action::Assign => submission.assign(plan(1), &step),
        Action::Confirm => submission.confirm(&step),
        Action::Return => submission.send_back("请改", &step),
        Action::Refuse => submission.refuse("不收", &step),
        Action::Claim => submission.claim(&judge("actor"), NOW.plus_millis(9), &step),
        Action::Release => submission.release("actor", &step),
        Action::Opine => submission.opine(&opinion("actor", Verdict::Pass, None), &judge("actor"), &step),
        Action::Flag => submission.flag("ethnic", "涉及民族风俗", &step),
        Action::Countersign => submission.countersign(&word(true), &judge("actor"), &step),
        Action::Dissent => submission.countersign(&word(false), &judge("actor"), &step),
        Action::Overdue => submission.note_overdue(NOW, &step),
        Action::Escalate => submission.escalate(&step),
        Action::Decide => submission.decide(Verdict::Pass, "", &Calendar::default(), &judge("actor"), &step),
        Action::Object => submission.object("o2", &Step { at: NOW.plus_millis(-1), ..step }),
        Action::Overrule => submission.overrule("o1", &step),
        Action::Refer => submission.refer("o1", &step),
        Action::Publish => submission.publish(&step),
        Action::Withdraw => submission.withdraw(&step),
        Action::Waive if code == StateCode::Returned => {
            standing_with(vec![must("X", None)]).waive(&BTreeSet::from([waived()]), "可以豁免", false, &step)
        }
        Action::Waive => submission.waive(&BTreeSet::from([waived()]), "可以豁免", false, &step),
        Action::Resubmit => submission.resubmit(sent_again(), &step).map(|both| both.1),
        Action::Appeal => submission.appeal("不服", &step),
        Action::Uphold => submission.uphold("维持", &judge("actor"), &step),
        Action::Reopen => submission.reopen(plan(3), &judge("actor"), &step),
        Action::Invite => submission.invite(&judge("expert"), NOW.plus_millis(9), &step),
        Action::Decline => submission.decline("太忙", &step),
        Action::Recuse => submission.recuse("合作者", &step),
        Action::Remind if code == StateCode::Countersign => submission.remind_office(&step),
        Action::Remind => submission.remind("actor", &step),
        Action::Replace => submission.replace("actor", &step),
    }
}

#[test]
fn every_state_action_and_party_answers_what_the_table_says() {
    let states = std::iter::once(None).chain(StateCode::ALL.into_iter().map(|row| Some(row.0)));
    let mut tried = 0;
    for from in states {
        for (action, ..) in Action::ALL {
            if from.is_none() && !matches!(action, Action::Draft | Action::Deposit) {
                continue;
            }
            for party in Party::all() {
                tried += 1;
                let told = attempt(from, action, party);
                let at = format!("{from:?} {action:?} {party:?}");
                // Recording checks begins them where that was not done: the one action made of two lines.
                let line = if action == Action::RecordChecks && from == Some(StateCode::Submitted) {
                    table::find(Some(StateCode::Checking), action)
                } else {
                    table::find(from, action)
                };
                match line {
                    Some(line) if line.parties.contains(&party) => {
                        let moved = told.unwrap_or_else(|problem| panic!("{at}: {problem}"));
                        assert!(line.to.contains(&moved.submission.state.code()), "{at}");
                        assert_eq!(moved.entries.last().unwrap().to, moved.submission.state.code().code(), "{at}");
                    }
                    Some(_) => assert_eq!(told.unwrap_err().kind, ProblemKind::Forbidden, "{at}"),
                    None => assert_eq!(told.unwrap_err().kind, ProblemKind::Conflict, "{at}"),
                }
            }
        }
    }
    assert!(tried > 6_500, "{tried}");
}

#[test]
fn the_table_reaches_every_state_and_publishes_only_through_a_decision() {
    for (state, ..) in StateCode::ALL {
        assert!(table::TABLE.iter().any(|line| line.to.contains(&state)), "{state:?} is never reached");
    }
    let publishing = table::TABLE.iter().filter(|line| line.to.contains(&StateCode::Published));
    let from: Vec<_> = publishing.map(|line| (line.from.unwrap(), line.action)).collect();
    let decided = [(StateCode::Final, Action::Decide), (StateCode::Committee, Action::Decide), (StateCode::Notice, Action::Publish)];
    assert_eq!(from, decided);
    let mut lines: Vec<_> = table::TABLE.iter().map(|line| (line.from, line.action)).collect();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), table::TABLE.len(), "a line is there twice");
}

/// Walks the regular way up to the given stage; gives all entries.
fn walk(verdict: Verdict) -> (Submission, Vec<LedgerEntry>) {
    let checks = CheckResult { files: Vec::new(), findings: Vec::new(), flags: BTreeSet::new(), rule_set: "rules".into(), approval: false };
    let reviewer = by("reviewer", role(Role::Reviewer));
    let moved = Submission::submit(new(), &by("submitter", role(Role::Contributor)))
        .and_then(|moved| moved.then(|submission| submission.record_checks(checks, &Step::program(NOW))))
        .and_then(|moved| moved.then(|submission| submission.assign(plan(1), &Step::program(NOW))))
        .and_then(|moved| moved.then(|submission| submission.claim(&judge("reviewer"), NOW.plus_millis(9), &reviewer)))
        .and_then(|moved| moved.then(|submission| submission.opine(&opinion("reviewer", verdict, None), &judge("reviewer"), &reviewer)))
        .unwrap();
    (moved.submission, moved.entries)
}

#[test]
fn any_tampering_with_a_chain_is_found() {
    let (submission, entries) = walk(Verdict::Pass);
    assert_eq!(entries.len(), 6);
    let verify = |entries: &[LedgerEntry]| verify_chain("s1", &submission.ledger, entries);
    assert_eq!(verify(&entries), Ok(()));
    for place in 0..entries.len() {
        let mut removed = entries.clone();
        removed.remove(place);
        assert!(verify(&removed).is_err(), "removed {place}");
        let mut doubled = entries.clone();
        doubled.insert(place, entries[place].clone());
        assert!(verify(&doubled).is_err(), "doubled {place}");
        let mut changed = entries.clone();
        changed[place].at = changed[place].at.plus_millis(1);
        assert!(matches!(verify(&changed), Err(ChainFault::Changed { .. })), "changed {place}");
        changed[place].hash = changed[place].computed_hash().unwrap();
        assert!(verify(&changed).is_err(), "changed and sealed again {place}");
        if place > 0 {
            let mut swapped = entries.clone();
            swapped.swap(place - 1, place);
            assert!(verify(&swapped).is_err(), "swapped {place}");
        }
    }
    assert!(verify_chain("s1", &LedgerHead::default(), &entries).is_err());
    assert!(verify_chain("s2", &submission.ledger, &entries).is_err(), "another subject's entries");
}

#[test]
fn the_ledger_holds_no_account_and_no_text() {
    let step = by("editor-account", role(Role::Editor)).with_note("机密的理由", "0123");
    let moved = standing(StateCode::Screening).send_back("机密的理由", &step).unwrap();
    let json = serde_json::to_string(&moved.entries).unwrap();
    assert!(!json.contains("editor-account") && !json.contains("机密"));
    assert_eq!(moved.entries[0].texts["text"], crate::domain::ledger::salted_digest("0123", "机密的理由"));
    assert_eq!(moved.entries[0].actor, crate::domain::ledger::surrogate("s1", "editor-account"));
}

#[test]
fn a_submission_survives_its_record() {
    let (submission, _) = walk(Verdict::ReviewAgain);
    let json = crate::domain::record::encode(&submission).unwrap();
    assert_eq!(crate::domain::record::decode::<Submission>(1, &json).unwrap(), submission);
}

#[test]
fn waivers_let_a_submission_go_on_and_fall_with_the_bytes() {
    let editor = by("editor", role(Role::Editor));
    let about = |rule: &str, file: Option<&str>| BTreeSet::from([Waived { rule: rule.into(), file: file.map(str::to_owned) }]);
    let findings = || vec![must("X", Some("a.pdf")), must("Y", None)];
    let returned = standing_with(findings());
    assert_eq!(returned.clone().waive(&about("Z", None), "可", false, &editor).unwrap_err().code, "finding");
    assert_eq!(returned.clone().waive(&about("X", None), "可", false, &editor).unwrap_err().code, "finding", "another file");
    assert!(returned.clone().waive(&about("Y", None), " ", false, &editor).is_err(), "a reason is due");
    assert_eq!(returned.clone().waive(&about("Y", None), "可", false, &by("submitter", role(Role::Editor))).unwrap_err().code, "recused");
    let one = returned.waive(&about("X", Some("a.pdf")), "可", false, &editor).unwrap().submission;
    assert_eq!(one.state.code(), StateCode::Returned, "another finding is left");
    let both = one.clone().waive(&about("Y", None), "可", false, &editor).unwrap();
    assert_eq!((both.submission.state.code(), both.entries[0].facts["left"].as_str()), (StateCode::Screening, "0"));
    let approved = one.clone().waive(&about("Y", None), "可", true, &editor).unwrap();
    assert_eq!(approved.submission.state.code(), StateCode::Approval, "no waiver goes past the institution");
    assert!(both.submission.findings.iter().all(|finding| finding.waived));
    assert_eq!(both.submission.check_decider(&judge("editor")).unwrap_err().code, "recused", "who waived does not decide");
    let again = |file: SubmittedFile, measured: Option<&str>| {
        let mut next = one.clone();
        (next.state, next.waivers) = (State::Checking, both.submission.waivers.clone());
        let mut findings = vec![must("X", Some(&file.entry.path)), must("Y", None)];
        findings[1].measured = measured.map(str::to_owned);
        let checks = CheckResult { files: vec![file], findings, flags: BTreeSet::new(), rule_set: "r".into(), approval: false };
        next.record_checks(checks, &Step::program(NOW)).unwrap().submission
    };
    assert_eq!(again(file("renamed.pdf", 1), None).state, State::Screening, "the same bytes under another name");
    let changed = again(file("a.pdf", 2), None);
    assert_eq!(changed.findings.iter().map(|finding| finding.waived).collect::<Vec<_>>(), [false, true]);
    assert_eq!(again(file("a.pdf", 1), Some("更多")).state.code(), StateCode::Returned, "something else was found about the whole");
}
