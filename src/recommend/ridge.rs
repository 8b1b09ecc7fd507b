//! Neighbourhood ridge: for one resource, how much each of its nearest neighbours in a profile speaks for it when all of
//! them speak at once. What co-visitation counts twice (two neighbours always taken together) is counted once here.
//!
//! It is EASE (Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019) restricted to the [`NEAREST`]
//! strongest neighbours of a column, and needs nothing that the rows of co-visitation do not hold. They weigh a pair by
//! 2^(-places apart / reach), so that the sum of both ways is the Gram matrix of profiles that fade at that pace, but for a
//! constant (the way back is entered at a share of the way on); the masses of the resources are its diagonal; and the row
//! entry of a neighbour towards the resource is what is to be explained. A column is the solution of that system with
//! [`PENALTY`] on the diagonal.
//!
//! Columns are derived: never part of the state or its digest, in floats, solved anew in the background when enough learners
//! took the resource up since ([`Ridge::touch`]), the longest waiting first. A snapshot keeps them beside the state
//! ([`super::columns`]), so that a start has them at once; a state that was learned anew begins without any, so that nothing of a
//! learner who was forgotten stays in them.

use super::decay;
use super::state::State;
use std::collections::VecDeque;
use std::sync::Arc;

/// Neighbours of a column. 0.07 to 0.6 ms a column at 100 to 200; more changed no figure that was measured.
pub const NEAREST: usize = 128;

/// Added to the diagonal, in takings. On the training parts named in [`super::weights`]: 10 to 60 alike on MOOCCubeX
/// (coverage falls with it, recall rises), and more is better on MovieLens-100K up to 60.
pub const PENALTY: f32 = 40.0;

/// A pivot below this share of the penalty is rounding (rows are pruned, so the matrix is not quite that of any profiles).
const LEAST_PIVOT: f32 = 0.1;

/// A column is due again when this share of its learners came since it was solved, 1 in so many.
const DUE_AFTER: u32 = 64;

/// Unsolved columns that change nothing: so many, and one in so many of all. Beyond that lists are made without any column,
/// since what has one would always stand before what has none.
const UNSOLVED: (usize, usize) = (8, 20);

/// In [`Ridge::touches`]: it waits to be solved.
pub const WAITS: u32 = u32::MAX;

/// What speaks for one resource: numbers in order, each with its weight, a whole number of steps ([`step_of`]).
pub type Column = Arc<[(u32, f32)]>;

/// What is kept of a resource: the learners who came since it was solved, or [`WAITS`], and its column once it was solved.
pub type Kept = (u32, Option<Column>);

/// The columns, by number of the resource. A clone shares them.
#[derive(Clone, Debug, Default)]
pub struct Ridge {
    columns: Vec<Option<Column>>,
    touches: Vec<u32>,
    due: VecDeque<u32>,
    /// Resources that ever were due, and of these, those solved at least once.
    known: usize,
    solved: usize,
}

impl Ridge {
    /// None solved, all of them due, the most taken up first.
    pub fn anew(state: &State) -> Self {
        Self::restored(state, Vec::new())
    }

    /// As it was kept of this state; due is what waited and what was never solved, the most taken up first.
    pub fn restored(state: &State, mut kept: Vec<Kept>) -> Self {
        kept.resize(state.ids().len(), (0, None));
        let (mut touches, columns): (Vec<u32>, Vec<Option<Column>>) = kept.into_iter().unzip();
        let (mut due, mut known) = (Vec::new(), 0);
        for ((number, touches), column) in (0_u32..).zip(&mut touches).zip(&columns) {
            let learners = state.popularity(number).learners;
            known += usize::from(learners > 0);
            // A picture may be taken while a column is being solved for the first time.
            if learners > 0 && (*touches == WAITS || column.is_none()) {
                *touches = WAITS;
                due.push((std::cmp::Reverse(learners), number));
            }
        }
        due.sort_unstable();
        let solved = columns.iter().flatten().count();
        Self { columns, touches, due: due.into_iter().map(|(_, number)| number).collect(), known, solved }
    }

    /// What there is to keep, by number of the resource, of the first so many.
    pub fn kept(&self, resources: usize) -> impl ExactSizeIterator<Item = (u32, Option<&Column>)> {
        (0..resources).map(|place| (self.touches.get(place).copied().unwrap_or(0), self.columns.get(place).and_then(Option::as_ref)))
    }

