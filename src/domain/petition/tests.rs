//! Tests of the petitions' machines: every state, action and party against their tables; what the ledger keeps.

use super::complaint::{COMPLAINT_TABLE, Complaint, ComplaintAction, ComplaintKind, ComplaintState};
use super::objection::{OBJECTION_TABLE, Objection, ObjectionAction, ObjectionState};
use super::{Person, code_digest};
use crate::domain::access::{OrgPath, Role};
use crate::domain::ledger::{LedgerHead, verify_chain};
use crate::domain::problem::ProblemKind;
use crate::domain::submission::Step;
use crate::domain::submission::table::Party;
use crate::domain::time::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn person() -> Person {
    Person { name: "王著作".into(), contact: "13900001111".into(), address: "长沙市".into() }
}

fn complaint(kind: ComplaintKind, state: ComplaintState) -> Complaint {
    Complaint {
        id: "c1".into(),
        resource: "r1".into(),
        owner: OrgPath::parse("/hunan/a").unwrap(),
        institution: "甲学院".into(),
        kind,
        state,
        claimant: person(),
        account: None,
        work: "《三十讲》".into(),
        proof: "登记号".into(),
        text: "有误".into(),
        code: code_digest("code"),
        counter: None,
        reason: String::new(),
        answer_by: NOW,
        created: NOW,
        updated: NOW,
        ledger: LedgerHead::default(),
    }
}

#[test]
fn every_state_action_and_party_of_a_complaint_answers_what_its_table_says() {
    use ComplaintAction as A;
    let actions = [A::File, A::Notify, A::Dismiss, A::Suspend, A::Restore, A::Retire, A::Counter];
    for (state, ..) in ComplaintState::ALL {
        for action in actions {
            for party in Party::all() {
                let step = Step::person("actor", party, NOW);
                let standing = complaint(ComplaintKind::Copyright, state);
                let told = match action {
                    A::Counter => standing.counter(person(), "底稿".into(), true, &step),
                    action => standing.decide(action, "理由", &step),
                };
                let at = format!("{state:?} {action:?} {party:?}");
                match COMPLAINT_TABLE.iter().find(|line| line.from == Some(state) && line.action == action) {
                    Some(line) if line.parties.contains(&party) => {
                        let moved = told.unwrap_or_else(|problem| panic!("{at}: {problem}"));
                        assert_eq!((moved.complaint.state, moved.effect), (line.to, line.effect), "{at}");
                    }
                    Some(_) => assert_eq!(told.unwrap_err().kind, ProblemKind::Forbidden, "{at}"),
                    None => assert_eq!(told.unwrap_err().kind, ProblemKind::Conflict, "{at}"),
                }
            }
        }
    }
}

fn objection(state: ObjectionState) -> Objection {
    Objection {
        id: "o1".into(),
        submission: "s1".into(),
        title: "防诈骗".into(),
        owner: OrgPath::parse("/hunan/a").unwrap(),
        institution: "甲学院".into(),
        state,
        objector: person(),
        account: None,
        text: "抄袭".into(),
        evidence: "第3页".into(),
        code: code_digest("code"),
        reason: String::new(),
        accept_by: NOW,
        answer_by: None,
        created: NOW,
        updated: NOW,
        ledger: LedgerHead::default(),
    }
}

#[test]
fn every_state_action_and_party_of_an_objection_answers_what_its_table_says() {
    use ObjectionAction as A;
    for (state, ..) in ObjectionState::ALL {
        for action in [A::File, A::Accept, A::Refuse, A::Dismiss, A::Refer] {
            for party in Party::all() {
                let step = Step::person("actor", party, NOW);
                let told = match action {
                    A::Accept => objection(state).accept(NOW, &step),
                    action => objection(state).answer(action, "理由", &step),
                };
                let at = format!("{state:?} {action:?} {party:?}");
                match OBJECTION_TABLE.iter().find(|line| line.from == Some(state) && line.action == action) {
                    Some(line) if line.parties.contains(&party) => {
                        assert_eq!(told.unwrap_or_else(|problem| panic!("{at}: {problem}")).objection.state, line.to, "{at}");
                    }
                    Some(_) => assert_eq!(told.unwrap_err().kind, ProblemKind::Forbidden, "{at}"),
                    None => assert_eq!(told.unwrap_err().kind, ProblemKind::Conflict, "{at}"),
                }
            }
        }
    }
}

#[test]
fn the_chain_of_a_complaint_verifies_and_holds_nothing_of_the_claimant() {
    let step = Step::person("visitor", Party::Public, NOW).with_note("《三十讲》登记号", "0123");
    let filed = complaint(ComplaintKind::Copyright, ComplaintState::Received).file(true, &step).unwrap();
    let desk = Step::person("editor-account", Party::Role(Role::Editor), NOW).with_note("属实", "4567");
    let retired = filed.complaint.decide(ComplaintAction::Retire, "属实", &desk).unwrap();
    let entries = [filed.entry, retired.entry];
    assert_eq!(verify_chain("complaint:c1", &retired.complaint.ledger, &entries), Ok(()));
    let json = serde_json::to_string(&entries).unwrap();
    for private in ["王著作", "13900001111", "长沙", "三十讲", "属实", "editor-account"] {
        assert!(!json.contains(private), "{private}: {json}");
    }
}
