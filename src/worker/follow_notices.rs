//! The follower that tells people and webhooks what happened.

use super::Follower;
use crate::domain::change::Position;
use crate::domain::problem::Problem;
use crate::notices::Teller;
use crate::operations::pulse;
use crate::store::Told;

/// Reads the feed for [`Teller`].
pub struct FollowNotices(pub Teller);

#[async_trait::async_trait]
impl Follower for FollowNotices {
    fn name(&self) -> &'static str {
        pulse::NOTICES
    }

    async fn position(&mut self) -> Result<Option<Position>, Problem> {
        self.0.position().await
    }

    async fn rebuild(&mut self) -> Result<Position, Problem> {
        self.0.rebuild().await
    }

    async fn apply(&mut self, told: &[Told], through: Position) -> Result<(), Problem> {
        self.0.apply(told, through).await
    }
}