    /// A learner took the resource up, which so many did by now.
    pub fn touch(&mut self, number: u32, learners: u32) {
        let place = number as usize;
        if self.touches.len() <= place {
            self.touches.resize(place + 1, 0);
            self.columns.resize(place + 1, None);
        }
        let Some(touches) = self.touches.get_mut(place).filter(|touches| **touches != WAITS) else { return };
        *touches += 1;
        // The first learner makes a resource known.
        self.known += usize::from(*touches == 1 && learners <= 1);
        if *touches > learners / DUE_AFTER {
            *touches = WAITS;
            self.due.push_back(number);
        }
    }

    /// The next one to solve; from here on it counts what comes anew.
    pub fn next(&mut self) -> Option<u32> {
        let number = self.due.pop_front()?;
        if let Some(touches) = self.touches.get_mut(number as usize) {
            *touches = 0;
        }
        Some(number)
    }

    /// How many wait to be solved.
    pub fn waiting(&self) -> usize {
        self.due.len()
    }

    /// Puts a solved column in, its weights cut to whole steps: what is kept of it is then all of it.
    pub fn put(&mut self, number: u32, solved: &[(u32, f32)]) {
        if let Some(found) = self.columns.get_mut(number as usize) {
            self.solved += usize::from(found.is_none());
            let step = step_of(solved.iter().map(|(_, weight)| *weight));
            let whole = |weight: f32| if step > 0.0 { (weight / step).trunc() * step } else { 0.0 };
            *found = Some(solved.iter().map(|(other, weight)| (*other, whole(*weight))).collect());
        }
    }

    /// Whether so many columns are solved that they may be listened to.
    pub fn is_ready(&self) -> bool {
        let (few, share) = UNSOLVED;
        self.known.saturating_sub(self.solved) <= few + self.known / share
    }

    /// What speaks for a resource: its neighbours with their weights; empty until it is solved.
    pub fn column(&self, number: u32) -> &[(u32, f32)] {
        self.columns.get(number as usize).and_then(Option::as_deref).unwrap_or_default()
    }
}

/// The step that weights are kept in: the power of two of which the largest is 2^14 to 2^15, so that each is a whole number of
/// 16 bits, true to a sixteen-thousandth of the largest. Cutting weights to whole steps does not change their step.
pub fn step_of(weights: impl Iterator<Item = f32>) -> f32 {
    let largest = weights.map(f32::abs).fold(0.0, f32::max);
    f32::from_bits((largest.to_bits() >> 23).saturating_sub(14) << 23)
}

/// Solves columns one after the other; keeps its tables between them.
#[derive(Debug, Default)]
pub struct Solver {
    /// Place in the system by number of the resource, from 1.
    places: Vec<u16>,
    /// Neighbours of the column: number and mass towards it.
    near: Vec<(u32, f32)>,
    /// Lower half of the matrix, row after row.
    gram: Vec<f32>,
    /// The same while it is filled, with a row and a line more: what belongs to no neighbour falls into the first.
    sums: Vec<f32>,
}

