//! How much resources are used, for search: learners of late, by the counters that recommendation keeps anyway.

use super::Recommender;
use super::decay::{HalfLife, UNIT};
use std::sync::Arc;

impl Recommender {
    /// Resources that at least `fewest` different learners took up, ever, with how many did of late: each counts once for a
    /// resource, half after a year. What came as no person learns was never counted.
    pub fn uses(&self, fewest: u32) -> Vec<(Arc<str>, f32)> {
        self.inner.read(|joined| {
            let state = &joined.state;
            // What one learner weighs now, within the present epoch.
            let (epoch, unit) = HalfLife::days(state.shape.covisit_days).weigh(state.clock);
            let one = unit as f32 / UNIT as f32;
            let all = (0..u32::MAX).zip(state.ids());
            let used = all.map(|(number, id)| (id, state.popularity(number))).filter(|(_, popularity)| popularity.learners >= fewest);
            used.map(|(id, popularity)| (Arc::clone(id), popularity.mass.in_epoch(epoch) / one)).collect()
        })
    }
}
