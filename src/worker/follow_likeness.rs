//! The follower that sketches what is taken over with a catalogue, so that copies of it that are sent in later are found.

use super::Follower;
use crate::domain::change::{Position, Topic};
use crate::domain::problem::Problem;
use crate::ingest::Ingest;
use crate::operations::pulse;
use crate::store::Told;
use std::collections::BTreeSet;

/// Reads the feed for [`Ingest::sketch_changed`].
pub struct FollowLikeness(pub Ingest);

#[async_trait::async_trait]
impl Follower for FollowLikeness {
    fn name(&self) -> &'static str {
        pulse::LIKENESS
    }

    async fn position(&mut self) -> Result<Option<Position>, Problem> {
        self.0.sketched_to().await
    }

    async fn rebuild(&mut self) -> Result<Position, Problem> {
        self.0.sketch_all().await
    }

    async fn apply(&mut self, told: &[Told], through: Position) -> Result<(), Problem> {
        let facts = told.iter().flat_map(|told| &told.facts).filter(|fact| fact.topic == Topic::Resource);
        let ids: BTreeSet<&str> = facts.map(|fact| fact.id.as_str()).collect();
        self.0.sketch_changed(&ids.into_iter().collect::<Vec<_>>(), through).await
    }
}
