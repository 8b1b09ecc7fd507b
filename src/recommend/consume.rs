//! The recommender as the log's consumer.

use super::Recommender;
use super::snapshot;
use super::state::State;
use crate::domain::event::Standing;
use crate::store::events::{Batch, Consumer, Records};
use std::sync::PoisonError;

/// Rows applied under one hold of the lock: about half a millisecond.
const STRIDE: usize = 64;

impl Consumer for Recommender {
    fn resume(&self, generation: u64, end: u64) -> u64 {
        let loaded = self.inner.snapshot.as_deref().and_then(|path| snapshot::load(path, generation, end, self.inner.shape));
        let (state, next) = loaded.unwrap_or_else(|| (State::new(self.inner.shape), 0));
        self.inner.write().replace_state(state);
        next
    }

    fn apply(&self, batch: &Batch, _end: u64) {
        let mut numbers = Vec::new();
        let mut shadow = self.inner.shadow.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = shadow.as_mut() {
            state.apply(batch, &batch.rows, &mut numbers, |_| {});
            return;
        }
        drop(shadow);
        for rows in batch.rows.chunks(STRIDE) {
            self.inner.write().apply(batch, rows, &mut numbers);
        }
    }

    fn checkpoint(&self, generation: u64, end: u64) {
        let Some(path) = self.inner.snapshot.as_deref() else { return };
        // Requests go on beside it; only the applier, which is this thread, waits.
        let kept = self.inner.read(|joined| snapshot::save(path, generation, end, &joined.state));
        if let Err(error) = kept {
            tracing::warn!(%error, "what the recommender learned was not kept; the next start reads the log instead");
        }
    }

    fn begin_rebuild(&self) {
        *self.inner.shadow.lock().unwrap_or_else(PoisonError::into_inner) = Some(State::new(self.inner.shape));
    }

    fn finish_rebuild(&self) {
        if let Some(state) = self.inner.shadow.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.inner.write().replace_state(state);
        }
    }
}

impl Records for Recommender {
    fn standings(&self, learner: u64) -> Vec<Standing> {
        self.inner.read(|joined| joined.standings(learner))
    }
}
