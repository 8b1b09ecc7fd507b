//! State and catalogue joined: what one lock guards and one request reads.

use super::catalogue::{Catalogue, CatalogueItem, Item};
use super::decay;
use super::learners::Deed;
use super::priors::{self, Pace};
use super::ridge::{Ridge, Solver};
use super::state::{State, TRENDS};
use super::weights::Weights;
use crate::domain::event::Standing;
use crate::domain::study::{Figure, Report};
use crate::store::events::{Batch, Row};
use std::collections::HashMap;
use std::sync::Arc;

/// No slot, or no number.
pub const NONE: u32 = u32::MAX;

/// What scoring needs of a resource, in twelve bytes: requests look at thousands of them.
#[derive(Clone, Copy, Debug)]
pub struct Facet {
    /// (learners + smoothing) to the power of minus the popularity correction, in `epoch`, a little more for what learners
    /// finish and rate well.
    pub lift: f32,
    /// The epoch of the mass it was made of.
    pub epoch: u32,
    /// Gate of the catalogue; 0 = not to be recommended.
    pub gate: u32,
}

/// State and catalogue.
#[derive(Debug, Default)]
pub struct Joined {
    /// Learned from the log.
    pub state: State,
    /// Told by the feed.
    pub catalogue: Catalogue,
    /// Derived from the state, in the background.
    pub ridge: Ridge,
    facets: Vec<Facet>,
    slots: Vec<u32>,
    numbers: Vec<u32>,
    popularity: f32,
    smoothing: f32,
    ridge_share: f32,
    paces: [f32; TRENDS],
    quality: f32,
    changed: Vec<u32>,
    changes: u64,
    replacements: u64,
}

impl Joined {
    /// An empty one; the weights give the popularity correction.
    pub fn new(state: State, weights: &Weights) -> Self {
        let Weights { popularity, smoothing, quality, .. } = *weights;
        let (ridge_share, paces) = (weights.ridge, [weights.trend_day, weights.trend_week, weights.trend_month]);
        let ridge = Ridge::anew(&state);
        let mut joined = Self { state, ridge, popularity, smoothing, ridge_share, paces, quality, ..Self::default() };
        joined.join();
        joined
    }

    /// Takes some rows of a batch of the log; `numbers` as in [`State::apply`].
    pub fn apply(&mut self, batch: &Batch, rows: &[Row], numbers: &mut Vec<Option<u32>>) {
        let mut changed = std::mem::take(&mut self.changed);
        changed.clear();
        self.state.apply(batch, rows, numbers, |number| changed.push(number));
        self.join_from(self.facets.len());
        changed.iter().for_each(|number| self.refresh(*number));
        for number in &changed {
            self.ridge.touch(*number, self.state.popularity(*number).learners);
        }
        self.changed = changed;
    }

    /// Takes one deed with a resource the state has a number for.
    pub fn tell(&mut self, learner: u64, number: u32, deed: &Deed) {
        if self.state.tell(learner, number, deed).changes() {
            self.refresh(number);
            self.ridge.touch(number, self.state.popularity(number).learners);
        }
    }

    /// Puts another state in the place of this one, which it answers. No column of the old one stays.
    pub fn replace_state(&mut self, state: State) -> State {
        let ridge = Ridge::anew(&state);
        self.replace(state, ridge)
    }

    /// The same, with columns that were solved of the new state.
    pub fn replace(&mut self, state: State, ridge: Ridge) -> State {
        let old = std::mem::replace(&mut self.state, state);
        self.ridge = ridge;
        self.replacements += 1;
        self.join();
        old
    }

    /// Puts an item into the catalogue.
    pub fn put(&mut self, item: CatalogueItem) {
        let number = self.state.find(&item.id).unwrap_or(NONE);
        let slot = self.catalogue.put(item);
        if self.numbers.len() <= slot as usize {
            self.numbers.resize(slot as usize + 1, NONE);
        }
        self.link(number, slot);
    }

    /// Takes an item out of the catalogue.
    pub fn remove(&mut self, id: &str) {
        if let Some(slot) = self.catalogue.remove(id) {
            self.link(self.number(slot), slot);
        }
    }

    /// Changes of the catalogue so far.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// How often another state came in the place of the one there was.
    pub fn replacements(&self) -> u64 {
        self.replacements
    }

    /// What scoring needs of a resource.
    pub fn facet(&self, number: u32) -> Option<&Facet> {
        self.facets.get(number as usize)
    }

    /// The catalogue's slot of a resource number.
    pub fn slot(&self, number: u32) -> u32 {
        self.slots.get(number as usize).copied().unwrap_or(NONE)
    }

