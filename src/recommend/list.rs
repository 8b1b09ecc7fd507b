//! One list for one learner: candidates from all sources, blended, spread, with places for new work, each with its reason.

use super::diversify::{self, Spread};
use super::fresh::{self, Asking};
use super::hot::Hot;
use super::joined::{Joined, NONE};
use super::learners::Entry;
use super::likeness::{ContentRows, Likings};
use super::reasons::{Causes, Reason};
use super::score::{Candidate, Scratch, Viewer, has_met, voices};
use super::weights::Weights;
use serde::{Deserialize, Serialize};

/// Of the hottest, so many are candidates.
const HOT: usize = 64;
/// Of the hottest of each category, so many are candidates for those of whom nothing is known.
const HOT_OF_CATEGORY: usize = 12;
/// The latest resources whose series are looked at.
const SERIES_OF: usize = 3;

/// A recommended resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RecommendedItem {
    /// Resource id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How strongly, within this list alone: 0 to about 1.
    pub score: f32,
    /// Why.
    pub reason: Reason,
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
        let voices = voices(self.joined, entries, self.weights);
        let mut pool = Vec::with_capacity(512);
        scratch.covisited(self.joined, viewer, entries, &voices, &mut pool);
        let stranger = voices.is_empty();
        self.add_trend(viewer, entries, stranger, &mut pool);
        self.add_series(viewer, entries, &voices, &mut pool);
        pool.sort_by(|left, right| right.score().total_cmp(&left.score()).then(left.slot.cmp(&right.slot)));
        let per_category = if stranger { n.div_ceil(3) } else { n };
        let cap = (self.weights.provider_cap * n).div_ceil(10).max(1);
        let spread = Spread { relevance: self.weights.relevance, per_provider: cap, per_category };
        let mut picked = diversify::pick(self.joined, &pool, n, spread);
        let asking = Asking { viewer, entries, voices: &voices, now };
        let places = match self.weights.new_every {
            0 => 0,
            every if stranger => n * 2 / every,
            every => n / every,
        };
        let news = self.add_new(&mut scratch.likings, &asking, &mut picked, places, n);
        let causes = Causes { joined: self.joined, rows: self.rows, viewer, voices: &voices };
        let reason = |candidate: &Candidate| {
            if news.contains(&candidate.slot) { causes.newcomer(candidate) } else { causes.blended(candidate) }
        };
        let item = |candidate: &Candidate| {
            let item = self.joined.catalogue.get(candidate.slot)?;
            let score = (candidate.score() * 10_000.0).round() / 10_000.0;
            Some(RecommendedItem { id: item.id.to_string(), title: item.title.to_string(), score, reason: reason(candidate) })
        };
        Recommendations { items: picked.iter().filter_map(item).collect(), ..Recommendations::default() }
    }

    /// The trend adds to what is there and brings the hottest in.
    fn add_trend(&self, viewer: &Viewer, entries: &[Entry], stranger: bool, pool: &mut Vec<Candidate>) {
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
            let there = |pool: &[Candidate]| pool.iter().any(|candidate| candidate.number == *number);
            let gate = self.joined.facet(*number).map_or(0, |facet| facet.gate);
            if gate == 0 || has_met(entries, *number) || !viewer.sees(self.joined, gate) || there(pool) {
                continue;
            }
            let trend = weight * pace.of(&self.joined.state.popularity(*number)) / self.hot.top;
            pool.push(Candidate { slot: self.joined.slot(*number), number: *number, covisit: 0.0, ridge: 0.0, trend, series: 0.0 });
        }
        debug_assert!(pool.len() >= known, "the trend only adds");
    }

    /// The rest of a series of which one of the latest resources is a part.
    fn add_series(&self, viewer: &Viewer, entries: &[Entry], voices: &[super::score::Voice], pool: &mut Vec<Candidate>) {
        for voice in voices.iter().take(SERIES_OF) {
            let Some(item) = self.joined.item(voice.number).filter(|item| item.series != 0) else { continue };
            for slot in self.joined.catalogue.series(item.series).iter().take(64) {
                let number = self.joined.number(*slot);
                let Some(part) = self.joined.catalogue.get(*slot) else { continue };
                if has_met(entries, number) || !viewer.sees(self.joined, part.gate) {
                    continue;
                }
                match pool.iter_mut().find(|candidate| candidate.slot == *slot) {
                    Some(candidate) => candidate.series = self.weights.series,
                    None => pool.push(Candidate { slot: *slot, number, covisit: 0.0, ridge: 0.0, trend: 0.0, series: self.weights.series }),
                }
            }
        }
    }

    /// Puts new work into its places and fills what is still empty; answers the slots that came in by this door.
    fn add_new(&self, likings: &mut Likings, asking: &Asking<'_>, picked: &mut Vec<Candidate>, places: usize, n: usize) -> Vec<u32> {
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
