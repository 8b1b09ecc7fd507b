//! What is taken up where: for each county, its city and the province, the resources that learners there took up, with a decayed
//! mass and the number of those learners.
//!
//! A learner counts once for a resource, in the region of the first event that counted. Regions are numbers of GB/T 2260, whose
//! pairs of digits are province, city and county. Whole numbers only, as everywhere in the state.

use super::decay::{self, HalfLife, Mass};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Half-life of what is taken up in a region: counties have few learners a day.
const DAYS: u32 = 14;
/// Resources a region keeps when it is pruned, and may have before.
const KEPT: usize = 768;
const MOST: usize = 1_024;
/// A resource is told of a region from so many learners on: of fewer, somebody who knows the place might know who it was.
pub const FEWEST: u32 = 5;

/// A resource in a region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Number of the resource.
    pub resource: u32,
    /// Learners of the region who took it up.
    pub learners: u32,
    /// How much lately.
    pub mass: Mass,
}

/// All regions. A clone shares them until they change.
#[derive(Clone, Debug, Default)]
pub struct Regions {
    /// Ordered by the number of the resource.
    by_code: BTreeMap<u32, Arc<Vec<Taken>>>,
}

impl Regions {
    /// A learner of a region took a resource up.
    pub fn add(&mut self, region: u32, resource: u32, at: u32) {
        let (epoch, unit) = HalfLife::days(DAYS).weigh(at);
        for code in lineage(region) {
            let takings = Arc::make_mut(self.by_code.entry(code).or_default());
            let place = match takings.binary_search_by_key(&resource, |taken| taken.resource) {
                Ok(place) => place,
                Err(_) if takings.len() >= MOST => {
                    prune(takings);
                    takings.partition_point(|taken| taken.resource < resource)
                }
                Err(place) => place,
            };
            if takings.get(place).is_none_or(|taken| taken.resource != resource) {
                takings.insert(place, Taken { resource, ..Taken::default() });
            }
            if let Some(taken) = takings.get_mut(place) {
                taken.learners = taken.learners.saturating_add(1);
                taken.mass.add(epoch, unit);
            }
        }
    }

    /// What at least [`FEWEST`] learners of a region took up, the hottest first, each with its mass at `now` (seconds since 1970)
    /// in events.
    pub fn hottest(&self, region: u32, now: u32) -> Vec<(u32, f32)> {
        let (epoch, _) = HalfLife::days(DAYS).weigh(now);
        let takings = self.by_code.get(&region).map_or(&[] as &[Taken], |takings| takings.as_slice());
        let told = takings.iter().filter(|taken| taken.learners >= FEWEST).map(|taken| (taken.resource, taken.mass.in_epoch(epoch)));
        let mut hottest: Vec<(u32, f32)> = told.collect();
        hottest.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        hottest
    }

    /// Each region with what was taken up there, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (u32, &[Taken])> {
        self.by_code.iter().map(|(code, takings)| (*code, takings.as_slice()))
    }

    /// Puts back a region as it was kept.
    pub fn restore(&mut self, code: u32, takings: Vec<Taken>) {
        self.by_code.insert(code, Arc::new(takings));
    }
}

/// A division, its city and its province, without repeating one.
fn lineage(code: u32) -> impl Iterator<Item = u32> {
    let (city, province) = (code / 100 * 100, code / 10_000 * 10_000);
    let own = (code != city).then_some(code);
    own.into_iter().chain((city != province).then_some(city)).chain(Some(province))
}

/// Whether one division lies in another, or is it.
pub fn lies_in(inner: u32, outer: u32) -> bool {
    lineage(inner).any(|code| code == outer)
}

fn prune(takings: &mut Vec<Taken>) {
    let latest = takings.iter().map(|taken| taken.mass.epoch).max().unwrap_or(0);
    let weight = |taken: &Taken| decay::shifted(taken.mass.value, latest - taken.mass.epoch);
    takings.sort_unstable_by(|left, right| weight(right).cmp(&weight(left)).then(left.resource.cmp(&right.resource)));
    takings.truncate(KEPT);
    takings.sort_unstable_by_key(|taken| taken.resource);
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u32 = 86_400;

    #[test]
    fn a_county_counts_for_its_city_and_its_province() {
        let mut regions = Regions::default();
        (0..5).for_each(|_| regions.add(430_104, 7, 0));
        (0..4).for_each(|_| regions.add(430_105, 8, 0));
        regions.add(430_100, 8, 0);
        let told = |code| regions.hottest(code, 0).into_iter().map(|(resource, _)| resource).collect::<Vec<_>>();
        assert_eq!((told(430_104), told(430_105)), (vec![7], vec![]), "four learners are too few to be told of");
        assert_eq!((told(430_100), told(430_000)), (vec![7, 8], vec![7, 8]));
        assert_eq!(regions.iter().len(), 4);
        assert!(lies_in(430_104, 430_000) && lies_in(430_104, 430_104) && !lies_in(430_100, 430_104) && !lies_in(431_001, 430_100));
    }

    #[test]
    fn lately_weighs_more_and_the_heaviest_stay() {
        let mut regions = Regions::default();
        (0..9).for_each(|_| regions.add(430_104, 1, 0));
        (0..5).for_each(|_| regions.add(430_104, 2, 60 * DAY));
        assert_eq!(regions.hottest(430_104, 60 * DAY).first().map(|one| one.0), Some(2));
        for resource in 0..5_000 {
            regions.add(430_104, resource, 61 * DAY);
        }
        let (_, takings) = regions.iter().find(|(code, _)| *code == 430_104).unwrap();
        assert!(takings.len() <= MOST && takings.is_sorted_by_key(|taken| taken.resource));
        assert!(takings.iter().any(|taken| taken.resource == 2 && taken.learners == 6));
    }
}
