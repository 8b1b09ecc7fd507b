//! People who learn together before one screen.

use super::{at, report, resources};
use crate::support::{Answer, TestApp};
use axum::http::Method;
use serde_json::{Value, json};

/// A gathering of an hour and a half, three weeks ago.
fn gathering(learners: &[&str]) -> Value {
    json!({"id": "2026-11-village-3", "resource": "film", "began": began(0), "minutes": 90, "completed": true, "learners": learners})
}

/// So many minutes after noon of a day three weeks ago.
fn began(minutes: i64) -> String {
    let now = yuelu::clock::Clock::system().now().millis() / 1000;
    let since_midnight = (now + 8 * 3600) % 86_400;
    at(minutes * 60 + 12 * 3600 - since_midnight - 21 * 86_400).split('.').next().unwrap().trim_end_matches('Z').to_owned() + "Z"
}

async fn send(app: &TestApp, token: &str, gathering: Value) -> Answer {
    app.call(Method::POST, token, "/api/v1/gatherings", gathering).await
}

#[tokio::test]
async fn a_list_that_is_sent_twice_counts_once() {
    let app = TestApp::new().await;
    let station = app.account("station", "platform", "/hunan/xiangxi/village").await;
    // Nineteen reports, the begin among them, and the end.
    let first = send(&app, &station, gathering(&["li", "wang", "li"])).await.expect(200).json();
    assert_eq!(first, json!({"learners": 2, "accepted": 40, "duplicates": 0, "withheld": 0}));
    let again = send(&app, &station, gathering(&["wang", "li", "zhang"])).await.expect(200).json();
    assert_eq!(again, json!({"learners": 3, "accepted": 20, "duplicates": 40, "withheld": 0}));
    for learner in ["li", "wang", "zhang"] {
        let record = app.get(&station, &format!("/api/v1/learners/{learner}")).await.expect(200).json();
        assert_eq!((&record["effective_seconds"], &record["hours_tenths"]), (&json!(5_400), &json!(20)), "{learner}: {record}");
        assert_eq!((resources(&record["history"]), &record["history"][0]["completed"]), (vec!["film"], &json!(true)));
    }
    // Who looked at something else on the own phone meanwhile was there all the same, once.
    let own = |step: i64| json!({"id": format!("own-{step}"), "learner": "li", "resource": "other", "verb": "progressed", "at": began(step), "position": step * 60});
    let own: Vec<Value> = (0..=30).map(own).collect();
    report(&app, &station, &own).await.expect(200);
    let record = app.get(&station, "/api/v1/learners/li").await.expect(200).json();
    assert_eq!(record["effective_seconds"], 5_400, "{record}");
    app.close().await;
}

#[tokio::test]
async fn a_station_signs_in_its_own_people_only() {
    let app = TestApp::new().await;
    let station = app.account("station", "platform", "/hunan/xiangxi/village").await;
    send(&app, &station, gathering(&["li", "/hunan/changsha#wang"])).await.expect(403);
    assert_eq!(app.get(&station, "/api/v1/learners/li").await.json()["history"], json!([]), "all or none");
    let learner = app.account("zhang", "learner", "/hunan").await;
    send(&app, &learner, gathering(&["li"])).await.expect(403);
    let mut wrong = gathering(&["li"]);
    wrong["minutes"] = json!(0);
    assert_eq!(send(&app, &station, wrong).await.expect(422).code(), "bad-gathering");
    assert_eq!(send(&app, &station, gathering(&[])).await.expect(422).json()["fields"][0]["path"], "learners");
    app.close().await;
}
