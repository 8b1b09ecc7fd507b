//! The server is killed at random moments while people deposit, review, decide and learn; nothing acknowledged is lost.
//!
//! `YUELU_KILLS` says how often (20 where nothing is said; `tests/long/kill.sh` takes more), `YUELU_SEED` repeats a run. Some
//! kills fall into the start, when the server replays what an earlier kill left. After the last one everything that was
//! acknowledged is asked for again, the index is compared with the store, and `yuelu verify` must be clean.

mod check;
mod index;
mod people;
mod watch;

use crate::program::Server;
use people::{Acknowledged, People};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Kills where nothing is said.
const KILLS: u64 = 20;
/// Longest time a server lives, in milliseconds, counted from its first answer.
const LONGEST_LIFE: u64 = 1_500;
/// One kill in so many falls into the start.
const EARLY: u64 = 6;
/// Longest time of a start that is killed, in milliseconds.
const EARLY_LIFE: u64 = 700;

fn number_from(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable}={text} is no number")))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_by_kill_9() {
    let kills = number_from("YUELU_KILLS").unwrap_or(KILLS);
    let seed = number_from("YUELU_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("kills: {kills}, repeat with YUELU_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let dir = tempfile::tempdir().unwrap();
    let acknowledged = Arc::new(Mutex::new(Acknowledged::default()));
    let tokens = {
        let server = Server::start(dir.path());
        let tokens = People::register(&server);
        assert!(server.stop());
        tokens
    };
    let mut early = 0;
    for kill in 0..kills {
        if random.u64(..EARLY) == 0 {
            early += 1;
            Server::kill_while_starting(dir.path(), Duration::from_millis(random.u64(..EARLY_LIFE)));
            continue;
        }
        let server = Server::start(dir.path());
        let busy = People::new(&server, &tokens, Arc::clone(&acknowledged), random.fork()).work(kill);
        // The moment comes from the seed; nothing is expected of it.
        tokio::time::sleep(Duration::from_millis(random.u64(..LONGEST_LIFE))).await;
        server.kill();
        busy.await;
        println!("kill {}: {}", kill + 1, acknowledged.lock().unwrap());
    }
    println!("{early} of {kills} kills fell into a start");
    let server = Server::start(dir.path());
    let known = acknowledged.lock().unwrap().clone();
    check::everything_is_there(&server, &tokens, &known).await;
    check::index_equals_store(&server, &tokens).await;
    let while_serving = server.run(["--json", "verify"]);
    assert!(server.stop());
    let offline = crate::program::server::yuelu(dir.path()).args(["--json", "verify"]).output().unwrap();
    println!("verify: {while_serving}{}", crate::program::server::succeeded(offline));
}
