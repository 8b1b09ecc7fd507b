//! What was learned from the log: learners, rows of co-visitation, masses of resources. Whole numbers only, and nothing but
//! the log flows in, so that the state after an event is the same live, from a snapshot and from a replay.

use super::decay::{self, HalfLife, Mass};
use super::learners::{Deed, Learners, PROFILE, Told};
use super::regions::Regions;
use super::rows::Row;
use crate::domain::event::Verb;
use crate::domain::time::Timestamp;
use crate::store::events::{Act, Batch, Row as LogRow};
use siphasher::sip128::{Hasher128, SipHasher13};
use std::collections::HashMap;
use std::hash::Hasher;
use std::sync::Arc;

/// Half-lives at which the trend is kept.
pub const TRENDS: usize = 3;

/// What shapes the state; a snapshot made under other values is not used. What the usual values rest on stands in
/// [`super::weights`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Half-life of co-visitation and popularity, in days.
    pub covisit_days: u32,
    /// Half-lives of the trend, in days, the shortest first.
    pub trend_days: [u32; TRENDS],
    /// Weight, in 256ths, of a pair whose earlier resource lies `place` places back, per place: 256 · 2^(-place/this).
    /// 0 weighs all places alike.
    pub reach: u32,
    /// Weight, in 256ths, of the way back, from the later resource to the earlier one, beside the way on.
    pub backward: u32,
}

/// Pairs of less mass are not entered: they would change no place, push true neighbours out of the rows, and be half of the
/// work of an event.
const FAINTEST: u32 = decay::UNIT >> 8;

impl Default for Shape {
    fn default() -> Self {
        Self { covisit_days: 365, trend_days: [1, 7, 30], reach: 3, backward: 64 }
    }
}

/// How much a resource was taken up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Popularity {
    /// Decayed with the half-life of co-visitation.
    pub mass: Mass,
    /// Decayed with each half-life of the trend.
    pub trends: [Mass; TRENDS],
    /// Learners who took it up, ever.
    pub learners: u32,
    /// When it was first taken up, seconds since 1970; meaningless while nobody did.
    pub since: u32,
    /// What those who took it up made of it.
    pub quality: Quality,
}

/// What learners made of a resource, or of all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    /// Learners who finished it.
    pub finished: u64,
    /// Learners whose rating counts.
    pub rated: u64,
    /// The sum of these ratings, in fiftieths: 250 is 5.
    pub ratings: u64,
}

impl Quality {
    /// Its numbers, as they are kept.
    pub const fn words(self) -> [u64; 3] {
        [self.finished, self.rated, self.ratings]
    }

    /// From its numbers.
    pub const fn from_words([finished, rated, ratings]: [u64; 3]) -> Self {
        Self { finished, rated, ratings }
    }

    fn tell(&mut self, told: &Told) {
        self.finished += u64::from(told.finished);
        if let Some(before) = told.rating_before {
            (self.rated, self.ratings) = (self.rated.saturating_sub(1), self.ratings.saturating_sub(u64::from(before)));
        }
        if let Some(rating) = told.rating {
            (self.rated, self.ratings) = (self.rated + 1, self.ratings + u64::from(rating));
        }
    }
}

/// The state. A clone is a picture of it, made within milliseconds: rows and learners are shared until they change.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// How it was shaped.
    pub shape: Shape,
    ids: Vec<Arc<str>>,
    numbers: Arc<HashMap<Arc<str>, u32>>,
    /// Learners.
    pub learners: Learners,
    rows: Vec<Arc<Row>>,
    popularity: Vec<Popularity>,
    /// The latest event time, seconds since 1970: the clock of the model.
    pub clock: u32,
    /// Resources taken up, ever.
    pub counted: u64,
    /// What is taken up where.
    pub regions: Regions,
    /// What learners made of all resources together.
    pub quality: Quality,
    profile: Vec<u32>,
}

impl State {
    /// An empty state.
    pub fn new(shape: Shape) -> Self {
        Self { shape, ..Self::default() }
    }

