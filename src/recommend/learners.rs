//! The packed record of every learner: where they stand with each resource, twelve bytes a pair, and what they reported with a
//! figure, twelve bytes a report, both ordered by time.
//!
//! It is the learner's own record (history, resume points, favourites, hours) and, read from the end, the profile that
//! recommendations are made from. Deeds that came as no person learns are in the record and never in the profile.

use super::figures::Packed;
use crate::domain::event::Verb;
use crate::domain::study::Figure;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

/// The profile: so many resources, the latest first.
pub const PROFILE: usize = 50;

const COMPLETED: u8 = 1;
const FAVOURITE: u8 = 2;
const DISMISSED: u8 = 4;
/// The learner took it up and did not turn away from it.
const POSITIVE: u8 = 8;
/// It was counted in the model: a second time counts nothing.
const COUNTED: u8 = 16;
/// That it was finished was counted in what is known of the resource's quality.
const FINISHED: u8 = 32;
/// The rating it has was counted there.
const RATED: u8 = 64;

/// What a deed changed for the models.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The resource now speaks for the learner, for the first time.
    pub counts: bool,
    /// The learner finished it, for the first time.
    pub finished: bool,
    /// The learner's rating that counted until now, in fiftieths, when it does not any more.
    pub rating_before: Option<u8>,
    /// The one that counts from now on.
    pub rating: Option<u8>,
}

impl Told {
    /// Whether it changed anything.
    pub fn changes(&self) -> bool {
        *self != Self::default()
    }
}

/// A learner and a resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Number of the resource in the dictionary.
    pub resource: u32,
    /// The latest event, seconds since 1970.
    pub at: u32,
    progress: u16,
    /// Rating in fiftieths: 250 is 5.
    rating: u8,
    flags: u8,
}

impl Entry {
    /// From its twelve bytes as one number each.
    pub const fn from_parts(resource: u32, at: u32, rest: u32) -> Self {
        Self { resource, at, progress: (rest >> 16) as u16, rating: (rest >> 8) as u8, flags: rest as u8 }
    }

    /// Of something that was just looked at.
    pub const fn looked_at(resource: u32, at: u32) -> Self {
        Self { resource, at, progress: 0, rating: 0, flags: POSITIVE }
    }

    /// Progress, rating and flags as one number.
    pub const fn rest(&self) -> u32 {
        (self.progress as u32) << 16 | (self.rating as u32) << 8 | self.flags as u32
    }

    /// Furthest progress, per mille.
    pub const fn progress(&self) -> u16 {
        self.progress
    }

    /// Rating in thousandths.
    pub fn rating(&self) -> Option<u16> {
        (self.rating > 0).then(|| u16::from(self.rating) * 20)
    }

    /// Whether it was finished.
    pub const fn is_completed(&self) -> bool {
        self.flags & COMPLETED != 0
    }

    /// Whether it is a favourite.
    pub const fn is_favourite(&self) -> bool {
        self.flags & FAVOURITE != 0
    }

    /// Whether the learner does not want to see it.
    pub const fn is_dismissed(&self) -> bool {
        self.flags & DISMISSED != 0
    }

    /// Whether it speaks for what the learner likes.
    pub const fn is_positive(&self) -> bool {
        self.flags & POSITIVE != 0
    }

    /// Takes a deed and marks what models count of it, so that each is counted once and a changed rating can be taken back.
    fn count(&mut self, deed: &Deed) -> Told {
        let mut told = Told::default();
        if deed.verb == Verb::Rated {
            told.rating_before = (self.flags & RATED != 0).then_some(self.rating);
            self.flags &= !RATED;
        }
        self.tell(deed);
        if deed.marked {
            return told;
        }
        if deed.verb == Verb::Rated {
            self.flags |= RATED;
            told.rating = Some(self.rating);
        }
        told.finished = deed.verb == Verb::Completed && self.flags & FINISHED == 0;
        told.counts = self.is_positive() && self.flags & COUNTED == 0;
        self.flags |= if told.finished { FINISHED } else { 0 } | if told.counts { COUNTED } else { 0 };
        told
    }

    fn tell(&mut self, deed: &Deed) {
        match deed.verb {
            Verb::Viewed | Verb::Searched | Verb::Answered | Verb::Shared | Verb::Impression => {}
            Verb::Progressed => self.progress = self.progress.max(deed.value.clamp(0, 1000) as u16),
            Verb::Completed => {
                self.flags |= COMPLETED;
                self.progress = 1000;
            }
            Verb::Favourited => self.flags |= FAVOURITE,
            Verb::Unfavourited => self.flags &= !FAVOURITE,
            Verb::Rated => self.rating = (deed.value.clamp(0, 5_000) / 20) as u8,
            Verb::Dismissed => self.flags |= DISMISSED,
        }
        let liking = deed.verb.liking(deed.value);
        if liking == Some(true) {
            self.flags &= !DISMISSED;
        }
        match liking.filter(|_| !deed.marked) {
            Some(true) => self.flags |= POSITIVE,
            Some(false) => self.flags &= !POSITIVE,
            None => {}
        }
    }
}

