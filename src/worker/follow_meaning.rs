//! The follower that keeps what resources mean, where the site has an embedding service.

use super::Follower;
use crate::discover::meaning::MeaningKeeper;
use crate::domain::change::Position;
use crate::domain::problem::Problem;
use crate::operations::pulse;
use crate::store::Told;

/// Reads the feed for [`MeaningKeeper`].
pub struct FollowMeaning(pub MeaningKeeper);

#[async_trait::async_trait]
impl Follower for FollowMeaning {
    fn name(&self) -> &'static str {
        pulse::MEANING
    }

    async fn position(&mut self) -> Result<Option<Position>, Problem> {
        Ok(self.0.position())
    }

    async fn rebuild(&mut self) -> Result<Position, Problem> {
        self.0.rebuild().await
    }

    async fn apply(&mut self, told: &[Told], through: Position) -> Result<(), Problem> {
        self.0.apply(told, through).await
    }
}
