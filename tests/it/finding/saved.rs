//! Saved searches: kept by their owners, and told of what is new once a day, once for each work, and only to who may see it.

use super::stock::{escaped, holding};
use crate::program::{Api, Server, eventually};
use axum::http::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use yuelu::clock::Clock;
use yuelu::domain::time::Timestamp;

const SAVED: &str = "/api/v1/saved-searches";
const PATIENCE: Duration = Duration::from_secs(60);

/// A house by a clock that stands still, with a stranger and a member of an organisation. Who was made last is told last.
struct House {
    clock: Clock,
    server: Server,
    admin: Api,
    stranger: Api,
    member: Api,
    last: Api,
}

impl House {
    async fn open(dir: &Path) -> Self {
        let clock = Clock::fixed(Timestamp::parse("2026-11-23T09:00:00+08:00").unwrap());
        let server = Server::start_by(dir, &clock);
        let person = |name: &str, role: &str, scope: &str| server.api(&server.add_user(name, role, scope, &[]));
        let admin = person("root-admin", "administrator", "/");
        let (stranger, member) = (person("stranger", "learner", "/hunan/changsha"), person("member", "learner", "/hunan/huaihua"));
        let last = person("last", "learner", "/hunan/changsha");
        let house = Self { admin, stranger, member, last, clock, server };
        house.save(&house.last, "标记", &json!({"q": "标记"})).await;
        house
    }

    async fn save(&self, api: &Api, name: &str, query: &Value) -> String {
        let made = api.post(SAVED, &json!({"name": name, "query": query})).await.ok();
        made["id"].as_str().unwrap().to_owned()
    }

    async fn publish(&self, rows: &[Value]) {
        let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
        let kind = [("content-type", "application/x-ndjson")];
        let path = "/api/v1/imports?vetted_by=Board&source=lib";
        let done = self.admin.send(Method::POST, path, &kind, lines.join("\n").into_bytes()).await.ok();
        assert_eq!(done["created"], rows.len(), "{done}");
        self.admin.get(&format!("/api/v1/search?limit=1&after={}", done["position"])).await.ok();
    }

    async fn to_state(&self, id: &str, action: &str) {
        let change = json!({"action": action, "reason": "有投诉"});
        let done = self.admin.post(&format!("/api/v1/resources/{id}/state"), &change).await.ok();
        self.admin.get(&format!("/api/v1/search?limit=1&after={}", done["position"])).await.ok();
    }

    /// Lets the morning of a day come, and waits until everybody was told: the last of all has something new each day.
    async fn morning(&self, day: &str) {
        self.publish(&[json!({"id": format!("mark-{day}"), "title": format!("标记{day}")})]).await;
        let before = told(&self.last).await.len();
        self.until(&format!("{day}T07:00:30"));
        self.told_last(before + 1).await;
    }

    fn until(&self, at: &str) {
        let at = Timestamp::parse(&format!("{at}+08:00")).unwrap();
        self.clock.advance(at.millis() - self.clock.now().millis());
    }

    async fn told_last(&self, count: usize) {
        let all = async || (told(&self.last).await.len() == count).then_some(());
        eventually("the day's round", PATIENCE, all).await;
    }

    /// Stops, lets time pass, starts again.
    async fn away_until(self, dir: &Path, at: &str) -> Self {
        let Self { clock, server, admin, stranger, member, last } = self;
        assert!(server.stop());
        let at = Timestamp::parse(&format!("{at}+08:00")).unwrap();
        clock.advance(at.millis() - clock.now().millis());
        let server = Server::start_by(dir, &clock);
        let [admin, stranger, member, last] = [admin, stranger, member, last].map(|api| api.at(&server));
        Self { clock, server, admin, stranger, member, last }
    }
}

/// Notices about saved searches, the newest first.
async fn told(api: &Api) -> Vec<Value> {
    let inbox = api.get("/api/v1/notices?limit=100").await.ok();
    inbox["items"].as_array().unwrap().iter().filter(|one| one["code"] == "new_hits").cloned().collect()
}

fn song(id: &str) -> Value {
    json!({"id": id, "title": format!("侗族大歌{id}"), "kind": "audio", "published": "2019-05-01"})
}

