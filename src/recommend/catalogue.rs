//! What may be recommended: titles, providers, features and grants of the resources, held in memory and fed by the feed.

use super::course::Place;
use crate::domain::metadata::Metadata;
use crate::domain::resource::Resource;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

/// Newest resources that are looked at for the places kept for new work.
pub const YOUNG: usize = 512;

/// A resource as the recommender needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogueItem {
    /// Resource id.
    pub id: String,
    /// Title to show.
    pub title: String,
    /// The institution that gave it.
    pub provider: String,
    /// Code of its category.
    pub category: String,
    /// Series it belongs to.
    pub series: Option<String>,
    /// Subjects, keywords, ethnic groups and the like, each with a prefix of its kind.
    pub features: BTreeSet<String>,
    /// Who may see it.
    pub grants: BTreeSet<String>,
    /// First publication, milliseconds since 1970.
    pub published: i64,
    /// The provider's own number.
    pub source_id: Option<String>,
    /// Path of the owning organisation.
    pub owner: String,
    /// Divisions it is about, GB/T 2260.
    pub regions: Vec<String>,
    /// Bits of the groups whose share it counts for; set where it is taken in.
    pub groups: u16,
}

impl From<&Resource> for CatalogueItem {
    fn from(resource: &Resource) -> Self {
        let metadata = &resource.metadata;
        Self {
            id: resource.id.clone(),
            title: metadata.title.main().to_owned(),
            provider: resource.institution.clone(),
            category: metadata.category.clone(),
            series: metadata.series.clone(),
            features: features(metadata),
            grants: resource.grants.clone(),
            published: resource.published.millis(),
            source_id: metadata.source_id.clone(),
            owner: resource.owner.as_str().to_owned(),
            regions: metadata.region.clone(),
            groups: 0,
        }
    }
}

fn features(metadata: &Metadata) -> BTreeSet<String> {
    let named = |kind: &'static str, codes: &[String]| codes.iter().map(move |code| format!("{kind}:{code}")).collect::<Vec<_>>();
    let mut features: BTreeSet<String> = BTreeSet::new();
    features.extend(named("subject", &metadata.subjects));
    features.extend(named("keyword", &metadata.keywords));
    features.extend(named("audience", &metadata.audience));
    if let Some(culture) = &metadata.culture {
        features.extend(named("ethnic", &culture.ethnic_groups));
        features.extend(named("heritage", &[culture.heritage_class.clone(), culture.heritage_item.clone()]));
    }
    features
}

/// An item as it is held.
#[derive(Clone, Debug)]
pub struct Item {
    /// Resource id.
    pub id: Box<str>,
    /// Title; empty for one that is not served.
    pub title: Box<str>,
    /// Number of the provider.
    pub provider: u32,
    /// Number of the category.
    pub category: u32,
    /// Number of the series, 0 for none.
    pub series: u32,
    /// Numbers of the features.
    pub features: Box<[u32]>,
    /// One bit for each feature, by number modulo 128: likeness in a few instructions.
    pub signature: u128,
    /// Number of the set of grants; 0 for one that is not served.
    pub gate: u32,
    /// First publication, milliseconds since 1970.
    pub published: i64,
    /// Where it stands in its series.
    pub place: Place,
    /// Features that are subjects.
    pub subjects: Box<[u32]>,
    /// Bits of the groups whose share it counts for.
    pub groups: u16,
}

impl Item {
    /// Orders the parts of a series.
    fn turn(&self) -> (&Place, i64, &str) {
        (&self.place, self.published, &self.id)
    }
}

/// The catalogue.
#[derive(Debug, Default)]
pub struct Catalogue {
    items: Vec<Item>,
    slots: HashMap<Box<str>, u32>,
    names: HashMap<Box<str>, u32>,
    gates: Vec<BTreeSet<String>>,
    gate_numbers: HashMap<BTreeSet<String>, u32>,
    series: HashMap<u32, Vec<u32>>,
    /// How many served items have a feature.
    frequency: HashMap<u32, u32>,
    /// The newest served items, the newest first.
    young: Vec<(i64, u32)>,
    /// Feature or series → slots of the items in `young` that have it.
    young_with: HashMap<u32, Vec<u32>>,
    served: u32,
}

