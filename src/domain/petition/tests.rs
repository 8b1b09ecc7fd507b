//! Tests of the petitions' machines: every state, action and party against their tables; what the ledger keeps; old records.

use super::complaint::{COMPLAINT_TABLE, Complaint, ComplaintAction as Act, ComplaintKind, ComplaintState};
use super::machine::{Coded as _, Petition, Root, Taken};
use super::objection::{Objection, ObjectionAction, ObjectionState};
use super::{Person, code_digest};
use crate::domain::access::{OrgPath, Role};
use crate::domain::ledger::verify_chain;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{decode, encode};
use crate::domain::spot_check::{SpotAction, SpotCheck, SpotState};
use crate::domain::submission::Step;
use crate::domain::submission::table::Party;
use crate::domain::time::Timestamp;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn person() -> Person {
    Person { name: "王著作".into(), contact: "13900001111".into(), address: "长沙市".into() }
}

fn root<S>(state: S) -> Root<S> {
    Root::new("p1", OrgPath::parse("/hunan/a").unwrap(), "甲学院", state, NOW)
}

fn complaint(kind: ComplaintKind, state: ComplaintState) -> Complaint {
    Complaint {
        root: root(state),
        resource: "r1".into(),
        revision: Some(1),
        kind,
        claimant: person(),
        account: None,
        work: "《三十讲》".into(),
        proof: "登记号".into(),
        text: "有误".into(),
        code: code_digest("code"),
        counter: None,
        answer_by: NOW,
    }
}

fn objection(state: ObjectionState) -> Objection {
    Objection {
        root: root(state),
        submission: "s1".into(),
        title: "防诈骗".into(),
        objector: person(),
        account: None,
        text: "抄袭".into(),
        evidence: "第3页".into(),
        code: code_digest("code"),
        accept_by: NOW,
        answer_by: None,
    }
}

