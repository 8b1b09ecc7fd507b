//! Retirement: by date, by the end of a licence, many at once; what ends soon; the tombstone.

use crate::program::{Server, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const OWNER: &str = "/hunan/changsha/yuelu";

/// Rows that end, as another body gives them.
fn rows() -> String {
    let soon = (time::OffsetDateTime::now_utc().date() + time::Duration::days(10)).to_string();
    let row = |id: &str| json!({"id": id, "title": format!("书院讲座{id}"), "owner": OWNER, "body": "岳麓书院"});
    let with = |id: &str, field: &str, day: &str| {
        let mut row = row(id);
        row[field] = json!(day);
        row
    };
    let rows = [
        with("past", "valid_until", "2020-01-01"),
        with("licence", "licence_until", "2021-06-30"),
        with("soon", "valid_until", &soon),
        with("far", "valid_until", "2099-12-31"),
        row("never"),
        row("other"),
    ];
    rows.map(|row| row.to_string()).join("\n")
}

async fn ids(answer: Value) -> Vec<String> {
    answer["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_ends_is_retired_and_its_tombstone_says_when_and_why() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let admin = server.api(&server.add_user("root-admin", "administrator", "/", &[]));
    let manager = server.api(&server.add_user("manager", "manager", OWNER, &[]));
    let stranger = server.api(&server.add_user("stranger", "manager", "/hunan/xiangxi", &[]));
    let reviewer = server.api(&server.add_user("reviewer", "reviewer", "/", &[]));
    let kind = [("content-type", "application/x-ndjson")];
    let import = format!("/api/v1/imports?vetted_by=Board&source=lib&owner={OWNER}");
    let done = admin.send(Method::POST, &import, &kind, rows().into_bytes()).await.ok();
    assert_eq!(done["created"], 6, "{done}");

    // The calendar looks as soon as the program starts.
    assert!(server.stop());
    let server = Server::start(dir.path());
    let (visitor, admin) = (server.visitor(), admin.at(&server));
    for (id, zh, en) in
        [("past", "有效期届满（至2020-01-01止）", "its term ended"), ("licence", "授权到期（至2021-06-30止）", "its licence ended")]
    {
        let gone = eventually("a retired resource", Duration::from_secs(60), async || {
            Some(visitor.get(&format!("/api/v1/resources/{id}")).await).filter(|answer| answer.status == 410)
        })
        .await
        .json();
        let day = time::OffsetDateTime::now_utc().to_offset(time::UtcOffset::from_hms(8, 0, 0).unwrap()).date().to_string();
        assert_eq!(gone["code"], "retired");
        let (told_zh, told_en) = (gone["zh"].as_str().unwrap(), gone["en"].as_str().unwrap());
        assert!(told_zh.contains(zh) && told_zh.contains(&day), "{gone}");
        assert!(told_en.contains(en) && told_en.contains(&day), "{gone}");
    }
    let found = eventually("four left", Duration::from_secs(60), async || {
        let found = visitor.get("/api/v1/search?q=%E4%B9%A6%E9%99%A2%E8%AE%B2%E5%BA%A7&limit=20").await.ok();
        (found["total"]["value"] == 4).then_some(found)
    })
    .await;
    assert!(!found.to_string().contains("\"past\"") && !found.to_string().contains("\"licence\""), "{found}");
    assert_eq!(visitor.get("/api/v1/resources/far").await.status, 200);

    // Announced to those whose it is.
    let list = "/api/v1/resources/expiring";
    assert_eq!(ids(admin.get(list).await.ok()).await, ["soon"]);
    assert_eq!(ids(manager.at(&server).get(list).await.ok()).await, ["soon"]);
    assert!(ids(stranger.at(&server).get(list).await.ok()).await.is_empty());
    assert_eq!(reviewer.at(&server).get(list).await.status, 403);
    assert_eq!(visitor.get(list).await.status, 401);

    // Many at once, each by itself.
    let editor = server.api(&server.add_user("editor", "editor", OWNER, &[]));
    let ask = json!({"action": "retire", "ground": "retest", "reason": "不符合2027版标准", "ids": ["never", "nothing", "never", "far"]});
    assert_eq!(reviewer.at(&server).post("/api/v1/resources/take-downs", &ask).await.status, 403);
    let empty = json!({"action": "retire", "reason": "无", "ids": []});
    assert_eq!(editor.post("/api/v1/resources/take-downs", &empty).await.json()["code"], "ids");
    let answers = editor.post("/api/v1/resources/take-downs", &ask).await.ok();
    let told: Vec<_> =
        answers.as_array().unwrap().iter().map(|one| (one["id"].clone(), one["done"].clone(), one["code"].clone())).collect();
    assert_eq!(
        told,
        [
            (json!("never"), json!(true), Value::Null),
            (json!("nothing"), json!(false), json!("not-found")),
            (json!("never"), json!(false), json!("state")),
            (json!("far"), json!(true), Value::Null),
        ]
    );
    let gone = visitor.get("/api/v1/resources/never").await.json();
    assert!(gone["zh"].as_str().unwrap().contains("不符合新的入库标准（不符合2027版标准）"), "{gone}");
    let silent = json!({"action": "suspend", "reason": " ", "ids": ["other"]});
    assert_eq!(editor.post("/api/v1/resources/take-downs", &silent).await.ok()[0]["code"], "reason-required");
    let held = json!({"action": "suspend", "reason": "复核", "ids": ["other"]});
    assert_eq!(editor.post("/api/v1/resources/take-downs", &held).await.ok()[0]["done"], true);
    assert_eq!(visitor.get("/api/v1/resources/other").await.status, 404);
    let report: Value = serde_json::from_str(&server.run(["--json", "verify"])).unwrap();
    assert_eq!(report["clean"], true, "{report}");
}
