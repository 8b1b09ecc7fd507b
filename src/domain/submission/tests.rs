//! Tests of the state machine: every state, action and party against the table; the ledger; the paths that must hold.

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
use crate::domain::review::{Given, Opinion, Verdict, outcome};
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
    let again = Resubmission {
        deposit: "d2".into(),
        row: None,
        revision_of: None,
        metadata: metadata(),
        files: Vec::new(),
        fingerprint: "g".into(),
    };
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
        Action::Escalate => submission.escalate(&step),
        Action::Decide => submission.decide(Verdict::Pass, "", &Calendar::default(), &step),
        Action::Object => submission.object("o2", &Step { at: NOW.plus_millis(-1), ..step }),
        Action::Overrule => submission.overrule("o1", &step),
        Action::Refer => submission.refer("o1", &step),
        Action::Publish => submission.publish(&step),
        Action::Withdraw => submission.withdraw(&step),
        Action::Waive if code == StateCode::Returned => {
            standing_with(vec![must("X", None)]).waive(&BTreeSet::from([waived()]), "可以豁免", false, &step)
        }
        Action::Waive => submission.waive(&BTreeSet::from([waived()]), "可以豁免", false, &step),
        Action::Resubmit => submission.resubmit(again, &step).map(|both| both.1),
        Action::Appeal => submission.appeal("不服", &step),
        Action::Uphold => submission.uphold("维持", &step),
        Action::Reopen => submission.reopen(plan(3), &step),
        Action::Invite => submission.invite(&judge("expert"), NOW.plus_millis(9), &step),
        Action::Decline => submission.decline("太忙", &step),
        Action::Recuse => submission.recuse("合作者", &step),
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
    assert!(tried > 2_500, "{tried}");
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
fn the_three_reviews_are_made_by_three_people() {
    let (submission, _) = walk(Verdict::Pass);
    assert_eq!(submission.state, State::Final);
    for account in ["submitter", "reviewer"] {
        let refused = submission.clone().decide(Verdict::Pass, "", &Calendar::default(), &by(account, role(Role::Committee))).unwrap_err();
        assert_eq!(refused.code, "recused", "{account}");
    }
    let moved = submission.decide(Verdict::Pass, "", &Calendar::default(), &by("chief", role(Role::Committee))).unwrap();
    assert_eq!(moved.submission.state, State::Published { revision: 1 });
}

#[test]
fn who_has_a_part_in_it_is_recused() {
    let submission = standing(StateCode::Review);
    let of = |account, institution| {
        submission.check_judge(&Judge { account, institution, assignments: &[], profile: None }).map_err(|problem| problem.code)
    };
    assert_eq!(of("someone", Some("乙学院")), Ok(()));
    assert_eq!(of("someone", None), Ok(()));
    assert_eq!(of("submitter", None), Err("recused"));
    assert_eq!(of("someone", Some("甲学院")), Err("recused"));
    let held = [crate::domain::access::Assignment { role: Role::Manager, scope: OrgPath::parse("/hunan/a").unwrap() }];
    assert!(submission.check_judge(&Judge { account: "someone", institution: None, assignments: &held, profile: None }).is_err());
    let mut screened = submission.clone();
    screened.hands.insert(Hand { account: "editor".into(), stage: StateCode::Screening, round: 1 });
    assert!(screened.check_judge(&judge("editor")).is_err());
}

#[test]
fn changes_asked_for_are_confirmed_without_a_second_review_and_heavier_ones_reviewed_again() {
    let again = || Resubmission {
        deposit: "d2".into(),
        row: None,
        revision_of: None,
        metadata: metadata(),
        files: Vec::new(),
        fingerprint: "g".into(),
    };
    let checks =
        || CheckResult { files: Vec::new(), findings: Vec::new(), flags: BTreeSet::new(), rule_set: "rules".into(), approval: false };
    for (verdict, confirmable) in [(Verdict::PassAfterChanges, true), (Verdict::ReviewAgain, false)] {
        let (submission, _) = walk(verdict);
        assert_eq!(submission.state.code(), StateCode::Returned);
        let (round, moved) = submission.resubmit(again(), &by("submitter", role(Role::Contributor))).unwrap();
        assert_eq!((round.submission.round, moved.submission.round), (1, 2));
        let screened = moved.submission.record_checks(checks(), &Step::program(NOW)).unwrap().submission;
        assert_eq!(screened.state, State::Screening);
        let told = screened.confirm(&by("editor", role(Role::Editor)));
        assert_eq!(told.is_ok(), confirmable);
        if let Ok(moved) = told {
            assert_eq!(moved.submission.state, State::Final);
            assert!(moved.submission.check_decider("editor").is_err(), "who confirmed does not decide");
        }
    }
}

