//! Experiments: a part of the learners gets lists of other weights, chosen by a hash of their surrogate.
//!
//! A learner is in the first declared experiment whose hash takes it, in one of two arms of equal size, and stays there as long as
//! the name and the share of the experiment do not change. Visitors, and who wants to be met as a stranger, are in none. Which
//! arm a list was made by is kept with the list (`served`), never with a learner.

use super::weights::Weights;
use crate::store::events::SiteKey;
use serde::{Deserialize, Serialize};

/// What an experiment changes of the weights; the rest is as everywhere. The corrections for popularity are no part of it: they are
/// worked into tables that all requests share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightChange {
    /// [`Weights::row`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<f32>,
    /// [`Weights::recency`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recency: Option<f32>,
    /// [`Weights::trend`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<f32>,
    /// [`Weights::series`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<f32>,
    /// [`Weights::relevance`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relevance: Option<f32>,
    /// [`Weights::provider_cap`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_cap: Option<usize>,
    /// [`Weights::new_every`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_every: Option<usize>,
}

impl WeightChange {
    /// Whether the numbers are such as lists can be made by.
    pub fn is_sound(&self) -> bool {
        let within = |number: Option<f32>, most: f32| number.is_none_or(|number| (0.0..=most).contains(&number));
        within(self.row, 2.0)
            && within(self.trend, 10.0)
            && within(self.series, 10.0)
            && within(self.relevance, 1.0)
            && self.recency.is_none_or(|places| (0.1..=1_000.0).contains(&places))
            && self.provider_cap.is_none_or(|cap| (1..=10).contains(&cap))
            && self.new_every.is_none_or(|every| every == 0 || (2..=100).contains(&every))
    }

    fn applied_to(&self, base: &Weights) -> Weights {
        Weights {
            row: self.row.unwrap_or(base.row),
            recency: self.recency.unwrap_or(base.recency),
            trend: self.trend.unwrap_or(base.trend),
            series: self.series.unwrap_or(base.series),
            relevance: self.relevance.unwrap_or(base.relevance),
            provider_cap: self.provider_cap.unwrap_or(base.provider_cap),
            new_every: self.new_every.unwrap_or(base.new_every),
            ..*base
        }
    }
}

/// A declared experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// Its name.
    pub name: String,
    /// Part of the learners that is in it, half of them in each arm: 0 to 1.
    pub share: f64,
    /// What the treatment changes.
    pub change: WeightChange,
}

/// The arms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Arm {
    /// Lists as everywhere.
    Control,
    /// Lists of the changed weights.
    Treatment,
}

impl Arm {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Treatment => "treatment",
        }
    }
}

/// All experiments.
#[derive(Debug)]
pub struct Experiments {
    base: Weights,
    declared: Vec<(Experiment, Weights)>,
}

impl Experiments {
    /// These, beside the weights in force.
    pub fn new(base: Weights, declared: Vec<Experiment>) -> Self {
        let with = |experiment: Experiment| {
            let weights = experiment.change.applied_to(&base);
            (experiment, weights)
        };
        Self { base, declared: declared.into_iter().map(with).collect() }
    }

    /// Whether one of this name is declared.
    pub fn knows(&self, name: &str) -> bool {
        self.declared.iter().any(|(experiment, _)| experiment.name == name)
    }

    /// The weights of a learner, and of which experiment and arm they are.
    pub fn weights(&self, key: &SiteKey, learner: Option<u64>) -> (&Weights, Option<(&str, Arm)>) {
        let Some(learner) = learner else { return (&self.base, None) };
        for (experiment, weights) in &self.declared {
            let hash = key.learner(&format!("experiment {} {learner:x}", experiment.name));
            if ((hash >> 11) as f64 / (1_u64 << 53) as f64) < experiment.share {
                let treated = hash & 1 == 1;
                let arm = if treated { Arm::Treatment } else { Arm::Control };
                return (if treated { weights } else { &self.base }, Some((&experiment.name, arm)));
            }
        }
        (&self.base, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arms_are_stable_even_and_no_larger_than_declared() {
        let dir = tempfile::tempdir().unwrap();
        let key = SiteKey::open(dir.path()).unwrap();
        let one = |name: &str, share, trend| Experiment {
            name: name.to_owned(),
            share,
            change: WeightChange { trend: Some(trend), ..WeightChange::default() },
        };
        let all = Experiments::new(Weights::default(), vec![one("first", 0.3, 0.9), one("second", 0.5, 0.1)]);
        let more = Experiments::new(Weights::default(), vec![one("first", 0.3, 0.9), one("second", 0.5, 0.1), one("third", 0.9, 0.2)]);
        let mut counts = std::collections::HashMap::new();
        for learner in 0..10_000 {
            let (weights, place) = all.weights(&key, Some(learner));
            *counts.entry(place).or_insert(0_i32) += 1;
            let want = match place {
                Some(("first", Arm::Treatment)) => 0.9,
                Some(("second", Arm::Treatment)) => 0.1,
                _ => Weights::default().trend,
            };
            assert_eq!(weights.trend, want);
            if place.is_some() {
                assert_eq!(more.weights(&key, Some(learner)).1, place, "one more at the end moves nobody");
            }
        }
        for (name, want) in [("first", 1_500), ("second", 1_750)] {
            for arm in [Arm::Control, Arm::Treatment] {
                assert!((counts[&Some((name, arm))] - want).abs() < 150, "{counts:?}");
            }
        }
        assert_eq!(all.weights(&key, None).1, None);
    }
}
