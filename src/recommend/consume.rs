//! The recommender as the log's consumer.

use super::Recommender;
use super::keeper::Picture;
use super::service::Inner;
use super::snapshot::{self, Loaded};
use super::state::State;
use crate::domain::event::Standing;
use crate::domain::study::Report;
use crate::store::events::{Batch, Consumer, Rebuild, Records};
use std::sync::{Arc, PoisonError};

/// Rows applied under one hold of the lock: about half a millisecond.
const STRIDE: usize = 64;

impl Consumer for Recommender {
    fn resume(&self, generation: u64, end: u64) -> u64 {
        let loaded = self.inner.keeper.path().and_then(|path| snapshot::load(path, generation, end, self.inner.shape));
        let Loaded { state, ridge, next } = loaded.unwrap_or_else(|| Loaded::nothing(self.inner.shape));
        drop(self.inner.write().replace(state, ridge));
        next
    }

    fn apply(&self, batch: &Batch, _end: u64) {
        let mut numbers = Vec::new();
        for rows in batch.rows.chunks(STRIDE) {
            self.inner.write().apply(batch, rows, &mut numbers);
        }
    }

    fn checkpoint(&self, generation: u64, end: u64) {
        if self.inner.keeper.path().is_some() {
            // This thread, the applier, is the only one that changes the state: the picture is of all events before `end`.
            let (state, ridge) = self.inner.read(|joined| (joined.state.clone(), joined.ridge.clone()));
            self.inner.keeper.keep(Picture { generation, end, state, ridge });
        }
    }

    fn settle(&self) {
        self.inner.keeper.settle();
    }

    fn begin_rebuild(&self) -> Box<dyn Rebuild> {
        Box::new(Anew { inner: Arc::clone(&self.inner), state: State::new(self.inner.shape) })
    }
}

/// A state that learns the log anew beside the one that is asked.
struct Anew {
    inner: Arc<Inner>,
    state: State,
}

impl Rebuild for Anew {
    fn apply(&mut self, batch: &Batch) {
        self.state.apply(batch, &batch.rows, &mut Vec::new(), |_| {});
    }

    fn finish(self: Box<Self>) -> Box<dyn Send> {
        let Self { inner, state } = *self;
        let old = inner.write().replace_state(state);
        Box::new(old)
    }
}

impl Records for Recommender {
    fn standings(&self, learner: u64) -> Vec<Standing> {
        self.inner.read(|joined| joined.standings(learner))
    }

    fn reports(&self, learner: u64) -> Vec<Report> {
        self.inner.read(|joined| joined.reports(learner))
    }

    fn personalise(&self, learner: u64, on: bool) {
        let mut strangers = self.inner.strangers.write().unwrap_or_else(PoisonError::into_inner);
        if on {
            strangers.remove(&learner)
        } else {
            strangers.insert(learner)
        };
    }
}
