//! What waits for the desk and the committee, and what is removed when it is old.

use super::{House, all_told, inbox, told};
use crate::program::{packages, server};
use reqwest::Method;
use serde_json::{Value, json};
use yuelu::clock::Clock;
use yuelu::domain::calendar::Calendar;
use yuelu::domain::change::ChangeSet;
use yuelu::domain::notice::{Group, Notice, Subject, id_of};
use yuelu::domain::record::Key;
use yuelu::domain::time::{DAY_MS, Timestamp};
use yuelu::gateway::Gateways;
use yuelu::gateway::hook::Hooks;
use yuelu::notices::{NoticeOptions, Notices};
use yuelu::store::{PageRequest, Store};

/// A submission of the track that a desk screens, refused there and appealed against.
#[tokio::test]
async fn the_desk_and_the_committee_are_told_what_waits_for_them() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), "");
    let other = house.server.api(&house.server.add_user("far-desk", "editor", "/hunan/xiangxi", &[]));
    let kind = [("content-type", "application/zip")];
    let package = packages::document_zip("d-1", "湘绣入门", "湘绣");
    let path = "/api/v1/deposits?pledge=2026-1&track=selected";
    let deposit = house.vetters.contributor.send(Method::POST, path, &kind, package).await.ok();
    let waiting = house.vetters.examined(deposit["id"].as_str().unwrap()).await;
    told(&house.vetters.second, "waits_for_approval", waiting[0]["id"].as_str().unwrap()).await;
    let submissions = house.vetters.checked(deposit["id"].as_str().unwrap()).await;
    assert_eq!(submissions[0]["state"]["code"], "screening", "{}", submissions[0]);
    let id = submissions[0]["id"].as_str().unwrap();
    let waits = told(&house.editor, "waits_at_desk", id).await;
    assert_eq!((&waits["group"], &waits["title"]), (&json!("desk"), &json!("《湘绣入门》等待初审")));

    let refusal = json!({"decision": "refuse", "reason": "与已入库资源重复"});
    house.editor.post(&format!("/api/v1/reviews/{id}/screening"), &refusal).await.ok();
    told(&house.vetters.contributor, "rejected", id).await;
    house.vetters.contributor.post(&format!("/api/v1/submissions/{id}/appeal"), &json!({"reason": "并不重复"})).await.ok();
    told(&house.editor, "appealed", id).await;
    told(&house.vetters.approver, "appeal_waits", id).await;
    let answer = json!({"answer": "uphold", "reason": "确属重复"});
    house.vetters.approver.post(&format!("/api/v1/reviews/{id}/appeal-answer"), &answer).await.ok();
    told(&house.vetters.contributor, "appeal_lost", id).await;
    all_told(&house.server, &house.admin).await;
    assert_eq!(inbox(&other).await, Vec::<Value>::new(), "another city's desk");
    // A notice is a record like any other: the whole store still verifies.
    let verified = server::succeeded(server::yuelu(dir.path()).args(["--json", "verify"]).output().unwrap());
    assert_eq!(serde_json::from_str::<Value>(&verified).unwrap()["clean"], true, "{verified}");
}

#[tokio::test]
async fn old_notices_are_removed_and_younger_ones_stay() {
    let clock = Clock::fixed(Timestamp::parse("2026-11-22T08:00:00Z").unwrap());
    let store = Store::memory();
    let options = NoticeOptions { keep_days: 30, site_name: "岳麓".to_owned(), base_url: String::new(), calendar: Calendar::default() };
    let notices = Notices::new(store.clone(), clock.clone(), Gateways::default(), Hooks::new(false).unwrap(), options);
    for day in 0..3 {
        let mut change = ChangeSet::new(clock.fresh_id());
        change.insert(&notice(&format!("s{day}"), clock.now().plus_millis(day * DAY_MS))).unwrap();
        store.commit(change).await.unwrap();
    }
    clock.advance(31 * DAY_MS);
    assert_eq!(notices.expire().await.unwrap(), 1);
    assert_eq!(notices.expire().await.unwrap(), 0);
    let left = store.list::<Notice>(&Key::default(), PageRequest::first(10)).await.unwrap().items;
    let mut left: Vec<&str> = left.iter().map(|notice| notice.value.subject_id.as_str()).collect();
    left.sort_unstable();
    assert_eq!(left, ["s1", "s2"]);
}

fn notice(submission: &str, at: Timestamp) -> Notice {
    Notice {
        id: id_of(&["somebody", submission, "1"]),
        account: "somebody".to_owned(),
        code: "returned".to_owned(),
        group: Group::Submissions,
        subject: Subject::Submission,
        subject_id: submission.to_owned(),
        title: "题名".to_owned(),
        text: "正文".to_owned(),
        at,
        read: None,
        link: None,
    }
}
