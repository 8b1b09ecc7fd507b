//! Who asks for a list, and what must not come into it.

use super::catalogue::Item;
use super::figures::Packed;
use super::joined::{Joined, NONE};
use super::learners::Entry;
use super::score::{Viewer, Voice, has_met, voices};
use super::weights::Weights;
use std::collections::HashSet;

/// Who asks, and when.
pub struct Asking<'a> {
    /// What they may see.
    pub viewer: &'a Viewer,
    /// What they met, the latest last.
    pub entries: &'a [Entry],
    /// What they reported with a figure.
    pub figures: &'a [Packed],
    /// Their profile, the latest first.
    pub voices: Vec<Voice>,
    /// Slots that stand in another list of the same page, or were just looked at.
    pub taken: HashSet<u32>,
    /// Now, milliseconds since 1970.
    pub now: i64,
    /// What places are drawn by: the same through a day.
    pub draw: u64,
}

impl<'a> Asking<'a> {
    /// Somebody who met these.
    pub fn new(joined: &Joined, weights: &Weights, viewer: &'a Viewer, entries: &'a [Entry], now: i64) -> Self {
        let voices = voices(joined, entries, weights);
        Self { viewer, entries, figures: &[], voices, taken: HashSet::new(), now, draw: 0 }
    }

    /// The served item in a slot, when they may see it.
    pub fn sees<'j>(&self, joined: &'j Joined, slot: u32) -> Option<&'j Item> {
        joined.catalogue.get(slot).filter(|item| self.viewer.sees(joined, item.gate))
    }

    /// The same, when it would be new to them and stands nowhere else.
    pub fn wants<'j>(&self, joined: &'j Joined, slot: u32) -> Option<&'j Item> {
        let met = |slot: u32| self.taken.contains(&slot) || has_met(self.entries, joined.number(slot));
        self.sees(joined, slot).filter(|_| slot != NONE && !met(slot))
    }
}
