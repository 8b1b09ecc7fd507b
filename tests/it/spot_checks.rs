//! Spot checks: drawn with the publication, recorded by people who took no part, suspending what failed.

use crate::program::{Answer, Api, Server, Vetters, packages, rules};
use reqwest::Method;
use serde_json::{Value, json};

const INSTITUTION: &str = "岳麓示范社区学院";

/// A site that draws this share of the regular track.
fn open(percent: u32) -> (Server, Vetters, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("rules");
    rules::with_policy(&folder, |policy| policy.replacen("sample_percent = 5", &format!("sample_percent = {percent}"), 1));
    let server = Server::start_with(&dir.path().join("data"), &[("YUELU_RULES_DIR", folder.as_os_str())]);
    let vetters = Vetters::register(&server, INSTITUTION);
    (server, vetters, dir)
}

async fn record(by: &Api, id: &str, result: &str) -> Answer {
    by.post(&format!("/api/v1/spot-checks/{id}/result"), &json!({"result": result, "reason": "逐页核对"})).await
}

#[tokio::test]
async fn what_was_drawn_is_judged_by_people_who_took_no_part() {
    let (server, vetters, _dir) = open(100);
    let editor = server.api(&server.add_user("editor", "editor", "/", &[]));
    let colleague = server.api(&server.add_user("committee-2", "committee", "/", &[]));
    let house = server.api(&server.add_user("house-editor", "editor", Vetters::OWNER, &["--institution", INSTITUTION]));
    let good = vetters.publish(packages::document_zip("s-1", "防诈骗读本", "防诈骗")).await;
    let bad = vetters.publish(packages::document_zip("s-2", "用电安全读本", "用电安全")).await;
    let list = editor.get("/api/v1/spot-checks?state=open").await.ok();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{list}");
    let of = |resource: &str| items.iter().find(|item| item["resource"] == resource).unwrap()["id"].as_str().unwrap().to_owned();
    let (good_check, bad_check) = (of(&good), of(&bad));

    // The submitting side learns nothing of it; who judged it does not judge it again.
    for other in [&vetters.contributor, &vetters.reviewer] {
        assert_eq!(other.get("/api/v1/spot-checks").await.ok()["items"], json!([]));
        assert_eq!(record(other, &good_check, "pass").await.status, 404);
    }
    for involved in [&vetters.approver, &house] {
        let refused = record(involved, &good_check, "pass").await;
        assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (403, Some("recused")), "{refused}");
    }
    let auditor = server.api(&server.add_user("auditor", "auditor", "/", &[]));
    assert_eq!(record(&auditor, &good_check, "pass").await.status, 403);
    assert_eq!(server.visitor().get("/api/v1/spot-checks").await.status, 401);

    let silent = json!({"result": "fail", "reason": " "});
    let path = format!("/api/v1/spot-checks/{bad_check}/result");
    assert_eq!(editor.post(&path, &silent).await.json()["code"], "reason-required");
    let old = [("if-match", "\"v0\""), ("content-type", "application/json")];
    let stale = json!({"result": "fail", "reason": "有误"}).to_string().into_bytes();
    assert_eq!(editor.send(Method::POST, &path, &old, stale).await.status, 412);

    assert_eq!(record(&editor, &good_check, "pass").await.ok()["state"]["code"], "passed");
    assert_eq!(server.visitor().get(&format!("/api/v1/resources/{good}")).await.status, 200);
    // Two at once: one wins.
    let (one, two) = tokio::join!(record(&editor, &bad_check, "fail"), record(&colleague, &bad_check, "fail"));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{one} {two}");
    assert_eq!(server.visitor().get(&format!("/api/v1/resources/{bad}")).await.status, 404, "suspended");
    assert_eq!(editor.get("/api/v1/spot-checks?state=open").await.ok()["items"], json!([]));
    // The desk lets it go again once it was looked into.
    let restore = json!({"action": "restore", "reason": "已复核"});
    editor.post(&format!("/api/v1/resources/{bad}/state"), &restore).await.ok();
    assert_eq!(server.visitor().get(&format!("/api/v1/resources/{bad}")).await.status, 200);
    let report: Value = serde_json::from_str(&server.run(["--json", "verify"])).unwrap();
    assert_eq!(report["clean"], true, "{report}");
}

#[tokio::test]
async fn a_track_that_samples_nothing_draws_nothing() {
    let (server, vetters, _dir) = open(0);
    let editor = server.api(&server.add_user("editor", "editor", "/", &[]));
    vetters.publish(packages::document_zip("s-3", "防火读本", "防火")).await;
    assert_eq!(editor.get("/api/v1/spot-checks").await.ok()["items"], json!([]));
}