    /// Takes some rows of a batch. `numbers` is kept by the caller through the batch: the numbers of its resources, empty
    /// at first. `changed` is told the number of every resource of which something changed.
    pub fn apply(&mut self, batch: &Batch, rows: &[LogRow], numbers: &mut Vec<Option<u32>>, mut changed: impl FnMut(u32)) {
        numbers.resize(batch.resources.len(), None);
        for row in rows {
            let verb = match row.act {
                // What was shown says nothing of what is liked.
                Act::Did(Verb::Impression) => continue,
                Act::Did(verb) => verb,
                Act::Forget => {
                    self.learners.forget(row.learner);
                    continue;
                }
            };
            let place = row.resource as usize;
            let (Some(known), Some(id)) = (numbers.get_mut(place), batch.resources.get(place)) else { continue };
            let resource = *known.get_or_insert_with(|| self.number(id));
            // A clock that runs ahead must not pull the model's clock with it.
            let at = seconds(row.at.min(batch.received.millis()));
            let deed = Deed { at, verb, value: row.value, position: row.position, marked: row.marked };
            let told = self.tell(row.learner, resource, &deed);
            if told.counts {
                row.region.into_iter().for_each(|region| self.regions.add(region, resource, at));
            }
            if told.changes() {
                changed(resource);
            }
        }
    }

    /// Takes one event; answers what it changed for the models.
    pub fn tell(&mut self, learner: u64, resource: u32, deed: &Deed) -> Told {
        let mut profile = std::mem::take(&mut self.profile);
        if !deed.marked {
            self.clock = self.clock.max(deed.at);
        }
        let told = self.learners.tell(learner, resource, deed, &mut profile);
        if told.counts {
            self.learn(resource, deed.at, &profile);
        }
        self.profile = profile;
        self.quality.tell(&told);
        self.popularity.get_mut(resource as usize).into_iter().for_each(|found| found.quality.tell(&told));
        told
    }

    fn learn(&mut self, resource: u32, at: u32, profile: &[u32]) {
        self.counted += 1;
        let (epoch, unit) = HalfLife::days(self.shape.covisit_days).weigh(at);
        if let Some(found) = self.popularity.get_mut(resource as usize) {
            found.mass.add(epoch, unit);
            for (trend, days) in found.trends.iter_mut().zip(self.shape.trend_days) {
                let (epoch, unit) = HalfLife::days(days).weigh(at);
                trend.add(epoch, unit);
            }
            found.since = if found.learners == 0 { at } else { found.since.min(at) };
            found.learners = found.learners.saturating_add(1);
        }
        let Shape { reach, backward, .. } = self.shape;
        let mass = |place: usize| near(unit, place, reach);
        let heard = profile.iter().enumerate().map(|(place, other)| (*other, mass(place))).take_while(|(_, mass)| *mass >= FAINTEST);
        // Rows lie all over the memory. Waited for one after the other they were half of the work of an event; looked at together
        // they come together.
        std::hint::black_box(heard.clone().filter_map(|(other, _)| self.row(other)).fold(0, |sum, row| sum ^ row.glance()));
        if let Some(own) = self.rows.get_mut(resource as usize).map(Arc::make_mut) {
            heard.clone().for_each(|(other, mass)| own.add(other, epoch, back(mass, backward)));
        }
        for (other, mass) in heard {
            if let Some(row) = self.rows.get_mut(other as usize).map(Arc::make_mut) {
                row.add(resource, epoch, mass);
            }
        }
    }

    /// The number of a resource id, given when it is first seen.
    pub fn number(&mut self, id: &str) -> u32 {
        if let Some(number) = self.numbers.get(id) {
            return *number;
        }
        let number = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        let id: Arc<str> = Arc::from(id);
        self.ids.push(Arc::clone(&id));
        Arc::make_mut(&mut self.numbers).insert(id, number);
        self.rows.push(Arc::default());
        self.popularity.push(Popularity::default());
        number
    }

