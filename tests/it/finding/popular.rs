//! What many people ask is suggested to everybody, as long as it finds something and editors let it be.

use super::stock::{ask, escaped, holding};
use crate::support::TestApp;
use axum::http::Method;
use serde_json::{Value, json};

async fn suggested(app: &TestApp, typed: &str) -> Vec<(String, String)> {
    let told = app.get("", &format!("/api/v1/suggest?q={}", escaped(typed))).await.expect(200).json();
    let one = |item: &Value| (item["text"].as_str().unwrap().to_owned(), item["source"].as_str().unwrap().to_owned());
    told["suggestions"].as_array().unwrap().iter().map(one).collect()
}

/// So many different people ask something.
async fn asked(app: &TestApp, people: &[String], query: &str) {
    for person in people {
        ask(app, person, query).await.expect(200);
    }
}

#[tokio::test]
async fn what_five_people_ask_is_suggested_until_an_editor_or_the_catalogue_says_otherwise() {
    let mut rows: Vec<Value> = (0..5).map(|place| json!({"id": format!("r{place}"), "title": format!("广场舞第{place}套")})).collect();
    rows.push(json!({"id": "closed", "title": "广场舞内部资料", "owner": "/hunan/huaihua", "visibility": "organisation"}));
    let (app, admin) = holding(&rows).await;
    let editor = app.account("desk", "editor", "/").await;
    let mut people = Vec::new();
    for number in 0..5 {
        people.push(app.account(&format!("learner-{number}"), "learner", "/hunan").await);
    }
    asked(&app, &people[..4], "广场舞 教程").await;
    assert!(suggested(&app, "广场").await.iter().all(|(_, source)| source != "query"), "four people are not enough");
    asked(&app, &people[4..], "广场舞 教程").await;
    asked(&app, &people, "内部资料").await;
    let query = ("广场舞 教程".to_owned(), "query".to_owned());
    for typed in ["广场", "廣場舞教", "guangchangwu", "gcwj"] {
        assert_eq!(suggested(&app, typed).await.first(), Some(&query), "{typed}");
    }
    assert!(suggested(&app, "内部").await.iter().all(|(_, source)| source != "query"), "visitors find next to nothing by it");
    let listed = app.get(&editor, "/api/v1/search-queries?popular=true").await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!((&listed["items"][0]["query"], &listed["items"][0]["people"]), (&json!("广场舞 教程"), &json!(5)));
    let entry = json!({"kind": "kept_out", "words": ["教程"]});
    let made = app.call(Method::POST, &editor, "/api/v1/search-words", entry).await.expect(201).json();
    app.get("", &format!("/api/v1/search?limit=1&after={}", made["position"])).await.expect(200);
    assert!(!suggested(&app, "广场").await.contains(&query), "an editor keeps it out");
    let path = format!("/api/v1/search-words/{}", made["id"].as_str().unwrap());
    app.call(Method::DELETE, &editor, &path, json!({})).await.expect(204);
    let back =
        app.call(Method::POST, &editor, "/api/v1/search-words", json!({"kind": "kept_out", "words": ["别的"]})).await.expect(201).json();
    app.get("", &format!("/api/v1/search?limit=1&after={}", back["position"])).await.expect(200);
    assert!(suggested(&app, "广场").await.contains(&query));
    for place in 0..5 {
        let change = json!({"action": "retire", "reason": "到期"});
        let done = app.call(Method::POST, &admin, &format!("/api/v1/resources/r{place}/state"), change).await.expect(200).json();
        app.get("", &format!("/api/v1/search?limit=1&after={}", done["position"])).await.expect(200);
    }
    assert!(!suggested(&app, "广场").await.contains(&query), "what is taken down takes its query along");
    app.close().await;
}