/// What a learner did with a resource.
#[derive(Clone, Copy, Debug)]
pub struct Deed {
    /// When, seconds since 1970.
    pub at: u32,
    /// What.
    pub verb: Verb,
    /// Value, as in `domain::event::Event`.
    pub value: i32,
    /// How far, in seconds.
    pub position: Option<u32>,
    /// It came as no person learns.
    pub marked: bool,
}

impl Deed {
    /// One without position or mark.
    pub const fn of(at: u32, verb: Verb, value: i32) -> Self {
        Self { at, verb, value, position: None, marked: false }
    }

    fn figure(&self) -> Option<Figure> {
        let part = self.value.clamp(0, 1000) as u16;
        match self.verb {
            Verb::Progressed => Some(self.position.map_or(Figure::Progress(part), Figure::Position)),
            Verb::Answered => Some(Figure::Score(part)),
            _ => None,
        }
    }
}

/// All that is kept of a learner.
#[derive(Clone, Debug, Default)]
struct Kept {
    entries: Box<[Entry]>,
    figures: Vec<Packed>,
}

/// Learners lie in so many shards; what a picture of the state shares with it is copied by the shard.
const SHARDS: usize = 4_096;

/// Surrogates are hashes already.
#[derive(Default)]
pub struct Given(u64);

impl Hasher for Given {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

type Shard = HashMap<u64, Kept, BuildHasherDefault<Given>>;

/// All learners. A clone shares them until they change.
#[derive(Clone, Debug)]
pub struct Learners {
    shards: Vec<Arc<Shard>>,
    count: usize,
}

impl Default for Learners {
    fn default() -> Self {
        // All empty shards are one until they are written to.
        Self { shards: vec![Arc::default(); SHARDS], count: 0 }
    }
}

/// Bits that tables use neither for places nor for tags.
const fn shard_of(learner: u64) -> usize {
    (learner >> 32) as usize % SHARDS
}

impl Learners {
    /// How many are known.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Every learner with its entries and figures, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &[Entry], &[Packed])> {
        self.shards.iter().flat_map(|shard| shard.iter().map(|(learner, kept)| (*learner, &*kept.entries, &*kept.figures)))
    }

    /// A learner's entries, the oldest first.
    pub fn entries(&self, learner: u64) -> &[Entry] {
        self.kept(learner).map_or(&[], |kept| &kept.entries)
    }

    /// What a learner reported with a figure, the oldest first.
    pub fn figures(&self, learner: u64) -> &[Packed] {
        self.kept(learner).map_or(&[], |kept| &kept.figures)
    }

    fn kept(&self, learner: u64) -> Option<&Kept> {
        self.shards.get(shard_of(learner)).and_then(|shard| shard.get(&learner))
    }

    /// Puts back a learner as it was kept.
    pub fn restore(&mut self, learner: u64, entries: Vec<Entry>, figures: Vec<Packed>) {
        if let Some(shard) = self.shards.get_mut(shard_of(learner)).map(Arc::make_mut) {
            self.count += usize::from(shard.insert(learner, Kept { entries: entries.into_boxed_slice(), figures }).is_none());
        }
    }

    /// Forgets a learner.
    pub fn forget(&mut self, learner: u64) {
        if let Some(shard) = self.shards.get_mut(shard_of(learner)).map(Arc::make_mut) {
            self.count -= usize::from(shard.remove(&learner).is_some());
        }
    }

