//! Pages over a catalogue that changes between them: in the orders of date and title nothing comes twice and nothing is left out, since
//! their keys stay as they are. Marks of relevance shift with every publication: there that is not promised.

use super::stock::{escaped, holding};
use crate::support::TestApp;
use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Works of which all are found by one query, many with the same day.
fn work(number: usize, prefix: &str) -> Value {
    let words = "社区教育".repeat(1 + number % 7) + &"其他内容".repeat(number % 11);
    let published = format!("20{:02}-0{}-1{}", 10 + number % 15, 1 + number % 9, number % 10);
    json!({"id": format!("{prefix}{number}"), "title": format!("社区教育{prefix}{number}"), "description": words, "published": published})
}

async fn publish(app: &TestApp, admin: &str, rows: &[Value]) {
    let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
    let request = Request::post("/api/v1/imports?vetted_by=Board&source=lib").header(header::AUTHORIZATION, format!("Bearer {admin}"));
    let request = request.header(header::CONTENT_TYPE, "application/x-ndjson").body(Body::from(lines.join("\n"))).unwrap();
    let done = app.send(request).await.expect(200).json();
    assert_eq!(done["created"], rows.len(), "{done}");
    app.get("", &format!("/api/v1/search?limit=1&after={}", done["position"])).await.expect(200);
}

async fn retire(app: &TestApp, admin: &str, id: &str) {
    let change = json!({"action": "retire", "reason": "到期"});
    let done = app.call(Method::POST, admin, &format!("/api/v1/resources/{id}/state"), change).await.expect(200).json();
    app.get("", &format!("/api/v1/search?limit=1&after={}", done["position"])).await.expect(200);
}

/// What a reader sees who turns all pages, while between any two of them works are published and one, not seen yet, is taken down.
async fn turned(sort: &str) -> (Vec<String>, BTreeSet<String>) {
    let rows: Vec<Value> = (0..150).map(|number| work(number, "a")).collect();
    let (app, admin) = holding(&rows).await;
    let query = format!("/api/v1/search?q={}&sort={sort}&limit=20", escaped("社区教育"));
    let (mut seen, mut gone, mut cursor, mut turn) = (Vec::new(), BTreeSet::new(), String::new(), 0);
    loop {
        let page = app.get("", &format!("{query}{cursor}")).await.expect(200).json();
        seen.extend(page["hits"].as_array().unwrap().iter().map(|hit| hit["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
        publish(&app, &admin, &(0..3).map(|number| work(turn * 3 + number, "b")).collect::<Vec<_>>()).await;
        let unseen = (0..150).map(|number| format!("a{number}")).find(|id| !seen.contains(id) && !gone.contains(id));
        if let Some(id) = unseen {
            retire(&app, &admin, &id).await;
            gone.insert(id);
        }
        turn += 1;
    }
    app.close().await;
    (seen, gone)
}

#[tokio::test]
async fn nothing_comes_twice_and_nothing_is_left_out_while_the_catalogue_changes() {
    for sort in ["newest", "title"] {
        let (seen, gone) = turned(sort).await;
        let once: BTreeSet<&String> = seen.iter().collect();
        let twice = seen.len() - once.len();
        let missed = (0..150).map(|number| format!("a{number}")).filter(|id| !gone.contains(id) && !once.contains(id)).count();
        assert!(gone.len() >= 5 && gone.iter().all(|id| !once.contains(id)), "{sort}: what was taken down is on no page");
        assert_eq!((twice, missed), (0, 0), "{sort}: {} shown, {twice} twice, {missed} left out", seen.len());
    }
}
