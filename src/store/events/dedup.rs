//! Which event keys were seen, and at which number first: an event is new when no smaller number used its key.
//!
//! Because the number is kept with the key, asking about an event that was counted before answers "new" again: a replay
//! from anywhere takes the same decisions as the first time. Recent keys are in memory, older ones in sorted runs on disk
//! behind filters (12 bits a key in memory); four runs of a size are merged into one beside the rest, so that there are few.

use super::EventLogError;
use super::block::{Act, Batch};
use super::merging::{self, Merging};
use super::runs::{Entry, Run};
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::path::{Path, PathBuf};

/// Keys kept in memory before a run is written.
const PENDING: usize = 1 << 18;
/// With more runs than this, a merge under way is waited for.
const MOST_RUNS: usize = 24;

/// Keys are hashes already: the low half is its own hash.
#[derive(Default)]
struct Given(u64);

impl Hasher for Given {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u128(&mut self, key: u128) {
        self.0 = key as u64;
    }
}

/// The keys seen so far.
pub struct Dedup {
    dir: PathBuf,
    runs: Vec<Run>,
    pending: HashMap<u128, u64, BuildHasherDefault<Given>>,
    covered: u64,
    most_pending: usize,
    merging: Option<Merging>,
}

impl Dedup {
    /// Opens the runs in `dir`. Runs that are damaged, leave a gap or reach beyond `end` are all thrown away: then
    /// [`Dedup::covered`] is 0 and the log must be read again from the start.
    pub fn open(dir: &Path, end: u64) -> Result<Self, EventLogError> {
        std::fs::create_dir_all(dir).map_err(EventLogError::io("make the folder of keys"))?;
        let mut found = BTreeMap::new();
        let mut whole = true;
        for entry in std::fs::read_dir(dir).map_err(EventLogError::io("list keys"))? {
            let path = entry.map_err(EventLogError::io("list keys"))?.path();
            match path.extension().is_some_and(|kind| kind == "keys").then(|| Run::open(&path)) {
                Some(Some(run)) => drop(found.insert((run.from, std::cmp::Reverse(run.to)), run)),
                Some(None) => whole = false,
                None => drop(std::fs::remove_file(&path)),
            }
        }
        let (dir, pending) = (dir.to_owned(), HashMap::default());
        let mut dedup = Self { dir, runs: Vec::new(), pending, covered: 0, most_pending: PENDING, merging: None };
        for run in found.into_values() {
            // A merged run comes before the parts it was made of, which a crash may have left behind.
            if run.to <= dedup.covered {
                run.remove();
            } else {
                whole &= run.from == dedup.covered && run.to <= end;
                dedup.covered = run.to;
                dedup.runs.push(run);
            }
        }
        if !whole {
            tracing::warn!("the runs of event keys are not whole and are built again from the log");
            dedup.reset()?;
        }
        Ok(dedup)
    }

    /// Keys of events before this number are known.
    pub fn covered(&self) -> u64 {
        self.covered
    }

    /// Forgets everything.
    pub fn reset(&mut self) -> Result<(), EventLogError> {
        self.end_merging();
        self.runs.clear();
        self.pending.clear();
        self.covered = 0;
        std::fs::remove_dir_all(&self.dir).map_err(EventLogError::io("clear keys"))?;
        std::fs::create_dir_all(&self.dir).map_err(EventLogError::io("clear keys"))
    }

    /// Whether event number `seq` is the first with this key; remembers it.
    pub fn is_new(&mut self, key: u128, seq: u64) -> Result<bool, EventLogError> {
        if let Some(first) = self.pending.get(&key) {
            return Ok(*first >= seq);
        }
        for run in self.runs.iter().rev() {
            if let Some(first) = run.find(key)? {
                return Ok(first >= seq);
            }
        }
        if seq >= self.covered {
            self.pending.insert(key, seq);
        }
        Ok(true)
    }

    /// Leaves the new rows of a batch in it; answers, for each row, whether it was new.
    pub fn sift(&mut self, batch: &mut Batch) -> Result<Vec<bool>, EventLogError> {
        let mut fresh = Vec::with_capacity(batch.rows.len());
        for row in &batch.rows {
            fresh.push(row.act == Act::Forget || self.is_new(row.key, row.seq)?);
        }
        let mut answers = fresh.iter();
        batch.rows.retain(|_| answers.next().copied().unwrap_or(true));
        Ok(fresh)
    }

