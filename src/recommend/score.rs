//! The sum over a learner's latest resources of their rows: who was taken up together with what the learner took up.

use super::decay;
use super::joined::{Joined, NONE};
use super::learners::Entry;
use super::likeness::Likings;
use super::weights::Weights;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Best by co-visitation that go on to blending.
const POOL: usize = 128;

/// Columns read side by side: they fit the nearest cache.
const COLUMNS: usize = 8;
/// Cells of a column in a line of memory.
const LINE: usize = 8;

/// A voice whose recency is fainter than this beside the first's is not heard: it would change no place but among equals.
const FAINT: f32 = 1.0 / 256.0;

/// A resource on its way into a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Slot in the catalogue.
    pub slot: u32,
    /// Number of the resource, or [`NONE`].
    pub number: u32,
    /// Part that co-visitation gave, 0 to 1.
    pub covisit: f32,
    /// Part that neighbourhood ridge gave; below 0 where the profile speaks against it.
    pub ridge: f32,
    /// Part that the trend gave.
    pub trend: f32,
    /// Part that the series gave.
    pub series: f32,
}

/// A candidate of which nothing speaks.
pub const fn nothing(slot: u32, number: u32) -> Candidate {
    Candidate { slot, number, covisit: 0.0, ridge: 0.0, trend: 0.0, series: 0.0 }
}

impl Candidate {
    /// The blended score.
    pub fn score(&self) -> f32 {
        self.learned() + self.trend + self.series
    }

    /// What the learner's own profile gave.
    pub fn learned(&self) -> f32 {
        self.covisit + self.ridge
    }
}

/// One of a profile's resources with its weight in this request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Voice {
    /// Number of the resource.
    pub number: u32,
    /// What its row's masses are multiplied by.
    pub weight: f32,
    /// How recent it is, 0 to 1: what its place in a column is multiplied by.
    pub recency: f32,
}

/// Tables that requests of one thread use again and again; always left zero.
#[derive(Debug, Default)]
pub struct Scratch {
    scores: Vec<f32>,
    touched: Vec<u32>,
    /// Co-visitation and number of all that was heard of: thousands, of which [`POOL`] become candidates.
    heard: Vec<(f32, u32)>,
    /// Those of new work.
    pub likings: Likings,
}

/// Who is asking, as far as seeing goes.
#[derive(Debug)]
pub struct Viewer {
    tokens: BTreeSet<String>,
    /// Answers given in this request: 0 not asked, 1 no, 2 yes. Sets of grants are few, candidates are many.
    known: RefCell<Vec<u8>>,
}

impl Viewer {
    /// Somebody with these tokens.
    pub fn new(tokens: BTreeSet<String>) -> Self {
        Self { tokens, known: RefCell::default() }
    }

    /// The tokens.
    pub fn tokens(&self) -> &BTreeSet<String> {
        &self.tokens
    }

    /// Whether something behind a gate may be seen.
    pub fn sees(&self, joined: &Joined, gate: u32) -> bool {
        let mut known = self.known.borrow_mut();
        if known.len() <= gate as usize {
            known.resize(joined.catalogue.gates().max(gate as usize + 1), 0);
        }
        let Some(answer) = known.get_mut(gate as usize) else { return false };
        if *answer == 0 {
            let open = joined.catalogue.grants(gate).is_some_and(|grants| !self.tokens.is_disjoint(grants));
            *answer = 1 + u8::from(open);
        }
        *answer == 2
    }
}

/// The profile's voices, the latest first.
pub fn voices(joined: &Joined, entries: &[Entry], weights: &Weights) -> Vec<Voice> {
    let now = joined.state.epoch();
    let latest = entries.iter().rev().filter(|entry| entry.is_positive()).take(super::learners::PROFILE);
    let mut voices = Vec::with_capacity(super::learners::PROFILE);
    for (place, entry) in latest.enumerate() {
        let Some(row) = joined.state.row(entry.resource) else { continue };
        let known = joined.state.popularity(entry.resource).mass.in_epoch(now) + weights.smoothing;
        let recency = (-(place as f32) / weights.recency).exp2();
        if recency < FAINT {
            break;
        }
        // Masses of a row are halved by the epochs that passed since it was last written.
        let age = decay::halvings(now.saturating_sub(row.epoch()));
        voices.push(Voice { number: entry.resource, weight: recency * known.powf(-weights.row) * age / decay::UNIT as f32, recency });
    }
    voices
}

