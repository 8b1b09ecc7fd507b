//! The three protocols.

use super::super::hot::Hot;
use super::super::joined::Joined;
use super::super::learners::Deed;
use super::super::likeness::ContentRows;
use super::super::list::Sources;
use super::super::ridge::Solver;
use super::super::score::{Scratch, Viewer};
use super::super::state::{Shape, State};
use super::super::weights::Weights;
use super::score::{Report, Tally};
use super::{CatalogueItem, Sample, Taking};
use crate::domain::access::PUBLIC;
use crate::domain::event::Verb;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Learners with fewer training events are not asked for.
const FEWEST: usize = 5;
/// Length of the lists asked for.
const LENGTH: usize = 20;
/// A resource is fresh for so many seconds after it was first taken up, or published.
const FRESH: u32 = 30 * 86_400;
/// The trend is found anew after so many events.
const HOT_EVERY: usize = 64;

/// How the log is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// The earliest four fifths train.
    Temporal,
    /// Each learner's last resource is to be found.
    LeaveLastOut,
    /// Each event of the last three tenths is asked for before it is learned.
    Prequential,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Temporal, Self::LeaveLastOut, Self::Prequential];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Temporal => "temporal",
            Self::LeaveLastOut => "leave-last-out",
            Self::Prequential => "prequential",
        }
    }
}

/// Runs a protocol. `catalogue` describes the resources it knows; the rest are taken as public and of a provider each. At
/// most `most` lists are asked for, spread evenly.
pub fn evaluate(sample: &Sample, catalogue: &[CatalogueItem], protocol: Protocol, shape: Shape, weights: &Weights, most: usize) -> Report {
    let mut trial = Trial::new(sample, catalogue, shape, weights);
    if protocol == Protocol::Prequential {
        trial.prequential(most);
    } else {
        let (train, test) = split(sample, protocol);
        trial.split(&train, &test, most);
    }
    trial.report(protocol)
}

/// What a protocol trains on and what it asks for. Of `prequential`, which learns on as it asks, the part before the first
/// question and the rest.
pub fn split(sample: &Sample, protocol: Protocol) -> (Vec<Taking>, Vec<Taking>) {
    let parted = |cut: usize| {
        let (train, test) = sample.takings.split_at_checked(cut).unwrap_or_default();
        (train.to_vec(), test.to_vec())
    };
    match protocol {
        Protocol::Prequential => parted(sample.takings.len() * 7 / 10),
        Protocol::Temporal => parted(sample.takings.len() * 4 / 5),
        Protocol::LeaveLastOut => {
            let mut last = HashMap::new();
            for (place, taking) in sample.takings.iter().enumerate() {
                last.insert(taking.learner, place);
            }
            let held: HashSet<usize> = last.into_values().collect();
            let part = |wanted: bool| {
                let places = sample.takings.iter().enumerate().filter(|(place, _)| held.contains(place) == wanted);
                places.map(|(_, taking)| *taking).collect::<Vec<Taking>>()
            };
            (part(false), part(true))
        }
    }
}

struct Trial<'a> {
    sample: &'a Sample,
    weights: &'a Weights,
    joined: Joined,
    hot: Hot,
    scratch: Scratch,
    solver: Solver,
    viewer: Viewer,
    counts: Vec<u32>,
    /// When each was first taken up; before that, when it was published.
    known_since: Vec<u32>,
    taken: HashMap<u64, HashSet<u32>>,
    trained: usize,
    tallies: [Tally; 3],
}

