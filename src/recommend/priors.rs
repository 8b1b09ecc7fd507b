//! What is known of a resource before anybody asks: how it goes just now, at several paces, and what learners made of it.

use super::decay::{HalfLife, UNIT};
use super::state::{Popularity, State, TRENDS};

/// Takings at the mean of all resources that every resource is thought to have beside its own, before its share of finishers
/// is believed (a Bayesian prior; the usual strength of rankings by rating, between one and a few dozen).
const TAKINGS: f32 = 20.0;
/// The same for ratings.
const RATINGS: f32 = 10.0;

/// How the trend is read: takings a day over each half-life, weighed and added up, so that weights say what they mean
/// whatever the half-lives are.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Present epoch and scale of each half-life.
    parts: [(u32, f32); TRENDS],
}

impl Pace {
    /// At an instant (seconds since 1970), with a weight for each half-life in days.
    pub fn new(days: [u32; TRENDS], weights: [f32; TRENDS], now: u32) -> Self {
        let mut parts = [(0, 0.0); TRENDS];
        for ((part, days), weight) in parts.iter_mut().zip(days).zip(weights) {
            // Masses are told at the start of their epoch; since then they went on fading.
            let (epoch, unit) = HalfLife::days(days).weigh(now);
            *part = (epoch, weight / days.max(1) as f32 * UNIT as f32 / unit as f32);
        }
        Self { parts }
    }

    /// How strongly a resource is taken up.
    pub fn of(&self, known: &Popularity) -> f32 {
        self.parts.iter().zip(known.trends).map(|((epoch, scale), mass)| mass.in_epoch(*epoch) * scale).sum()
    }
}

/// What learners made of a resource beside all resources, about -1 to 1, 0 for one like all: the share of those who finished
/// it and the mean rating, each drawn towards the mean of all by how little is known.
pub fn quality(known: &Popularity, state: &State) -> f32 {
    let all = state.quality;
    let mean = |sum: u64, count: u64| if count == 0 { 0.0 } else { sum as f32 / count as f32 };
    let (finishing, rating) = (mean(all.finished, state.counted), mean(all.ratings, all.rated));
    let drawn = |sum: u64, count: u64, mean: f32, strength: f32| (sum as f32 + mean * strength) / (count as f32 + strength) - mean;
    let finished = drawn(known.quality.finished, u64::from(known.learners), finishing, TAKINGS);
    // Ratings lie between 0 and 250.
    finished + drawn(known.quality.ratings, known.quality.rated, rating, RATINGS) / 250.0
}

#[cfg(test)]
mod tests {
    use super::super::decay::Mass;
    use super::super::state::{Quality, Shape};
    use super::*;

    #[test]
    fn what_little_is_known_of_is_thought_to_be_like_all() {
        let all = Quality { finished: 500, rated: 100, ratings: 20_000 };
        let mut state = State::new(Shape::default());
        (state.counted, state.quality) = (1_000, all);
        let of = |learners: u32, finished: u64, rated: u64, ratings: u64| {
            quality(&Popularity { learners, quality: Quality { finished, rated, ratings }, ..Popularity::default() }, &state)
        };
        assert_eq!(of(0, 0, 0, 0), 0.0);
        assert_eq!(of(100, 50, 10, 2_000), 0.0, "as all are");
        assert!(of(1, 1, 0, 0) < 0.05 && of(1, 1, 0, 0) > 0.0);
        assert!(of(1_000, 900, 0, 0) > 0.35, "what is known of speaks for itself");
        assert!(of(100, 50, 50, 50 * 50) < -0.3, "badly rated");
    }

    #[test]
    fn a_short_pace_prefers_what_is_of_today() {
        let days = [1, 7, 30];
        let taken = |at: &[u32]| {
            let mut known = Popularity::default();
            for day in at {
                for (mass, days) in known.trends.iter_mut().zip(days) {
                    let (epoch, unit) = HalfLife::days(days).weigh(day * 86_400);
                    Mass::add(mass, epoch, unit);
                }
            }
            known
        };
        let (today, steady) = (taken(&[100, 100]), taken(&[70, 75, 80, 85, 90, 95]));
        let read = |weights: [f32; 3]| Pace::new(days, weights, 100 * 86_400 + 40_000);
        assert!(read([1.0, 0.0, 0.0]).of(&today) > read([1.0, 0.0, 0.0]).of(&steady));
        assert!(read([0.0, 0.0, 1.0]).of(&today) < read([0.0, 0.0, 1.0]).of(&steady));
    }
}
