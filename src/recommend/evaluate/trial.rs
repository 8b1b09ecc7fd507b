//! One way of recommending, put to the test.

use super::super::hot::Hot;
use super::super::joined::Joined;
use super::super::learners::Deed;
use super::super::likeness::ContentRows;
use super::super::list::Sources;
use super::super::ridge::Solver;
use super::super::score::{Scratch, Viewer};
use super::super::state::{self, Shape, State};
use super::super::weights::Weights;
use super::protocol::{self, Protocol};
use super::score::Tally;
use super::{CatalogueItem, Sample, Taking};
use crate::domain::access::PUBLIC;
use crate::domain::event::Verb;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Learners with fewer training events are not asked for.
const FEWEST: usize = 5;
/// Length of the lists asked for.
const LENGTH: usize = 20;
/// Asked for beside them where the side does not know all that was taken.
const SPARE: usize = 20;
/// A resource is fresh for so many seconds after it was first taken up, or published.
const FRESH: u32 = 30 * 86_400;
/// What the service finds in the background is found anew after so many events.
const DERIVE_EVERY: usize = 64;

/// What is put to the test.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// How its state is shaped.
    pub shape: Shape,
    /// How it blends.
    pub weights: &'a Weights,
    /// It learns everything so many seconds late.
    pub lag: u32,
    /// Columns solved each time that the background is heard.
    pub columns: usize,
}

/// A trial in the course of a protocol.
pub struct Trial<'a> {
    sample: &'a Sample,
    side: Side<'a>,
    joined: Joined,
    hot: Hot,
    scratch: Scratch,
    solver: Solver,
    viewer: Viewer,
    /// How often each was taken up.
    pub counts: Vec<u32>,
    /// When each was first taken up; before that, when it was published.
    known_since: Vec<u32>,
    taken: HashMap<u64, HashSet<u32>>,
    late: std::collections::VecDeque<Taking>,
    /// Takings learned before the first question.
    pub trained: usize,
    /// Of the side, of popularity and of recent popularity.
    pub tallies: [Tally; 3],
}

impl<'a> Trial<'a> {
    /// One that has learned nothing.
    pub fn new(sample: &'a Sample, catalogue: &[CatalogueItem], side: Side<'a>) -> Self {
        let mut state = State::new(side.shape);
        for id in &sample.ids {
            state.number(id);
        }
        let mut joined = Joined::new(state, side.weights);
        let known: HashMap<&str, &CatalogueItem> = catalogue.iter().map(|item| (item.id.as_str(), item)).collect();
        let published = |id: &String| known.get(id.as_str()).map_or(0, |item| state::seconds(item.published));
        let known_since = sample.ids.iter().map(published).collect();
        for id in &sample.ids {
            joined.put(known.get(id.as_str()).map_or_else(|| Sample::bare(id), |item| (*item).clone()));
        }
        Self {
            sample,
            side,
            joined,
            hot: Hot::default(),
            scratch: Scratch::default(),
            solver: Solver::default(),
            viewer: Viewer::new(BTreeSet::from([PUBLIC.to_owned()])),
            counts: vec![0; sample.ids.len()],
            known_since,
            taken: HashMap::new(),
            late: std::collections::VecDeque::new(),
            trained: 0,
            tallies: Default::default(),
        }
    }

    /// Runs a protocol with at most `most` lists, spread evenly.
    pub fn run(&mut self, protocol: Protocol, most: usize) {
        let (train, test) = protocol::split(self.sample, protocol);
        train.iter().for_each(|taking| self.learn(taking));
        self.trained = train.len();
        match protocol {
            Protocol::Prequential => self.go_on(&test, most),
            Protocol::Temporal | Protocol::LeaveLastOut => self.find(&test, most),
        }
    }

    fn learn(&mut self, taking: &Taking) {
        let place = taking.resource as usize;
        if let (Some(count), Some(since)) = (self.counts.get_mut(place), self.known_since.get_mut(place)) {
            if *count == 0 {
                *since = taking.at;
            }
            *count += 1;
        }
        self.taken.entry(taking.learner).or_default().insert(taking.resource);
        self.late.push_back(*taking);
        while let Some(told) = self.late.pop_front_if(|told| told.at.saturating_add(self.side.lag) <= taking.at) {
            self.joined.tell(told.learner, told.resource, &Deed::of(told.at, Verb::Completed, 0));
        }
    }