#[test]
fn a_must_finding_returns_and_flags_lead_to_the_committee() {
    let finding = must("X", None);
    let checks = CheckResult { files: Vec::new(), findings: vec![finding], flags: BTreeSet::new(), rule_set: "r".into(), approval: false };
    let returned = standing(StateCode::Checking).record_checks(checks, &Step::program(NOW)).unwrap();
    assert_eq!(returned.submission.state.code(), StateCode::Returned);
    let mut flagged = standing(StateCode::Review);
    flagged.flags.insert("ethnic".into());
    let moved = flagged.opine(&opinion("actor", Verdict::Pass, None), &judge("actor"), &by("actor", role(Role::Reviewer))).unwrap();
    assert_eq!(moved.submission.state.code(), StateCode::Committee);
}

#[test]
fn a_panel_waits_for_all_and_a_wide_spread_calls_one_more() {
    let mut submission = standing(StateCode::Panel);
    submission.seats.clear();
    submission.plan = Some(plan(3));
    for (account, mark) in [("a", 9000), ("b", 8000), ("c", 7400)] {
        let step = by(account, role(Role::Reviewer));
        submission = submission.claim(&judge(account), NOW.plus_millis(9), &step).unwrap().submission;
        submission = submission.opine(&opinion(account, Verdict::Pass, Some(mark)), &judge(account), &step).unwrap().submission;
        assert_eq!(submission.state, State::Panel);
    }
    assert_eq!(submission.plan.as_ref().unwrap().reviewers, 4, "16 points lie between the marks");
    let step = by("d", role(Role::Reviewer));
    submission = submission.claim(&judge("d"), NOW.plus_millis(9), &step).unwrap().submission;
    let full = submission.clone().claim(&judge("e"), NOW.plus_millis(9), &by("e", role(Role::Reviewer))).unwrap_err();
    assert_eq!(full.code, "no-seat");
    submission = submission.opine(&opinion("d", Verdict::Pass, Some(8000)), &judge("d"), &step).unwrap().submission;
    assert_eq!(submission.state, State::Final);
    assert_eq!(submission.outcome.unwrap().mean, Some(8100));
}

#[test]
fn a_split_veto_goes_to_the_committee() {
    let mut submission = standing(StateCode::Panel);
    submission.seats.clear();
    submission.plan = Some(plan(2));
    for (account, veto) in [("a", true), ("b", false)] {
        let step = by(account, role(Role::Reviewer));
        submission = submission.claim(&judge(account), NOW.plus_millis(9), &step).unwrap().submission;
        let mut given = opinion(account, if veto { Verdict::Reject } else { Verdict::Pass }, None);
        if veto {
            given.vetoes.push(crate::domain::review::Veto { item: "rights".into(), fact: "盗图".into(), place: "第3页".into() });
        }
        submission = submission.opine(&given, &judge(account), &step).unwrap().submission;
    }
    assert_eq!(submission.state.code(), StateCode::Committee);
    assert_eq!(submission.outcome.unwrap().verdict, Verdict::Reject);
}

#[test]
fn a_claim_ends_with_its_lease() {
    let mut submission = standing(StateCode::Review);
    submission.seats = vec![super::Seat { account: "slow".into(), until: NOW, given: None, invited: false, reminded: false }];
    let slow = submission.clone().opine(&opinion("slow", Verdict::Pass, None), &judge("slow"), &by("slow", role(Role::Reviewer)));
    assert_eq!(slow.unwrap_err().code, "no-claim");
    let moved = submission.claim(&judge("quick"), NOW.plus_millis(1), &by("quick", role(Role::Reviewer))).unwrap();
    assert_eq!(moved.submission.seats.len(), 1);
}