#[tokio::test]
async fn owners_are_told_once_a_day_of_what_they_may_see() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path()).await;
    house.publish(&[song("before")]).await;
    house.until("2026-11-23T10:00:00");
    let query = json!({"q": "侗族大歌", "kind": "音频", "sort": "title", "limit": 3});
    let saved = house.save(&house.stranger, "大歌", &query).await;
    house.save(&house.member, "大歌", &query).await;
    house.until("2026-11-23T11:00:00");
    let mut inner = song("inner");
    inner.as_object_mut().unwrap().extend([("owner".into(), json!("/hunan/huaihua")), ("visibility".into(), json!("organisation"))]);
    let other = json!({"id": "text", "title": "侗族大歌歌词", "kind": "document"});
    house.publish(&[song("a"), song("b"), song("c"), song("d"), song("held"), inner, other]).await;
    house.to_state("held", "suspend").await;
    house.morning("2026-11-24").await;
    let (one, two) = (told(&house.stranger).await, told(&house.member).await);
    assert_eq!((one.len(), two.len()), (1, 1), "{one:?} {two:?}");
    assert_eq!((&one[0]["title"], &two[0]["title"]), (&json!("“大歌”有 4 条新资源"), &json!("“大歌”有 5 条新资源")));
    assert_eq!((&one[0]["group"], &one[0]["subject"], &one[0]["subject_id"]), (&json!("searches"), &json!("saved_search"), &json!(saved)));
    let text = one[0]["text"].as_str().unwrap();
    assert!(text.ends_with("等。") && text.matches("《侗族大歌").count() == 3, "{text}");
    for hidden in ["inner", "held", "before", "歌词"] {
        assert!(!one[0].to_string().contains(hidden), "{hidden}: {one:?}");
    }
    let link = one[0]["link"].as_str().unwrap();
    let page = house.stranger.get(link).await;
    assert!(link.starts_with("/search?") && page.status == 200 && page.to_string().contains("找到 4 个资源"), "{link}: {page}");
    assert!(page.to_string().contains("入库时间：2026-11-23 10:00 至 2026-11-24"), "{page}");

    // Nothing new: nothing is told. What is restored, changed or rebuilt is not new.
    house.to_state("held", "restore").await;
    house.publish(&[json!({"id": "other", "title": "太极拳", "kind": "audio"})]).await;
    house.admin.post("/api/v1/index/rebuild", &json!({})).await;
    house.morning("2026-11-25").await;
    assert_eq!((told(&house.stranger).await.len(), told(&house.member).await.len()), (1, 1));

    // Two days of absence, two works: one notice, of both. The one that came before is told no second time.
    house.publish(&[song("e"), song("f")]).await;
    house.until("2026-11-25T12:00:00");
    let house = house.away_until(dir.path(), "2026-11-27T23:00:00").await;
    let back = async || (told(&house.stranger).await.len() == 2).then_some(());
    eventually("what was missed", PATIENCE, back).await;
    assert_eq!(told(&house.stranger).await[0]["title"], "“大歌”有 2 条新资源");
    // The same day brings no second one, though there is something new and the job comes again in the morning.
    house.publish(&[song("g")]).await;
    house.morning("2026-11-28").await;
    assert_eq!(told(&house.stranger).await.len(), 3);
    assert_eq!(told(&house.stranger).await[0]["text"], "您保存的检索“大歌”有 1 条新资源：《侗族大歌g》。");
    assert!(house.server.stop());
}