    /// Takes a deed; answers what it changed for the models. When it counts, `profile` then holds the latest positive
    /// resources before it, the latest first.
    pub fn tell(&mut self, learner: u64, resource: u32, deed: &Deed, profile: &mut Vec<u32>) -> Told {
        let Some(shard) = self.shards.get_mut(shard_of(learner)).map(Arc::make_mut) else { return Told::default() };
        let kept = shard.entry(learner).or_insert_with(|| {
            self.count += 1;
            Kept::default()
        });
        if let Some(figure) = deed.figure() {
            let place = kept.figures.partition_point(|other| other.at <= deed.at);
            kept.figures.insert(place, Packed::new(resource, deed.at, figure, deed.marked));
        }
        let mut entries = std::mem::take(&mut kept.entries).into_vec();
        let mut entry = match entries.iter().rposition(|entry| entry.resource == resource) {
            Some(place) => entries.remove(place),
            None => {
                entries.reserve_exact(1);
                Entry { resource, at: deed.at, ..Entry::default() }
            }
        };
        entry.at = entry.at.max(deed.at);
        let told = entry.count(deed);
        if told.counts {
            profile.clear();
            profile.extend(entries.iter().rev().filter(|other| other.is_positive()).take(PROFILE).map(|other| other.resource));
        }
        let place = entries.partition_point(|other| other.at <= entry.at);
        entries.insert(place, entry);
        kept.entries = entries.into_boxed_slice();
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tell(learners: &mut Learners, resource: u32, at: u32, verb: Verb, value: i32) -> Option<Vec<u32>> {
        let mut profile = Vec::new();
        learners.tell(1, resource, &Deed::of(at, verb, value), &mut profile).counts.then_some(profile)
    }

    #[test]
    fn a_profile_is_what_was_liked_latest_first() {
        let mut all = Learners::default();
        assert_eq!(tell(&mut all, 10, 100, Verb::Viewed, 0), Some(vec![]));
        assert_eq!(tell(&mut all, 11, 200, Verb::Rated, 2_000), None, "a low rating says no");
        assert_eq!(tell(&mut all, 12, 300, Verb::Completed, 0), Some(vec![10]));
        assert_eq!(tell(&mut all, 10, 400, Verb::Progressed, 300), None, "counted once");
        assert_eq!(tell(&mut all, 13, 500, Verb::Searched, 0), Some(vec![10, 12]));
        assert_eq!(tell(&mut all, 12, 600, Verb::Dismissed, 0), None);
        assert_eq!(tell(&mut all, 14, 50, Verb::Viewed, 0), Some(vec![13, 10]));
        let order: Vec<u32> = all.entries(1).iter().map(|entry| entry.resource).collect();
        assert_eq!(order, [14, 11, 10, 13, 12], "late arrivals take their place");
        let progressed = all.entries(1).iter().find(|entry| entry.resource == 10).unwrap();
        assert_eq!((progressed.progress(), progressed.is_positive()), (300, true));
    }

    #[test]
    fn what_no_person_does_is_in_the_record_and_in_no_profile() {
        let mut all = Learners::default();
        let mut profile = Vec::new();
        let flood = Deed { marked: true, position: Some(30), ..Deed::of(100, Verb::Progressed, 500) };
        assert_eq!(all.tell(1, 10, &flood, &mut profile), Told::default());
        let entry = all.entries(1)[0];
        assert_eq!((entry.progress(), entry.is_positive(), all.figures(1)[0].is_marked()), (500, false, true));
        assert_eq!(tell(&mut all, 11, 200, Verb::Viewed, 0), Some(vec![]), "it speaks for nothing");
        assert_eq!(tell(&mut all, 10, 300, Verb::Viewed, 0), Some(vec![11]), "what a person does with it counts");
    }

    #[test]
    fn a_favourite_can_be_taken_back() {
        let mut all = Learners::default();
        assert!(tell(&mut all, 10, 100, Verb::Favourited, 0).is_some());
        assert!(all.entries(1)[0].is_favourite());
        assert_eq!(tell(&mut all, 10, 200, Verb::Unfavourited, 0), None);
        assert!(!all.entries(1)[0].is_favourite() && all.entries(1)[0].is_positive());
    }

    #[test]
    fn ratings_and_finishing_count_once_and_only_what_a_person_did() {
        let (mut all, mut profile) = (Learners::default(), Vec::new());
        let mut tell = |verb, value, marked| all.tell(1, 10, &Deed { marked, ..Deed::of(100, verb, value) }, &mut profile);
        let rated = |before: Option<u8>, now: Option<u8>| Told { rating_before: before, rating: now, ..Told::default() };
        assert_eq!(tell(Verb::Rated, 2_000, false), rated(None, Some(100)));
        assert_eq!(tell(Verb::Rated, 3_000, false), Told { counts: true, ..rated(Some(100), Some(150)) });
        assert_eq!(tell(Verb::Rated, 5_000, true), rated(Some(150), None), "what no person does takes the old one away");
        assert_eq!(tell(Verb::Rated, 1_000, false), rated(None, Some(50)));
        assert!(!tell(Verb::Completed, 0, true).finished);
        assert!(tell(Verb::Completed, 0, false).finished);
        assert!(!tell(Verb::Completed, 0, false).finished, "once");
    }

    #[test]
    fn parts_read_back() {
        let mut entry = Entry { resource: 3, at: 9, ..Entry::default() };
        entry.tell(&Deed::of(9, Verb::Rated, 4_500));
        entry.tell(&Deed::of(9, Verb::Progressed, 720));
        assert_eq!(Entry::from_parts(entry.resource, entry.at, entry.rest()), entry);
        assert_eq!(entry.rating(), Some(4_500));
    }
}
