//! The ways that must hold: three people, changes, panels, vetoes, votes, appeals, notices.

use super::*;

#[test]
fn the_three_reviews_are_made_by_three_people() {
    let (submission, _) = walk(Verdict::Pass);
    assert_eq!(submission.state, State::Final);
    for account in ["submitter", "reviewer"] {
        let refused = submission
            .clone()
            .decide(Verdict::Pass, "", &Calendar::default(), &judge(account), &by(account, role(Role::Committee)))
            .unwrap_err();
        assert_eq!(refused.code, "recused", "{account}");
    }
    let moved = submission.decide(Verdict::Pass, "", &Calendar::default(), &judge("chief"), &by("chief", role(Role::Committee))).unwrap();
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
    let checks =
        || CheckResult { files: Vec::new(), findings: Vec::new(), flags: BTreeSet::new(), rule_set: "rules".into(), approval: false };
    for (verdict, confirmable) in [(Verdict::PassAfterChanges, true), (Verdict::ReviewAgain, false)] {
        let (submission, _) = walk(verdict);
        assert_eq!(submission.state.code(), StateCode::Returned);
        let (round, moved) = submission.resubmit(sent_again(), &by("submitter", role(Role::Contributor))).unwrap();
        assert_eq!((round.submission.round, moved.submission.round), (1, 2));
        let screened = moved.submission.record_checks(checks(), &Step::program(NOW)).unwrap().submission;
        assert_eq!(screened.state, State::Screening);
        let told = screened.confirm(&by("editor", role(Role::Editor)));
        assert_eq!(told.is_ok(), confirmable);
        if let Ok(moved) = told {
            assert_eq!(moved.submission.state, State::Final);
            assert!(moved.submission.check_decider(&judge("editor")).is_err(), "who confirmed does not decide");
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
    submission.seats =
        vec![super::super::Seat { account: "slow".into(), until: NOW, given: None, invited: false, reminded: false, since: None }];
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
        submission.decide(verdict, "理由", &Calendar::default(), &judge(account), &by(account, role(Role::Committee)))
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
        .decide(Verdict::Reject, "不宜", &Calendar::default(), &judge("chief"), &by("chief", role(Role::Committee)))
        .unwrap()
        .submission;
    refused = refused.appeal("请复核", &by("submitter", role(Role::Contributor))).unwrap().submission;
    assert!(refused.clone().reopen(plan(3), &judge("chief"), &by("chief", role(Role::Committee))).is_err());
    let open = refused.clone().reopen(plan(3), &judge("other"), &by("other", role(Role::Committee))).unwrap().submission;
    assert!(open.check_judge(&judge("reviewer")).is_err(), "the first reviewer takes no part");
    assert!(open.check_judge(&judge("fresh")).is_ok());
    assert!(open.check_decider(&judge("chief")).is_err());
    let upheld = refused.uphold("维持", &judge("other"), &by("other", role(Role::Committee))).unwrap().submission;
    assert_eq!(upheld.appeal("再诉", &by("submitter", role(Role::Contributor))).unwrap_err().code, "appealed");
}

#[test]
fn a_notice_waits_for_every_objection_and_old_plans_are_read() {
    let friday = Timestamp::parse("2026-11-20T10:00:00+08:00").unwrap();
    let mut submission = standing(StateCode::Final);
    submission.plan = Some(Plan { notice_working_days: 5, ..plan(1) });
    let chief = Step::person("chief", role(Role::Committee), friday);
    let noticed = submission.decide(Verdict::Pass, "", &Calendar::default(), &judge("chief"), &chief).unwrap().submission;
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

/// Sent in again after 修改后通过 by `reviewer`, checked, at the desk.
fn earned(approval: bool) -> Submission {
    let checks = CheckResult { files: Vec::new(), findings: Vec::new(), flags: BTreeSet::new(), rule_set: "r".into(), approval: false };
    let (mut returned, _) = walk(Verdict::PassAfterChanges);
    returned.plan = Some(Plan { approval, ..plan(1) });
    let (_, sent) = returned.resubmit(sent_again(), &by("submitter", role(Role::Contributor))).unwrap();
    sent.submission.record_checks(checks, &Step::program(NOW)).unwrap().submission
}

#[test]
fn nobody_screens_the_own_submission_or_confirms_the_own_review() {
    let own = by("submitter", role(Role::Editor));
    assert_eq!(standing(StateCode::Screening).assign(plan(1), &own).unwrap_err().code, "recused");
    assert_eq!(standing(StateCode::Screening).confirm(&own).unwrap_err().code, "recused");

    let mut approved = standing(StateCode::Screening);
    approved.approved = Some(super::super::Approval { pledge: "p".into(), by: "second".into(), at: NOW });
    assert_eq!(approved.assign(plan(1), &by("second", role(Role::Editor))).unwrap_err().code, "recused");
    let mut screened = standing(StateCode::Approval);
    screened.hands.insert(Hand { account: "second".into(), stage: StateCode::Screening, round: 1 });
    assert_eq!(screened.approve("pledge", &by("second", role(Role::Manager))).unwrap_err().code, "recused");
    assert_eq!(earned(false).confirm(&by("reviewer", role(Role::Editor))).unwrap_err().code, "recused");
    assert_eq!(earned(false).confirm(&by("editor", role(Role::Editor))).unwrap().submission.state, State::Final);
}

#[test]
fn what_was_earned_under_one_plan_is_not_confirmed_under_another() {
    let editor = by("editor", role(Role::Editor));
    let heavier = Plan { approval: true, ..plan(3) };
    let waiting = earned(false).assign(heavier, &editor).unwrap().submission;
    assert_eq!(waiting.state, State::Approval);
    let approved = waiting.approve("pledge", &by("second", role(Role::Manager))).unwrap().submission;
    assert_eq!(approved.confirm(&editor).unwrap_err().code, "confirm");
}

#[test]
fn an_approval_that_the_plan_asks_for_is_given_before_a_decision() {
    let editor = by("editor", role(Role::Editor));
    let waiting = earned(true).confirm(&editor).unwrap().submission;
    assert_eq!(waiting.state, State::Approval);
    let approved = waiting.approve("pledge", &by("second", role(Role::Manager))).unwrap().submission;
    let decided = approved.confirm(&editor).unwrap().submission;
    assert_eq!(decided.state, State::Final);
    let second = by("second", role(Role::Committee));
    assert_eq!(
        decided.decide(Verdict::Pass, "", &Calendar::default(), &judge("second"), &second).unwrap_err().code,
        "recused",
        "who approved it"
    );
    let reopened =
        standing(StateCode::Appealed).reopen(Plan { approval: true, ..plan(3) }, &judge("other"), &by("other", role(Role::Committee)));
    assert_eq!(reopened.unwrap().submission.state, State::Approval);
}

#[test]
fn the_program_hands_on_what_its_own_account_deposited() {
    // Commands on a data directory act as the account `system`, as the program does.
    let own = NewSubmission { submitter: "system".into(), ..new() };
    let submitted = Submission::submit(own, &by("system", role(Role::Administrator))).unwrap();
    let checks = CheckResult { files: Vec::new(), findings: Vec::new(), flags: BTreeSet::new(), rule_set: "r".into(), approval: false };
    let checked = submitted.then(|submission| submission.record_checks(checks, &Step::program(NOW))).unwrap().submission;
    assert_eq!(checked.clone().assign(plan(1), &Step::program(NOW)).unwrap().submission.state.code(), StateCode::Review);
    assert_eq!(checked.assign(plan(1), &by("system", role(Role::Administrator))).unwrap_err().code, "recused");
}