/// Every state, action and party against the table; `take` takes an action on a petition that stands so.
fn walk<P>(actions: &[P::Action], take: impl Fn(P::State, P::Action, &Step<'_>) -> Result<Taken<P>, Problem>)
where
    P: Petition + std::fmt::Debug,
    P::Action: std::fmt::Debug,
{
    for (state, code, _) in P::State::ALL {
        for action in actions {
            for party in Party::all() {
                let told = take(*state, *action, &Step::person("actor", party, NOW));
                let at = format!("{code} {action:?} {party:?}");
                match P::LINES.iter().find(|line| line.from == Some(*state) && line.action == *action) {
                    Some(line) if line.parties.contains(&party) => {
                        let taken = told.unwrap_or_else(|problem| panic!("{at}: {problem}"));
                        assert_eq!((taken.petition.root().state.code(), taken.effect), (line.to.code(), line.effect), "{at}");
                    }
                    Some(_) => assert_eq!(told.unwrap_err().kind, ProblemKind::Forbidden, "{at}"),
                    None => assert_eq!(told.unwrap_err().kind, ProblemKind::Conflict, "{at}"),
                }
            }
        }
    }
}

#[test]
fn every_state_action_and_party_answers_what_the_tables_say() {
    use ObjectionAction as Ask;
    let actions = [Act::File, Act::Notify, Act::Dismiss, Act::Suspend, Act::Restore, Act::Retire, Act::Counter];
    walk::<Complaint>(&actions, |state, action, step| {
        let standing = complaint(ComplaintKind::Copyright, state);
        if action == Act::Counter {
            standing.counter(person(), "底稿".into(), true, step)
        } else {
            standing.decide(action, "理由", step)
        }
    });
    walk::<Objection>(&[Ask::File, Ask::Accept, Ask::Refuse, Ask::Dismiss, Ask::Refer], |state, action, step| {
        if action == Ask::Accept { objection(state).accept(NOW, step) } else { objection(state).answer(action, "理由", step) }
    });
    walk::<SpotCheck>(&[SpotAction::Draw, SpotAction::Pass, SpotAction::Fail], |state, action, step| {
        let check = SpotCheck { root: root(state), resource: "r1".into(), title: "防诈骗".into(), submitter: "s".into() };
        check.record(action, "理由", step)
    });
    assert_eq!(SpotState::ALL.len() + ObjectionState::ALL.len() + COMPLAINT_TABLE.len(), 17);
}

#[test]
fn the_chain_of_a_complaint_verifies_and_holds_nothing_of_the_claimant() {
    let step = Step::person("visitor", Party::Public, NOW).with_note("《三十讲》登记号", "0123");
    let filed = complaint(ComplaintKind::Copyright, ComplaintState::Received).file(true, &step).unwrap();
    let desk = Step::person("editor-account", Party::Role(Role::Editor), NOW).with_note("属实", "4567");
    let retired = filed.petition.decide(Act::Retire, "属实", &desk).unwrap();
    let entries = [filed.entry, retired.entry];
    assert_eq!(verify_chain("complaint:p1", &retired.petition.root.ledger, &entries), Ok(()));
    let json = serde_json::to_string(&entries).unwrap();
    for private in ["王著作", "13900001111", "长沙", "三十讲", "属实", "editor-account"] {
        assert!(!json.contains(private), "{private}: {json}");
    }
}

#[test]
fn a_claimant_who_was_answered_is_known_again_and_a_namesake_is_not() {
    let old = complaint(ComplaintKind::Copyright, ComplaintState::Countered);
    let barred = |change: fn(&mut Complaint)| {
        let mut new = complaint(ComplaintKind::Copyright, ComplaintState::Received);
        change(&mut new);
        old.bars(&new)
    };
    assert!(barred(|_| {}));
    assert!(barred(|new| new.claimant.name = " 王 著作".into()), "written otherwise");
    assert!(barred(|new| new.claimant.contact = "１３９-０００ 0-2222".into()), "another telephone, the same work");
    assert!(
        barred(|new| (new.claimant.contact, new.work) = ("139-0000-1111".into(), "《另一本》".into())),
        "another work, the same telephone"
    );
    assert!(!barred(|new| (new.claimant.contact, new.work) = ("13822223333".into(), "《另一本》".into())), "a namesake");
    assert!(!barred(|new| new.claimant.name = "李另一".into()));
    assert!(!barred(|new| new.revision = Some(2)), "another work by now");
    assert!(!barred(|new| new.kind = ComplaintKind::Other) && !barred(|new| new.resource = "r2".into()));
    let older = Complaint { revision: None, ..old.clone() };
    assert!(older.bars(&complaint(ComplaintKind::Copyright, ComplaintState::Received)), "revisions were not kept then");
}

/// What a record is after it was read and written again.
fn again<P: Petition>(record: &Value) -> (P, Value) {
    let read: P = decode(1, &serde_json::to_vec(record).unwrap()).unwrap();
    let written = serde_json::from_slice(&encode(&read).unwrap()).unwrap();
    (read, written)
}

#[test]
fn records_of_the_first_shape_are_read_and_written_alike() {
    let record = json!({
        "id": "p1", "owner": "/hunan/a", "institution": "甲学院", "state": "notified", "reason": "", "ledger": {"hash": "00", "length": 1},
        "created": "2026-11-22T08:00:00Z", "updated": "2026-11-22T08:00:00Z", "resource": "r1",
    });
    let merged = |with: Value| {
        let mut all = record.as_object().unwrap().clone();
        all.extend(with.as_object().unwrap().clone());
        Value::Object(all)
    };
    let person = json!({"name": "甲", "contact": "139", "address": ""});
    let complaint = merged(json!({
        "kind": "copyright", "claimant": person, "work": "《旧作》", "proof": "号", "text": "", "code": "ab", "answer_by": "2026-12-11T16:00:00Z",
    }));
    let (read, written) = again::<Complaint>(&complaint);
    assert_eq!((read.root.state, read.revision, read.root.ledger.length), (ComplaintState::Notified, None, 1));
    assert_eq!(written, complaint);
    let check = merged(json!({"state": "open", "title": "题", "submitter": "a"}));
    assert_eq!(again::<SpotCheck>(&check).1, check);
    let mut objection = merged(json!({
        "state": "filed", "submission": "s1", "title": "题", "objector": person, "text": "不妥", "evidence": "见", "code": "ab",
        "accept_by": "2026-12-11T16:00:00Z",
    }));
    objection.as_object_mut().unwrap().remove("resource");
    let (read, written) = again::<Objection>(&objection);
    assert!(read.is_open());
    assert_eq!(written, objection);
}
