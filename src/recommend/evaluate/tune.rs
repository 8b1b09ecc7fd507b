//! Finding the weights of the blend for a site by its own log: prequential replay, one weight after the other, up and down a
//! ladder of values as long as it gets better.
//!
//! Deterministic and bounded: the same log gives the same weights, at most [`MOST_TRIALS`] replays are made, of at most
//! [`TAKINGS`] takings (whole learners, drawn by their surrogate) with [`LISTS`] lists each. A step is taken only when lists
//! get better by more than the standard error of the difference, so that noise moves nothing.

use super::super::state::Shape;
use super::super::weights::Weights;
use super::score::{Figures, Tally, mean_and_error};
use super::trial::{Side, Trial};
use super::{CatalogueItem, Protocol, Sample};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Replays at most.
const MOST_TRIALS: usize = 60;
/// Takings replayed at most.
const TAKINGS: usize = 300_000;
/// Lists asked for in a replay.
const LISTS: usize = 3_000;
/// Columns solved each time that the background is heard, as the service, too, solves no more than it has time for.
const COLUMNS: usize = 32;
/// Times that all weights are gone through.
const ROUNDS: usize = 2;

/// The weights that are tuned, in this order, each with its ladder. The others either change what is shown more than how well
/// it is found (places for new work, caps, spread), or made no difference that could be measured.
pub const LADDERS: [(&str, &[f32]); 6] = [
    ("trend", &[0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0]),
    ("ridge", &[0.0, 0.25, 0.5, 1.0, 2.0, 4.0]),
    ("trend_day", &[0.0, 0.3, 1.0, 3.0, 10.0]),
    ("trend_month", &[0.0, 0.3, 1.0, 3.0]),
    ("popularity", &[0.3, 0.375, 0.45, 0.525, 0.6]),
    ("recency", &[1.0, 1.5, 2.0, 3.0, 5.0]),
];

/// What tuning found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Tuned {
    /// The tuned weights by name.
    pub weights: Vec<NamedWeight>,
    /// What the weights in force are worth on the replayed part.
    pub before: Figures,
    /// What the tuned ones are worth there.
    pub after: Figures,
    /// The mean difference in NDCG@10, list by list,
    pub difference: f64,
    /// and its standard error.
    pub difference_error: f64,
    /// Takings replayed.
    pub takings: usize,
    /// Replays made.
    pub trials: usize,
}

/// A weight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NamedWeight {
    /// Its name.
    pub name: String,
    /// What it was.
    pub before: f32,
    /// What it is to be.
    pub after: f32,
}

/// Tunes `weights` on a sample, of which nothing may be judged by it afterwards.
pub fn tune(sample: &Sample, catalogue: &[CatalogueItem], shape: Shape, weights: &Weights) -> Tuned {
    let drawn = sample.drawn(TAKINGS);
    let mut bench = Bench { sample: &drawn, catalogue, shape, known: HashMap::new() };
    let start = steps_of(weights);
    let mut best = start;
    bench.measure(weights, &[best]);
    for _ in 0..ROUNDS {
        let before = best;
        for place in 0..LADDERS.len() {
            best = bench.climb(weights, best, place);
        }
        if best == before {
            break;
        }
    }
    bench.told(weights, start, best)
}

/// Where each tuned weight stands: `None` at the value it has, else a step of its ladder.
type Steps = [Option<usize>; LADDERS.len()];

fn steps_of(weights: &Weights) -> Steps {
    let mut weights = *weights;
    let mut steps = [None; LADDERS.len()];
    for (step, (name, ladder)) in steps.iter_mut().zip(LADDERS) {
        *step = weights.at(name).and_then(|value| ladder.iter().position(|other| other == value));
    }
    steps
}

fn set(weights: &Weights, steps: &Steps) -> Weights {
    let mut set = *weights;
    for (step, (name, ladder)) in steps.iter().zip(LADDERS) {
        if let (Some(to), Some(value)) = (step.and_then(|step| ladder.get(step)), set.at(name)) {
            *value = *to;
        }
    }
    set
}

struct Bench<'a> {
    sample: &'a Sample,
    catalogue: &'a [CatalogueItem],
    shape: Shape,
    known: HashMap<Steps, (Figures, Vec<f64>)>,
}