    /// The number of a resource id that events named.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.numbers.get(id).copied()
    }

    /// Resource ids by number.
    pub fn ids(&self) -> &[Arc<str>] {
        &self.ids
    }

    /// The row of a resource.
    pub fn row(&self, resource: u32) -> Option<&Row> {
        self.rows.get(resource as usize).map(AsRef::as_ref)
    }

    /// How much a resource was taken up.
    pub fn popularity(&self, resource: u32) -> Popularity {
        self.popularity.get(resource as usize).copied().unwrap_or_default()
    }

    /// The present epoch of co-visitation and popularity.
    pub fn epoch(&self) -> u32 {
        HalfLife::days(self.shape.covisit_days).weigh(self.clock).0
    }

    /// Puts back a resource as it was kept.
    pub fn restore(&mut self, id: &str, row: Row, popularity: Popularity) {
        let number = self.number(id) as usize;
        if let (Some(slot), Some(found)) = (self.rows.get_mut(number), self.popularity.get_mut(number)) {
            *slot = Arc::new(row);
            *found = popularity;
        }
    }

    /// A digest of everything; equal states have equal digests, whatever the order of tables in memory.
    pub fn digest(&self) -> u128 {
        let mut sum = u128::from(self.clock) ^ u128::from(self.counted) << 64;
        sum = sum.wrapping_add(self.quality.words().into_iter().fold(0, |sum, word| sum << 32 ^ u128::from(word)));
        for (learner, entries, figures) in self.learners.iter() {
            let mut hasher = SipHasher13::new_with_keys(1, learner);
            entries.iter().for_each(|entry| [entry.resource, entry.at, entry.rest()].into_iter().for_each(|word| hasher.write_u32(word)));
            hasher.write_u64(entries.len() as u64);
            figures.iter().for_each(|one| [one.resource, one.at, one.bits()].into_iter().for_each(|word| hasher.write_u32(word)));
            sum = sum.wrapping_add(hasher.finish128().as_u128());
        }
        for (number, ((id, row), popularity)) in self.ids.iter().zip(&self.rows).zip(&self.popularity).enumerate() {
            let mut hasher = SipHasher13::new_with_keys(2, number as u64);
            hasher.write(id.as_bytes());
            hasher.write_u32(row.epoch());
            let mut pairs: Vec<(u32, u32)> = row.iter().collect();
            pairs.sort_unstable();
            pairs.into_iter().for_each(|(other, mass)| hasher.write_u64(u64::from(other) << 32 | u64::from(mass)));
            for mass in std::iter::once(popularity.mass).chain(popularity.trends) {
                hasher.write_u32(mass.epoch);
                hasher.write_u64(mass.value);
            }
            hasher.write_u32(popularity.learners);
            hasher.write_u32(popularity.since);
            popularity.quality.words().into_iter().for_each(|word| hasher.write_u64(word));
            sum = sum.wrapping_add(hasher.finish128().as_u128());
        }
        for (region, takings) in self.regions.iter() {
            let mut hasher = SipHasher13::new_with_keys(3, u64::from(region));
            for taken in takings {
                [taken.resource, taken.learners, taken.mass.epoch].into_iter().for_each(|word| hasher.write_u32(word));
                hasher.write_u64(taken.mass.value);
            }
            sum = sum.wrapping_add(hasher.finish128().as_u128());
        }
        sum
    }
}

/// The mass of a pair by how far back the earlier resource lies: halved each `reach` places.
fn near(unit: u32, place: usize, reach: u32) -> u32 {
    if reach == 0 {
        return unit;
    }
    debug_assert!(place < PROFILE, "profiles are short");
    let quarters = u32::try_from(place).unwrap_or(u32::MAX).saturating_mul(4) / reach;
    // 2^(-k/4) in 256ths.
    let part = [256, 215, 181, 152].get((quarters % 4) as usize).copied().unwrap_or(256);
    (unit * part / 256) >> (quarters / 4).min(31)
}

/// The mass of the way back.
const fn back(mass: u32, backward: u32) -> u32 {
    ((mass as u64 * backward as u64) >> 8) as u32
}

/// Whole seconds since 1970 that fit 32 bits.
pub fn seconds(millis: i64) -> u32 {
    u32::try_from(millis.max(0) / 1000).unwrap_or(u32::MAX)
}

/// The instant of whole seconds.
pub fn instant(seconds: u32) -> Timestamp {
    Timestamp::from_millis(i64::from(seconds) * 1000)
}
