//! What learners do, as it is reported and kept.

use super::{event, report, resources};
use crate::support::{TestApp, request};
use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

const ME: &str = "/api/v1/learners/me";

async fn import(app: &TestApp, count: usize) {
    let admin = app.account("importer", "administrator", "/").await;
    let rows: Vec<String> = (0..count).map(|at| json!({"id": format!("r{at}"), "title": format!("第{at}课")}).to_string()).collect();
    let request = Request::post("/api/v1/imports?vetted_by=Board&source=lib").header(header::AUTHORIZATION, format!("Bearer {admin}"));
    let request = request.header(header::CONTENT_TYPE, "application/x-ndjson").body(Body::from(rows.join("\n"))).unwrap();
    let position = app.send(request).await.expect(200).json()["position"].as_u64().unwrap();
    app.get("", &format!("/api/v1/search?q=%E8%AF%BE&limit=1&after={position}")).await.expect(200);
}

#[tokio::test]
async fn every_verb_is_in_the_record_and_what_was_shown_is_not() {
    let app = TestApp::new().await;
    let li = app.account("li", "learner", "/hunan").await;
    let batch = [
        event("1", "film", "progressed", -60, json!({"value": 0.4, "position": 300.4})),
        event("2", "film", "progressed", -600, json!({"position": 900})),
        event("3", "quiz", "answered", -50, json!({"value": 0.6})),
        event("4", "quiz", "answered", -40, json!({"value": 0.85})),
        event("5", "song", "shared", -30, json!({})),
        event("6", "cloth", "favourited", -20, json!({})),
        event("7", "drum", "favourited", -19, json!({})),
        event("8", "drum", "unfavourited", -18, json!({})),
        event("9", "shown", "impression", -10, json!({"list": "list-1", "slot": 3})),
    ];
    let taken = report(&app, &li, &batch).await.expect(200).json();
    assert_eq!((taken["accepted"].as_u64(), taken["marked"].as_u64()), (Some(9), Some(0)));
    assert_eq!(report(&app, &li, &batch).await.expect(200).json()["duplicates"], 9);
    let record = app.get(&li, ME).await.expect(200).json();
    assert_eq!(resources(&record["history"]), ["drum", "cloth", "song", "quiz", "film"], "{record}");
    assert_eq!(resources(&record["favourites"]), ["cloth"]);
    let unfinished = &record["unfinished"][0];
    assert_eq!(
        (unfinished["resource"].as_str(), unfinished["position"].as_u64()),
        (Some("film"), Some(300)),
        "the latest, not the furthest"
    );
    assert_eq!(record["history"][3]["score"], 850);
    app.close().await;
}

#[tokio::test]
async fn what_is_wrong_with_an_event_is_named() {
    let app = TestApp::new().await;
    let li = app.account("li", "learner", "/hunan").await;
    let batch = [
        event("1", "a", "answered", 0, json!({})),
        event("2", "a", "progressed", 0, json!({"position": -3})),
        event("3", "a", "impression", 0, json!({"slot": 1})),
        event("4", "a", "impression", 0, json!({"list": "x", "slot": 0})),
        event("5", "a", "shared", 0, json!({})),
    ];
    let refused = report(&app, &li, &batch).await.expect(422);
    let paths: Vec<String> =
        refused.json()["fields"].as_array().unwrap().iter().map(|field| field["path"].as_str().unwrap().to_owned()).collect();
    assert_eq!(paths, ["[0].value", "[1].position", "[2].list", "[3].slot"]);
    assert_eq!(app.get(&li, ME).await.json()["history"], json!([]), "all or none");
    app.close().await;
}

#[tokio::test]
async fn what_comes_weeks_late_takes_its_place_and_the_future_is_now() {
    let app = TestApp::new().await;
    let li = app.account("li", "learner", "/hunan").await;
    let month = 30 * 86_400;
    let first = report(&app, &li, &[event("1", "new", "viewed", -60, json!({}))]).await.expect(200).json();
    assert_eq!((first["late"].as_u64(), first["ahead"].as_u64()), (Some(0), Some(0)));
    let batch = [event("2", "old", "viewed", -month, json!({})), event("3", "ahead", "viewed", month, json!({}))];
    let taken = report(&app, &li, &batch).await.expect(200).json();
    assert_eq!((taken["late"].as_u64(), taken["ahead"].as_u64()), (Some(1), Some(1)));
    let record = app.get(&li, ME).await.expect(200).json();
    assert_eq!(resources(&record["history"]), ["ahead", "new", "old"]);
    assert!(record["history"][0]["at"].as_str().unwrap() < super::at(60).as_str(), "a clock that runs ahead counts as of the receipt");
    assert!(record["history"][2]["at"].as_str().unwrap() < super::at(60 - month).as_str());
    app.close().await;
}

#[tokio::test]
async fn a_flood_is_in_the_own_record_and_moves_no_list() {
    let dir = tempfile::tempdir().unwrap();
    let rule = "[[rule]]\nid = \"volume\"\ncounts = \"taken_up\"\nmost = 2\nwithin_seconds = 86400\nbasis = \"test\"\nmark = \"K\"\n";
    std::fs::write(dir.path().join("floods.toml"), format!("version = \"t\"\nlate_minutes = 10\nahead_minutes = 2\n{rule}")).unwrap();
    let app = TestApp::with(|config| config.learning_rules_dir = Some(dir.path().to_owned())).await;
    import(&app, 8).await;
    let bot = app.account("bot", "learner", "/hunan").await;
    let batch: Vec<Value> = (0..8).map(|at| event(&at.to_string(), &format!("r{at}"), "completed", at - 60, json!({}))).collect();
    let taken = report(&app, &bot, &batch).await.expect(200).json();
    assert_eq!((taken["accepted"].as_u64(), taken["marked"].as_u64()), (Some(8), Some(6)));
    let record = app.get(&bot, ME).await.expect(200).json();
    assert_eq!(record["history"].as_array().unwrap().len(), 8, "the own record has all of it");
    let list = app.send(request(Method::GET, "", "/api/v1/learners/me/recommendations", None)).await.expect(200).json();
    let trending = |item: &&Value| item["reason"]["code"] == "trending";
    let mut moved: Vec<&str> = list["items"].as_array().unwrap().iter().filter(trending).map(|item| item["id"].as_str().unwrap()).collect();
    moved.sort_unstable();
    assert_eq!(moved, ["r0", "r1"], "{list}");
    app.close().await;
}
