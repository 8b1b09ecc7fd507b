//! Places of a list that are given for a reason of their own: to what few have seen, and to groups that are behind their share.

use super::asking::Asking;
use super::diversify::Spread;
use super::joined::{Joined, NONE};
use super::score::Candidate;
use super::shares::Due;

/// One of so many places is for what few have seen.
const EVERY: usize = 10;
/// Which one of them.
const SEVENTH: usize = 6;
/// Few have seen what fewer than this part of the mean number of learners took up.
const FEW: u64 = 4;
/// Among so many of the best a place is drawn.
const DRAWN: usize = 3;
/// Relevant is what scores at least this part of the last that the list would show anyway.
const FLOOR: f32 = 0.25;

/// The list as it is made, with those that were drawn into it and their chances.
pub struct Picked {
    /// The best first.
    pub list: Vec<Candidate>,
    /// Slot and the probability that it had this place; what is not named here had its place for certain.
    pub drawn: Vec<(u32, f32)>,
}

/// What places are given from.
pub struct Giving<'a> {
    /// State and catalogue.
    pub joined: &'a Joined,
    /// Who asks.
    pub asking: &'a Asking<'a>,
    /// All candidates, the best first.
    pub pool: &'a [Candidate],
    /// Caps.
    pub spread: Spread,
    /// Places from the front that stay when new work gets its own.
    pub kept: usize,
}

impl Giving<'_> {
    /// Of each ten places the seventh goes to one of the best-scoring that few have seen, drawn by their scores, unless one
    /// of them is among the ten already.
    pub fn give_to_little_seen(&self, picked: &mut Picked) {
        for turn in 0..picked.list.len().min(self.kept) / (EVERY - 1) {
            let (first, place) = (turn * EVERY, turn * EVERY + SEVENTH);
            let ten = picked.list.iter().take(self.kept).skip(first).take(EVERY);
            if place >= self.kept || ten.into_iter().any(|candidate| self.is_little_seen(candidate)) {
                continue;
            }
            let there: Vec<Candidate> = picked.list.iter().take(self.kept.saturating_sub(1)).copied().collect();
            let fits = |candidate: &&Candidate| {
                self.is_little_seen(candidate)
                    && !holds(&picked.list, candidate)
                    && self.spread.has_room(self.joined, &there, candidate.slot)
            };
            let best: Vec<Candidate> = self.pool.iter().filter(fits).take(DRAWN).copied().collect();
            if let Some((candidate, chance)) = drawn(&best, part(self.asking.draw, turn as u64)) {
                picked.list.insert(place.min(picked.list.len()), candidate);
                picked.drawn.push((candidate.slot, chance));
            }
        }
    }

    /// Puts relevant works of the groups that are behind in the places of the last that belong to no such group.
    pub fn meet_shares(&self, due: &Due, picked: &mut Picked) {
        let floor = picked.list.iter().take(self.kept).next_back().map_or(0.0, |last| last.score() * FLOOR);
        let of = |bit: u16, candidate: &Candidate| self.joined.catalogue.get(candidate.slot).is_some_and(|item| item.groups & bit != 0);
        let behind: u16 = due.groups().fold(0, |bits, (bit, _)| bits | bit);
        for (bit, owed) in due.groups() {
            let has = picked.list.iter().take(self.kept).filter(|candidate| of(bit, candidate)).count();
            for _ in has..owed {
                let movable =
                    |candidate: &Candidate| !of(behind, candidate) && picked.drawn.iter().all(|(slot, _)| *slot != candidate.slot);
                let Some(place) = picked.list.iter().take(self.kept).rposition(movable) else { break };
                let there: Vec<Candidate> =
                    picked.list.iter().take(self.kept).enumerate().filter(|(other, _)| *other != place).map(|(_, one)| *one).collect();
                let fits = |candidate: &&Candidate| {
                    of(bit, candidate) && !holds(&picked.list, candidate) && self.spread.has_room(self.joined, &there, candidate.slot)
                };
                let relevant = self.pool.iter().take_while(|candidate| candidate.score() >= floor && candidate.score() > 0.0);
                let Some(best) = relevant.into_iter().find(fits) else { break };
                if let Some(found) = picked.list.get_mut(place) {
                    *found = *best;
                }
            }
        }
    }

    fn is_little_seen(&self, candidate: &Candidate) -> bool {
        let state = &self.joined.state;
        let learners = if candidate.number == NONE { 0 } else { state.popularity(candidate.number).learners };
        u64::from(learners) * FEW * (state.ids().len() as u64) < state.counted
    }
}

fn holds(list: &[Candidate], candidate: &Candidate) -> bool {
    list.iter().any(|other| other.slot == candidate.slot)
}

/// One of these with the probability it had, by a number from 0 to 1: each by its part of the sum of scores.
fn drawn(best: &[Candidate], number: f32) -> Option<(Candidate, f32)> {
    let total: f32 = best.iter().map(Candidate::score).sum();
    if total <= 0.0 {
        return best.first().map(|only| (*only, 1.0));
    }
    let mut rest = number * total;
    for candidate in best {
        rest -= candidate.score();
        if rest < 0.0 {
            return Some((*candidate, candidate.score() / total));
        }
    }
    best.last().map(|last| (*last, last.score() / total))
}

/// A number from 0 to below 1, even over seeds and turns (the finaliser of SplitMix64: Steele, Lea and Flood, OOPSLA 2014).
pub fn part(seed: u64, turn: u64) -> f32 {
    let mut bits = seed.wrapping_add(turn.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((bits ^ bits >> 31) >> 40) as f32 / (1_u64 << 24) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_drawn_as_often_as_its_chance_says() {
        let candidate = |slot, trend| Candidate { trend, ..super::super::score::nothing(slot, slot) };
        let best = [candidate(1, 0.5), candidate(2, 0.3), candidate(3, 0.2)];
        let mut times = [0_u32; 4];
        for seed in 0..20_000 {
            let (one, chance) = drawn(&best, part(seed, 0)).unwrap();
            assert!((chance - one.trend).abs() < 1e-6);
            times[one.slot as usize] += 1;
        }
        for (time, chance) in times.iter().skip(1).zip([0.5, 0.3, 0.2]) {
            assert!((f64::from(*time) / 20_000.0 - chance).abs() < 0.01, "{times:?}");
        }
    }
}
