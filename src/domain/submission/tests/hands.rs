//! Whose hand was in it: nobody judges the own work, nor what one changed; after an appeal others look.

use super::*;

/// Sent in again by somebody else than the submitter, checked.
fn sent_by(account: &str, capacity: Role, verdict: Verdict) -> Submission {
    let checks = CheckResult { files: Vec::new(), findings: Vec::new(), flags: BTreeSet::new(), rule_set: "r".into(), approval: false };
    let (_, sent) = walk(verdict).0.resubmit(sent_again(), &by(account, role(capacity))).unwrap();
    sent.submission.record_checks(checks, &Step::program(NOW)).unwrap().submission
}

#[test]
fn who_changed_somebody_elses_work_judges_it_no_more() {
    let editor = |account| by(account, role(Role::Editor));
    let changed = sent_by("editor", Role::Editor, Verdict::PassAfterChanges);
    assert!(changed.is_author("editor") && changed.is_author("submitter") && !changed.is_author("other"));
    assert_eq!(changed.clone().confirm(&editor("editor")).unwrap_err().code, "recused", "the own change");
    assert_eq!(changed.clone().assign(plan(1), &editor("editor")).unwrap_err().code, "recused");
    assert_eq!(changed.clone().send_back("请改", &editor("editor")).unwrap_err().code, "recused");
    assert_eq!(changed.clone().flag("ethnic", "涉及", &editor("submitter")).unwrap_err().code, "recused");
    assert!(changed.check_judge(&judge("editor")).is_err() && changed.check_decider(&judge("editor")).is_err());
    let final_ = changed.confirm(&editor("other")).unwrap().submission;
    assert_eq!(
        final_
            .clone()
            .decide(Verdict::Pass, "", &Calendar::default(), &judge("editor"), &by("editor", role(Role::Committee)))
            .unwrap_err()
            .code,
        "recused"
    );
    assert!(final_.decide(Verdict::Pass, "", &Calendar::default(), &judge("chief"), &by("chief", role(Role::Committee))).is_ok());

    let mut waiting = sent_by("second", Role::Manager, Verdict::ReviewAgain);
    waiting.state = State::Approval;
    assert_eq!(waiting.clone().approve("pledge", &by("second", role(Role::Manager))).unwrap_err().code, "recused", "in a manager's hand");
    assert!(waiting.clone().approve("pledge", &by("third", role(Role::Manager))).is_ok());
    assert!(waiting.withdraw(&by("second", role(Role::Manager))).is_ok(), "an author may take it back");
}

#[test]
fn a_hand_of_an_earlier_round_is_not_forgotten() {
    let again = |submission: Submission, account: &str| {
        let mut returned = submission;
        returned.state = State::Returned { stage: StateCode::Screening, verdict: Some(Verdict::ReviewAgain), reason: "改".into() };
        returned.resubmit(sent_again(), &by(account, role(Role::Contributor))).unwrap().1.submission
    };
    let third = again(sent_by("editor", Role::Editor, Verdict::ReviewAgain), "submitter");
    assert_eq!(third.round, 3);
    assert!(third.is_author("editor"));
}

#[test]
fn what_was_escalated_stays_before_the_committee_in_later_rounds() {
    let mut one = standing(StateCode::Review);
    one = one.escalate(&by("editor", role(Role::Editor))).unwrap().submission;
    let returned = one.send_back("请改", &by("editor", role(Role::Editor))).unwrap().submission;
    let (_, sent) = returned.resubmit(sent_again(), &by("submitter", role(Role::Contributor))).unwrap();
    assert!(sent.submission.flags.contains(super::super::opinions::ESCALATED));
}

#[test]
fn a_panel_after_an_appeal_may_look_at_what_it_asked_to_be_changed() {
    let mut refused = walk(Verdict::Reject).0;
    let chief = by("chief", role(Role::Committee));
    refused = refused.decide(Verdict::Reject, "不宜", &Calendar::default(), &judge("chief"), &chief).unwrap().submission;
    refused = refused.appeal("请复核", &by("submitter", role(Role::Contributor))).unwrap().submission;
    let open = refused.reopen(plan(1), &judge("other"), &by("other", role(Role::Committee))).unwrap().submission;
    let fresh = by("fresh", role(Role::Reviewer));
    let claimed = open.claim(&judge("fresh"), NOW.plus_millis(9), &fresh).unwrap().submission;
    let told = Opinion { round: 2, ..opinion("fresh", Verdict::ReviewAgain, Some(9000)) };
    let returned = claimed.opine(&told, &judge("fresh"), &fresh).unwrap().submission;
    assert_eq!(returned.state.code(), StateCode::Returned);
    let (_, sent) = returned.resubmit(sent_again(), &by("submitter", role(Role::Contributor))).unwrap();
    assert!(sent.submission.check_judge(&judge("fresh")).is_ok(), "it took no part before the appeal");
    assert!(sent.submission.check_judge(&judge("reviewer")).is_err() && sent.submission.check_decider(&judge("chief")).is_err());
}
