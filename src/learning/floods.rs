//! What no person does: too much at once, by the time of receipt. Marks are set as events come in and stay with them in the
//! log, so that a replay takes the same decisions; the counts themselves live in memory and begin anew with the process.

use crate::domain::event::Verb;
use crate::domain::time::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Learners whose counts are held before old ones are dropped for the first time.
const FIRST_SWEEP: usize = 100_000;

/// `src/learning/rules/floods.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FloodRules {
    /// Version of the rules.
    pub version: String,
    /// Minutes before the receipt from which on an event came late.
    pub late_minutes: u32,
    /// Minutes after the receipt from which on a clock runs ahead.
    pub ahead_minutes: u32,
    /// The rules.
    #[serde(default, rename = "rule")]
    pub rules: Vec<FloodRule>,
}

/// One rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FloodRule {
    /// Its name.
    pub id: String,
    /// What it counts.
    pub counts: Counted,
    /// Most events of a learner in a window; those beyond are marked.
    pub most: u32,
    /// Length of the windows, which follow one another.
    pub within_seconds: u32,
    /// Source of the threshold.
    pub basis: String,
    /// How far the source can be trusted.
    pub mark: String,
}

/// What a rule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// What is told as it happens, impressions excepted.
    Live,
    /// All but progress and impressions, late events too.
    TakenUp,
}

/// How an event's time lies to its receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// As it happens.
    Live,
    /// From a device that had no line.
    Late,
    /// From a clock that runs ahead.
    Ahead,
}

impl FloodRules {
    /// How an event of this instant lies to its receipt.
    pub fn arrival(&self, at: Timestamp, received: Timestamp) -> Arrival {
        let minutes = |count: u32| i64::from(count) * 60_000;
        if at < received.plus_millis(-minutes(self.late_minutes)) {
            Arrival::Late
        } else if at > received.plus_millis(minutes(self.ahead_minutes)) {
            Arrival::Ahead
        } else {
            Arrival::Live
        }
    }
}

/// The counts. Clones share them.
#[derive(Clone, Debug)]
pub struct Floods {
    /// The rules.
    pub rules: Arc<FloodRules>,
    counts: Arc<Mutex<Counts>>,
}

/// The counts of all learners.
#[derive(Debug)]
struct Counts {
    of: HashMap<u64, Vec<Window>>,
    /// So many are looked through for windows that are over. Twice as many as were left the last time, so that where
    /// nothing is over yet a newcomer does not cost a look at everybody.
    sweep_at: usize,
}

impl Default for Counts {
    fn default() -> Self {
        Self { of: HashMap::new(), sweep_at: FIRST_SWEEP }
    }
}

impl Counts {
    fn sweep(&mut self, rules: &[FloodRule], received: Timestamp) {
        self.of.retain(|_, windows| rules.iter().zip(windows).any(|(rule, window)| window.number == rule.window(received)));
        self.sweep_at = FIRST_SWEEP.max(self.of.len() * 2);
    }
}

/// A learner's count in the present window of a rule.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    number: i64,
    count: u32,
}

impl Floods {
    /// By these rules, with nothing counted.
    pub fn new(rules: FloodRules) -> Self {
        Self { rules: Arc::new(rules), counts: Arc::default() }
    }

    /// Counts an event; answers whether it is to be marked.
    pub fn count(&self, learner: u64, verb: Verb, arrival: Arrival, received: Timestamp) -> bool {
        if verb == Verb::Impression {
            return false;
        }
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.of.len() >= counts.sweep_at {
            counts.sweep(&self.rules.rules, received);
        }
        let windows = counts.of.entry(learner).or_default();
        windows.resize(self.rules.rules.len(), Window::default());
        let mut marked = false;
        for (rule, window) in self.rules.rules.iter().zip(windows) {
            let number = rule.window(received);
            if window.number != number {
                *window = Window { number, count: 0 };
            }
            let counted = match rule.counts {
                Counted::Live => arrival != Arrival::Late,
                Counted::TakenUp => verb != Verb::Progressed,
            };
            window.count = window.count.saturating_add(u32::from(counted));
            marked |= counted && window.count > rule.most;
        }
        marked
    }
}

impl FloodRule {
    fn window(&self, received: Timestamp) -> i64 {
        received.millis().div_euclid(i64::from(self.within_seconds.max(1)) * 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floods() -> Floods {
        let rule = |id: &str, counts, most, within_seconds| FloodRule {
            id: id.to_owned(),
            counts,
            most,
            within_seconds,
            basis: String::new(),
            mark: "K".to_owned(),
        };
        let rules = vec![rule("pace", Counted::Live, 3, 60), rule("volume", Counted::TakenUp, 5, 86_400)];
        Floods::new(FloodRules { version: "test".to_owned(), late_minutes: 10, ahead_minutes: 2, rules })
    }

    #[test]
    fn late_is_told_apart_from_the_future() {
        let rules = floods().rules;
        let received = Timestamp::parse("2026-11-22T08:00:00Z").unwrap();
        let arrival = |minutes: i64| rules.arrival(received.plus_millis(minutes * 60_000), received);
        assert_eq!([-30_000, -11, -9, 0, 1, 3].map(arrival), {
            use Arrival::{Ahead, Late, Live};
            [Late, Late, Live, Live, Live, Ahead]
        });
    }

    #[test]
    fn what_is_over_is_dropped_and_what_is_not_stays() {
        let (floods, day) = (floods(), 86_400_000);
        let view = |learner, at| floods.count(learner, Verb::Viewed, Arrival::Live, Timestamp::from_millis(at));
        let learners = u64::try_from(FIRST_SWEEP).unwrap();
        (0..=learners).for_each(|learner| assert!(!view(learner, day)));
        let held = || floods.counts.lock().unwrap().of.len();
        assert_eq!(held(), FIRST_SWEEP + 1, "all are of today");
        (learners + 1..=learners * 3).for_each(|learner| assert!(!view(learner, 3 * day)));
        assert_eq!(held(), FIRST_SWEEP * 2, "those of the day before yesterday are gone");
        assert!((0..3).any(|_| view(learners * 3, 3 * day)), "who is of today is still counted");
    }

    #[test]
    fn what_goes_beyond_is_marked_until_the_window_ends() {
        let floods = floods();
        let minute = |count: i64| Timestamp::from_millis(1_800_000_000_000_i64.div_euclid(86_400_000) * 86_400_000 + count * 60_000);
        let live = |learner, at| floods.count(learner, Verb::Progressed, Arrival::Live, minute(at));
        assert_eq!([live(1, 0), live(1, 0), live(1, 0), live(1, 0)], [false, false, false, true]);
        assert!(!live(2, 0), "others are not touched");
        assert!(!live(1, 1), "the next minute");
        let late = |verb| floods.count(3, verb, Arrival::Late, minute(0));
        assert!((0..20).all(|_| !late(Verb::Progressed)), "what comes late says nothing of pace");
        assert_eq!((0..7).filter(|_| late(Verb::Viewed)).count(), 2, "but of volume");
        assert!((0..20).all(|_| !floods.count(4, Verb::Impression, Arrival::Live, minute(0))));
    }
}
