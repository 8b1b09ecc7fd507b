//! Webhooks: signed, tried again, told where things stand and nothing about people.

use super::listener::Listener;
use super::{House, INSTITUTION, PATIENCE, put};
use crate::program::{Vetters, eventually};
use serde_json::{Value, json};

#[tokio::test]
async fn a_webhook_is_called_with_a_signature_until_it_takes_the_event() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), "[notices]\nwebhooks_inside = true\n");
    let manager = house.server.api(&house.server.add_user("manager", "manager", Vetters::OWNER, &[]));
    let listener = Listener::start(&[500]).await;
    let wanted = json!({"scope": Vetters::OWNER, "url": format!("{}/hook", listener.url), "events": ["submission.returned"]});
    let made = manager.post("/api/v1/webhooks", &wanted).await.ok();
    let (id, secret) = (made["id"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned());
    assert!(!manager.get("/api/v1/webhooks").await.ok().to_string().contains(&secret), "the secret is shown once");

    let submission = house.returned("w-1", "回收电池的去处").await;
    let calls = eventually("a second call", PATIENCE, async || Some(listener.seen()).filter(|seen| seen.len() >= 2)).await;
    let [first, second] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!((&first.body, first.header("yuelu-delivery")), (&second.body, second.header("yuelu-delivery")), "the same, sent again");
    [first, second].iter().for_each(|call| call.verify(&secret));
    let body = second.json();
    assert_eq!(
        (&body["event"], &body["state"], &body["submission"]),
        (&json!("submission.returned"), &json!("returned"), &json!(submission))
    );
    assert_eq!((second.header("yuelu-event"), second.header("yuelu-delivery")), ("submission.returned", body["id"].as_str().unwrap()));
    for personal in ["contributor", "reviewer", "desk", "李秀英", INSTITUTION, "回收电池"] {
        assert!(!body.to_string().contains(personal), "{personal} in {body}");
    }
    let delivered = async || deliveries(&manager, &id).await.into_iter().find(|one| one["state"] == "delivered");
    let delivery = eventually("a delivery that is done", PATIENCE, delivered).await;
    assert_eq!((&delivery["status"], &delivery["submission"]), (&json!(200), &json!(submission)));

    manager.post(&format!("/api/v1/webhooks/{id}/ping"), &json!({})).await.ok();
    let pinged = async || listener.seen().into_iter().find(|call| call.header("yuelu-event") == "ping");
    eventually("a ping", PATIENCE, pinged).await.verify(&secret);
    let off = json!({"url": listener.url, "events": [], "active": false});
    put(&manager, &format!("/api/v1/webhooks/{id}"), &off).await.ok();
    assert_eq!(manager.post(&format!("/api/v1/webhooks/{id}/ping"), &json!({})).await.status, 409);
}

async fn deliveries(manager: &crate::program::Api, id: &str) -> Vec<Value> {
    manager.get(&format!("/api/v1/webhooks/{id}/deliveries")).await.ok().as_array().unwrap().clone()
}

#[tokio::test]
async fn addresses_within_the_house_are_refused_and_so_are_strangers() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), "");
    let manager = house.server.api(&house.server.add_user("manager", "manager", Vetters::OWNER, &[]));
    let hook = |url: &str, events: Value| json!({"scope": Vetters::OWNER, "url": url, "events": events});
    for url in ["https://127.0.0.1/hook", "https://10.0.0.8/hook", "http://college.example/hook", "https://college.example/\u{0}", "x"] {
        assert_eq!(manager.post("/api/v1/webhooks", &hook(url, json!([]))).await.status, 422, "{url}");
    }
    assert_eq!(manager.post("/api/v1/webhooks", &hook("https://college.example/hook", json!(["nothing"]))).await.status, 422);
    let made = manager.post("/api/v1/webhooks", &hook("https://college.example/hook", json!([]))).await.ok();
    let path = format!("/api/v1/webhooks/{}", made["id"].as_str().unwrap());
    let stranger = house.server.api(&house.server.add_user("stranger", "manager", "/hunan/xiangxi/jishou", &[]));
    assert_eq!(stranger.get(&path).await.status, 404);
    assert_eq!(stranger.get("/api/v1/webhooks").await.ok(), json!([]));
    assert_eq!(manager.send(reqwest::Method::DELETE, &path, &[], Vec::new()).await.status, 204);
    assert_eq!(manager.get(&path).await.status, 404);
}
