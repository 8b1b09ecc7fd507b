//! One list for one learner: candidates from all sources, blended, spread, with places for new work, each with its reason.

use super::asking::Asking;
use super::diversify::{self, Spread};
use super::fresh;
use super::hot::Hot;
use super::joined::{Joined, NONE};
use super::learners::Entry;
use super::likeness::{ContentRows, Likings};
use super::places::{Giving, Picked};
use super::reasons::{Causes, Reason};
use super::score::{Candidate, Scratch, Viewer, nothing};
use super::shares::Due;
use super::weights::Weights;
use serde::{Deserialize, Serialize};

/// Of the hottest, so many are candidates.
const HOT: usize = 64;
/// Of the hottest of each category, so many are candidates for those of whom nothing is known.
const HOT_OF_CATEGORY: usize = 12;
/// The latest resources whose series are looked at.
const SERIES_OF: usize = 3;
/// Most of one series in ten.
pub const SERIES_CAP: usize = 3;

/// A recommended resource.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RecommendedItem {
    /// Resource id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How strongly, within this list alone: 0 to about 1.
    pub score: f32,
    /// Why.
    pub reason: Reason,
    /// Where to go on, of what was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
    /// The probability that it had this place, where the place was drawn.
    #[serde(skip)]
    pub chance: Option<f32>,
}

/// Where to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Resume {
    /// Seconds from the start of the recording, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// Furthest progress, per mille.
    pub progress: u16,
}

/// A list of recommendations.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Recommendations {
    /// The best first.
    pub items: Vec<RecommendedItem>,
    /// Id of this list, by which an `impression` names it; empty for lists that are not kept apart.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub list: String,
    /// Whether it was made from what the learner did.
    #[serde(default)]
    pub personalised: bool,
    /// Its kind, as in the address of one list.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// What to write above it, in Chinese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub heading: String,
}

/// A candidate of the catalogue of which nothing speaks.
pub fn bare(joined: &Joined, slot: u32) -> Candidate {
    nothing(slot, joined.number(slot))
}

/// All that a list is made from.
pub struct Sources<'a> {
    /// State and catalogue.
    pub joined: &'a Joined,
    /// The trend.
    pub hot: &'a Hot,
    /// Rows of content.
    pub rows: &'a ContentRows,
    /// The blend.
    pub weights: &'a Weights,
}

