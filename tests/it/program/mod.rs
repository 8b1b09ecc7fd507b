//! What the integration tests stand on: the real binary on a temporary data directory, an HTTP client, small packages.
//!
//! Nothing here sleeps for a fixed time and hopes: [`eventually`] asks again until a deadline.

mod here;
pub mod outbox;
pub mod packages;
pub mod rules;
pub mod server;
pub mod vetters;

pub use server::{Answer, Api, Server};
pub use vetters::Vetters;

use serde_json::Value;
use std::time::{Duration, Instant};

/// Pause between two looks at something that will come.
const PAUSE: Duration = Duration::from_millis(20);

/// What readiness tells once every follower has come to `position`.
pub fn all_followed(readiness: &Value, position: &Value) -> Option<()> {
    let position = position.as_u64().expect("a position");
    let followers = readiness["followers"].as_object().filter(|followers| !followers.is_empty())?;
    followers.values().all(|follower| follower["position"].as_u64() >= Some(position)).then_some(())
}

/// Asks until there is an answer; panics with `what` when there is none within `patience`.
pub async fn eventually<T>(what: &str, patience: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(began.elapsed() < patience, "not within {} s: {what}", patience.as_secs());
        tokio::time::sleep(PAUSE).await;
    }
}
