//! What must be true after the last kill.

use super::people::{Acknowledged, Tokens};
use crate::program::{Api, Server, eventually};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long jobs and followers may take to catch up.
const PATIENCE: Duration = Duration::from_secs(120);

/// Everything acknowledged is there, and doing it again changes nothing.
pub async fn everything_is_there(server: &Server, tokens: &Tokens, known: &Acknowledged) {
    let auditor = server.api(&tokens.auditor);
    jobs_are_done(&auditor).await;
    let contributor = server.api(&tokens.contributor);
    for (deposit, (key, package)) in &known.deposits {
        let receipt = contributor.get(&format!("/api/v1/deposits/{deposit}")).await.ok();
        assert_eq!(receipt["state"]["code"], "unpacked", "{receipt}");
        assert_eq!(receipt["counts"]["submitted"], 1, "{receipt}");
        let headers = [("content-type", "application/zip"), ("idempotency-key", key.as_str())];
        let path = "/api/v1/deposits?pledge=2026-1";
        let again = contributor.send(reqwest::Method::POST, path, &headers, package.clone()).await.ok();
        assert_eq!(again["id"], deposit.as_str(), "the same key gives the same deposit");
    }
    for (pledge, deposit) in &known.pledges {
        let sheet = auditor.get(&format!("/api/v1/deposits/{deposit}/pledge")).await.ok();
        assert!(sheet["stamped"].as_array().unwrap().iter().any(|stamped| stamped["id"] == pledge.as_str()), "{sheet}");
        assert_eq!(sheet["works"].as_array().map(Vec::len), Some(0), "what a stamped pledge covers was approved: {sheet}");
    }
    for submission in &known.opinions {
        let shown = auditor.get(&format!("/api/v1/submissions/{submission}")).await.ok();
        assert_eq!(shown["opinions"].as_array().map(Vec::len), Some(1), "{shown}");
    }
    for (submission, resource) in &known.published {
        let shown = auditor.get(&format!("/api/v1/submissions/{submission}")).await.ok();
        assert_eq!(shown["state"]["code"], "published", "{shown}");
        assert_eq!(server.visitor().get(&format!("/api/v1/resources/{resource}")).await.status, 200);
    }
    let platform = server.api(&tokens.platform);
    for batch in &known.events {
        let again = platform.post("/api/v1/events", batch).await.ok();
        assert_eq!((&again["accepted"], again["duplicates"].as_u64()), (&Value::from(0), Some(40)), "an acknowledged event was lost");
    }
}

async fn jobs_are_done(auditor: &Api) {
    eventually("all jobs are done", PATIENCE, async || {
        let waiting = auditor.get("/api/v1/jobs").await.ok();
        waiting["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|job| !["unpack", "check", "approve"].contains(&job["kind"].as_str().unwrap()))
            .then_some(())
    })
    .await;
    let parked = auditor.get("/api/v1/jobs?parked=true").await.ok();
    assert_eq!(parked["items"].as_array().map(Vec::len), Some(0), "{parked}");
}

/// What search finds is what was published, no more and no less.
pub async fn index_equals_store(server: &Server, tokens: &Tokens) {
    let auditor = server.api(&tokens.auditor);
    let published = all(&auditor, "/api/v1/submissions?state=published", "items", "resource").await;
    eventually("the index equals the store", PATIENCE, async || {
        let found = all(&server.visitor(), "/api/v1/search?q=", "hits", "id").await;
        (found == published).then_some(())
    })
    .await;
    println!("{} resources are published and found", published.len());
}

async fn all(api: &Api, path: &str, list: &str, field: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let page = api.get(&format!("{path}&limit=100{cursor}")).await.ok();
        found.extend(page[list].as_array().unwrap().iter().map(|item| item[field].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}