impl Sources<'_> {
    /// The list of a learner (`None`: somebody of whom nothing is known).
    pub fn list(&self, scratch: &mut Scratch, viewer: &Viewer, learner: Option<u64>, now: i64, n: usize) -> Recommendations {
        let entries = learner.map_or(&[] as &[Entry], |learner| self.joined.state.learners.entries(learner));
        let asking = Asking { draw: learner.unwrap_or(0), ..Asking::new(self.joined, self.weights, viewer, entries, now) };
        Recommendations { items: self.for_you(scratch, &asking, &Due::default(), n), ..Recommendations::default() }
    }

    /// What somebody may like next, and what is due to groups.
    pub fn for_you(&self, scratch: &mut Scratch, asking: &Asking<'_>, due: &Due, n: usize) -> Vec<RecommendedItem> {
        let pool = self.pool(scratch, asking);
        let stranger = asking.voices.is_empty();
        let spread = self.spread(n, if stranger { n.div_ceil(3) } else { n });
        let places = match self.weights.new_every {
            0 => 0,
            every if stranger => n * 2 / every,
            every => n / every,
        };
        let mut picked = Picked { list: diversify::pick(self.joined, &pool, n, spread), drawn: Vec::new() };
        let giving = Giving { joined: self.joined, asking, pool: &pool, spread, kept: n.saturating_sub(places) };
        giving.give_to_little_seen(&mut picked);
        giving.meet_shares(due, &mut picked);
        picked.list.truncate(n);
        let news = self.add_new(&mut scratch.likings, asking, &mut picked.list, places, n, spread);
        let causes = Causes { joined: self.joined, rows: self.rows, viewer: asking.viewer, voices: &asking.voices };
        let reason = |candidate: &Candidate| {
            if news.contains(&candidate.slot) { causes.newcomer(candidate) } else { causes.blended(candidate) }
        };
        let chance = |slot: u32| picked.drawn.iter().find(|(drawn, _)| *drawn == slot).map(|(_, chance)| *chance);
        let item = |candidate: &Candidate| {
            let item = self.item(candidate.slot, candidate.score(), reason(candidate))?;
            Some(RecommendedItem { chance: chance(candidate.slot), ..item })
        };
        picked.list.iter().filter_map(item).collect()
    }

    /// An item as it is shown.
    pub fn item(&self, slot: u32, score: f32, reason: Reason) -> Option<RecommendedItem> {
        let item = self.joined.catalogue.get(slot)?;
        let (id, title, score) = (item.id.to_string(), item.title.to_string(), (score * 10_000.0).round() / 10_000.0);
        Some(RecommendedItem { id, title, score, reason, ..RecommendedItem::default() })
    }

    /// The caps of a list of `n`.
    pub fn spread(&self, n: usize, per_category: usize) -> Spread {
        let of_ten = |cap: usize| (cap * n).div_ceil(10).max(1);
        let (per_provider, per_series) = (of_ten(self.weights.provider_cap), of_ten(SERIES_CAP));
        Spread { relevance: self.weights.relevance, per_provider, per_series, per_category }
    }

    /// All candidates, the best first.
    fn pool(&self, scratch: &mut Scratch, asking: &Asking<'_>) -> Vec<Candidate> {
        let mut pool = Vec::with_capacity(512);
        scratch.covisited(self.joined, asking.viewer, asking.entries, &asking.voices, &mut pool);
        pool.retain(|candidate| !asking.taken.contains(&candidate.slot));
        self.add_trend(asking, &mut pool);
        self.add_series(asking, &mut pool);
        pool.sort_by(|left, right| right.score().total_cmp(&left.score()).then(left.slot.cmp(&right.slot)));
        pool
    }

    /// The trend adds to what is there and brings the hottest in.
    fn add_trend(&self, asking: &Asking<'_>, pool: &mut Vec<Candidate>) {
        let stranger = asking.voices.is_empty();
        let weight = if stranger { 1.0 } else { self.weights.trend };
        if weight <= 0.0 {
            return;
        }
        let pace = self.joined.pace();
        for candidate in pool.iter_mut() {
            candidate.trend = weight * pace.of(&self.joined.state.popularity(candidate.number)) / self.hot.top;
        }
        let known = pool.len();
        let of_categories = self.hot.by_category.iter().flat_map(|(_, list)| list.iter().take(if stranger { HOT_OF_CATEGORY } else { 0 }));
        for (number, _) in self.hot.overall.iter().take(HOT).chain(of_categories) {
            let slot = self.joined.slot(*number);
            if asking.wants(self.joined, slot).is_none() || pool.iter().any(|candidate| candidate.number == *number) {
                continue;
            }
            let trend = weight * pace.of(&self.joined.state.popularity(*number)) / self.hot.top;
            pool.push(Candidate { trend, ..nothing(slot, *number) });
        }
        debug_assert!(pool.len() >= known, "the trend only adds");
    }

    /// The rest of a series of which one of the latest resources is a part.
    fn add_series(&self, asking: &Asking<'_>, pool: &mut Vec<Candidate>) {
        for voice in asking.voices.iter().take(SERIES_OF) {
            let Some(item) = self.joined.item(voice.number).filter(|item| item.series != 0) else { continue };
            for slot in self.joined.catalogue.series(item.series).iter().take(64) {
                if asking.wants(self.joined, *slot).is_none() {
                    continue;
                }
                match pool.iter_mut().find(|candidate| candidate.slot == *slot) {
                    Some(candidate) => candidate.series = self.weights.series,
                    None => pool.push(Candidate { series: self.weights.series, ..bare(self.joined, *slot) }),
                }
            }
        }
    }

    /// Puts new work into its places and fills what is still empty; answers the slots that came in by this door.
    fn add_new(
        &self,
        likings: &mut Likings,
        asking: &Asking<'_>,
        picked: &mut Vec<Candidate>,
        places: usize,
        n: usize,
        spread: Spread,
    ) -> Vec<u32> {
        let missing = n.saturating_sub(picked.len());
        if places + missing == 0 {
            return Vec::new();
        }
        let kept = n.saturating_sub(places);
        let taken: Vec<u32> = picked.iter().take(kept).map(|candidate| candidate.slot).collect();
        let held = |slot: u32| taken.contains(&slot);
        let mut news = fresh::newcomers(self, likings, asking, &held, places + missing);
        if news.len() < places + missing && picked.len().min(kept) + news.len() < n {
            let known: Vec<u32> = news.iter().map(|candidate| candidate.slot).collect();
            let held = |slot: u32| taken.contains(&slot) || known.contains(&slot) || picked.iter().any(|other| other.slot == slot);
            let want = n - (picked.len() + news.len()).min(n);
            news.extend(fresh::others(self.joined, asking, &held, want));
        }
        // Those first that stay within the caps beside what is kept.
        news.sort_by_key(|new| !spread.has_room(self.joined, picked.get(..kept).unwrap_or(picked), new.slot));
        let slots: Vec<u32> = news.iter().map(|candidate| candidate.slot).collect();
        // What the list had beyond the kept places comes back when there is too little new work.
        let mut spare = picked.split_off(kept.min(picked.len())).into_iter().filter(|other| !slots.contains(&other.slot));
        let mut coming = news.into_iter();
        // One after every so many others, so that new work is not all at the end.
        let step = (n / places.max(1)).max(2);
        for turn in 1..=places {
            let place = turn * step - 1;
            if place <= picked.len()
                && let Some(new) = coming.next()
            {
                picked.insert(place, new);
            }
        }
        picked.extend(spare.by_ref().take(n.saturating_sub(picked.len())));
        picked.extend(coming.take(n.saturating_sub(picked.len())));
        debug_assert!(picked.iter().all(|candidate| candidate.slot != NONE), "everything listed is in the catalogue");
        slots
    }
}
