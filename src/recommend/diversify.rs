//! A list that shows different things: maximal marginal relevance with a cap per provider and series and, for those of whom
//! nothing is known, per category. (Carbonell and Goldstein, SIGIR 1998.)

use super::catalogue::Traits;
use super::joined::Joined;
use super::score::Candidate;

/// Candidates looked at.
const WIDTH: usize = 120;

/// How a list is spread.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// Relevance against difference, 0 to 1.
    pub relevance: f32,
    /// Most of one provider in the list.
    pub per_provider: usize,
    /// Most of one series in the list.
    pub per_series: usize,
    /// Most of one category in the list.
    pub per_category: usize,
}

/// What picking needs of a candidate, side by side.
struct Left {
    candidate: Candidate,
    score: f32,
    traits: Traits,
    /// How alike the likest of those picked is, of the first `met` of them.
    nearest: f32,
    met: usize,
}

impl Left {
    fn meet(&mut self, picked: &[(Candidate, Traits)]) {
        for (_, other) in picked.iter().skip(self.met) {
            self.nearest = self.nearest.max(self.traits.alike(other));
        }
        self.met = picked.len();
    }
}

/// Picks up to `n` of the candidates, in the order they are to be shown. `pool` must be sorted, the best first.
pub fn pick(joined: &Joined, pool: &[Candidate], n: usize, spread: Spread) -> Vec<Candidate> {
    let left = |candidate: &Candidate| {
        let traits = Traits::of(joined.catalogue.get(candidate.slot)?);
        Some(Left { candidate: *candidate, score: candidate.score(), traits, nearest: 0.0, met: 0 })
    };
    let mut rest: Vec<Left> = pool.iter().take(WIDTH.max(n * 4)).filter_map(left).collect();
    let mut picked: Vec<(Candidate, Traits)> = Vec::with_capacity(n);
    let mut held_back = Vec::new();
    while picked.len() < n {
        let mut best: Option<(usize, f32)> = None;
        for (place, one) in rest.iter_mut().enumerate() {
            // Likeness only takes away, and the others score less: none of them can be worth more.
            if best.is_some_and(|(_, most)| spread.relevance * one.score <= most) {
                break;
            }
            one.meet(&picked);
            let worth = spread.relevance * one.score - (1.0 - spread.relevance) * one.nearest;
            if best.is_none_or(|(_, most)| worth > most) {
                best = Some((place, worth));
            }
        }
        let Some((place, _)) = best else { break };
        let Left { candidate, traits, .. } = rest.remove(place);
        picked.push((candidate, traits));
        let same = |is_same: &dyn Fn(&Traits) -> bool| picked.iter().filter(|(_, other)| is_same(other)).count();
        let provider_full = same(&|other| other.provider == traits.provider) >= spread.per_provider;
        let series_full = traits.series != 0 && same(&|other| other.series == traits.series) >= spread.per_series;
        let category_full = same(&|other| other.category == traits.category) >= spread.per_category;
        if !(provider_full || series_full || category_full) {
            continue;
        }
        rest.retain(|one| {
            let full = provider_full && one.traits.provider == traits.provider
                || series_full && one.traits.series == traits.series
                || category_full && one.traits.category == traits.category;
            if full {
                held_back.push(one.candidate);
            }
            !full
        });
    }
    // A catalogue of one provider still fills its lists.
    held_back.sort_by(|left, right| right.score().total_cmp(&left.score()).then(left.slot.cmp(&right.slot)));
    let missing = n.saturating_sub(picked.len());
    picked.into_iter().map(|(candidate, _)| candidate).chain(held_back.into_iter().take(missing)).collect()
}

impl Spread {
    /// Whether one more stays within the caps of provider and series beside those that are there.
    pub fn has_room(&self, joined: &Joined, there: &[Candidate], slot: u32) -> bool {
        let Some(item) = joined.catalogue.get(slot) else { return false };
        let (mut provider, mut series) = (0, 0);
        for other in there.iter().filter_map(|candidate| joined.catalogue.get(candidate.slot)) {
            provider += usize::from(other.provider == item.provider);
            series += usize::from(other.series == item.series);
        }
        provider < self.per_provider && (item.series == 0 || series < self.per_series)
    }
}
