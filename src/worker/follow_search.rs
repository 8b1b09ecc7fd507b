//! The follower that keeps the search index.

use super::follower::{Follower, follow};
use crate::clock::Clock;
use crate::discover::Discover;
use crate::discover::indexer::Indexer;
use crate::domain::change::Position;
use crate::domain::problem::Problem;
use crate::operations::Pulse;
use crate::operations::pulse::SEARCH;
use crate::store::{Store, Told};
use tokio_util::sync::CancellationToken;

/// Follows the feed into the index until `stop`.
pub async fn run(store: Store, clock: Clock, pulse: Pulse, discover: &Discover, stop: CancellationToken) {
    let follower = SearchFollower { indexer: discover.indexer(), pulse: pulse.clone() };
    follow(store, clock, pulse, follower, stop).await;
}

struct SearchFollower {
    indexer: Indexer,
    pulse: Pulse,
}

#[async_trait::async_trait]
impl Follower for SearchFollower {
    fn name(&self) -> &'static str {
        SEARCH
    }

    async fn position(&mut self) -> Result<Option<Position>, Problem> {
        self.indexer.position()
    }

    async fn rebuild(&mut self) -> Result<Position, Problem> {
        let pulse = self.pulse.clone();
        let heard = move |position, seen| {
            pulse.reached(SEARCH, position);
            pulse.covers(SEARCH, seen);
        };
        self.indexer.rebuild(&heard).await
    }

    async fn apply(&mut self, told: &[Told], through: Position) -> Result<(), Problem> {
        self.indexer.apply(told, through).await
    }
}
