//! Who keeps the server busy: a depositor, a reviewer, an approver and a platform, each noting what was acknowledged.

use crate::program::{Api, Server, packages, vetters};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex};

/// Organisation that deposits.
pub const OWNER: &str = "/hunan/changsha/yuelu-college";

/// Everything the server said yes to.
#[derive(Clone, Debug, Default)]
pub struct Acknowledged {
    /// Deposits: id, with its Idempotency-Key and package.
    pub deposits: BTreeMap<String, (String, Vec<u8>)>,
    /// Stamped pledges, with their deposit.
    pub pledges: BTreeMap<String, String>,
    /// Submissions with an opinion.
    pub opinions: Vec<String>,
    /// Published submissions, with their resource.
    pub published: BTreeMap<String, String>,
    /// Batches of events.
    pub events: Vec<Value>,
}

impl std::fmt::Display for Acknowledged {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let events: usize = self.events.iter().map(|batch| batch.as_array().map_or(0, Vec::len)).sum();
        let (deposits, opinions, published) = (self.deposits.len(), self.opinions.len(), self.published.len());
        write!(out, "acknowledged so far: {deposits} deposits, {opinions} opinions, {published} publications, {events} events")
    }
}

/// The tokens of those who act.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Deposits.
    pub contributor: String,
    /// Approves for the institution.
    pub second: String,
    /// Reviews.
    pub reviewer: String,
    /// Decides.
    pub approver: String,
    /// Reports events.
    pub platform: String,
    /// Sees everything.
    pub auditor: String,
}

/// The people of one life of the server.
pub struct People {
    contributor: Api,
    second: Api,
    reviewer: Api,
    approver: Api,
    platform: Api,
    acknowledged: Arc<Mutex<Acknowledged>>,
    random: fastrand::Rng,
}

impl People {
    /// Makes the accounts.
    pub fn register(server: &Server) -> Tokens {
        let add = |name: &str, role: &str, scope: &str, more: &[&str]| server.add_user(name, role, scope, more);
        Tokens {
            contributor: add("contributor", "contributor", OWNER, &["--institution", "岳麓示范社区学院"]),
            second: add("second", "manager", OWNER, &["--institution", "岳麓示范社区学院"]),
            reviewer: add("reviewer", "reviewer", "/", &[]),
            approver: add("approver", "committee", "/", &[]),
            platform: add("platform", "platform", "/", &[]),
            auditor: add("auditor", "auditor", "/", &[]),
        }
    }

    /// The people at a server.
    pub fn new(server: &Server, tokens: &Tokens, acknowledged: Arc<Mutex<Acknowledged>>, random: fastrand::Rng) -> Self {
        Self {
            contributor: server.api(&tokens.contributor),
            second: server.api(&tokens.second),
            reviewer: server.api(&tokens.reviewer),
            approver: server.api(&tokens.approver),
            platform: server.api(&tokens.platform),
            acknowledged,
            random,
        }
    }

    /// Lets all of them work until the server no longer answers. `life` keeps what they make apart from other lives.
    pub fn work(self, life: u64) -> impl Future<Output = ()> {
        let Self { contributor, second, reviewer, approver, platform, acknowledged, random } = self;
        let mut rng = random;
        let tasks = [
            tokio::spawn(deposit(contributor, Arc::clone(&acknowledged), life)),
            tokio::spawn(stamp_all(second, Arc::clone(&acknowledged))),
            tokio::spawn(review(reviewer, Arc::clone(&acknowledged))),
            tokio::spawn(approve(approver, Arc::clone(&acknowledged))),
            tokio::spawn(learn(platform, acknowledged, rng.fork(), life)),
        ];
        async {
            for task in tasks {
                task.await.expect("a client found an answer that cannot be");
            }
        }
    }
}

/// Takes an answer that came whole: the server was alive, so it must be none of its faults.
fn sound(answer: &crate::program::Answer) {
    assert!(answer.status.as_u16() < 500 || answer.status == 503, "{answer}");
}