    /// The resource number of a slot; [`NONE`] for one without events.
    pub fn number(&self, slot: u32) -> u32 {
        self.numbers.get(slot as usize).copied().unwrap_or(NONE)
    }

    /// The served item of a resource number.
    pub fn item(&self, number: u32) -> Option<&Item> {
        self.catalogue.get(self.slot(number))
    }

    /// A learner's own record, the latest first.
    pub fn standings(&self, learner: u64) -> Vec<Standing> {
        let id = |number: u32| self.state.ids().get(number as usize).map_or_else(String::new, |id| id.to_string());
        let (mut positions, mut scores) = (HashMap::new(), HashMap::new());
        for one in self.state.learners.figures(learner) {
            // In the order of time: the latest stays.
            match one.figure() {
                Figure::Position(seconds) => drop(positions.insert(one.resource, seconds)),
                Figure::Score(part) => drop(scores.insert(one.resource, part)),
                Figure::Progress(_) => {}
            }
        }
        let entries = self.state.learners.entries(learner).iter().rev();
        entries
            .map(|entry| Standing {
                resource: id(entry.resource),
                at: super::state::instant(entry.at),
                progress: entry.progress(),
                completed: entry.is_completed(),
                favourite: entry.is_favourite(),
                dismissed: entry.is_dismissed(),
                rating: entry.rating(),
                position: positions.get(&entry.resource).copied(),
                score: scores.get(&entry.resource).copied(),
            })
            .collect()
    }

    /// What a learner reported with a figure, the oldest first.
    pub fn reports(&self, learner: u64) -> Vec<Report> {
        let figures = self.state.learners.figures(learner).iter();
        let report = |one: &super::figures::Packed| {
            let resource = Arc::clone(self.state.ids().get(one.resource as usize)?);
            Some(Report { resource, at: super::state::instant(one.at), figure: one.figure(), marked: one.is_marked() })
        };
        figures.filter_map(report).collect()
    }

    /// The popularity correction that the facets were made with.
    pub fn popularity(&self) -> f32 {
        self.popularity
    }

    /// How the trend is read just now.
    pub fn pace(&self) -> Pace {
        Pace::new(self.state.shape.trend_days, self.paces, self.state.clock)
    }

    /// The share of neighbourhood ridge in the blend.
    pub fn ridge_share(&self) -> f32 {
        self.ridge_share
    }

    /// Solves up to so many of the columns that wait; answers how many it solved.
    pub fn solve(&mut self, solver: &mut Solver, most: usize) -> usize {
        let mut solved = 0;
        while solved < most
            && let Some(number) = self.ridge.next()
        {
            solver.gather(&self.state, number);
            self.ridge.put(number, &solver.solve());
            solved += 1;
        }
        solved
    }

    fn join(&mut self) {
        self.facets.clear();
        self.slots.clear();
        self.numbers.iter_mut().for_each(|number| *number = NONE);
        self.join_from(0);
        for number in 0..u32::try_from(self.facets.len()).unwrap_or(NONE) {
            self.refresh(number);
        }
    }

    /// Links resources that the log named since.
    fn join_from(&mut self, first: usize) {
        let total = self.state.ids().len();
        self.facets.resize(total, Facet { lift: self.smoothing.powf(-self.popularity), epoch: 0, gate: 0 });
        self.slots.resize(total, NONE);
        for place in first..total {
            let slot = self.state.ids().get(place).and_then(|id| self.catalogue.find(id));
            if let (Some(slot), Ok(number)) = (slot, u32::try_from(place)) {
                self.link(number, slot);
            }
        }
    }

    fn link(&mut self, number: u32, slot: u32) {
        self.changes += 1;
        if let Some(found) = self.numbers.get_mut(slot as usize) {
            *found = number;
        }
        if let (Some(found), Some(facet)) = (self.slots.get_mut(number as usize), self.facets.get_mut(number as usize)) {
            *found = slot;
            facet.gate = self.catalogue.get(slot).map_or(0, |item| item.gate);
        }
    }

    fn refresh(&mut self, number: u32) {
        let known = self.state.popularity(number);
        let (mass, prior) = (known.mass, priors::quality(&known, &self.state));
        if let Some(facet) = self.facets.get_mut(number as usize) {
            facet.epoch = mass.epoch;
            facet.lift = (mass.value as f32 / decay::UNIT as f32 + self.smoothing).powf(-self.popularity);
            facet.lift *= (1.0 + self.quality * prior).max(0.0);
        }
    }
}
