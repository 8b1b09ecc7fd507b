//! Whether this node may answer: a take-down must bite everywhere, so one that lags serves no search; and one that has just
//! started recommends nothing before it knows the catalogue.

use super::pulse::Beat;
use super::{Operations, pulse};
use crate::domain::change::Position;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::space::Space;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Longest lag of the search index, in milliseconds, before the node is not ready (design, section 4).
const LONGEST_LAG_MS: i64 = 10_000;
/// How long a caller may wait for the index to reach a position.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where a follower stands, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FollowerState {
    /// It has taken in everything up to here.
    pub position: Position,
    /// Milliseconds it has been behind.
    pub lag_ms: i64,
    /// Whether it is failing.
    pub failing: bool,
}

/// Readiness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Readiness {
    /// Whether the node takes requests.
    pub ready: bool,
    /// Whether the store takes writes: its engine works, and the disk has room for records.
    pub store_writable: bool,
    /// Whether the disk has room for new content: deposits, files, events.
    pub takes_content: bool,
    /// Bytes free on the data directory's disk, where that is known.
    pub free_bytes: Option<u64>,
    /// Last commit.
    pub head: Position,
    /// Followers by name.
    pub followers: BTreeMap<String, FollowerState>,
    /// Programs of others that help where they are installed: without one the node serves all the same.
    #[serde(default)]
    pub tools: Vec<Tool>,
}

/// A program of others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Tool {
    /// Name.
    pub name: String,
    /// Whether it was found at the start.
    pub found: bool,
    /// What it is used for, in Chinese.
    pub about: String,
}

impl Operations {
    /// How things stand. Open to everybody: it tells nothing of what is kept.
    pub fn readiness(&self) -> Readiness {
        let now = self.clock.now();
        let beats = self.pulse.all();
        let lag = |since: Option<Timestamp>| since.map_or(0, |since| (now.millis() - since.millis()).max(0));
        let state =
            |beat: &pulse::Beat| FollowerState { position: beat.position, lag_ms: lag(beat.behind_since), failing: beat.failure.is_some() };
        let followers: BTreeMap<String, _> = beats.iter().map(|(name, beat)| ((*name).to_owned(), state(beat))).collect();
        let space = self.store.space();
        let store_writable = self.store.failure().is_none() && space.is_none_or(Space::takes_records);
        let takes_content = store_writable && space.is_none_or(Space::takes_content);
        let (ready, free_bytes) = (have_followed(&beats, now) && store_writable, space.map(|space| space.free));
        let tools = self.tools.as_ref().clone();
        Readiness { ready, store_writable, takes_content, free_bytes, head: self.store.head(), followers, tools }
    }

    /// Requires an index that is not too far behind.
    ///
    /// # Errors
    /// `search-behind` (503).
    pub fn require_search(&self) -> Result<(), Problem> {
        if self.pulse.of(pulse::SEARCH).is_some_and(|beat| is_fresh(&beat, self.clock.now())) {
            return Ok(());
        }
        let (zh, en) = ("检索索引正在更新，请稍后再试。", "The search index is catching up; please try again shortly.");
        Err(Problem::new(ProblemKind::Unavailable, "search-behind", zh, en))
    }

    /// Waits until search reflects the commit at `position`.
    ///
    /// # Errors
    /// `search-behind` when it does not in time; `bad-position` for one that was never given out.
    pub async fn wait_for_search(&self, position: Position) -> Result<(), Problem> {
        if position > self.store.head() {
            return Err(Problem::field("bad-position", "after", "没有这个位置。", "There is no such position."));
        }
        if self.pulse.wait(pulse::SEARCH, position, PATIENCE).await {
            return Ok(());
        }
        let (zh, en) = ("检索索引还没有跟上，请稍后再试。", "The search index has not caught up yet; please try again.");
        Err(Problem::new(ProblemKind::Unavailable, "search-behind", zh, en))
    }
}

/// Whether the followers have come far enough to answer: the index lags little, and the recommender has looked through the
/// catalogue once since the start. Before that, lists would lack what it has not come to.
fn have_followed(beats: &BTreeMap<&'static str, Beat>, now: Timestamp) -> bool {
    let has_looked = |beat: &Beat| beat.position > Position(0) || beat.behind_since.is_none();
    beats.get(pulse::SEARCH).is_some_and(|beat| is_fresh(beat, now)) && beats.get(pulse::RECOMMEND).is_some_and(has_looked)
}

fn is_fresh(beat: &Beat, now: Timestamp) -> bool {
    beat.behind_since.is_none_or(|since| now.millis() - since.millis() <= LONGEST_LAG_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::Pulse;

    #[test]
    fn a_node_is_ready_when_search_is_fresh_and_the_recommender_has_looked_through_the_catalogue() {
        let (pulse, start) = (Pulse::default(), Timestamp::from_millis(1_790_000_000_000));
        let later = |millis: i64| Timestamp::from_millis(start.millis() + millis);
        let ready = |now: Timestamp| have_followed(&pulse.all(), now);
        assert!(!ready(start), "nobody has reported");
        pulse.level(pulse::SEARCH, Position(7));
        assert!(!ready(start), "the recommender has not");
        pulse.behind(pulse::RECOMMEND, start);
        assert!(!ready(start), "it is reading the catalogue");
        pulse.reached(pulse::RECOMMEND, Position(7));
        assert!(ready(later(60_000)), "a recommender that lags later still recommends");
        pulse.behind(pulse::SEARCH, start);
        assert!(ready(later(LONGEST_LAG_MS)));
        assert!(!ready(later(LONGEST_LAG_MS + 1)), "a take-down must bite everywhere");
        pulse.level(pulse::SEARCH, Position(8));
        assert!(ready(later(LONGEST_LAG_MS + 1)));
    }
}