async fn deposit(api: Api, acknowledged: Arc<Mutex<Acknowledged>>, life: u64) {
    for turn in 0.. {
        let id = format!("KILL-{life}-{turn}");
        let package = packages::document_zip(&id, &format!("第{life}轮第{turn}份材料"), &format!("k{life}w{turn}"));
        let headers = [("content-type", "application/zip"), ("idempotency-key", id.as_str())];
        let path = "/api/v1/deposits?pledge=2026-1";
        let Ok(answer) = api.try_send(reqwest::Method::POST, path, &headers, package.clone()).await else { return };
        sound(&answer);
        if answer.status.is_success() {
            let deposit = answer.json()["id"].as_str().unwrap().to_owned();
            acknowledged.lock().unwrap().deposits.insert(deposit, (id, package));
        }
    }
}

async fn stamp_all(api: Api, acknowledged: Arc<Mutex<Acknowledged>>) {
    loop {
        let Ok(waiting) = api.try_get("/api/v1/submissions?state=approval&limit=20").await else { return };
        sound(&waiting);
        for submission in waiting.value()["items"].as_array().into_iter().flatten() {
            let path = format!("/api/v1/deposits/{}/pledge", submission["deposit"].as_str().unwrap());
            let Ok(sheet) = api.try_get(&path).await else { return };
            sound(&sheet);
            let Some(stamp) = sheet.status.is_success().then(|| vetters::stamp_request(&sheet.value())) else { continue };
            let kind = [("content-type", "image/png")];
            let Ok(answer) = api.try_send(reqwest::Method::POST, &stamp, &kind, packages::picture(32, 32)).await else { return };
            sound(&answer);
            if answer.status.is_success() {
                let (kept, text) = (answer.json(), |value: &Value| value.as_str().unwrap().to_owned());
                acknowledged.lock().unwrap().pledges.insert(text(&kept["id"]), text(&kept["deposit"]));
            }
        }
        tokio::task::yield_now().await;
    }
}

async fn review(api: Api, acknowledged: Arc<Mutex<Acknowledged>>) {
    loop {
        let Ok(next) = api.try_post("/api/v1/reviews/next", &json!({})).await else { return };
        sound(&next);
        let Some(id) = next.status.is_success().then(|| next.value()).and_then(|next| next["id"].as_str().map(str::to_owned)) else {
            tokio::task::yield_now().await;
            continue;
        };
        let opinion = json!({"verdict": "pass", "text": "内容完整，同意。"});
        let Ok(answer) = api.try_post(&format!("/api/v1/reviews/{id}/opinion"), &opinion).await else { return };
        sound(&answer);
        if answer.status.is_success() {
            acknowledged.lock().unwrap().opinions.push(id);
        }
    }
}

async fn approve(api: Api, acknowledged: Arc<Mutex<Acknowledged>>) {
    loop {
        let Ok(waiting) = api.try_get("/api/v1/submissions?state=final&limit=20").await else { return };
        sound(&waiting);
        for submission in waiting.value()["items"].as_array().into_iter().flatten() {
            let (id, resource) = (submission["id"].as_str().unwrap(), submission["resource"].as_str().unwrap());
            let decision = json!({"verdict": "pass", "reason": ""});
            let Ok(answer) = api.try_post(&format!("/api/v1/reviews/{id}/decision"), &decision).await else { return };
            sound(&answer);
            if answer.status.is_success() {
                acknowledged.lock().unwrap().published.insert(id.to_owned(), resource.to_owned());
            }
        }
        tokio::task::yield_now().await;
    }
}

async fn learn(api: Api, acknowledged: Arc<Mutex<Acknowledged>>, mut random: fastrand::Rng, life: u64) {
    for turn in 0.. {
        let resources: Vec<String> = acknowledged.lock().unwrap().published.values().cloned().collect();
        let mut event = |place: u64| {
            let resource = random.choice(&resources).cloned().unwrap_or_else(|| "not-published".to_owned());
            let learner = format!("learner-{}", random.u8(..20));
            json!({"id": format!("{life}-{turn}-{place}"), "learner": learner, "resource": resource, "verb": "viewed", "at": "2026-11-20T08:00:00Z"})
        };
        let batch = Value::Array((0..40).map(&mut event).collect());
        let Ok(answer) = api.try_post("/api/v1/events", &batch).await else { return };
        sound(&answer);
        if answer.status.is_success() {
            acknowledged.lock().unwrap().events.push(batch);
        }
    }
}
