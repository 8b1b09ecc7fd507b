//! Every score can be explained, and what counts whatever was asked only decides between what fits about as well.

use super::stock::{escaped, holding, search, titles};
use crate::program::{Api, Server, eventually};
use crate::support::TestApp;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use yuelu::clock::Clock;
use yuelu::domain::time::Timestamp;

async fn explained(app: &TestApp, query: &str) -> Value {
    app.get("", &format!("/api/v1/search?explain=true&q={}", escaped(query))).await.expect(200).json()
}

async fn house() -> TestApp {
    let rows = [
        json!({"id": "brocade", "title": "土家织锦入门", "keywords": ["西兰卡普"], "body": "棉线与丝线"}),
        json!({"id": "phone", "title": "智能手机第十三讲"}),
        json!({"id": "mooc", "title": "慕课制作"}),
        json!({"id": "english", "title": "Learning English with songs"}),
        json!({"id": "tea", "title": "茶艺与礼仪"}),
    ];
    holding(&rows).await.0
}

#[tokio::test]
async fn the_parts_of_a_score_add_up_to_it() {
    let app = house().await;
    for (query, origin, field, text) in [
        ("土家织锦入门", "whole_title", "title", "土家织锦入门"),
        ("土家织锦", "typed", "title", "织锦"),
        ("土家织锦", "word", "text", "土家织锦"),
        ("西兰卡普", "typed", "keywords", "兰卡"),
        ("第13讲", "number", "text", "第十三讲"),
        ("mooc", "synonym", "text", "慕课"),
        ("tujiazhijin", "sound", "name", "tu jia zhi jin"),
        ("tjzj", "initials", "name", "tjzj"),
        ("learn*", "beginning", "text", "learn"),
        ("茶", "lone", "text", "茶"),
    ] {
        let found = explained(&app, query).await;
        let hit = &found["hits"][0];
        let parts = hit["why"].as_array().unwrap();
        let sum: f64 = parts.iter().map(|part| part["score"].as_f64().unwrap()).sum();
        assert!((sum - hit["score"].as_f64().unwrap()).abs() < 1e-3, "{query}: {sum} {hit}");
        let is_it = |part: &Value| part["origin"] == origin && part["field"] == field && part["text"] == text;
        assert!(parts.iter().any(is_it), "{query}: no {origin} {field} {text} in {hit}");
        assert!(parts.iter().any(|part| part["origin"] == "freshness" && part["label"] == "发布时间"), "{hit}");
    }
    assert_eq!(search(&app, "土家织锦").await["hits"][0]["why"], Value::Null);
    let newest = app.get("", "/api/v1/search?explain=true&sort=newest").await.expect(200).json();
    assert_eq!(newest["hits"][0]["why"], Value::Null, "no score ordered it");
    app.close().await;
}

#[tokio::test]
async fn what_is_new_comes_first_among_equals_only() {
    let row = |id: &str, title: &str, published: &str| json!({"id": id, "title": title, "published": published});
    let rows = [
        row("old", "侗族大歌公开课", "2012-05-01T00:00:00Z"),
        row("new", "侗族大歌公开课", "2026-05-01T00:00:00Z"),
        row("older", "侗族大歌公开课", "2010-05-01T00:00:00Z"),
        row("exact", "侗族大歌", "2009-05-01T00:00:00Z"),
        row("weak", "侗族服饰", "2026-06-01T00:00:00Z"),
    ];
    let (app, _) = holding(&rows).await;
    let found = search(&app, "侗族大歌").await;
    let ids: Vec<&str> = found["hits"].as_array().unwrap().iter().map(|hit| hit["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["exact", "new", "old", "older", "weak"], "{:?}", titles(&found));
    app.close().await;
}

#[tokio::test]
async fn what_stands_as_it_was_typed_comes_first_among_equals() {
    let mut rows: Vec<Value> = (0..6).map(|place| json!({"id": format!("turned-{place}"), "title": "剪纸、民歌入门"})).collect();
    rows.insert(3, json!({"id": "typed", "title": "民歌、剪纸入门"}));
    let (app, _) = holding(&rows).await;
    let found = explained(&app, "民歌 剪纸").await;
    let phrase = |hit: &Value| hit["why"].as_array().unwrap().iter().find(|part| part["origin"] == "phrase").cloned();
    let hits = found["hits"].as_array().unwrap();
    assert_eq!(hits.len(), 7, "{found}");
    let part = phrase(&hits[0]).unwrap();
    assert_eq!((&hits[0]["id"], &part["text"], &part["label"]), (&json!("typed"), &json!("民歌 剪纸"), &json!("短语")));
    assert!(hits[1..].iter().all(|hit| phrase(hit).is_none()), "{found}");
    app.close().await;
}

/// Learners of a platform take a work up.
async fn taken_up(api: &Api, resource: &str, learners: std::ops::Range<u32>, at: Timestamp) {
    let event = |learner: u32| {
        let id = format!("{resource}-{learner}-{at}");
        json!({"id": id, "learner": format!("l{learner}"), "resource": resource, "verb": "completed", "at": at.to_string()})
    };
    api.post("/api/v1/events", &json!(learners.map(event).collect::<Vec<_>>())).await.ok();
}

#[tokio::test]
async fn what_many_learners_took_up_comes_first_among_equals_within_a_minute() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(Timestamp::from_millis(1_790_000_000_000));
    let server = Server::start_by(dir.path(), &clock);
    let admin = server.api(&server.add_user("root-admin", "administrator", "/", &[]));
    let platform = server.api(&server.add_user("platform", "platform", "/hunan", &[]));
    let row = |id: &str| json!({"id": id, "title": "侗族大歌公开课", "published": "2026-05-01T00:00:00Z"}).to_string();
    let rows = ["few", "none", "many"].map(row).join("\n");
    let kind = [("content-type", "application/x-ndjson")];
    let path = "/api/v1/imports?vetted_by=Board&source=lib";
    let position = admin.send(Method::POST, path, &kind, rows.into_bytes()).await.ok()["position"].clone();
    let visitor = server.visitor();
    let path = format!("/api/v1/search?explain=true&after={position}&q={}", escaped("侗族大歌"));
    let used = |hit: &Value| hit["why"].as_array().unwrap().iter().find(|part| part["origin"] == "use").cloned();
    let before = visitor.get(&path).await.ok();
    assert!(before["hits"].as_array().unwrap().iter().all(|hit| used(hit).is_none()), "{before}");
    taken_up(&platform, "many", 0..9, clock.now()).await;
    taken_up(&platform, "few", 0..4, clock.now()).await;
    // One learner, often.
    for day in 1..8 {
        taken_up(&platform, "none", 0..1, clock.now().plus_millis(-day * 86_400_000)).await;
    }
    let found = eventually("use is told", Duration::from_secs(60), async || {
        clock.advance(60_000);
        let found = visitor.get(&path).await.ok();
        used(&found["hits"][0]).is_some().then_some(found)
    })
    .await;
    let hits = found["hits"].as_array().unwrap();
    let part = used(&hits[0]).unwrap();
    assert_eq!(
        (&hits[0]["id"], &part["text"], &part["label"], &part["field"]),
        (&json!("many"), &json!("8+"), &json!("学习人数"), &json!("resource"))
    );
    assert!(hits[1..].iter().all(|hit| used(hit).is_none()), "what fewer than five took up says nothing: {found}");
    assert!(server.stop());
}
