//! Merging runs of keys on a thread of its own: the applier goes on asking the old ones.

use super::EventLogError;
use super::runs::{Entry, Run};
use std::collections::BinaryHeap;
use std::path::Path;
use std::thread::JoinHandle;

/// Runs of a size that are merged into one.
const FAN_IN: usize = 4;

/// A merge under way.
pub struct Merging {
    thread: JoinHandle<Result<Run, EventLogError>>,
}

/// A merged run.
pub struct Merged(Run);

/// Begins to merge the oldest runs of a size that lie side by side, where there are enough of them; `smallest` is the size
/// of a run as it is first written.
pub fn begin(dir: &Path, runs: &[Run], smallest: usize) -> Result<Option<Merging>, EventLogError> {
    let tier = |run: &Run| run.count.max(1).div_ceil(smallest.max(1) as u64).ilog2() / 2;
    let alike = |some: &&[Run]| some.iter().all(|run| some.first().is_some_and(|first| tier(first) == tier(run)));
    let Some(some) = runs.windows(FAN_IN).find(alike) else { return Ok(None) };
    let (from, to) = (some.first().map_or(0, |run| run.from), some.last().map_or(0, |run| run.to));
    let most = usize::try_from(some.iter().map(|run| run.count).sum::<u64>()).unwrap_or(usize::MAX);
    let sources = some.iter().map(Run::entries).collect::<Result<Vec<_>, _>>()?;
    let dir = dir.to_owned();
    let body = move || Run::write(&dir, from, to, merged(sources), most);
    let thread = std::thread::Builder::new().name("events-keys".to_owned()).spawn(body);
    Ok(Some(Merging { thread: thread.map_err(EventLogError::io("start a thread"))? }))
}

impl Merging {
    /// Whether it has ended.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// The merged run, when it has ended.
    pub fn finish(self) -> Result<Merged, EventLogError> {
        self.thread.join().map_err(|_| EventLogError::Closed)?.map(Merged)
    }
}

impl Merged {
    /// Puts it in the place of the runs it was made of, whose files go.
    pub fn take_place_in(self, runs: &mut Vec<Run>) {
        let Self(merged) = self;
        let within = |run: &Run| run.from >= merged.from && run.to <= merged.to;
        let Some(first) = runs.iter().position(within) else { return };
        let count = runs.iter().filter(|run| within(run)).count();
        runs.drain(first..first + count).for_each(Run::remove);
        runs.insert(first, merged);
    }
}

fn merged(mut sources: Vec<impl Iterator<Item = Entry>>) -> impl Iterator<Item = Entry> {
    let mut heads = BinaryHeap::new();
    for (place, source) in sources.iter_mut().enumerate() {
        heads.extend(source.next().map(|entry| std::cmp::Reverse((entry, place))));
    }
    std::iter::from_fn(move || {
        let std::cmp::Reverse((entry, place)) = heads.pop()?;
        heads.extend(sources.get_mut(place).and_then(Iterator::next).map(|next| std::cmp::Reverse((next, place))));
        Some(entry)
    })
}