impl Scratch {
    /// Fills `pool` with the best by co-visitation that the viewer may see and the learner has not seen; the best scores 1.
    pub fn covisited(&mut self, joined: &Joined, viewer: &Viewer, entries: &[Entry], voices: &[Voice], pool: &mut Vec<Candidate>) {
        self.mark_seen(joined, entries);
        for voice in voices {
            if let Some(row) = joined.state.row(voice.number) {
                self.hear(row.ids(), row.masses(), voice.weight);
            }
        }
        self.weigh(joined, viewer);
        let best = |left: &(f32, u32), right: &(f32, u32)| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1));
        if self.heard.len() > POOL {
            self.heard.select_nth_unstable_by(POOL, best);
            self.heard.truncate(POOL);
        }
        self.heard.sort_unstable_by(best);
        let top = self.heard.first().map_or(1.0, |first| first.0).max(f32::MIN_POSITIVE);
        let candidate = |(sum, number): (f32, u32)| Candidate { covisit: sum / top, ..nothing(joined.slot(number), number) };
        pool.clear();
        pool.extend(self.heard.drain(..).map(candidate));
        self.lean(joined, voices, pool);
    }

    /// Takes the sums of all that was touched; what the viewer may see is heard, with the popularity correction.
    fn weigh(&mut self, joined: &Joined, viewer: &Viewer) {
        let now = joined.state.epoch();
        // Most stand behind the same gate as the one before.
        let (mut gate, mut is_open) = (0, false);
        for number in self.touched.drain(..) {
            let (Some(score), Some(facet)) = (self.scores.get_mut(number as usize), joined.facet(number)) else { continue };
            let sum = std::mem::take(score);
            if facet.gate != gate {
                (gate, is_open) = (facet.gate, viewer.sees(joined, facet.gate));
            }
            if sum > 0.0 && is_open {
                let covisit = sum * facet.lift * lift_of_age(now.saturating_sub(facet.epoch), joined.popularity());
                self.heard.push((covisit, number));
            }
        }
    }

    /// Adds what the columns of the candidates say; the best is given the whole share.
    fn lean(&mut self, joined: &Joined, voices: &[Voice], pool: &mut [Candidate]) {
        if joined.ridge_share() <= 0.0 || !joined.ridge.is_ready() {
            return;
        }
        for voice in voices {
            self.scores.get_mut(voice.number as usize).into_iter().for_each(|score| *score = voice.recency);
        }
        let mut top = f32::MIN_POSITIVE;
        for some in pool.chunks_mut(COLUMNS) {
            // Columns lie all over the memory: a word of each line of several at first, and they come together.
            let lines = some.iter().flat_map(|candidate| joined.ridge.column(candidate.number).iter().step_by(LINE));
            std::hint::black_box(lines.fold(0, |sum, (other, _)| sum ^ other));
            for candidate in some {
                candidate.ridge = said(&self.scores, joined.ridge.column(candidate.number));
                top = top.max(candidate.ridge);
            }
        }
        for voice in voices {
            self.scores.get_mut(voice.number as usize).into_iter().for_each(|score| *score = 0.0);
        }
        pool.iter_mut().for_each(|candidate| candidate.ridge *= joined.ridge_share() / top);
    }

    /// What was seen scores minus infinity, which no sum changes.
    fn mark_seen(&mut self, joined: &Joined, entries: &[Entry]) {
        self.scores.resize(joined.state.ids().len().max(self.scores.len()), 0.0);
        for entry in entries {
            if let Some(score) = self.scores.get_mut(entry.resource as usize) {
                *score = f32::NEG_INFINITY;
                self.touched.push(entry.resource);
            }
        }
    }

    fn hear(&mut self, ids: &[u32], masses: &[u32], weight: f32) {
        for (id, mass) in ids.iter().zip(masses) {
            if let Some(score) = self.scores.get_mut(*id as usize) {
                if *score == 0.0 {
                    self.touched.push(*id);
                }
                *score += *mass as f32 * weight;
            }
        }
    }
}

/// What a column says of those who are scored, in lanes of four so that no sum waits for the one before.
fn said(scores: &[f32], column: &[(u32, f32)]) -> f32 {
    let one = |(other, weight): &(u32, f32)| scores.get(*other as usize).map_or(0.0, |recency| recency * weight);
    let (fours, rest) = column.as_chunks::<4>();
    let mut lanes = [0.0_f32; 4];
    for four in fours {
        lanes.iter_mut().zip(four).for_each(|(lane, cell)| *lane += one(cell));
    }
    lanes.iter().sum::<f32>() + rest.iter().map(one).sum::<f32>()
}

/// The popularity correction of a mass that has decayed for some epochs since it was made.
fn lift_of_age(epochs: u32, popularity: f32) -> f32 {
    if epochs == 0 { 1.0 } else { (popularity * epochs as f32).exp2() }
}

/// How much of what the profile gave to a candidate came from each of its voices, in the order of the voices; together
/// they are [`Candidate::learned`].
pub fn shares(joined: &Joined, voices: &[Voice], candidate: &Candidate) -> Vec<f32> {
    let column = joined.ridge.column(candidate.number);
    let place = |voice: &Voice| column.binary_search_by_key(&voice.number, |(other, _)| *other).ok();
    let said = |voice: &Voice| place(voice).and_then(|place| column.get(place)).map_or(0.0, |(_, weight)| weight * voice.recency);
    let heard = |voice: &Voice| joined.state.row(voice.number).map_or(0.0, |row| row.mass(candidate.number) as f32 * voice.weight);
    let parts: Vec<(f32, f32)> = voices.iter().map(|voice| (heard(voice), said(voice))).collect();
    let (heard, said) = parts.iter().fold((0.0, 0.0), |sums, part| (sums.0 + part.0, sums.1 + part.1));
    let scale = |given: f32, sum: f32| if sum == 0.0 { 0.0 } else { given / sum };
    let (covisit, ridge) = (scale(candidate.covisit, heard), scale(candidate.ridge, said));
    parts.into_iter().map(|(heard, said)| heard * covisit + said * ridge).collect()
}

/// Whether the learner has met the resource in any way.
pub fn has_met(entries: &[Entry], number: u32) -> bool {
    number != NONE && entries.iter().any(|entry| entry.resource == number)
}
