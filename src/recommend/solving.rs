//! Solving columns of [`super::ridge`] beside everything else: a few at a time, then a rest, so that requests and events never
//! wait for it and a flood of events cannot make it take the machine.

use super::Recommender;
use super::ridge::Solver;
use super::service::Inner;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// Columns solved between two rests, some milliseconds of work.
const AT_ONCE: usize = 16;
/// A rest is so many times as long as the work before it: a tenth of one processor,
const REST: u32 = 9;
/// and half of one while more than [`MANY`] wait, as after a log was taken in: lists are the poorer until they are solved.
const SHORT_REST: u32 = 1;
/// Columns that wait from which on rests are short.
const MANY: usize = 200;
/// How long to wait when nothing is due.
const IDLE: Duration = Duration::from_millis(100);
/// Takings a second, from one look to the next, beyond which a log is being taken in: what is solved now would be solved again in
/// a moment,
const RUSH: f64 = 10_000.0;
/// which costs little with no more resources than these, and then all columns are there when the log is in.
const FEW: usize = 10_000;

impl Recommender {
    /// Begins to solve what is due, on a thread of its own that ends with the last clone of the service. Once is enough.
    pub fn solve_in_background(&self) {
        if self.inner.solving.swap(true, Ordering::SeqCst) {
            return;
        }
        let inner = Arc::downgrade(&self.inner);
        let thread = std::thread::Builder::new().name("recommend-ridge".to_owned()).spawn(move || work(&inner));
        if let Err(error) = thread {
            tracing::warn!(%error, "recommendations are made without neighbourhood ridge");
        }
    }

    /// Columns that wait to be solved.
    pub fn due(&self) -> usize {
        self.inner.read(|joined| joined.ridge.waiting())
    }
}

fn work(inner: &Weak<Inner>) {
    let (mut solver, mut counted, mut looked) = (Solver::default(), 0, Instant::now());
    while let Some(inner) = inner.upgrade() {
        let began = Instant::now();
        let since = began.duration_since(std::mem::replace(&mut looked, began)).as_secs_f64();
        let (now, resources) = inner.read(|joined| (joined.state.counted, joined.state.ids().len()));
        let before = std::mem::replace(&mut counted, now);
        let is_rush = resources > FEW && now.saturating_sub(before) as f64 > RUSH * since;
        let is_wanted = !is_rush && inner.weights.ridge > 0.0;
        let solved = if is_wanted { inner.solve(&mut solver, AT_ONCE) } else { 0 };
        let waiting = inner.read(|joined| joined.ridge.waiting());
        drop(inner);
        std::thread::sleep(match solved {
            0 => IDLE,
            _ if waiting > MANY => began.elapsed() * SHORT_REST,
            _ => began.elapsed() * REST,
        });
    }
}

impl Inner {
    /// Solves up to `most` columns that are due; answers how many. The state is read for the gathering alone.
    pub(super) fn solve(&self, solver: &mut Solver, most: usize) -> usize {
        if self.read(|joined| joined.ridge.waiting()) == 0 {
            return 0;
        }
        let (numbers, generation) = {
            let mut joined = self.write();
            ((0..most).map_while(|_| joined.ridge.next()).collect::<Vec<u32>>(), joined.replacements())
        };
        let mut solved = Vec::with_capacity(numbers.len());
        for number in numbers {
            self.read(|joined| solver.gather(&joined.state, number));
            solved.push((number, solver.solve()));
        }
        let count = solved.len();
        let mut joined = self.write();
        // Another state may number resources otherwise.
        if joined.replacements() == generation {
            solved.into_iter().for_each(|(number, column)| joined.ridge.put(number, &column));
        }
        count
    }
}
