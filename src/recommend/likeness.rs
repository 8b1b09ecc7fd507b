//! Likeness of content: what the search index knows of texts, given from outside, and what descriptions alone tell.

use super::catalogue::Item;
use super::joined::Joined;
use super::score::Voice;
use std::collections::{BTreeSet, HashMap};

/// Resources whose content is like that of another; implemented over the search index.
pub trait Likeness: Send + Sync + 'static {
    /// Up to `n` resources like `id` among those that a viewer with these tokens sees, best first, with scores above 0.
    fn like(&self, id: &str, viewer_tokens: &BTreeSet<String>, n: usize) -> Vec<(String, f32)>;
}

/// Knows nothing: descriptions alone decide.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoLikeness;

impl Likeness for NoLikeness {
    fn like(&self, _id: &str, _viewer_tokens: &BTreeSet<String>, _n: usize) -> Vec<(String, f32)> {
        Vec::new()
    }
}

/// Resources of a profile whose descriptions are asked.
const LISTENED: usize = 10;
/// What the same series adds to the features shared, in units of a very telling feature.
const SERIES: f32 = 8.0;

/// Rows of content, made once for each new item outside of requests: slot → slots like it, the best 1.
pub type ContentRows = HashMap<u32, Box<[(u32, f32)]>>;

/// What a profile is about.
#[derive(Debug, Default)]
pub struct Interests {
    weights: Vec<f32>,
    series: Vec<(u32, f32)>,
    slots: Vec<(u32, f32)>,
    /// One bit for each of `slots`, by number modulo 128: most rows name none of them, which this tells at once.
    marks: u128,
}

impl Interests {
    /// The features of the latest resources, weighted by how telling they are and how recent.
    pub fn of(joined: &Joined, voices: &[Voice]) -> Self {
        let mut interests = Self { weights: vec![0.0; joined.catalogue.feature_bound()], ..Self::default() };
        for (place, voice) in voices.iter().take(LISTENED).enumerate() {
            let slot = joined.slot(voice.number);
            let Some(item) = joined.catalogue.get(slot) else { continue };
            let recency = (-(place as f32) / 4.0).exp2();
            for feature in &item.features {
                if let Some(weight) = interests.weights.get_mut(*feature as usize) {
                    *weight += recency * joined.catalogue.weight(*feature);
                }
            }
            if item.series != 0 {
                interests.series.push((item.series, recency));
            }
            interests.slots.push((slot, recency));
            interests.marks |= 1 << (slot % 128);
        }
        interests
    }

    /// How much an item is about the same.
    pub fn liking(&self, item: &Item, row: Option<&[(u32, f32)]>) -> f32 {
        let weight = |feature: &u32| self.weights.get(*feature as usize).copied().unwrap_or(0.0);
        // Divided by the root of their number: a long list of keywords is no merit.
        let shared = item.features.iter().map(weight).sum::<f32>() / (item.features.len().max(1) as f32).sqrt();
        let series = self.series.iter().filter(|(series, _)| *series == item.series).map(|(_, recency)| recency * SERIES).sum::<f32>();
        let content =
            |(slot, like): &(u32, f32)| self.slots.iter().find(|(own, _)| own == slot).map_or(0.0, |(_, recency)| recency * like * SERIES);
        let marked = |(slot, _): &&(u32, f32)| self.marks >> (slot % 128) & 1 == 1;
        shared + series + row.unwrap_or(&[]).iter().filter(marked).map(content).sum::<f32>()
    }
}

/// How much one item speaks for another by content alone, for naming the cause.
pub fn speaks_for(joined: &Joined, cause: u32, item: &Item, row: Option<&[(u32, f32)]>) -> f32 {
    let Some(other) = joined.catalogue.get(cause) else { return 0.0 };
    let shared = other.features.iter().filter(|feature| item.features.binary_search(feature).is_ok());
    let features = shared.map(|feature| joined.catalogue.weight(*feature)).sum::<f32>() / (item.features.len().max(1) as f32).sqrt();
    let series = if item.series != 0 && item.series == other.series { SERIES } else { 0.0 };
    let content = row.and_then(|row| row.iter().find(|(slot, _)| *slot == cause)).map_or(0.0, |(_, like)| like * SERIES);
    features + series + content
}
