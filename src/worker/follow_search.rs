//! The follower that keeps the search index.

use super::Follower;
use crate::discover::Discover;
use crate::discover::indexer::Indexer;
use crate::domain::change::Position;
use crate::domain::problem::Problem;
use crate::operations::Pulse;
use crate::operations::pulse::SEARCH;
use crate::store::Told;

/// Reads the feed for the one writer of the index.
pub struct FollowSearch {
    indexer: Indexer,
    pulse: Pulse,
}

impl FollowSearch {
    /// Over the index, telling `pulse` how far a rebuild is.
    pub fn new(discover: &Discover, pulse: Pulse) -> Self {
        Self { indexer: discover.indexer(), pulse }
    }
}

#[async_trait::async_trait]
impl Follower for FollowSearch {
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