impl Solver {
    /// Gathers the system of a resource: all that is read of the state, in well below a millisecond.
    pub fn gather(&mut self, state: &State, number: u32) {
        self.near.clear();
        let Some(own) = state.row(number) else { return };
        let now = state.epoch();
        let fade = |epoch: u32| decay::halvings(now.saturating_sub(epoch)) / decay::UNIT as f32;
        // Rows lie all over the memory; looked at together they come together.
        std::hint::black_box(own.ids().iter().filter_map(|other| state.row(*other)).fold(0, |sum, row| sum ^ row.glance()));
        let mut found: Vec<(f32, u32, f32)> = Vec::with_capacity(own.ids().len());
        for (other, back) in own.iter() {
            let Some(row) = state.row(other) else { continue };
            let towards = row.mass(number) as f32 * fade(row.epoch());
            found.push((towards + back as f32 * fade(own.epoch()), other, towards));
        }
        if found.len() > NEAREST {
            found.select_nth_unstable_by(NEAREST, |left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
            found.truncate(NEAREST);
        }
        self.near.extend(found.iter().map(|(_, other, towards)| (*other, *towards)));
        self.near.sort_unstable_by_key(|(other, _)| *other);
        self.fill(state, now, &fade);
    }

    /// Fills the matrix.
    fn fill(&mut self, state: &State, now: u32, fade: &dyn Fn(u32) -> f32) {
        let count = self.near.len();
        self.places.resize(state.ids().len().max(self.places.len()), 0);
        for (place, (other, _)) in (1_u16..).zip(&self.near) {
            self.places.get_mut(*other as usize).into_iter().for_each(|found| *found = place);
        }
        let stride = count + 1;
        self.sums.clear();
        self.sums.resize(stride * stride, 0.0);
        // What a row of co-visitation holds is the way on and a share of the way back.
        let ways = 1.0 / (1.0 + state.shape.backward as f32 / 256.0);
        for (place, (other, _)) in (1..).zip(&self.near) {
            let Some(row) = state.row(*other) else { continue };
            let scale = fade(row.epoch()) * ways;
            for (second, mass) in row.iter() {
                // No branch tells neighbours from others: the processor would guess it wrong too often.
                let at = self.places.get(second as usize).map_or(0, |at| usize::from(*at));
                self.sums.get_mut(at.max(place) * stride + at.min(place)).into_iter().for_each(|cell| *cell += mass as f32 * scale);
            }
            let own = state.popularity(*other).mass.in_epoch(now);
            self.sums.get_mut(place * stride + place).into_iter().for_each(|cell| *cell = own + PENALTY);
        }
        self.gram.clear();
        let rows = self.sums.chunks_exact(stride).skip(1);
        rows.for_each(|row| self.gram.extend_from_slice(row.get(1..).unwrap_or_default()));
        for (other, _) in &self.near {
            self.places.get_mut(*other as usize).into_iter().for_each(|found| *found = 0);
        }
    }

    /// Solves what was gathered (Cholesky); answers the neighbours, in order, with their weights.
    pub fn solve(&mut self) -> Vec<(u32, f32)> {
        let count = self.near.len();
        for place in 0..count {
            let Some((done, rest)) = self.gram.split_at_mut_checked(place * count) else { return Vec::new() };
            let Some((row, _)) = rest.split_at_mut_checked(count) else { return Vec::new() };
            for (at, prior) in done.chunks_exact(count).enumerate() {
                let (sum, pivot) = (dot(row, prior, at), prior.get(at).copied().unwrap_or(1.0));
                row.get_mut(at).into_iter().for_each(|cell| *cell = (*cell - sum) / pivot);
            }
            let sum = dot(row, row, place);
            row.get_mut(place).into_iter().for_each(|cell| *cell = (*cell - sum).max(PENALTY * LEAST_PIVOT).sqrt());
        }
        let mut solved: Vec<f32> = self.near.iter().map(|(_, towards)| *towards).collect();
        for (place, row) in self.gram.chunks_exact(count.max(1)).enumerate() {
            let (sum, pivot) = (dot(row, &solved, place), row.get(place).copied().unwrap_or(1.0));
            solved.get_mut(place).into_iter().for_each(|value| *value = (*value - sum) / pivot);
        }
        for (place, row) in self.gram.chunks_exact(count.max(1)).enumerate().rev() {
            let value = solved.get(place).copied().unwrap_or(0.0) / row.get(place).copied().unwrap_or(1.0);
            solved.get_mut(place).into_iter().for_each(|found| *found = value);
            solved.iter_mut().zip(row).take(place).for_each(|(other, cell)| *other -= cell * value);
        }
        self.near.iter().zip(solved).map(|((other, _), weight)| (*other, weight)).collect()
    }
}

/// The scalar product of the first `count` of two rows, in lanes of eight so that the processor takes them at once.
fn dot(left: &[f32], right: &[f32], count: usize) -> f32 {
    let (left, right) = (left.get(..count).unwrap_or_default(), right.get(..count).unwrap_or_default());
    let ((left, left_rest), (right, right_rest)) = (left.as_chunks::<8>(), right.as_chunks::<8>());
    let mut lanes = [0.0_f32; 8];
    for (left, right) in left.iter().zip(right) {
        for ((lane, left), right) in lanes.iter_mut().zip(left).zip(right) {
            *lane += left * right;
        }
    }
    lanes.iter().sum::<f32>() + left_rest.iter().zip(right_rest).map(|(left, right)| left * right).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::super::learners::Deed;
    use super::super::state::Shape;
    use super::*;
    use crate::domain::event::Verb;

    /// A state of `learners` who each take some of `resources`.
    fn learned(learners: u64, resources: u32) -> State {
        let mut state = State::new(Shape::default());
        for number in 0..resources {
            state.number(&format!("r{number}"));
        }
        let mut random = fastrand::Rng::with_seed(7);
        for turn in 0..learners * 12 {
            let learner = turn % learners;
            let resource = (random.u32(0..resources / 2) + if learner.is_multiple_of(2) { 0 } else { resources / 3 }) % resources;
            state.tell(learner << 32, resource, &Deed::of(1_000 + turn as u32, Verb::Viewed, 0));
        }
        state
    }

    #[test]
    fn a_column_solves_its_system() {
        let state = learned(300, 40);
        let mut solver = Solver::default();
        solver.gather(&state, 5);
        let (near, gram) = (solver.near.clone(), solver.gram.clone());
        assert!(near.len() > 15 && near.iter().all(|(other, _)| *other != 5));
        let column = solver.solve();
        let count = near.len();
        for (place, (other, towards)) in near.iter().enumerate() {
            let cell = |at: usize| gram[place.max(at) * count + place.min(at)];
            let sum: f32 = column.iter().enumerate().map(|(at, (_, weight))| cell(at) * weight).sum();
            assert!((sum - towards).abs() < 1e-2 * (1.0 + towards.abs()), "{other}: {sum} {towards}");
        }
        assert!(solver.places.iter().all(|place| *place == 0), "left as it was found");
    }

    #[test]
    fn columns_are_due_by_what_came_since() {
        let state = learned(50, 20);
        let mut ridge = Ridge::anew(&state);
        let first = ridge.next().unwrap();
        assert!((0..20).all(|other| state.popularity(other).learners <= state.popularity(first).learners), "the most taken up first");
        while ridge.next().is_some() {}
        for _ in 0..10 {
            ridge.touch(first, 640);
        }
        assert_eq!(ridge.waiting(), 0, "ten of 640 change little");
        ridge.touch(first, 640);
        ridge.touch(first, 640);
        ridge.touch(25, 1);
        assert_eq!((ridge.next(), ridge.next(), ridge.next()), (Some(first), Some(25), None));
    }

    #[test]
    fn columns_are_listened_to_when_nearly_all_are_solved() {
        let state = learned(50, 20);
        let mut ridge = Ridge::anew(&state);
        let known = ridge.waiting();
        assert!(known > 15 && !ridge.is_ready());
        let mut left = known;
        while let Some(number) = ridge.next() {
            ridge.put(number, &[]);
            ridge.put(number, &[]);
            left -= 1;
            assert_eq!(ridge.is_ready(), left <= 8, "{left}");
        }
        (100..140).for_each(|number| ridge.touch(number, 1));
        assert!(!ridge.is_ready(), "many came that are not solved");
    }

    #[test]
    fn what_is_kept_goes_on_as_it_was() {
        let state = learned(50, 20);
        let (mut ridge, mut solver) = (Ridge::anew(&state), Solver::default());
        let known = ridge.waiting();
        let mut solved = Vec::new();
        for _ in 1..known {
            let number = ridge.next().unwrap();
            solver.gather(&state, number);
            ridge.put(number, &solver.solve());
            solved.push(number);
        }
        // One was solved and waits again, one is being solved just now.
        ridge.touch(solved[0], 1);
        let last = ridge.next().unwrap();
        assert!(!solved.contains(&last));
        let kept: Vec<Kept> = ridge.kept(20).map(|(touches, column)| (touches, column.cloned())).collect();
        let mut again = Ridge::restored(&state, kept);
        assert!((0..20).all(|number| again.column(number) == ridge.column(number)));
        assert_eq!((again.known, again.solved, again.waiting()), (known, known - 1, 2));
        let due: std::collections::BTreeSet<u32> = std::iter::from_fn(|| again.next()).collect();
        assert_eq!(due, [solved[0], last].into());
    }

    #[test]
    fn weights_are_whole_steps_and_stay_so() {
        let solved = [(1, 0.731), (4, -0.099_97), (9, 1.0 / 3.0), (10, 1e-9)];
        let mut ridge = Ridge { columns: vec![None], ..Ridge::default() };
        ridge.put(0, &solved);
        let once = ridge.column(0).to_vec();
        assert!(solved.iter().zip(&once).all(|(exact, kept)| (exact.1 - kept.1).abs() <= 0.731 / 16_384.0), "{once:?}");
        ridge.put(0, &once);
        assert_eq!(ridge.column(0), once);
        ridge.put(0, &[(1, 1e-42), (2, 0.0)]);
        assert_eq!(ridge.column(0), [(1, 0.0), (2, 0.0)]);
    }
}