impl Catalogue {
    /// Puts an item in, in the place of an earlier one of its id; answers its slot.
    pub fn put(&mut self, item: CatalogueItem) -> u32 {
        self.remove(&item.id);
        let mut features: Vec<u32> = item.features.iter().map(|feature| self.name(feature)).collect();
        features.sort_unstable();
        let subjects: Box<[u32]> =
            item.features.iter().filter(|feature| feature.starts_with("subject:")).map(|feature| self.name(feature)).collect();
        let series = item.series.as_deref().map_or(0, |series| self.name(&format!("series:{series}")));
        let place = if series == 0 { Place::default() } else { Place::of(&item.title, item.source_id.as_deref()) };
        let held = Item {
            title: item.title.into_boxed_str(),
            provider: self.name(&format!("provider:{}", item.provider)),
            category: self.name(&format!("category:{}", item.category)),
            series,
            signature: features.iter().fold(0, |bits, feature| bits | 1 << (feature % 128)),
            features: features.into_boxed_slice(),
            gate: self.gate(item.grants),
            published: item.published,
            place,
            subjects,
            groups: item.groups,
            id: item.id.into_boxed_str(),
        };
        held.features.iter().for_each(|feature| *self.frequency.entry(*feature).or_default() += 1);
        let slot = match self.slots.get(&held.id) {
            Some(slot) => *slot,
            None => {
                let slot = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
                self.slots.insert(held.id.clone(), slot);
                self.items.push(held.clone());
                slot
            }
        };
        if series > 0 {
            let parts = self.series.entry(series).or_default();
            let turn = parts.partition_point(|other| self.items.get(*other as usize).is_some_and(|other| other.turn() < held.turn()));
            parts.insert(turn, slot);
        }
        let published = held.published;
        if let Some(found) = self.items.get_mut(slot as usize) {
            *found = held;
        }
        let place = self.young.partition_point(|other| *other > (published, slot));
        if place < YOUNG * 2 {
            self.young.insert(place, (published, slot));
            self.post(slot);
        }
        while self.young.len() > YOUNG * 2 {
            let (_, oldest) = self.young.pop().unwrap_or_default();
            self.unpost(oldest);
        }
        self.served += 1;
        slot
    }

    /// Takes an item out: from here on it is in no list and no reason.
    pub fn remove(&mut self, id: &str) -> Option<u32> {
        let slot = *self.slots.get(id)?;
        let item = self.items.get_mut(slot as usize)?;
        if item.gate == 0 {
            return Some(slot);
        }
        item.gate = 0;
        item.title = Box::from("");
        self.served -= 1;
        self.unpost(slot);
        let Some(item) = self.items.get_mut(slot as usize) else { return Some(slot) };
        for feature in std::mem::take(&mut item.features) {
            self.frequency.entry(feature).and_modify(|count| *count = count.saturating_sub(1));
        }
        if let Some(parts) = self.series.get_mut(&item.series) {
            parts.retain(|other| *other != slot);
        }
        let full = self.young.len() >= YOUNG;
        self.young.retain(|(_, other)| *other != slot);
        if full && self.young.len() < YOUNG {
            self.find_young();
        }
        Some(slot)
    }

