//! What the serving code is worth on a log: replay, ask, compare with what the learners really did next.
//!
//! Three protocols: `temporal` (the earliest 80 % train, the rest is to be found), `leave-last-out` (each learner's last
//! resource is to be found) and `prequential` (each event of the last 30 % is asked for just before it is learned). Full
//! ranking, what was met excluded, learners with at least five training events. Beside the model stand two baselines that ask
//! nothing of a learner (popularity, and recent popularity, which is the trend), item-to-item nearest neighbours, and the model
//! as it was a week before. Beside how much was found stand how much of the catalogue was shown (coverage), how evenly (Gini),
//! how much of it is of the long tail, of each category, of each declared group and of the providers of whom most is shown, and how
//! much was new at the time of the question (freshness).
//! [`tune`] finds the weights of the blend by `prequential`.

mod file;
mod protocol;
mod score;
mod trial;
mod tune;

pub use file::{Unreadable, read_file};
pub use protocol::{Protocol, evaluate};
pub use score::{Exposure, Figures, GroupExposure, ProviderExposure, Report};
pub use tune::{NamedWeight, Tuned, tune};

use super::catalogue::CatalogueItem;
use crate::domain::access::PUBLIC;
use crate::store::events::{Act, Batch};
use std::collections::{BTreeSet, HashMap, HashSet};

/// A learner took a resource up, for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taking {
    /// Surrogate.
    pub learner: u64,
    /// Number in [`Sample::ids`].
    pub resource: u32,
    /// Seconds since 1970.
    pub at: u32,
}

/// A log as evaluation needs it.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Resource ids.
    pub ids: Vec<String>,
    /// What was taken up, in the order of time.
    pub takings: Vec<Taking>,
    numbers: HashMap<String, u32>,
    seen: HashSet<(u64, u32)>,
}

impl Sample {
    /// Adds the positive events of a batch.
    pub fn read(&mut self, batch: &Batch) {
        for row in &batch.rows {
            let positive = match row.act {
                Act::Did(verb) => !row.marked && verb.liking(row.value) == Some(true),
                Act::Forget => false,
            };
            if let Some(id) = batch.resources.get(row.resource as usize).filter(|_| positive) {
                self.add(row.learner, id, super::state::seconds(row.at.min(batch.received.millis())));
            }
        }
    }

    /// Adds one taking, the first of each learner and resource.
    pub fn add(&mut self, learner: u64, id: &str, at: u32) {
        let next = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        let resource = match self.numbers.get(id) {
            Some(number) => *number,
            None => {
                self.ids.push(id.to_owned());
                self.numbers.insert(id.to_owned(), next);
                next
            }
        };
        if self.seen.insert((learner, resource)) {
            self.takings.push(Taking { learner, resource, at });
        }
    }

    /// Puts the takings in the order of time; equal times keep the order of arrival.
    pub fn sort(&mut self) {
        self.takings.sort_by_key(|taking| taking.at);
        self.seen = HashSet::new();
    }

    /// Seconds between the first and the last taking.
    pub fn span(&self) -> u32 {
        let at = |taking: Option<&Taking>| taking.map_or(0, |taking| taking.at);
        at(self.takings.last()) - at(self.takings.first())
    }

    /// At most about `most` takings: all of some learners, drawn by their surrogates, so that histories stay whole.
    fn drawn(&self, most: usize) -> Self {
        let one_in = u64::try_from(self.takings.len().div_ceil(most.max(1))).unwrap_or(u64::MAX).max(1);
        let takings = self.takings.iter().filter(|taking| (taking.learner >> 7) % one_in == 0).copied().collect();
        Self { takings, ids: self.ids.clone(), ..Self::default() }
    }

    /// The part of the sample that a protocol trains on, as a sample of its own: what numbers of the blend may be chosen on
    /// without having seen what they are judged by.
    pub fn training(&self, protocol: Protocol) -> Self {
        let (takings, _) = protocol::split(self, protocol);
        Self { takings, ..self.clone() }
    }

    /// An item for a resource of which nothing but the id is known: public, of a provider of its own, not new.
    fn bare(id: &str) -> CatalogueItem {
        CatalogueItem {
            id: id.to_owned(),
            title: id.to_owned(),
            provider: id.to_owned(),
            grants: BTreeSet::from([PUBLIC.to_owned()]),
            published: i64::MIN,
            ..CatalogueItem::default()
        }
    }
}
