//! The figures of ranked lists, with binary relevance.

use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// What a way of recommending achieved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Figures {
    /// Normalised discounted cumulative gain of the first ten.
    pub ndcg_at_10: f64,
    /// Share of what was to be found among the first twenty.
    pub recall_at_20: f64,
    /// Share of lists with a find among the first ten.
    pub hit_at_10: f64,
    /// Share of the trained resources that was shown among anybody's first ten.
    pub coverage_at_10: f64,
    /// Share of the first ten places held by what was taken up for the first time within thirty days before the question,
    /// or, not taken up yet, published within them.
    #[serde(default)]
    pub freshness_at_10: f64,
}

/// A report of one protocol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Report {
    /// `temporal`, `leave-last-out` or `prequential`.
    pub protocol: String,
    /// Takings learned before the first question.
    pub trained: usize,
    /// Lists asked for.
    pub lists: usize,
    /// The serving code.
    pub model: Figures,
    /// The most taken up, ever.
    pub popularity: Figures,
    /// The most taken up of late.
    pub recent_popularity: Figures,
}

/// Adds lists up.
#[derive(Debug, Default)]
pub struct Tally {
    ndcg: f64,
    recall: f64,
    hits: usize,
    lists: usize,
    shown: HashSet<u32>,
    fresh: usize,
    places: usize,
}

impl Tally {
    /// Counts one list against what was to be found; `is_fresh` tells which resources are new at the time of the question.
    pub fn add(&mut self, list: &[u32], wanted: &HashSet<u32>, is_fresh: impl Fn(u32) -> bool) {
        let gain = |place: usize| 1.0 / ((place + 2) as f64).log2();
        let found = |n: usize| list.iter().take(n).enumerate().filter(|(_, resource)| wanted.contains(resource));
        let ideal: f64 = (0..wanted.len().min(10)).map(gain).sum();
        self.ndcg += found(10).map(|(place, _)| gain(place)).sum::<f64>() / ideal.max(f64::MIN_POSITIVE);
        self.recall += found(20).count() as f64 / wanted.len().max(1) as f64;
        self.hits += usize::from(found(10).next().is_some());
        self.lists += 1;
        self.shown.extend(list.iter().take(10));
        self.fresh += list.iter().take(10).filter(|resource| is_fresh(**resource)).count();
        self.places += list.len().min(10);
    }

    /// The figures, given how many resources could have been shown.
    pub fn figures(&self, resources: usize) -> Figures {
        let lists = self.lists.max(1) as f64;
        Figures {
            ndcg_at_10: self.ndcg / lists,
            recall_at_20: self.recall / lists,
            hit_at_10: self.hits as f64 / lists,
            coverage_at_10: self.shown.len() as f64 / resources.max(1) as f64,
            freshness_at_10: self.fresh as f64 / self.places.max(1) as f64,
        }
    }

    /// Lists counted.
    pub fn lists(&self) -> usize {
        self.lists
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_means_over_the_lists() {
        let mut tally = Tally::default();
        tally.add(&[1, 2, 3, 4], &HashSet::from([1]), |resource| resource > 3);
        tally.add(&[5, 6, 7, 8], &HashSet::from([9]), |resource| resource > 6);
        let figures = tally.figures(16);
        assert_eq!((figures.ndcg_at_10, figures.recall_at_20, figures.hit_at_10), (0.5, 0.5, 0.5));
        assert_eq!((figures.coverage_at_10, figures.freshness_at_10), (0.5, 0.375));
        assert_eq!(Tally::default().figures(0), Figures::default());
    }
}