#[tokio::test]
async fn paused_deleted_and_locked_ones_are_silent() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path()).await;
    let paused = house.save(&house.stranger, "一", &json!({"q": "侗族大歌"})).await;
    let gone = house.save(&house.stranger, "二", &json!({"q": "侗族大歌"})).await;
    house.save(&house.member, "三", &json!({"q": "侗族大歌"})).await;
    let change = async |id: &str, change: Value| {
        let kind = [("content-type", "application/json")];
        let path = format!("{SAVED}/{id}");
        house.stranger.send(Method::PATCH, &path, &kind, change.to_string().into_bytes()).await.ok()
    };
    assert_eq!(change(&paused, json!({"paused": true})).await["paused"], true);
    assert_eq!(house.stranger.send(Method::DELETE, &format!("{SAVED}/{gone}"), &[], Vec::new()).await.status, 204);
    let member = house.member.get("/api/v1/me").await.ok()["account"].as_str().unwrap().to_owned();
    let lock = async |locked: bool| {
        let kind = [("content-type", "application/json")];
        let body = json!({"locked": locked}).to_string().into_bytes();
        assert!(house.admin.send(Method::PUT, &format!("/api/v1/accounts/{member}/lock"), &kind, body).await.status.is_success());
    };
    lock(true).await;
    house.until("2026-11-23T10:00:00");
    house.publish(&[song("a")]).await;
    house.morning("2026-11-24").await;
    assert_eq!(told(&house.stranger).await.len(), 0);
    lock(false).await;
    assert_eq!(change(&paused, json!({"paused": false, "name": "又一"})).await["name"], "又一");
    house.until("2026-11-24T09:00:00");
    house.publish(&[song("b")]).await;
    house.morning("2026-11-25").await;
    assert_eq!(told(&house.stranger).await[0]["title"], "“又一”有 1 条新资源", "what came during the pause is not told");
    let member = told(&house.member).await;
    assert_eq!((member.len(), &member[0]["title"]), (1, &json!("“三”有 2 条新资源")), "who was locked is told when not any more");
    assert!(house.server.stop());
}

#[tokio::test]
async fn searches_are_kept_taken_along_and_forgotten() {
    let (app, _) = holding(&[json!({"id": "one", "title": "土家织锦"})]).await;
    let li = app.account("li", "learner", "/hunan").await;
    let wang = app.account("wang", "learner", "/hunan").await;
    let new = json!({"name": " 织锦 ", "query": {"q": "土家 织锦", "region": "湘西", "minutes": "..30", "cursor": "x", "explain": true}});
    let made = app.call(Method::POST, &li, SAVED, new.clone()).await.expect(201).json();
    assert_eq!((&made["name"], &made["paused"], &made["told"]), (&json!("织锦"), &json!(false), &Value::Null));
    assert_eq!(made["query"], json!({"q": "土家 织锦", "region": "湘西", "minutes": "..30"}));
    assert!(made["address"].as_str().unwrap().contains(&escaped("织锦")), "{made}");
    app.get(&li, made["address"].as_str().unwrap()).await.expect(200);
    assert_eq!(made["page"], made["address"].as_str().unwrap().replace("/api/v1/search", "/search"), "{made}");
    let path = format!("{SAVED}/{}", made["id"].as_str().unwrap());
    app.call(Method::PATCH, &wang, &path, json!({"paused": true})).await.expect(404);
    app.call(Method::DELETE, &wang, &path, json!({})).await.expect(404);
    assert_eq!(app.get(&wang, SAVED).await.json()["items"], json!([]));
    for (wrong, code) in [
        (json!({"name": "", "query": {}}), "bad-length"),
        (json!({"name": "甲", "query": {"minutes": "30"}}), "range"),
        (json!({"name": "甲", "query": {"q": "长".repeat(401)}}), "bad-length"),
    ] {
        let told = app.call(Method::POST, &li, SAVED, wrong).await;
        assert!([400, 422].contains(&told.status.as_u16()) && told.code() == code, "{told:?}");
    }
    for _ in 1..50 {
        app.call(Method::POST, &li, SAVED, new.clone()).await.expect(201);
    }
    assert_eq!(app.call(Method::POST, &li, SAVED, new).await.expect(409).code(), "too-many-searches");
    let export = app.get(&li, "/api/v1/learners/me/export").await.expect(200).json();
    assert_eq!((export["saved_searches"].as_array().unwrap().len(), &export["saved_searches"][0]), (50, &made));
    let admin = app.account("root-admin", "administrator", "/").await;
    app.call(Method::POST, &wang, SAVED, json!({"name": "乙", "query": {"q": "乙"}})).await.expect(201);
    app.call(Method::DELETE, &admin, "/api/v1/learners/li", json!({})).await.expect(204);
    assert_eq!(app.get(&li, SAVED).await.json()["items"], json!([]), "they go with the record");
    assert_eq!(app.get(&wang, SAVED).await.json()["items"].as_array().unwrap().len(), 1);
    app.close().await;
}
