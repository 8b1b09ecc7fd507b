//! How far each follower has read the feed: written by the followers, read by readiness and by callers who wait.

use crate::domain::change::Position;
use crate::domain::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// Name of the follower that keeps the search index.
pub const SEARCH: &str = "search";
/// Name of the follower that keeps the recommendation state.
pub const RECOMMEND: &str = "recommend";
/// Name of the follower that tells people and webhooks what happened.
pub const NOTICES: &str = "notices";

/// Name of the follower that sketches what is taken over with a catalogue.
pub const LIKENESS: &str = "likeness";

/// Name of the follower that keeps what resources mean.
pub const MEANING: &str = "meaning";

/// Where one follower stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beat {
    /// It has taken in everything up to here.
    pub position: Position,
    /// Everything that was there before this instant is taken in; what came later is not, or not all of it.
    pub behind_since: Option<Timestamp>,
    /// What it last failed on, until it succeeds.
    pub failure: Option<String>,
    /// How often it was asked to build its state anew.
    pub asked: u64,
    /// How many of these askings it has met.
    pub met: u64,
}

/// The beats of all followers of this process. Cheap to clone.
#[derive(Clone)]
pub struct Pulse {
    beats: Arc<Mutex<BTreeMap<&'static str, Beat>>>,
    changed: Arc<watch::Sender<u64>>,
}

impl Default for Pulse {
    fn default() -> Self {
        Self { beats: Arc::default(), changed: Arc::new(watch::Sender::new(0)) }
    }
}

impl Pulse {
    /// The beat of a follower; `None` before its first.
    pub fn of(&self, name: &str) -> Option<Beat> {
        self.beats.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// All beats.
    pub fn all(&self) -> BTreeMap<&'static str, Beat> {
        self.beats.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The follower knows of something new since `now`, unless it knew before.
    pub fn behind(&self, name: &'static str, now: Timestamp) {
        self.write(name, |beat| {
            beat.behind_since.get_or_insert(now);
        });
    }

    /// The follower has taken in everything up to `position`; there may be more.
    pub fn reached(&self, name: &'static str, position: Position) {
        self.write(name, |beat| {
            beat.position = position;
            beat.failure = None;
        });
    }

    /// The follower has taken in everything that was there at `then`; what came since waits for it. While changes never
    /// cease it is never level, and yet never further behind than this.
    pub fn covers(&self, name: &'static str, then: Timestamp) {
        self.write(name, |beat| beat.behind_since = Some(then));
    }

    /// The follower has taken in everything there is, up to `position`.
    pub fn level(&self, name: &'static str, position: Position) {
        self.write(name, |beat| {
            beat.position = position;
            beat.behind_since = None;
            beat.failure = None;
        });
    }

    /// The follower failed and will try again.
    pub fn failed(&self, name: &'static str, why: String, now: Timestamp) {
        self.write(name, |beat| {
            beat.behind_since.get_or_insert(now);
            beat.failure = Some(why);
        });
    }

    /// Waits until the follower has reached `position`; `false` when it has not within `patience`.
    pub async fn wait(&self, name: &str, position: Position, patience: Duration) -> bool {
        let mut changed = self.changed.subscribe();
        let arrival = async {
            while self.of(name).is_none_or(|beat| beat.position < position) {
                if changed.changed().await.is_err() {
                    return false;
                }
            }
            true
        };
        tokio::time::timeout(patience, arrival).await.unwrap_or(false)
    }

    /// Asks a follower to build its state anew, and waits until it has.
    pub async fn rebuild(&self, name: &'static str) {
        self.write(name, |beat| beat.asked += 1);
        let wanted = self.of(name).map_or(0, |beat| beat.asked);
        let mut changed = self.changed.subscribe();
        while self.of(name).is_some_and(|beat| beat.met < wanted) {
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    /// How often a follower was asked to build its state anew, where it has not met all askings.
    pub fn asked(&self, name: &str) -> Option<u64> {
        self.of(name).filter(|beat| beat.met < beat.asked).map(|beat| beat.asked)
    }

    /// Waits until a follower is asked to build its state anew.
    pub async fn until_asked(&self, name: &str) {
        let mut changed = self.changed.subscribe();
        while self.asked(name).is_none() && changed.changed().await.is_ok() {}
    }

    /// The follower has built its state anew, so often asked.
    pub fn met(&self, name: &'static str, asked: u64) {
        self.write(name, |beat| beat.met = asked);
    }

    fn write(&self, name: &'static str, change: impl FnOnce(&mut Beat)) {
        change(self.beats.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default());
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_is_woken_when_the_follower_arrives() {
        let pulse = Pulse::default();
        assert!(!pulse.wait(SEARCH, Position(1), Duration::from_millis(5)).await);
        let waiting = tokio::spawn({
            let pulse = pulse.clone();
            async move { pulse.wait(SEARCH, Position(2), Duration::from_secs(5)).await }
        });
        pulse.reached(SEARCH, Position(1));
        pulse.level(SEARCH, Position(2));
        assert!(waiting.await.unwrap());
    }

    #[test]
    fn behind_counts_from_the_first_notice() {
        let pulse = Pulse::default();
        pulse.behind(SEARCH, Timestamp::from_millis(5));
        pulse.behind(SEARCH, Timestamp::from_millis(9));
        assert_eq!(pulse.of(SEARCH).unwrap().behind_since, Some(Timestamp::from_millis(5)));
        pulse.level(SEARCH, Position(3));
        assert_eq!(pulse.of(SEARCH).unwrap().behind_since, None);
    }
}
