//! The switch of personalisation.

use super::{event, report};
use crate::support::TestApp;
use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

const ME: &str = "/api/v1/learners/me";
const LIST: &str = "/api/v1/learners/me/recommendations";

fn ids(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn switched_off_lists_know_nothing_of_the_learner_from_the_next_request_on() {
    let app = TestApp::new().await;
    let admin = app.account("importer", "administrator", "/").await;
    let rows: Vec<String> = (0..12).map(|at| json!({"id": format!("r{at}"), "title": format!("第{at}课")}).to_string()).collect();
    let import = Request::post("/api/v1/imports?vetted_by=Board&source=lib").header(header::AUTHORIZATION, format!("Bearer {admin}"));
    let import = import.header(header::CONTENT_TYPE, "application/x-ndjson").body(Body::from(rows.join("\n"))).unwrap();
    let position = app.send(import).await.expect(200).json()["position"].as_u64().unwrap();
    app.get("", &format!("/api/v1/search?q=%E8%AF%BE&limit=1&after={position}")).await.expect(200);
    let li = app.account("li", "learner", "/hunan").await;
    for (name, resources) in [("a1", ["r1", "r2", "r3"]), ("a2", ["r1", "r2", "r4"]), ("b1", ["r5", "r6", "r7"])] {
        let token = app.account(name, "learner", "/hunan").await;
        let batch: Vec<Value> = resources.iter().zip(0..).map(|(one, at)| event(one, one, "completed", at - 60, json!({}))).collect();
        report(&app, &token, &batch).await.expect(200);
    }
    report(&app, &li, &[event("1", "r1", "completed", -30, json!({})), event("2", "r5", "dismissed", -20, json!({}))]).await.expect(200);
    let reasons = |list: &Value| list["items"].as_array().unwrap().iter().filter(|item| item["reason"]["resource"].is_string()).count();
    let personal = app.get(&li, LIST).await.expect(200).json();
    assert_eq!(personal["personalised"], true);
    assert!(reasons(&personal) > 0 && !ids(&personal).contains(&"r1".to_owned()), "{personal}");

    assert_eq!(
        app.call(Method::PUT, &li, &format!("{ME}/personalisation"), json!({"on": false})).await.expect(200).json(),
        json!({"on": false})
    );
    let plain = app.get(&li, LIST).await.expect(200).json();
    let stranger = app.get("", LIST).await.expect(200).json();
    assert_eq!((plain["personalised"].as_bool(), reasons(&plain)), (Some(false), 0));
    assert_eq!(ids(&plain), ids(&stranger), "as anybody of whom nothing is known");
    report(&app, &li, &[event("3", "r2", "completed", -10, json!({}))]).await.expect(200);
    assert_eq!(ids(&app.get(&li, LIST).await.json()), ids(&app.get("", LIST).await.json()), "nor by what comes after");
    let record = app.get(&li, ME).await.expect(200).json();
    assert_eq!((&record["personalised"], record["history"].as_array().unwrap().len()), (&json!(false), 3), "the own record goes on");
    // The wish outlives the record: deleting does not switch it on again.
    app.call(Method::DELETE, &li, ME, json!(null)).await.expect(204);
    assert_eq!(app.get(&li, &format!("{ME}/personalisation")).await.expect(200).json(), json!({"on": false}));

    report(&app, &li, &[event("4", "r1", "completed", -5, json!({}))]).await.expect(200);
    app.call(Method::PUT, &li, &format!("{ME}/personalisation"), json!({"on": true})).await.expect(200);
    let again = app.get(&li, LIST).await.expect(200).json();
    assert!(again["personalised"] == true && reasons(&again) > 0, "{again}");
    app.close().await;
}

#[tokio::test]
async fn the_wish_is_known_after_a_start() {
    let dir = tempfile::tempdir().unwrap();
    let config = |change: &mut yuelu::config::Config| {
        change.data_dir = dir.path().join("data");
        change.store.engine = yuelu::config::EngineName::Redb;
    };
    let app = TestApp::with(config).await;
    let li = app.account("li", "learner", "/hunan").await;
    app.call(Method::PUT, &li, &format!("{ME}/personalisation"), json!({"on": false})).await.expect(200);
    app.close().await;
    let app = TestApp::with(config).await;
    assert_eq!(app.get(&li, LIST).await.expect(200).json()["personalised"], false);
    app.close().await;
}