impl<'a> Trial<'a> {
    fn new(sample: &'a Sample, catalogue: &[CatalogueItem], shape: Shape, weights: &'a Weights) -> Self {
        let mut state = State::new(shape);
        for id in &sample.ids {
            state.number(id);
        }
        let mut joined = Joined::new(state, weights);
        let known: HashMap<&str, &CatalogueItem> = catalogue.iter().map(|item| (item.id.as_str(), item)).collect();
        let published = |id: &String| known.get(id.as_str()).map_or(0, |item| super::super::state::seconds(item.published));
        let known_since = sample.ids.iter().map(published).collect();
        for id in &sample.ids {
            joined.put(known.get(id.as_str()).map_or_else(|| Sample::bare(id), |item| (*item).clone()));
        }
        Self {
            sample,
            weights,
            joined,
            hot: Hot::default(),
            scratch: Scratch::default(),
            solver: Solver::default(),
            viewer: Viewer::new(BTreeSet::from([PUBLIC.to_owned()])),
            counts: vec![0; sample.ids.len()],
            known_since,
            taken: HashMap::new(),
            trained: 0,
            tallies: Default::default(),
        }
    }

    fn learn(&mut self, taking: &Taking) {
        self.joined.tell(taking.learner, taking.resource, &Deed::of(taking.at, Verb::Completed, 0));
        let place = taking.resource as usize;
        if let (Some(count), Some(since)) = (self.counts.get_mut(place), self.known_since.get_mut(place)) {
            if *count == 0 {
                *since = taking.at;
            }
            *count += 1;
        }
        self.taken.entry(taking.learner).or_default().insert(taking.resource);
    }

    fn split(&mut self, train: &[Taking], test: &[Taking], most: usize) {
        train.iter().for_each(|taking| self.learn(taking));
        self.trained = train.len();
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

    fn prequential(&mut self, most: usize) {
        let (train, rest) = split(self.sample, Protocol::Prequential);
        train.iter().for_each(|taking| self.learn(taking));
        self.trained = train.len();
        let step = rest.len().div_ceil(most.max(1)).max(1);
        let mut popular = Vec::new();
        for (place, taking) in rest.iter().enumerate() {
            if place % HOT_EVERY == 0 {
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
            self.joined.solve(&mut self.solver, usize::MAX);
        }
    }

    fn ask(&mut self, learner: u64, wanted: &HashSet<u32>, popular: &[u32]) {
        let rows = ContentRows::default();
        let sources = Sources { joined: &self.joined, hot: &self.hot, rows: &rows, weights: self.weights };
        let now = super::super::state::instant(self.joined.state.clock).millis();
        let list = sources.list(&mut self.scratch, &self.viewer, Some(learner), now, LENGTH);
        let model: Vec<u32> = list.items.iter().filter_map(|item| self.joined.state.find(&item.id)).collect();
        let taken = self.taken.get(&learner);
        let new = |number: &u32| taken.is_none_or(|taken| !taken.contains(number));
        let popular: Vec<u32> = popular.iter().copied().filter(new).take(LENGTH).collect();
        let recent: Vec<u32> = self.hot.overall.iter().map(|(number, _)| *number).filter(new).take(LENGTH).collect();
        let from = self.joined.state.clock.saturating_sub(FRESH);
        let is_fresh = |number: u32| self.known_since.get(number as usize).is_some_and(|since| *since >= from);
        for (tally, list) in self.tallies.iter_mut().zip([&model, &popular, &recent]) {
            tally.add(list, wanted, is_fresh);
        }
    }

    fn popular(&self) -> Vec<u32> {
        let mut all: Vec<u32> = (0..u32::try_from(self.counts.len()).unwrap_or(u32::MAX)).collect();
        all.sort_by_key(|number| std::cmp::Reverse(self.counts.get(*number as usize)));
        all.truncate(2_000);
        all
    }

    fn report(self, protocol: Protocol) -> Report {
        let resources = self.counts.iter().filter(|count| **count > 0).count();
        let [model, popularity, recent] = self.tallies;
        Report {
            protocol: protocol.code().to_owned(),
            trained: self.trained,
            lists: model.lists(),
            model: model.figures(resources),
            popularity: popularity.figures(resources),
            recent_popularity: recent.figures(resources),
        }
    }
}
