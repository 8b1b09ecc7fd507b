//! Likeness of content: what the search index knows of texts, given from outside, and what descriptions alone tell.

use super::catalogue::Item;
use super::joined::Joined;
use super::score::Voice;
use std::collections::hash_map::Entry;
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

/// Rows of content, made once for each new item outside of requests.
#[derive(Debug, Default)]
pub struct ContentRows {
    /// Slot → slots like it, the best 1.
    rows: HashMap<u32, Box<[(u32, f32)]>>,
    /// The same from the other side: slot → new items whose rows name it.
    named_by: HashMap<u32, Vec<(u32, f32)>>,
}

impl ContentRows {
    /// How many items have one.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether an item has one.
    pub fn holds(&self, slot: u32) -> bool {
        self.rows.contains_key(&slot)
    }

    /// The row of an item; an empty one where none was made.
    pub fn get(&self, slot: u32) -> &[(u32, f32)] {
        self.rows.get(&slot).map_or(&[], AsRef::as_ref)
    }

    /// New items whose rows name `slot`, and how like it they are.
    pub fn naming(&self, slot: u32) -> &[(u32, f32)] {
        self.named_by.get(&slot).map_or(&[], Vec::as_slice)
    }

    /// Puts the row of an item in.
    pub fn insert(&mut self, slot: u32, row: Box<[(u32, f32)]>) {
        self.remove(slot);
        for (other, like) in &row {
            self.named_by.entry(*other).or_default().push((slot, *like));
        }
        self.rows.insert(slot, row);
    }

    /// Takes the row of an item out.
    pub fn remove(&mut self, slot: u32) {
        for (other, _) in self.rows.remove(&slot).unwrap_or_default() {
            if let Entry::Occupied(mut naming) = self.named_by.entry(other) {
                naming.get_mut().retain(|(from, _)| *from != slot);
                if naming.get().is_empty() {
                    naming.remove();
                }
            }
        }
    }

    /// Takes all out.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

/// How much new items are about what a profile is about: found from the profile's side, so that an item with which it shares
/// nothing costs nothing. Tables of one thread, used again and again; always left zero.
#[derive(Debug, Default)]
pub struct Likings {
    by_slot: Vec<Liking>,
    touched: Vec<u32>,
    asked: Vec<(u32, f32)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Liking {
    /// By features shared, before it is divided by the root of the item's number of features.
    shared: f32,
    /// By series and by content.
    other: f32,
}

impl Likings {
    /// Calls `tell` with each new item that has something of the profile's latest resources, and with how much: features
    /// weighted by how telling they are and how recent.
    pub fn each(&mut self, joined: &Joined, rows: &ContentRows, voices: &[Voice], mut tell: impl FnMut(u32, &Item, f32)) {
        self.by_slot.resize((joined.catalogue.slots() as usize).max(self.by_slot.len()), Liking::default());
        self.asked.clear();
        for (place, voice) in voices.iter().take(LISTENED).enumerate() {
            let slot = joined.slot(voice.number);
            let Some(item) = joined.catalogue.get(slot) else { continue };
            let recency = (-(place as f32) / 4.0).exp2();
            self.asked.extend(item.features.iter().map(|feature| (*feature, recency)));
            for (new, like) in rows.naming(slot) {
                self.add(*new, Liking { shared: 0.0, other: recency * like * SERIES });
            }
            if item.series != 0 {
                joined
                    .catalogue
                    .young_with(item.series)
                    .iter()
                    .for_each(|new| self.add(*new, Liking { shared: 0.0, other: recency * SERIES }));
            }
        }
        // A feature of several resources is looked up once.
        let mut asked = std::mem::take(&mut self.asked);
        asked.sort_unstable_by_key(|(feature, _)| *feature);
        for same in asked.chunk_by(|left, right| left.0 == right.0) {
            let Some((feature, _)) = same.first() else { continue };
            let shared = same.iter().map(|(_, recency)| recency).sum::<f32>() * joined.catalogue.weight(*feature);
            joined.catalogue.young_with(*feature).iter().for_each(|new| self.add(*new, Liking { shared, other: 0.0 }));
        }
        self.asked = asked;
        for slot in self.touched.drain(..) {
            let Some(liking) = self.by_slot.get_mut(slot as usize).map(std::mem::take) else { continue };
            if let Some(item) = joined.catalogue.get(slot) {
                // Divided by the root of their number: a long list of keywords is no merit.
                tell(slot, item, liking.shared / (item.features.len().max(1) as f32).sqrt() + liking.other);
            }
        }
    }