    /// All events before `end` have been asked about; writes a run when enough came together.
    pub fn advance(&mut self, end: u64) -> Result<(), EventLogError> {
        if self.pending.len() < self.most_pending { self.merge() } else { self.flush(end) }
    }

    /// Writes what is in memory as a run up to `end`.
    pub fn flush(&mut self, end: u64) -> Result<(), EventLogError> {
        if self.pending.is_empty() || end <= self.covered {
            return Ok(());
        }
        let mut entries: Vec<Entry> = self.pending.iter().map(|(key, seq)| (*key, *seq)).collect();
        entries.sort_unstable();
        let most = entries.len();
        self.runs.push(Run::write(&self.dir, self.covered, end, entries.into_iter(), most)?);
        self.pending.clear();
        self.covered = end;
        self.merge()
    }

    /// Puts these keys in the place of others, and their folder in the place of the others' folder.
    pub fn take_place_of(mut self, other: &mut Self) -> Result<(), EventLogError> {
        let doing = || EventLogError::io("put new keys in place");
        self.end_merging();
        other.end_merging();
        other.runs.clear();
        let old = std::mem::replace(&mut self.dir, other.dir.clone());
        std::fs::remove_dir_all(&self.dir).map_err(doing())?;
        std::fs::rename(&old, &self.dir).map_err(doing())?;
        self.runs.iter_mut().for_each(|run| run.moved(&self.dir));
        *other = self;
        Ok(())
    }

    /// Takes in a merge that has ended and begins the next where runs of a size came together.
    fn merge(&mut self) -> Result<(), EventLogError> {
        loop {
            let waits = self.runs.len() > MOST_RUNS;
            match self.merging.take_if(|merging| waits || merging.is_finished()) {
                Some(ended) => ended.finish()?.take_place_in(&mut self.runs),
                None if self.merging.is_some() => return Ok(()),
                None => {}
            }
            let Some(found) = merging::begin(&self.dir, &self.runs, self.most_pending)? else { return Ok(()) };
            self.merging = Some(found);
        }
    }

    /// Waits for a merge under way and leaves its result behind: the next opening finds it.
    fn end_merging(&mut self) {
        if let Some(Err(error)) = self.merging.take().map(Merging::finish) {
            tracing::warn!(%error, "runs of event keys were not merged");
        }
    }
}

impl Drop for Dedup {
    fn drop(&mut self) {
        self.end_merging();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_new_once_through_runs_merges_and_reopening() {
        let dir = tempfile::tempdir().unwrap();
        let mut random = fastrand::Rng::with_seed(3);
        let keys: Vec<u128> = (0..5_000).map(|_| random.u128(..)).collect();
        let mut dedup = Dedup::open(dir.path(), 0).unwrap();
        dedup.most_pending = 100;
        for (seq, key) in keys.iter().enumerate() {
            assert!(dedup.is_new(*key, seq as u64).unwrap());
            dedup.advance(seq as u64 + 1).unwrap();
        }
        while dedup.merging.is_some() {
            std::thread::yield_now();
            dedup.merge().unwrap();
        }
        assert!(dedup.runs.len() < 16, "{} runs", dedup.runs.len());
        for (seq, key) in keys.iter().enumerate() {
            assert!(!dedup.is_new(*key, 9_000 + seq as u64).unwrap(), "sent again");
            assert!(dedup.is_new(*key, seq as u64).unwrap(), "replayed");
        }
        dedup.flush(5_000).unwrap();
        let mut again = Dedup::open(dir.path(), 5_000).unwrap();
        assert_eq!(again.covered(), 5_000);
        assert!(keys.iter().all(|key| !again.is_new(*key, 9_000).unwrap()));
        assert_eq!(Dedup::open(dir.path(), 4_000).unwrap().covered(), 0, "runs beyond the log are of another log");
    }

    #[test]
    fn a_damaged_run_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let mut dedup = Dedup::open(dir.path(), 0).unwrap();
        for key in 1..50_u128 {
            dedup.is_new(key << 90, key as u64).unwrap();
        }
        dedup.flush(50).unwrap();
        let path = std::fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[100] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(Dedup::open(dir.path(), 50).unwrap().covered(), 0);
    }
}
