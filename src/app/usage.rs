//! Tells search how much resources are used, as recommendation counts it: two services that do not know one another meet here.

use crate::clock::Clock;
use crate::discover::Discover;
use crate::recommend::Recommender;
use crate::search::usage::{FEWEST, Usage};
use tokio_util::sync::CancellationToken;

/// Milliseconds between two tellings: the counters are looked through, which is not for every event.
const EVERY: i64 = 60_000;

/// Tells at the start and then every minute, until `stop`.
pub async fn run(recommender: Recommender, discover: Discover, clock: Clock, stop: CancellationToken) {
    loop {
        let (recommender, discover) = (recommender.clone(), discover.clone());
        let telling = tokio::task::spawn_blocking(move || {
            let uses = recommender.uses(FEWEST);
            discover.learn_usage(Usage::of(uses.iter().map(|(id, learners)| (id.as_ref(), *learners))));
        });
        if telling.await.is_err() {
            tracing::error!("what is used could not be told to search");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = clock.sleep_until(clock.now().plus_millis(EVERY)) => {}
        }
    }
}