    fn add(&mut self, slot: u32, more: Liking) {
        let Some(liking) = self.by_slot.get_mut(slot as usize) else { return };
        if liking.shared == 0.0 && liking.other == 0.0 {
            self.touched.push(slot);
        }
        liking.shared += more.shared;
        liking.other += more.other;
    }
}

/// How much one item speaks for another by content alone, for naming the cause.
pub fn speaks_for(joined: &Joined, cause: u32, item: &Item, row: &[(u32, f32)]) -> f32 {
    let Some(other) = joined.catalogue.get(cause) else { return 0.0 };
    let shared = other.features.iter().filter(|feature| item.features.binary_search(feature).is_ok());
    let features = shared.map(|feature| joined.catalogue.weight(*feature)).sum::<f32>() / (item.features.len().max(1) as f32).sqrt();
    let series = if item.series != 0 && item.series == other.series { SERIES } else { 0.0 };
    let content = row.iter().find(|(slot, _)| *slot == cause).map_or(0.0, |(_, like)| like * SERIES);
    features + series + content
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recommend::catalogue::CatalogueItem;
    use crate::recommend::state::{Shape, State};
    use crate::recommend::weights::Weights;
    use proptest::prelude::*;

    /// What [`Likings::each`] tells of one item, reckoned from the item's side.
    fn liking(joined: &Joined, rows: &ContentRows, voices: &[Voice], slot: u32, item: &Item) -> f32 {
        let (mut shared, mut other) = (0.0, 0.0);
        for (place, voice) in voices.iter().take(LISTENED).enumerate() {
            let own = joined.slot(voice.number);
            let Some(heard) = joined.catalogue.get(own) else { continue };
            let recency = (-(place as f32) / 4.0).exp2();
            let both = heard.features.iter().filter(|feature| item.features.contains(feature));
            shared += both.map(|feature| recency * joined.catalogue.weight(*feature)).sum::<f32>();
            if heard.series != 0 && heard.series == item.series {
                other += recency * SERIES;
            }
            other += rows.get(slot).iter().filter(|(named, _)| *named == own).map(|(_, like)| recency * like * SERIES).sum::<f32>();
        }
        shared / (item.features.len().max(1) as f32).sqrt() + other
    }

    /// An item: which one, three features, a series or none, age in days.
    type Made = (u8, [u8; 3], Option<u8>, u8);

    fn catalogue_item((id, features, series, age): &Made) -> CatalogueItem {
        CatalogueItem {
            id: format!("r{id}"),
            title: format!("资源{id}"),
            features: features.iter().map(|feature| format!("keyword:{feature}")).collect(),
            series: series.map(|series| format!("系列{series}")),
            grants: BTreeSet::from(["public".to_owned()]),
            published: -i64::from(*age) * crate::domain::time::DAY_MS,
            ..CatalogueItem::default()
        }
    }

    proptest! {
        /// Items come, change and go; from the profile's side and from each item's side the same likings come out, twice.
        #[test]
        fn likings_are_the_same_from_both_sides(
            made in prop::collection::vec((0..40_u8, [0..9_u8, 0..9, 0..9], prop::option::of(0..5_u8), 0..60_u8), 1..80),
            gone in prop::collection::vec(0..40_u8, 0..8),
            heard in prop::collection::vec(0..40_u8, 0..14),
            named in prop::collection::vec((0..40_u8, prop::collection::vec((0..40_u8, 0.1_f32..1.0), 0..6)), 0..12),
        ) {
            let mut joined = Joined::new(State::new(Shape::default()), &Weights::default());
            made.iter().for_each(|made| joined.put(catalogue_item(made)));
            let mut state = State::new(Shape::default());
            for id in &heard {
                state.number(&format!("r{id}"));
            }
            joined.replace_state(state);
            gone.iter().for_each(|id| joined.remove(&format!("r{id}")));
            let slot = |id: &u8| joined.catalogue.find(&format!("r{id}"));
            let mut rows = ContentRows::default();
            for (id, row) in &named {
                if let Some(new) = slot(id) {
                    rows.insert(new, row.iter().filter_map(|(id, like)| slot(id).map(|slot| (slot, *like))).collect());
                }
            }
            let numbers = heard.iter().filter_map(|id| joined.state.find(&format!("r{id}")));
            let voices: Vec<Voice> = numbers.map(|number| Voice { number, weight: 1.0, recency: 1.0 }).collect();
            let mut likings = Likings::default();
            for turn in 0..2 {
                let mut told: HashMap<u32, f32> = HashMap::new();
                likings.each(&joined, &rows, &voices, |slot, _, liking| {
                    assert!(told.insert(slot, liking).is_none(), "each once");
                });
                for slot in joined.catalogue.young() {
                    let Some(item) = joined.catalogue.get(slot) else { continue };
                    let (wanted, found) = (liking(&joined, &rows, &voices, slot, item), told.remove(&slot).unwrap_or(0.0));
                    prop_assert!((wanted - found).abs() <= 1e-3 * wanted.max(1.0), "turn {turn}, slot {slot}: {wanted} {found}");
                }
                prop_assert!(told.is_empty(), "only the young: {told:?}");
            }
        }
    }
}
