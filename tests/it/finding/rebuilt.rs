//! The index is built anew beside the one that serves, while people search, publish and take down: no request fails, nothing
//! that was published is missing for a moment, and nothing that was taken down comes back.

use super::stock::escaped;
use crate::program::{Api, Server, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Rows of the catalogue: a building goes through several pages of them.
const ROWS: usize = 2_400;
/// Buildings.
const TIMES: usize = 3;

async fn import(admin: &Api, rows: &[Value]) -> u64 {
    let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
    let kind = [("content-type", "application/x-ndjson")];
    let path = "/api/v1/imports?vetted_by=Board&source=lib";
    admin.send(Method::POST, path, &kind, lines.join("\n").into_bytes()).await.ok()["position"].as_u64().unwrap()
}

/// Publishes works and takes every other one down until it is told to stop; each bites as soon as it is acknowledged.
async fn publish(admin: Api, stop: Arc<AtomicBool>) -> (u64, u64) {
    let (mut published, mut down) = (0, 0);
    while !stop.load(Ordering::Relaxed) {
        let (id, title) = (format!("new-{published}"), format!("重建期间第{published}号新作"));
        let position = import(&admin, &[json!({"id": id, "title": title})]).await;
        published += 1;
        let exact = format!("/api/v1/search?limit=1&q={}", escaped(&format!("\"{title}\"")));
        assert_eq!(admin.get(&format!("{exact}&after={position}")).await.ok()["total"]["value"], 1, "{title}");
        if published % 2 == 0 {
            let change = json!({"action": "retire", "reason": "权利人要求"});
            let position = admin.post(&format!("/api/v1/resources/{id}/state"), &change).await.ok()["position"].clone();
            assert_eq!(admin.get(&format!("{exact}&after={position}")).await.ok()["total"]["value"], 0, "{title}");
            down += 1;
        }
    }
    (published, down)
}

/// Searches until it is told to stop; the catalogue is always there, whole.
async fn search(visitor: Api, stop: Arc<AtomicBool>, asked: Arc<AtomicU64>) {
    while !stop.load(Ordering::Relaxed) {
        let found = visitor.get(&format!("/api/v1/search?limit=3&q={}", escaped("\"岳麓旧藏\""))).await.ok();
        assert_eq!(found["total"]["value"], ROWS as u64);
        asked.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_fails_and_nothing_is_missing_while_the_index_is_built_anew() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &[("YUELU_LIMITS__REQUESTS_PER_MINUTE", OsStr::new("0"))]);
    let admin = server.api(&server.add_user("admin", "administrator", "/", &[]));
    let rows: Vec<Value> = (0..ROWS).map(|at| json!({"id": format!("old-{at}"), "title": format!("岳麓旧藏第{at}册")})).collect();
    let position = import(&admin, &rows).await;
    admin.get(&format!("/api/v1/search?limit=1&after={position}")).await.ok();
    let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let publishing = tokio::spawn(publish(admin.clone(), Arc::clone(&stop)));
    let searching = tokio::spawn(search(server.visitor(), Arc::clone(&stop), Arc::clone(&asked)));
    for time in 0..TIMES {
        let entry = json!({"kind": "word", "words": [format!("旧藏第{time}")]});
        admin.post("/api/v1/search-words", &entry).await.ok();
        let built = admin.post("/api/v1/index/rebuild", &json!({})).await;
        assert!(built.status.is_success(), "{built}");
    }
    eventually("searches", Duration::from_secs(60), async || (asked.load(Ordering::Relaxed) > 10).then_some(())).await;
    stop.store(true, Ordering::Relaxed);
    searching.await.unwrap();
    let (published, down) = publishing.await.unwrap();
    assert!(published > 1 && down > 0, "{published} published, {down} taken down");
    let verified = admin.post("/api/v1/verification", &json!({"blobs": false})).await.ok();
    assert_eq!((&verified["clean"], &verified["index"]["indexed"]), (&json!(true), &json!(ROWS as u64 + published - down)), "{verified}");
    assert!(server.stop());
}
