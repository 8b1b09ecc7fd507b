//! The figures of ranked lists, with binary relevance.

use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// What a way of recommending achieved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Figures {
    /// Normalised discounted cumulative gain of the first ten.
    pub ndcg_at_10: f64,
    /// The standard error of that mean over the lists.
    #[serde(default)]
    pub ndcg_error: f64,
    /// Share of what was to be found among the first twenty.
    pub recall_at_20: f64,
    /// Share of lists with a find among the first ten.
    pub hit_at_10: f64,
    /// Share of the trained resources that was shown among anybody's first ten.
    pub coverage_at_10: f64,
    /// How unevenly the first ten places are spread over the trained resources (Gini): 0 evenly, 1 all to one.
    #[serde(default)]
    pub gini_at_10: f64,
    /// Share of the first ten places held by the less taken up four fifths of the trained resources.
    #[serde(default)]
    pub tail_at_10: f64,
    /// Share of the first ten places held by what was taken up for the first time within thirty days before the question,
    /// or, not taken up yet, published within them.
    #[serde(default)]
    pub freshness_at_10: f64,
}

/// How much a category is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Exposure {
    /// Its code.
    pub category: String,
    /// Its share of the first ten places.
    pub shown: f64,
    /// Its share of what learners took up.
    pub taken: f64,
}

/// How much a declared group of works is shown (see `recommend::shares`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GroupExposure {
    /// Its place among the groups of the configuration, from 1.
    pub group: usize,
    /// Its name there.
    pub name: String,
    /// The share of what is shown that it is to have.
    pub share: f64,
    /// Its share of the first ten places. Replays have no account of shares: it is what it comes to without.
    pub shown: f64,
    /// Its share of what learners took up.
    pub taken: f64,
}

/// How much the works of a provider are shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProviderExposure {
    /// The institution.
    pub provider: String,
    /// Its share of the first ten places.
    pub shown: f64,
    /// Its share of what learners took up.
    pub taken: f64,
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
    /// Item-to-item nearest neighbours: cosine of co-occurrence, all of a profile alike.
    #[serde(default)]
    pub neighbours: Figures,
    /// The serving code with what it knew a week before; none where the log is no longer than that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_week: Option<Figures>,
    /// How much the serving code shows of each category, as far as the catalogue tells them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exposure: Vec<Exposure>,
    /// The same of each declared group; a work may belong to several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupExposure>,
    /// The same of the providers of whom most is shown, at most twenty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<ProviderExposure>,
}

/// Adds lists up.
#[derive(Debug, Default)]
pub struct Tally {
    /// NDCG of each list, in the order of the questions.
    pub gains: Vec<f64>,
    recall: f64,
    hits: usize,
    /// How often each resource stood among the first ten.
    pub shown: HashMap<u32, u64>,
    fresh: usize,
}

impl Tally {
    /// Counts one list against what was to be found; `is_fresh` tells which resources are new at the time of the question.
    pub fn add(&mut self, list: &[u32], wanted: &HashSet<u32>, is_fresh: impl Fn(u32) -> bool) {
        let gain = |place: usize| 1.0 / ((place + 2) as f64).log2();
        let found = |n: usize| list.iter().take(n).enumerate().filter(|(_, resource)| wanted.contains(resource));
        let ideal: f64 = (0..wanted.len().min(10)).map(gain).sum();
        self.gains.push(found(10).map(|(place, _)| gain(place)).fold(0.0, |sum, gain| sum + gain) / ideal.max(f64::MIN_POSITIVE));
        self.recall += found(20).count() as f64 / wanted.len().max(1) as f64;
        self.hits += usize::from(found(10).next().is_some());
        list.iter().take(10).for_each(|resource| *self.shown.entry(*resource).or_default() += 1);
        self.fresh += list.iter().take(10).filter(|resource| is_fresh(**resource)).count();
    }

    /// The figures, given how often each resource was taken up.
    pub fn figures(&self, counts: &[u32]) -> Figures {
        let (lists, places) = (self.gains.len().max(1) as f64, self.places().max(1) as f64);
        let (ndcg_at_10, ndcg_error) = mean_and_error(&self.gains);
        let resources = counts.iter().filter(|count| **count > 0).count();
        Figures {
            ndcg_at_10,
            ndcg_error,
            recall_at_20: self.recall / lists,
            hit_at_10: self.hits as f64 / lists,
            coverage_at_10: self.shown.len() as f64 / resources.max(1) as f64,
            gini_at_10: self.gini(resources),
            tail_at_10: self.tail(counts, resources) as f64 / places,
            freshness_at_10: self.fresh as f64 / places,
        }
    }

    /// Lists counted.
    pub fn lists(&self) -> usize {
        self.gains.len()
    }

    /// Places among the first ten of all lists.
    pub fn places(&self) -> u64 {
        self.shown.values().sum()
    }

    fn gini(&self, resources: usize) -> f64 {
        let mut shown: Vec<u64> = self.shown.values().copied().collect();
        shown.sort_unstable();
        let (count, sum) = (resources.max(shown.len()), self.places());
        if sum == 0 {
            return 0.0;
        }
        // Those never shown come first and add nothing.
        let first = count - shown.len();
        let weighed: f64 = shown.iter().enumerate().map(|(place, times)| (count - first - place) as f64 * *times as f64).sum();
        1.0 - 2.0 * weighed / (count as f64 * sum as f64) + 1.0 / count as f64
    }

    fn tail(&self, counts: &[u32], resources: usize) -> u64 {
        let mut order: Vec<usize> = (0..counts.len()).collect();
        order.sort_by_key(|place| std::cmp::Reverse(counts.get(*place)));
        let head: HashSet<usize> = order.into_iter().take(resources / 5).collect();
        self.shown.iter().filter(|(resource, _)| !head.contains(&(**resource as usize))).map(|(_, times)| times).sum()
    }
}

/// The mean and its standard error.
pub fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().fold(0.0, |sum, value| sum + value) / count;
    let spread = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean, (spread / count).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_means_over_the_lists() {
        let mut tally = Tally::default();
        tally.add(&[1, 2, 3, 4], &HashSet::from([1]), |resource| resource > 3);
        tally.add(&[5, 6, 7, 8], &HashSet::from([9]), |resource| resource > 6);
        let figures = tally.figures(&[1; 16]);
        assert_eq!((figures.ndcg_at_10, figures.recall_at_20, figures.hit_at_10), (0.5, 0.5, 0.5));
        assert_eq!((figures.coverage_at_10, figures.freshness_at_10), (0.5, 0.375));
        assert!((figures.ndcg_error - 0.5 / 2_f64.sqrt()).abs() < 1e-9);
        assert!((figures.gini_at_10 - 0.5).abs() < 1e-9, "half of them hold everything: {}", figures.gini_at_10);
        assert_eq!(Tally::default().figures(&[]), Figures::default());
    }

    #[test]
    fn the_tail_is_the_less_taken_up_four_fifths() {
        let mut tally = Tally::default();
        tally.add(&[0, 1, 2, 3], &HashSet::from([0]), |_| false);
        let figures = tally.figures(&[9, 1, 2, 3, 4]);
        assert_eq!(figures.tail_at_10, 0.75, "0 alone is of the head");
        let mut one = Tally::default();
        (0..50).for_each(|_| one.add(&[4], &HashSet::from([4]), |_| false));
        assert!(one.figures(&[1; 100]).gini_at_10 > 0.98);
    }
}
