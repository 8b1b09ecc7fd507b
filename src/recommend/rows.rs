//! Rows of co-visitation: for one resource, those which the same learners took, with a decayed mass each.
//!
//! A row keeps at most [`KEPT`] neighbours: when it grows past [`MOST`], the lightest go (ties: the higher number goes).
//! Ids and masses lie apart, so that looking a neighbour up is a scan the processor does sixteen at a time. Neighbours who are met
//! often come to stand in front, where a scan ends soon (self-organizing sequential search; Rivest, CACM 1976): their order means
//! nothing.

use super::decay;

/// Neighbours a row keeps when it is pruned.
pub const KEPT: usize = 224;
/// Neighbours a row may have before it is pruned: newcomers get the room between to prove themselves.
pub const MOST: usize = 256;

/// Ids looked at together: a line of memory.
const BLOCK: usize = 16;
/// Lines of ids in which most scans end.
const FRONT: usize = 4;

/// One row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    epoch: u32,
    ids: Vec<u32>,
    masses: Vec<u32>,
}

impl Row {
    /// A row as it was kept; `None` when the two do not fit together.
    pub fn from_parts(epoch: u32, ids: Vec<u32>, masses: Vec<u32>) -> Option<Self> {
        (ids.len() == masses.len() && ids.len() <= MOST).then_some(Self { epoch, ids, masses })
    }

    /// The epoch the masses are counted in.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Neighbours.
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// Their masses.
    pub fn masses(&self) -> &[u32] {
        &self.masses
    }

    /// Neighbours with their masses.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        self.ids.iter().copied().zip(self.masses.iter().copied())
    }

    /// The mass of a neighbour, 0 for a stranger.
    pub fn mass(&self, id: u32) -> u32 {
        self.find(id).and_then(|place| self.masses.get(place)).copied().unwrap_or(0)
    }

    /// Adds a mass of some epoch to a neighbour.
    pub fn add(&mut self, id: u32, epoch: u32, mass: u32) {
        self.reach(epoch);
        let mass = decay::shifted(u64::from(mass), self.epoch.saturating_sub(epoch)) as u32;
        if mass == 0 {
            return;
        }
        if let Some(place) = self.find(id) {
            self.masses.get_mut(place).into_iter().for_each(|found| *found = found.saturating_add(mass));
            if place >= BLOCK {
                self.ids.swap(place, place / 2);
                self.masses.swap(place, place / 2);
            }
            return;
        }
        if self.ids.len() >= MOST {
            self.prune();
        }
        if self.ids.len() == self.ids.capacity() {
            // Doubling would leave rows half empty: most of the memory of the whole model is here.
            let room = (self.ids.len() / 2).clamp(4, 32).min(MOST - self.ids.len());
            self.ids.reserve_exact(room);
            self.masses.reserve_exact(room);
        }
        self.ids.push(id);
        self.masses.push(mass);
    }

    /// Reads a word of each line of memory in which a neighbour is likely to be found; what is read means nothing.
    pub fn glance(&self) -> u32 {
        let front = self.ids.iter().step_by(BLOCK).take(FRONT).fold(self.epoch, |sum, id| sum ^ id);
        front ^ self.masses.first().copied().unwrap_or(0)
    }

    fn reach(&mut self, epoch: u32) {
        if epoch <= self.epoch {
            return;
        }
        let halvings = epoch - self.epoch;
        self.epoch = epoch;
        self.masses.iter_mut().for_each(|mass| *mass = decay::shifted(u64::from(*mass), halvings) as u32);
        let mut masses = self.masses.iter();
        self.ids.retain(|_| masses.next().is_some_and(|mass| *mass > 0));
        self.masses.retain(|mass| *mass > 0);
    }

    fn find(&self, id: u32) -> Option<usize> {
        let mut start = 0;
        let (blocks, rest) = self.ids.as_chunks::<BLOCK>();
        for block in blocks {
            if block.iter().fold(false, |found, other| found | (*other == id)) {
                return block.iter().position(|other| *other == id).map(|place| start + place);
            }
            start += BLOCK;
        }
        rest.iter().position(|other| *other == id).map(|place| start + place)
    }

    fn prune(&mut self) {
        let mut pairs: Vec<(u32, u32)> = self.iter().collect();
        let heavier = |left: &(u32, u32), right: &(u32, u32)| right.1.cmp(&left.1).then(left.0.cmp(&right.0));
        if pairs.len() > KEPT {
            pairs.select_nth_unstable_by(KEPT, heavier);
            pairs.truncate(KEPT);
        }
        self.ids.clear();
        self.masses.clear();
        for (id, mass) in pairs {
            self.ids.push(id);
            self.masses.push(mass);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masses_add_up_and_decay() {
        let mut row = Row::default();
        row.add(7, 3, 4096);
        row.add(7, 3, 4096);
        row.add(9, 4, 4096);
        assert_eq!((row.mass(7), row.mass(9), row.mass(1)), (4096, 4096, 0));
        row.add(8, 2, 4096);
        assert_eq!(row.mass(8), 1024, "late");
        row.add(9, 40, 1);
        assert_eq!(row.ids(), [9], "what decayed to nothing is gone");
    }

    #[test]
    fn what_is_met_often_moves_to_the_front_with_its_mass() {
        let mut row = Row::default();
        (0..200).for_each(|id| row.add(id, 0, id + 1));
        (0..8).for_each(|_| row.add(199, 0, 1_000));
        assert!(row.find(199).unwrap() < BLOCK);
        assert_eq!(row.mass(199), 8_200);
        assert!((0..199).all(|id| row.mass(id) == id + 1), "all others keep theirs");
    }

    #[test]
    fn the_heaviest_stay() {
        let mut row = Row::default();
        for round in 0..3 {
            for id in 0..2_000_u32 {
                row.add(id, 0, 10);
                if id < 100 {
                    row.add(id, 0, 1_000 + round);
                }
            }
        }
        assert!(row.ids().len() <= MOST);
        assert!((0..100).all(|id| row.mass(id) >= 3_000), "heavy neighbours never leave");
    }
}
