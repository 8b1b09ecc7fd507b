//! Pages over a catalogue that changes between them: nothing comes twice, and nothing that stood all the while is left out, in any
//! order. What is described otherwise meanwhile is followed too, by relevance as long as all that was shown is remembered.

use super::stock::{escaped, holding};
use crate::support::TestApp;
use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Hits that a list by relevance remembers for certain.
const REMEMBERED: usize = 240;

/// Works of which all are found by one query, many with the same day.
fn work(number: usize, prefix: &str) -> Value {
    let words = "社区教育".repeat(1 + number % 7) + &"其他内容".repeat(number % 11);
    let published = format!("20{:02}-0{}-1{}", 10 + number % 15, 1 + number % 9, number % 10);
    json!({"id": format!("{prefix}{number}"), "title": format!("社区教育{prefix}{number}"), "description": words, "published": published})
}

async fn publish(app: &TestApp, admin: &str, rows: &[Value], outcome: &str) {
    let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
    let request = Request::post("/api/v1/imports?vetted_by=Board&source=lib").header(header::AUTHORIZATION, format!("Bearer {admin}"));
    let request = request.header(header::CONTENT_TYPE, "application/x-ndjson").body(Body::from(lines.join("\n"))).unwrap();
    let done = app.send(request).await.expect(200).json();
    assert_eq!(done[outcome], rows.len(), "{done}");
    app.get("", &format!("/api/v1/search?limit=1&after={}", done["position"])).await.expect(200);
}

async fn retire(app: &TestApp, admin: &str, id: &str) {
    let change = json!({"action": "retire", "reason": "到期"});
    let done = app.call(Method::POST, admin, &format!("/api/v1/resources/{id}/state"), change).await.expect(200).json();
    app.get("", &format!("/api/v1/search?limit=1&after={}", done["position"])).await.expect(200);
}

/// What a reader saw who turned all pages, and what happened meanwhile.
#[derive(Default)]
struct Turned {
    seen: Vec<String>,
    gone: BTreeSet<String>,
    changed: BTreeSet<String>,
}

impl Turned {
    /// The first work of the beginning that was not shown yet and to which nothing happened.
    fn unseen(&self, works: usize) -> Option<String> {
        let untouched = |id: &String| !self.seen.contains(id) && !self.gone.contains(id) && !self.changed.contains(id);
        (0..works).map(|number| format!("a{number}")).find(untouched)
    }
}

/// Turns all pages; between any two of them works are published, one that was not seen yet is taken down, and where `changing` one
/// that was seen and one that was not are described otherwise.
async fn turned(works: usize, limit: usize, sort: &str, changing: bool) -> Turned {
    let rows: Vec<Value> = (0..works).map(|number| work(number, "a")).collect();
    let (app, admin) = holding(&rows).await;
    let query = format!("/api/v1/search?q={}&sort={sort}&limit={limit}", escaped("社区教育"));
    let (mut turned, mut cursor, mut turn) = (Turned::default(), String::new(), 0);
    loop {
        let page = app.get("", &format!("{query}{cursor}")).await.expect(200).json();
        turned.seen.extend(page["hits"].as_array().unwrap().iter().map(|hit| hit["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
        publish(&app, &admin, &(0..9).map(|number| work(turn * 9 + number, "b")).collect::<Vec<_>>(), "created").await;
        if let Some(id) = turned.unseen(works) {
            retire(&app, &admin, &id).await;
            turned.gone.insert(id);
        }
        let seen = turned.seen.iter().rev().find(|id| id.starts_with('a') && !turned.changed.contains(*id)).cloned();
        for id in [seen, turned.unseen(works)].into_iter().flatten().filter(|_| changing && turned.seen.len() < REMEMBERED) {
            let number: usize = id.trim_start_matches(char::is_alphabetic).parse().unwrap();
            let mut row = work(number, "a");
            row["description"] = json!("社区教育".repeat(1 + turn % 3) + &"换了说明".repeat(turn % 23));
            publish(&app, &admin, &[row], "updated").await;
            turned.changed.insert(id);
        }
        turn += 1;
    }
    app.close().await;
    turned
}

#[tokio::test]
async fn nothing_comes_twice_and_nothing_is_left_out_while_the_catalogue_changes() {
    for (works, limit, sort, changing) in
        [(150, 20, "newest", false), (150, 20, "title", false), (240, 15, "relevance", true), (400, 40, "relevance", false)]
    {
        let Turned { seen, gone, changed } = turned(works, limit, sort, changing).await;
        let once: BTreeSet<&String> = seen.iter().collect();
        let twice = seen.len() - once.len();
        let missed = (0..works).map(|number| format!("a{number}")).filter(|id| !gone.contains(id) && !once.contains(id)).count();
        assert!(gone.len() >= 5 && gone.iter().all(|id| !once.contains(id)), "{sort}: what was taken down is on no page");
        assert!(changed.len() >= 10 || !changing, "{sort}: {} changed", changed.len());
        assert_eq!((twice, missed), (0, 0), "{sort}: {} shown, {twice} twice, {missed} left out", seen.len());
    }
}
