//! Every score can be explained, and what counts whatever was asked only decides between what fits about as well.

use super::stock::{escaped, holding, search, titles};
use crate::support::TestApp;
use serde_json::{Value, json};

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
