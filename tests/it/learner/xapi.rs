//! xAPI statements become events.

use super::{at, resources};
use crate::support::TestApp;
use axum::http::Method;
use serde_json::{Value, json};

const STATEMENTS: &str = "/api/v1/xapi/statements";

fn statement(id: &str, verb: &str, resource: &str, seconds: i64, result: Value) -> Value {
    json!({
        "id": id,
        "actor": {"objectType": "Agent", "account": {"homePage": "https://school.example", "name": "li"}},
        "verb": {"id": format!("http://adlnet.gov/expapi/verbs/{verb}")},
        "object": {"id": format!("https://yuelu.example/resources/{resource}")},
        "result": result,
        "timestamp": at(seconds),
    })
}

#[tokio::test]
async fn statements_are_taken_once_singly_or_in_an_array() {
    let app = TestApp::new().await;
    let li = app.account("li", "learner", "/hunan").await;
    let all = json!([
        statement("s1", "initialized", "film", -90, json!({})),
        statement("s2", "progressed", "film", -60, json!({"duration": "PT4M10S"})),
        statement("s3", "answered", "quiz", -50, json!({"score": {"raw": 9, "max": 10}})),
        statement("s4", "completed", "song", -40, json!({})),
        statement("s5", "rated", "song", -30, json!({"score": {"raw": 4.5}})),
    ]);
    let taken = app.call(Method::POST, &li, STATEMENTS, all.clone()).await.expect(200);
    assert_eq!((taken.json(), taken.header("x-experience-api-version")), (json!(["s1", "s2", "s3", "s4", "s5"]), "1.0.3"));
    app.call(Method::POST, &li, STATEMENTS, all).await.expect(200);
    let again = statement("ignored", "shared", "cloth", -20, json!({}));
    for _ in 0..2 {
        app.call(Method::PUT, &li, &format!("{STATEMENTS}?statementId=s6"), again.clone()).await.expect(204);
    }
    let record = app.get(&li, "/api/v1/learners/me").await.expect(200).json();
    assert_eq!(resources(&record["history"]), ["cloth", "song", "quiz", "film"]);
    let [song, quiz, film] = [1, 2, 3].map(|place| &record["history"][place]);
    assert_eq!((&song["completed"], &song["rating"]), (&json!(true), &json!(4_500)));
    assert_eq!((&quiz["score"], &film["position"]), (&json!(900), &json!(250)));
    // The same batch by the compact form: another source of the same ids would count again, this one does not.
    let known = json!([{"id": "s4", "learner": "me", "resource": "song", "verb": "completed", "at": at(-40)}]);
    assert_eq!(app.call(Method::POST, &li, "/api/v1/events", known).await.expect(200).json()["duplicates"], 1);
    app.close().await;
}

#[tokio::test]
async fn nobody_states_what_others_did_and_wrong_statements_are_named() {
    let app = TestApp::new().await;
    let wang = app.account("wang", "learner", "/hunan").await;
    let foreign = statement("s1", "completed", "film", 0, json!({}));
    app.call(Method::POST, &wang, STATEMENTS, foreign.clone()).await.expect(403);
    app.call(Method::POST, "", STATEMENTS, foreign).await.expect(401);
    let li = app.account("li", "learner", "/hunan").await;
    let wrong = json!([statement("s1", "completed", "film", 0, json!({})), statement("s2", "voided", "film", 0, json!({}))]);
    let refused = app.call(Method::POST, &li, STATEMENTS, wrong).await.expect(422);
    assert_eq!(refused.json()["fields"][0]["path"], "[1].verb.id");
    assert_eq!(app.get(&li, "/api/v1/learners/me").await.json()["history"], json!([]), "all or none");
    app.close().await;
}
