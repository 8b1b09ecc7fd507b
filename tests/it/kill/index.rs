//! The server is killed while its index is written: while works are published and taken down, commits are written, segments merged,
//! words of the dictionary changed, the next index is built beside the present one and swapped in. After the last kill index and
//! store say the same.
//!
//! The kills take turns: one falls into a swap, one into a commit, one into a merge, one at any moment. What each fell into is told
//! by the log and by what lies in the folder afterwards. After some kills the house is looked through and the next one begins in an
//! empty folder: in a large one building would take longer than a life.
//!
//! `YUELU_INDEX_KILLS` says how often (4 where nothing is said; `tests/long/kill_index.sh` takes 200), `YUELU_SEED` repeats a run.

use super::number_from;
use super::watch::{Aim, Fell, Watch};
use crate::program::{Api, Server, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Kills where nothing is said.
const KILLS: u64 = 4;
/// Kills of one house.
const OF_ONE_HOUSE: u64 = 20;
/// Kills from which on each kind must have been hit.
const MANY: u64 = 100;
/// Longest time a server lives that is killed at any moment, in milliseconds.
const LONGEST_LIFE: u64 = 2_500;
/// Works published at once, at most: few, so that the next index is soon ready.
const DOZENS: u64 = 6;

/// What the server said yes to: works by id, and whether they are still there.
type Acknowledged = Arc<Mutex<BTreeMap<String, bool>>>;

#[tokio::test(flavor = "multi_thread")]
async fn an_index_killed_at_any_moment_equals_the_store() {
    let kills = number_from("YUELU_INDEX_KILLS").unwrap_or(KILLS);
    let seed = number_from("YUELU_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("kills: {kills}, repeat with YUELU_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut fell = Fell::default();
    for first in (0..kills).step_by(OF_ONE_HOUSE as usize) {
        let dir = tempfile::tempdir().unwrap();
        let (token, acknowledged) = (registered(dir.path()), Acknowledged::default());
        for kill in first..(first + OF_ONE_HOUSE).min(kills) {
            let aim = Aim::ALL[kill as usize % Aim::ALL.len()];
            let into = live_and_die(dir.path(), &token, kill, aim, &acknowledged, &mut random).await;
            println!("kill {}: aimed at {aim:?}, fell into {into}; {} works", kill + 1, acknowledged.lock().unwrap().len());
            fell.add(&into);
        }
        look_through(dir.path(), &token, &acknowledged).await;
    }
    println!("of {kills} kills fell into {fell}");
    assert!(kills < MANY || fell.has_all(), "each kind is hit");
}

fn registered(dir: &Path) -> String {
    let server = Server::start(dir);
    let token = server.add_user("admin", "administrator", "/", &[]);
    assert!(server.stop());
    token
}

/// One life; what its end fell into.
async fn live_and_die(dir: &Path, token: &str, kill: u64, aim: Aim, acknowledged: &Acknowledged, random: &mut fastrand::Rng) -> Fell {
    let (server, lines) = Server::start_told(dir, &[("YUELU_LOG__FILTER", Watch::FILTER.as_ref())]);
    let watch = Watch::of(dir, lines);
    let admin = server.api(token);
    let publishing = tokio::spawn(publish(admin.clone(), Arc::clone(acknowledged), random.fork(), kill));
    let building = tokio::spawn(build(admin, kill, aim != Aim::Commit && aim != Aim::Merge));
    match aim {
        // The moment comes from the seed; nothing is expected of it.
        Aim::Moment => tokio::time::sleep(Duration::from_millis(random.u64(..LONGEST_LIFE))).await,
        aim => watch.wait_for(aim, random).await,
    }
    server.kill();
    publishing.await.unwrap();
    building.await.unwrap();
    watch.ended()
}

async fn look_through(dir: &Path, token: &str, acknowledged: &Acknowledged) {
    let server = Server::start(dir);
    let admin = server.api(token);
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
    println!("{} works were acknowledged; index and store say the same", known.len());
    assert!(server.stop());
}

/// Publishes works, and takes one of each lot down, until the server no longer answers.
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

/// Has the index built anew, `again` and again, each time with another word of the dictionary, until the server no longer answers.
async fn build(admin: Api, life: u64, again: bool) {
    for turn in 0.. {
        let word = json!({"kind": "word", "words": [format!("湖湘{life}材料{turn}")]});
        let taught = admin.try_post("/api/v1/search-words", &word).await;
        if taught.is_err() || !again || admin.try_post("/api/v1/index/rebuild", &json!({})).await.is_err() {
            return;
        }
    }
}