    /// Asks once for each learner for all that it took up later.
    fn find(&mut self, test: &[Taking], most: usize) {
        self.derive();
        let mut wanted: HashMap<u64, HashSet<u32>> = HashMap::new();
        let mut order = Vec::new();
        for taking in test {
            if self.taken.get(&taking.learner).is_some_and(|taken| taken.len() >= FEWEST) {
                let resources = wanted.entry(taking.learner).or_default();
                if resources.is_empty() {
                    order.push(taking.learner);
                }
                resources.insert(taking.resource);
            }
        }
        let popular = self.popular();
        let step = order.len().div_ceil(most.max(1)).max(1);
        for learner in order.into_iter().step_by(step) {
            if let Some(resources) = wanted.get(&learner) {
                self.ask(learner, resources, &popular);
            }
        }
    }

    /// Asks for each event just before it is learned.
    fn go_on(&mut self, rest: &[Taking], most: usize) {
        let step = rest.len().div_ceil(most.max(1)).max(1);
        let mut popular = Vec::new();
        for (place, taking) in rest.iter().enumerate() {
            if place % DERIVE_EVERY == 0 {
                self.derive();
                popular = self.popular();
            }
            if place % step == 0 && self.taken.contains_key(&taking.learner) {
                self.ask(taking.learner, &HashSet::from([taking.resource]), &popular);
            }
            self.learn(taking);
        }
    }

    /// What the service finds anew in the background.
    fn derive(&mut self) {
        self.hot = Hot::find(&self.joined);
        if self.joined.ridge_share() > 0.0 {
            // The first time everything is due, as in a service that has been up for a while.
            let most = if self.tallies.iter().all(|tally| tally.lists() == 0) { usize::MAX } else { self.side.columns };
            self.joined.solve(&mut self.solver, most);
        }
    }

    fn ask(&mut self, learner: u64, wanted: &HashSet<u32>, popular: &[u32]) {
        let rows = ContentRows::default();
        let sources = Sources { joined: &self.joined, hot: &self.hot, rows: &rows, weights: self.side.weights };
        let now = state::instant(self.joined.state.clock).millis();
        let length = LENGTH + if self.side.lag > 0 { SPARE } else { 0 };
        let list = sources.list(&mut self.scratch, &self.viewer, Some(learner), now, length);
        let taken = self.taken.get(&learner);
        let new = |number: &u32| taken.is_none_or(|taken| !taken.contains(number));
        let listed = list.items.iter().filter_map(|item| self.joined.state.find(&item.id));
        let listed: Vec<u32> = listed.filter(new).take(LENGTH).collect();
        let popular: Vec<u32> = popular.iter().copied().filter(new).take(LENGTH).collect();
        let recent: Vec<u32> = self.hot.overall.iter().map(|(number, _)| *number).filter(new).take(LENGTH).collect();
        let from = self.joined.state.clock.saturating_sub(FRESH);
        let is_fresh = |number: u32| self.known_since.get(number as usize).is_some_and(|since| *since >= from);
        for (tally, list) in self.tallies.iter_mut().zip([&listed, &popular, &recent]) {
            tally.add(list, wanted, is_fresh);
        }
    }

    fn popular(&self) -> Vec<u32> {
        let mut all: Vec<u32> = (0..u32::try_from(self.counts.len()).unwrap_or(u32::MAX)).collect();
        all.sort_by_key(|number| std::cmp::Reverse(self.counts.get(*number as usize)));
        all.truncate(2_000);
        all
    }

    /// How much the side showed, and how much learners took up, of each part of the catalogue that `parts` says a work belongs to:
    /// shares of all its places and takings.
    pub fn exposure<'c, P: Ord>(&self, catalogue: &'c [CatalogueItem], parts: impl Fn(&'c CatalogueItem) -> Vec<P>) -> Vec<(P, f64, f64)> {
        let known: HashMap<&str, &CatalogueItem> = catalogue.iter().map(|item| (item.id.as_str(), item)).collect();
        let [side, ..] = &self.tallies;
        let (mut sums, mut all): (BTreeMap<P, (u64, u64)>, (u64, u64)) = Default::default();
        for (number, (id, count)) in (0_u32..).zip(self.sample.ids.iter().zip(&self.counts)) {
            let Some(item) = known.get(id.as_str()) else { continue };
            let (shown, taken) = (side.shown.get(&number).copied().unwrap_or(0), u64::from(*count));
            all = (all.0 + shown, all.1 + taken);
            for part in parts(item) {
                let sum = sums.entry(part).or_default();
                *sum = (sum.0 + shown, sum.1 + taken);
            }
        }
        let share = |part: u64, all: u64| part as f64 / all.max(1) as f64;
        sums.into_iter().map(|(part, sum)| (part, share(sum.0, all.0), share(sum.1, all.1))).collect()
    }
}
