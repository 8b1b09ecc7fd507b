//! A list that shows different things: maximal marginal relevance with a cap per provider and, for those of whom nothing is
//! known, per category. (Carbonell and Goldstein, SIGIR 1998.)

use super::catalogue::{Item, alike};
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
    /// Most of one category in the list.
    pub per_category: usize,
}

/// Picks up to `n` of the candidates, in the order they are to be shown. `pool` must be sorted, the best first.
pub fn pick(joined: &Joined, pool: &[Candidate], n: usize, spread: Spread) -> Vec<Candidate> {
    let mut rest: Vec<(Candidate, &Item, f32)> = pool
        .iter()
        .take(WIDTH.max(n * 4))
        .filter_map(|candidate| joined.catalogue.get(candidate.slot).map(|item| (*candidate, item, 0.0)))
        .collect();
    let mut picked: Vec<(Candidate, &Item)> = Vec::with_capacity(n);
    let mut held_back = Vec::new();
    while picked.len() < n {
        let worth = |entry: &(Candidate, &Item, f32)| spread.relevance * entry.0.score() - (1.0 - spread.relevance) * entry.2;
        let places = rest.iter().enumerate();
        let best = places.max_by(|left, right| worth(left.1).total_cmp(&worth(right.1)).then(right.0.cmp(&left.0)));
        let Some(place) = best.map(|(place, _)| place) else { break };
        let (candidate, item, _) = rest.remove(place);
        picked.push((candidate, item));
        let same = |is_same: &dyn Fn(&Item) -> bool| picked.iter().filter(|(_, other)| is_same(other)).count();
        let provider_full = same(&|other| other.provider == item.provider) >= spread.per_provider;
        let category_full = same(&|other| other.category == item.category) >= spread.per_category;
        rest.retain_mut(|(held, other, nearest)| {
            *nearest = nearest.max(alike(other, item));
            let stays = !(provider_full && other.provider == item.provider || category_full && other.category == item.category);
            if !stays {
                held_back.push(*held);
            }
            stays
        });
    }
    // A catalogue of one provider still fills its lists.
    held_back.sort_by(|left, right| right.score().total_cmp(&left.score()).then(left.slot.cmp(&right.slot)));
    let missing = n.saturating_sub(picked.len());
    picked.into_iter().map(|(candidate, _)| candidate).chain(held_back.into_iter().take(missing)).collect()
}
