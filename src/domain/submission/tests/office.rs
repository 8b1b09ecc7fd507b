//! The office's countersign: what waits for it, who may give it, what its objection does.

use super::*;

fn office() -> CountersignTerms {
    CountersignTerms {
        office: "ethnic_affairs".into(),
        label: "民族宗教事务部门".into(),
        culture: true,
        flags: BTreeSet::from(["ethnic".to_owned(), "religious".to_owned()]),
        answer_days: 10,
        remind_days: 3,
    }
}

/// Reviewed and passed by `reviewer`, an item of the culture zone.
fn for_the_office() -> Submission {
    let mut one = standing(StateCode::Review);
    one.metadata.culture = Some(crate::domain::metadata::Culture::default());
    one.plan = Some(Plan { countersign: Some(office()), ..plan(1) });
    let reviewer = by("actor", role(Role::Reviewer));
    one.opine(&opinion("actor", Verdict::Pass, None), &judge("actor"), &reviewer).unwrap().submission
}

fn clerk(account: &str) -> Step<'_> {
    by(account, role(Role::EthnicAffairs))
}

#[test]
fn culture_waits_for_the_office_and_its_silence_passes_nothing() {
    let waiting = for_the_office();
    assert_eq!(waiting.state.code(), StateCode::Countersign);
    let chief = by("chief", role(Role::Committee));
    assert_eq!(waiting.clone().decide(Verdict::Pass, "", &Calendar::default(), &judge("chief"), &chief).unwrap_err().code, "state");
    let program = Step::program(NOW);
    assert_eq!(waiting.clone().note_overdue(NOW.plus_millis(1), &program).unwrap_err().code, "not-due");
    let reminded = waiting.clone().remind_office(&program).unwrap().submission;
    assert_eq!(reminded.clone().remind_office(&program).unwrap_err().code, "no-reminder");
    let overdue = reminded.note_overdue(NOW, &program).unwrap().submission;
    assert_eq!(overdue.state, State::Countersign { since: NOW, reminded: true, overdue: true }, "it goes on waiting");
    assert_eq!(overdue.clone().note_overdue(NOW, &program).unwrap_err().code, "not-due", "once");
    let agreed = overdue.countersign(&word(true), &judge("clerk"), &clerk("clerk")).unwrap();
    assert_eq!(agreed.submission.state, State::Final);
    assert_eq!(agreed.entries[0].facts["office"], "ethnic_affairs");
    assert_eq!(agreed.submission.check_decider(&judge("clerk")).unwrap_err().code, "recused", "who countersigned does not decide");
}

#[test]
fn nobody_countersigns_the_own_work_or_what_they_judged() {
    let waiting = for_the_office();
    let told = |who: &Judge<'_>| waiting.clone().countersign(&word(true), who, &clerk(who.account)).map_err(|problem| problem.code);
    assert_eq!(told(&judge("submitter")).unwrap_err(), "recused");
    assert_eq!(told(&judge("actor")).unwrap_err(), "recused", "who reviewed it");
    assert_eq!(told(&Judge { institution: Some("甲学院"), ..judge("clerk") }).unwrap_err(), "recused", "a member of the institution");
    assert!(told(&judge("clerk")).is_ok());
    let silent = Word { text: "  ", ..word(false) };
    assert_eq!(waiting.clone().countersign(&silent, &judge("clerk"), &clerk("clerk")).unwrap_err().code, "reason-required");
}

#[test]
fn an_objection_of_the_office_is_answered_by_two_votes_with_reasons() {
    let objected = for_the_office().countersign(&word(false), &judge("clerk"), &clerk("clerk")).unwrap().submission;
    assert_eq!(objected.state, State::Committee { votes: Vec::new() }, "no one approver passes it");
    let vote = |one: Submission, account, reason| {
        one.decide(Verdict::Pass, reason, &Calendar::default(), &judge(account), &by(account, role(Role::Committee)))
    };
    assert_eq!(vote(objected.clone(), "c1", " ").unwrap_err().code, "reason-required");
    let one = vote(objected, "c1", "已删去该段").unwrap().submission;
    assert_eq!(one.state.code(), StateCode::Committee, "one vote is not enough");
    let two = vote(one, "c2", "与史料相符").unwrap().submission;
    assert_eq!(two.state, State::Published { revision: 1 });
    assert_eq!(two.countersigned.unwrap().answers, ["已删去该段", "与史料相符"]);
}

#[test]
fn what_was_changed_is_put_before_the_office_again() {
    let agreed = for_the_office().countersign(&word(true), &judge("clerk"), &clerk("clerk")).unwrap().submission;
    let chief = by("chief", role(Role::Committee));
    let returned = agreed.decide(Verdict::PassAfterChanges, "改", &Calendar::default(), &judge("chief"), &chief).unwrap().submission;
    let again = Resubmission { metadata: returned.metadata.clone(), ..sent_again() };
    let checks = CheckResult { files: Vec::new(), findings: Vec::new(), flags: BTreeSet::new(), rule_set: "r".into(), approval: false };
    let (_, sent) = returned.resubmit(again, &by("submitter", role(Role::Contributor))).unwrap();
    let screened = sent.submission.record_checks(checks, &Step::program(NOW)).unwrap().submission;
    let confirmed = screened.confirm(&by("editor", role(Role::Editor))).unwrap().submission;
    assert_eq!(confirmed.state.code(), StateCode::Countersign);
}

#[test]
fn what_people_mark_goes_to_the_office_and_stays_marked() {
    let mut last = walk(Verdict::Pass).0;
    last.plan = Some(Plan { countersign: Some(office()), ..plan(1) });
    let editor = by("editor", role(Role::Editor));
    let marked = last.flag("religious", "讲述宗教仪轨", &editor).unwrap().submission;
    assert_eq!(marked.state.code(), StateCode::Countersign);
    let decided = marked.countersign(&word(true), &judge("clerk"), &clerk("clerk")).unwrap().submission;
    assert_eq!(decided.state.code(), StateCode::Committee, "what is flagged goes to the committee");
    assert_eq!(decided.clone().flag("religious", "再标", &editor).unwrap_err().code, "flagged");
    let back = decided
        .decide(Verdict::ReviewAgain, "改", &Calendar::default(), &judge("chief"), &by("chief", role(Role::Committee)))
        .unwrap()
        .submission;
    let checks = CheckResult { files: Vec::new(), findings: Vec::new(), flags: BTreeSet::new(), rule_set: "r".into(), approval: false };
    let (_, sent) = back.resubmit(sent_again(), &by("submitter", role(Role::Contributor))).unwrap();
    let screened = sent.submission.record_checks(checks, &Step::program(NOW)).unwrap().submission;
    assert!(screened.flags.contains("religious"), "the checks cannot take away what a person saw");
    let unseated = standing(StateCode::Review).flag("ethnic", "涉及", &by("stranger", role(Role::Reviewer))).unwrap_err();
    assert_eq!(unseated.code, "no-claim");
}
