//! The server is killed while its index is written: while works are published and taken down by the dozen, segments are merged,
//! and the next index is built beside the present one and swapped in. After the last kill index and store say the same.
//!
//! `YUELU_INDEX_KILLS` says how often (4 where nothing is said; `tests/long/kill_index.sh` takes 200), `YUELU_SEED` repeats a run.

use super::number_from;
use crate::program::{Api, Server, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Kills where nothing is said.
const KILLS: u64 = 4;
/// Longest time a server lives, in milliseconds.
const LONGEST_LIFE: u64 = 2_000;
/// Works published at once, at most: few, so that the next index is often ready before the kill.
const DOZENS: u64 = 6;

/// What the server said yes to: works by id, and whether they are still there.
type Acknowledged = Arc<Mutex<BTreeMap<String, bool>>>;

#[tokio::test(flavor = "multi_thread")]
async fn an_index_killed_at_any_moment_equals_the_store() {
    let kills = number_from("YUELU_INDEX_KILLS").unwrap_or(KILLS);
    let seed = number_from("YUELU_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("kills: {kills}, repeat with YUELU_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let token = server.add_user("admin", "administrator", "/", &[]);
    assert!(server.stop());
    let acknowledged = Acknowledged::default();
    for kill in 0..kills {
        let server = Server::start(dir.path());
        let admin = server.api(&token);
        let publishing = tokio::spawn(publish(admin.clone(), Arc::clone(&acknowledged), random.fork(), kill));
        let building = tokio::spawn(build(admin, kill));
        // The moment comes from the seed; nothing is expected of it.
        tokio::time::sleep(Duration::from_millis(random.u64(..LONGEST_LIFE))).await;
        server.kill();
        publishing.await.unwrap();
        let builds = building.await.unwrap();
        println!("kill {}: {} works acknowledged, {builds} builds", kill + 1, acknowledged.lock().unwrap().len());
    }
    let server = Server::start(dir.path());
    let admin = server.api(&token);
    let known = acknowledged.lock().unwrap().clone();
    for (id, is_there) in &known {
        let status = server.visitor().get(&format!("/api/v1/resources/{id}")).await.status.as_u16();
        assert_eq!(status, if *is_there { 200 } else { 410 }, "{id}");
    }
    eventually("index and store say the same", Duration::from_secs(120), async || {
        let verified = admin.post("/api/v1/verification", &json!({"blobs": false})).await.ok();
        (verified["clean"] == true && verified["index"]["served"] == verified["index"]["indexed"]).then_some(())
    })
    .await;
    println!("{} works were acknowledged", known.len());
    assert!(server.stop());
}

/// Publishes works by the dozen, and takes one of each dozen down, until the server no longer answers.
async fn publish(admin: Api, acknowledged: Acknowledged, mut random: fastrand::Rng, life: u64) {
    for turn in 0.. {
        let ids: Vec<String> = (0..=random.u64(..DOZENS)).map(|place| format!("k{life}-{turn}-{place}")).collect();
        let rows: Vec<String> = ids.iter().map(|id| json!({"id": id, "title": format!("{id}号材料：湖湘文化读本")}).to_string()).collect();
        let kind = [("content-type", "application/x-ndjson")];
        let path = "/api/v1/imports?vetted_by=Board&source=lib";
        let Ok(answer) = admin.try_send(Method::POST, path, &kind, rows.join("\n").into_bytes()).await else { return };
        assert!(answer.status.is_success(), "{answer}");
        acknowledged.lock().unwrap().extend(ids.iter().map(|id| (id.clone(), true)));
        let Some(down) = ids.first() else { continue };
        let change: Value = json!({"action": "retire", "reason": "权利人要求"});
        let asked = admin.try_post(&format!("/api/v1/resources/{down}/state"), &change).await;
        // Whether it went down is not known when no answer came.
        match asked {
            Ok(answer) => assert!(answer.status.is_success(), "{answer}"),
            Err(_) => {
                acknowledged.lock().unwrap().remove(down);
                return;
            }
        }
        acknowledged.lock().unwrap().insert(down.clone(), false);
    }
}

/// Has the index built anew, each time with another word of the dictionary, until the server no longer answers; how often.
async fn build(admin: Api, life: u64) -> u64 {
    for turn in 0.. {
        let word = json!({"kind": "word", "words": [format!("湖湘{life}材料{turn}")]});
        if admin.try_post("/api/v1/search-words", &word).await.is_err()
            || admin.try_post("/api/v1/index/rebuild", &json!({})).await.is_err()
        {
            return turn;
        }
    }
    0
}
