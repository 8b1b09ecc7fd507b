//! What others around take up: in the county, and in one's classes. Of few people nothing is told.

use super::{Found, Shelf};
use crate::domain::time::DAY_MS;
use crate::recommend::list::RecommendedItem;
use crate::recommend::reasons::Reason;
use crate::recommend::state::seconds;
use std::collections::HashMap;

/// Of so many classmates that did the same it is told,
const ALIKE: u32 = 3;
/// of a class with so many others: of a smaller one, "some of them" would be nearly all.
const CLASSMATES: usize = 5;
/// What classmates did within so many days is of late.
const LATELY: i64 = 30;
/// Of each classmate, so many of the latest resources are looked at.
const EACH: usize = 50;

/// A division with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// GB/T 2260 code.
    pub code: u32,
    /// Its name.
    pub name: String,
}

/// A class that the learner is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    /// Its name.
    pub name: String,
    /// Surrogates of its other learners.
    pub others: Vec<u64>,
}

impl Shelf<'_> {
    /// The county's first; where it has too little to tell, its city's, then the province's.
    pub(super) fn trending_nearby(&self) -> Vec<RecommendedItem> {
        let joined = self.sources.joined;
        let now = seconds(self.asking.now);
        let found = self.around.divisions.iter().flat_map(|division| {
            let text = format!("近期在{}有不少人在学", division.name);
            let hottest = joined.state.regions.hottest(division.code, now);
            let top = hottest.first().map_or(1.0, |first| first.1).max(f32::MIN_POSITIVE);
            let item = move |(number, mass): (u32, f32)| (joined.slot(number), mass / top, Reason::plain("trending-nearby", &text));
            hottest.into_iter().map(item)
        });
        self.fill(found)
    }

    /// What at least [`ALIKE`] of one class took up lately, what most did first.
    pub(super) fn for_circle(&self) -> Vec<RecommendedItem> {
        let mut found: Vec<(u32, u32, Found)> = Vec::new();
        for circle in self.around.circles.iter().filter(|circle| circle.others.len() >= CLASSMATES) {
            let all = circle.others.len() as f32;
            for (number, (count, latest)) in self.taken_by(&circle.others) {
                if count >= ALIKE {
                    let reason = Reason::plain("for-your-circle", &format!("“{}”有几位同学近期在学", circle.name));
                    found.push((count, latest, (self.sources.joined.slot(number), count as f32 / all, reason)));
                }
            }
        }
        found.sort_by_key(|(count, latest, found)| std::cmp::Reverse((*count, *latest, found.0)));
        self.fill(found.into_iter().map(|(.., found)| found))
    }

    /// Resources with how many of these learners took them up lately, and when last.
    fn taken_by(&self, learners: &[u64]) -> HashMap<u32, (u32, u32)> {
        let since = seconds(self.asking.now - LATELY * DAY_MS);
        let mut counts: HashMap<u32, (u32, u32)> = HashMap::new();
        for learner in learners {
            let entries = self.sources.joined.state.learners.entries(*learner).iter().rev().take(EACH);
            for entry in entries.take_while(|entry| entry.at >= since).filter(|entry| entry.is_positive()) {
                let (count, latest) = counts.entry(entry.resource).or_default();
                *count += 1;
                *latest = entry.at.max(*latest);
            }
        }
        counts
    }
}
