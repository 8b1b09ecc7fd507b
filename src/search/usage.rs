//! How much resources are used, as far as ranking heeds it: a table beside the index, replaced whole every minute, so that no use
//! of anything writes a document anew.
//!
//! It knows steps, one for each doubling, and nothing of what fewer than [`FEWEST`] learners used: no single learner can be read
//! from it, nor move it.

use super::document::tie_of;
use std::collections::HashMap;

/// Learners, all different, from which on use counts.
pub const FEWEST: u32 = 5;
/// Step of the fullest use: 65,536 learners.
const FULL: u8 = 16;

/// The steps, by hash of the resource's id as the index has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    steps: HashMap<u64, u8>,
}

impl Usage {
    /// From ids with the learners who used each, the earlier ones counting less; whoever counts them leaves out what fewer
    /// than [`FEWEST`] used.
    pub fn of<'a>(used: impl IntoIterator<Item = (&'a str, f32)>) -> Self {
        let step = |learners: f32| learners.max(1.0).log2().min(f32::from(FULL)) as u8;
        let steps = used.into_iter().map(|(id, learners)| (tie_of(id), step(learners))).filter(|(_, step)| *step > 0);
        Self { steps: steps.collect() }
    }

    /// What a resource reached: at least so many learners, of late, and the share of full use that ranking gives for it.
    pub fn reached(&self, tie: u64) -> Option<(i64, f32)> {
        let step = *self.steps.get(&tie)?;
        Some((1 << step, f32::from(step) / f32::from(FULL)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_doubling_is_a_step_up_to_the_fullest() {
        let usage = Usage::of([("a", 5.0), ("b", 9.9), ("c", 1e9), ("d", 0.3), ("e", f32::NAN)]);
        let of = |id: &str| usage.reached(tie_of(id));
        assert_eq!((of("a"), of("b"), of("c")), (Some((4, 0.125)), Some((8, 0.1875)), Some((65_536, 1.0))));
        assert_eq!((of("d"), of("e"), of("f")), (None, None, None));
    }
}