    /// The slot of a resource id, served or not.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.slots.get(id).copied()
    }

    /// The item in a slot, when it is served.
    pub fn get(&self, slot: u32) -> Option<&Item> {
        self.items.get(slot as usize).filter(|item| item.gate != 0)
    }

    /// How many items are served.
    pub fn served(&self) -> u32 {
        self.served
    }

    /// Slots ever given.
    pub fn slots(&self) -> u32 {
        u32::try_from(self.items.len()).unwrap_or(u32::MAX)
    }

    /// The grants of a gate.
    pub fn grants(&self, gate: u32) -> Option<&BTreeSet<String>> {
        self.gates.get((gate as usize).checked_sub(1)?)
    }

    /// Sets of grants, so far.
    pub fn gates(&self) -> usize {
        self.gates.len() + 1
    }

    /// Slots of the newest served items, the newest first.
    pub fn young(&self) -> impl Iterator<Item = u32> {
        self.young.iter().take(YOUNG).map(|(_, slot)| *slot)
    }

    /// Whether an item is among those of [`Self::young`].
    pub fn is_young(&self, slot: u32, item: &Item) -> bool {
        self.young.get(YOUNG - 1).is_none_or(|last| (item.published, slot) >= *last)
    }

    /// Slots of the newest served items that have a feature or belong to a series, in no order; somewhat older ones than those
    /// of [`Self::young`] may be among them.
    pub fn young_with(&self, feature_or_series: u32) -> &[u32] {
        self.young_with.get(&feature_or_series).map_or(&[], Vec::as_slice)
    }

    /// Slots of a series' served items, in the order of the series.
    pub fn series(&self, series: u32) -> &[u32] {
        if series == 0 { &[] } else { self.series.get(&series).map_or(&[], Vec::as_slice) }
    }

    /// The names of one kind (`category:`, `provider:`), by number.
    pub fn named(&self, kind: &str) -> HashMap<u32, &str> {
        self.names.iter().filter_map(|(name, number)| Some((*number, name.strip_prefix(kind)?))).collect()
    }

    /// How telling a feature is: ln(1 + items / items that have it), at least 0.
    pub fn weight(&self, feature: u32) -> f32 {
        let having = self.frequency.get(&feature).copied().unwrap_or(0).max(1);
        (self.served as f32 / having as f32).ln_1p()
    }

    fn name(&mut self, name: &str) -> u32 {
        if let Some(number) = self.names.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len() + 1).unwrap_or(u32::MAX);
        self.names.insert(Box::from(name), number);
        number
    }

    fn gate(&mut self, grants: BTreeSet<String>) -> u32 {
        if let Some(number) = self.gate_numbers.get(&grants) {
            return *number;
        }
        self.gates.push(grants.clone());
        let number = u32::try_from(self.gates.len()).unwrap_or(u32::MAX);
        self.gate_numbers.insert(grants, number);
        number
    }

    fn find_young(&mut self) {
        let served = self.items.iter().enumerate().filter(|(_, item)| item.gate != 0);
        self.young = served.map(|(slot, item)| (item.published, u32::try_from(slot).unwrap_or(u32::MAX))).collect();
        self.young.sort_unstable_by(|left, right| right.cmp(left));
        self.young.truncate(YOUNG * 2);
        self.young_with.clear();
        let slots: Vec<u32> = self.young.iter().map(|(_, slot)| *slot).collect();
        slots.into_iter().for_each(|slot| self.post(slot));
    }

    /// Enters one of the young under its features and its series.
    fn post(&mut self, slot: u32) {
        let Some(item) = self.items.get(slot as usize) else { return };
        for key in item.features.iter().copied().chain(Some(item.series).filter(|series| *series != 0)) {
            self.young_with.entry(key).or_default().push(slot);
        }
    }

    /// Takes it out from under them again.
    fn unpost(&mut self, slot: u32) {
        let Some(item) = self.items.get(slot as usize) else { return };
        for key in item.features.iter().copied().chain(Some(item.series).filter(|series| *series != 0)) {
            if let Entry::Occupied(mut with) = self.young_with.entry(key) {
                with.get_mut().retain(|other| *other != slot);
                if with.get().is_empty() {
                    with.remove();
                }
            }
        }
    }
}

/// What tells how alike items are by what is known of them.
#[derive(Clone, Copy, Debug)]
pub struct Traits {
    signature: u128,
    /// Bits set in `signature`.
    features: u32,
    /// Number of the series, 0 for none.
    pub series: u32,
    /// Number of the provider.
    pub provider: u32,
    /// Number of the category.
    pub category: u32,
}

impl Traits {
    /// Of an item.
    pub fn of(item: &Item) -> Self {
        let Item { signature, series, provider, category, .. } = *item;
        Self { signature, features: signature.count_ones(), series, provider, category }
    }

    /// How alike two items are, 0 to 1: shared features (Jaccard), series and provider.
    pub fn alike(&self, other: &Self) -> f32 {
        let both = self.signature & other.signature;
        let shared = if both == 0 {
            0.0
        } else {
            let both = both.count_ones();
            both as f32 / (self.features + other.features - both) as f32
        };
        let series = if self.series != 0 && self.series == other.series { 0.3 } else { 0.0 };
        let provider = if self.provider == other.provider { 0.1 } else { 0.0 };
        shared * 0.6 + series + provider
    }
}