#[test]
fn the_committee_counts_votes_and_nobody_votes_twice() {
    let mut submission = standing(StateCode::Committee);
    submission.plan = Some(Plan { votes: 2, ..plan(1) });
    let vote = |submission: Submission, account, verdict| {
        submission.decide(verdict, "理由", &Calendar::default(), &by(account, role(Role::Committee)))
    };
    let one = vote(submission, "a", Verdict::Pass).unwrap().submission;
    assert_eq!(one.state, State::Committee { votes: vec![Vote { account: "a".into(), verdict: Verdict::Pass }] });
    assert_eq!(vote(one.clone(), "a", Verdict::Pass).unwrap_err().code, "already-voted");
    let two = vote(one, "b", Verdict::Reject).unwrap().submission;
    assert_eq!(two.state.code(), StateCode::Committee);
    assert_eq!(vote(two, "c", Verdict::Pass).unwrap().submission.state, State::Published { revision: 1 });
}

#[test]
fn an_appeal_is_heard_once_and_by_others() {
    let mut refused = walk(Verdict::Reject)
        .0
        .decide(Verdict::Reject, "不宜", &Calendar::default(), &by("chief", role(Role::Committee)))
        .unwrap()
        .submission;
    refused = refused.appeal("请复核", &by("submitter", role(Role::Contributor))).unwrap().submission;
    assert!(refused.clone().reopen(plan(3), &by("chief", role(Role::Committee))).is_err());
    let open = refused.clone().reopen(plan(3), &by("other", role(Role::Committee))).unwrap().submission;
    assert!(open.check_judge(&judge("reviewer")).is_err(), "the first reviewer takes no part");
    assert!(open.check_judge(&judge("fresh")).is_ok());
    assert!(open.check_decider("chief").is_err());
    let upheld = refused.uphold("维持", &by("other", role(Role::Committee))).unwrap().submission;
    assert_eq!(upheld.appeal("再诉", &by("submitter", role(Role::Contributor))).unwrap_err().code, "appealed");
}

#[test]
fn a_notice_waits_for_every_objection_and_old_plans_are_read() {
    let friday = Timestamp::parse("2026-11-20T10:00:00+08:00").unwrap();
    let mut submission = standing(StateCode::Final);
    submission.plan = Some(Plan { notice_working_days: 5, ..plan(1) });
    let chief = Step::person("chief", role(Role::Committee), friday);
    let noticed = submission.decide(Verdict::Pass, "", &Calendar::default(), &chief).unwrap().submission;
    let until = Timestamp::parse("2026-11-28T00:00:00+08:00").unwrap();
    assert_eq!(noticed.state, State::Notice { until }, "five working days from the day after");
    let (public, desk) = (Step::person("visitor", Party::Public, friday), Step::person("editor", role(Role::Editor), until));
    let one = noticed.clone().object("o1", &public).unwrap().submission.object("o2", &public).unwrap().submission;
    assert!(one.clone().publish(&Step::program(until)).is_err(), "publication waits");
    let one = one.overrule("o1", &desk).unwrap().submission;
    assert_eq!(one.state, State::Objected { until, open: BTreeSet::from(["o2".to_owned()]) });
    let none = one.clone().overrule("o2", &desk).unwrap().submission;
    assert_eq!(none.state, State::Notice { until });
    assert_eq!(none.clone().object("o3", &Step::person("visitor", Party::Public, until)).unwrap_err().code, "notice-over");
    assert_eq!(none.publish(&Step::program(until)).unwrap().submission.state.code(), StateCode::Published);
    assert_eq!(one.refer("o2", &desk).unwrap().submission.state, State::Committee { votes: Vec::new() });

    let mut old = serde_json::to_value(Plan { notice_days: 7, ..plan(1) }).unwrap();
    old.as_object_mut().unwrap().remove("notice_working_days");
    let old: Plan = serde_json::from_value(old).unwrap();
    assert_eq!(old.notice_until(friday, &Calendar::default()), Some(until));
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
    assert_eq!(both.submission.check_decider("editor").unwrap_err().code, "recused", "who waived does not decide");
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