impl Bench<'_> {
    /// Replays with each of these settings that is not known yet, on as many threads as there are settings (two at most).
    fn measure(&mut self, weights: &Weights, settings: &[Steps]) {
        let todo: Vec<Steps> = settings.iter().filter(|steps| !self.known.contains_key(*steps)).copied().collect();
        let one = |steps: &Steps| {
            let weights = set(weights, steps);
            let side = Side { shape: self.shape, weights: &weights, lag: 0, columns: COLUMNS };
            let mut trial = Trial::new(self.sample, self.catalogue, side);
            trial.run(Protocol::Prequential, LISTS);
            let Trial { counts, tallies: [tally, ..], .. } = trial;
            let figures = tally.figures(&counts);
            let Tally { gains, .. } = tally;
            (*steps, (figures, gains))
        };
        let found: Vec<_> = std::thread::scope(|scope| {
            let running: Vec<_> = todo.iter().map(|steps| scope.spawn(|| one(steps))).collect();
            running.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        self.known.extend(found);
    }

    /// Goes up and down one weight's ladder from where it stands, as long as it gets better.
    fn climb(&mut self, weights: &Weights, from: Steps, place: usize) -> Steps {
        let Some((_, ladder)) = LADDERS.get(place) else { return from };
        let moved = |steps: &Steps, to: usize| {
            let mut other = *steps;
            other.get_mut(place).into_iter().for_each(|step| *step = Some(to));
            other
        };
        let step = |steps: &Steps| steps.get(place).copied().flatten();
        let mut best = from;
        loop {
            // A weight that stands between the steps may go to any of them.
            let ways: Vec<Steps> = match step(&best) {
                Some(at) => [at.checked_sub(1), Some(at + 1)]
                    .into_iter()
                    .flatten()
                    .filter(|to| *to < ladder.len())
                    .map(|to| moved(&best, to))
                    .collect(),
                None => (0..ladder.len()).map(|to| moved(&best, to)).collect(),
            };
            if self.known.len() + ways.len() > MOST_TRIALS {
                return best;
            }
            ways.chunks(2).for_each(|pair| self.measure(weights, pair));
            let better = ways.into_iter().filter_map(|way| Some((self.gain(&best, &way)?, way)));
            match better.reduce(|one, other| if other.0 > one.0 { other } else { one }) {
                Some((_, way)) => best = way,
                None => return best,
            }
        }
    }

    /// By how much a setting is better than another, when it is by more than the error of the difference.
    fn gain(&self, than: &Steps, one: &Steps) -> Option<f64> {
        let (mean, error) = self.difference(than, one);
        (mean > error).then_some(mean)
    }

    fn difference(&self, than: &Steps, one: &Steps) -> (f64, f64) {
        let gains = |steps: &Steps| self.known.get(steps).map_or(&[] as &[f64], |(_, gains)| gains);
        let differences: Vec<f64> = gains(one).iter().zip(gains(than)).map(|(one, than)| one - than).collect();
        mean_and_error(&differences)
    }

    fn told(&self, weights: &Weights, start: Steps, best: Steps) -> Tuned {
        let figures = |steps: &Steps| self.known.get(steps).map_or_else(Figures::default, |(figures, _)| *figures);
        let (difference, difference_error) = self.difference(&start, &best);
        let (mut before, mut after) = (*weights, set(weights, &best));
        let named = |(name, _): &(&str, &[f32])| {
            let (before, after) = (before.at(name).copied()?, after.at(name).copied()?);
            Some(NamedWeight { name: (*name).to_owned(), before, after })
        };
        Tuned {
            weights: LADDERS.iter().filter_map(named).collect(),
            before: figures(&start),
            after: figures(&best),
            difference,
            difference_error,
            takings: self.sample.takings.len(),
            trials: self.known.len(),
        }
    }
}

impl Tuned {
    /// The weights as a file that the service reads.
    pub fn as_file(&self) -> String {
        let mut text = format!(
            "# yuelu evaluate recommend --tune: {} takings, NDCG@10 {:.4} -> {:.4} ({:+.4} ± {:.4})\n",
            self.takings, self.before.ndcg_at_10, self.after.ndcg_at_10, self.difference, self.difference_error
        );
        for NamedWeight { name, after, .. } in &self.weights {
            text += &format!("{name} = {after:?}\n");
        }
        text
    }
}
