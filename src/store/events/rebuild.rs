//! Learning the whole log anew, on a thread of its own: events go on being taken meanwhile, and what was learned takes the
//! place of what was there when it has caught up.

use super::dedup::Dedup;
use super::files::{Blocks, Day};
use super::{EventLogError, Rebuild};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// So few rows behind, the applier reads the rest itself: a few hundredths of a second.
const NEAR: u64 = 4_096;
/// Rounds of catching up, at most, while events stream in.
const ROUNDS: u32 = 50;

/// Keys and model as learned so far.
pub struct Anew {
    /// Keys of the rows read.
    pub dedup: Dedup,
    /// What learns from them.
    pub model: Box<dyn Rebuild>,
    next: u64,
}

impl Anew {
    /// Reads on, through all rows before number `until`.
    pub fn read_on(&mut self, days: &[Day], until: u64, stop: &AtomicBool) -> Result<(), EventLogError> {
        for batch in Blocks::new(days, self.next) {
            if stop.load(Ordering::Relaxed) {
                return Err(EventLogError::Closed);
            }
            let mut batch = match batch {
                Ok(batch) => batch,
                Err(error @ EventLogError::Damaged { .. }) => {
                    tracing::error!(%error, "a damaged stretch of the event log is left out");
                    continue;
                }
                Err(error) => return Err(error),
            };
            batch.rows.retain(|row| row.seq >= self.next && row.seq < until);
            let Some(end) = batch.rows.last().map(|row| row.seq + 1) else { continue };
            self.dedup.sift(&mut batch)?;
            self.model.apply(&batch);
            self.dedup.advance(end)?;
            self.next = end;
        }
        self.next = self.next.max(until);
        Ok(())
    }

    /// Reads until it is near the end of a log that grows.
    fn catch_up(&mut self, days: &Mutex<Vec<Day>>, stop: &AtomicBool) -> Result<(), EventLogError> {
        for _ in 0..ROUNDS {
            let days = days.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let (before, end) = (self.next, days.iter().map(|day| day.end).max().unwrap_or(0));
            self.read_on(&days, end, stop)?;
            if end.saturating_sub(before) < NEAR {
                break;
            }
        }
        Ok(())
    }
}

/// A rebuild under way.
pub struct Running {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<Anew, EventLogError>>,
}

impl Running {
    /// Begins one. Its keys lie in `keys` until they take the place of the applier's.
    pub fn begin(keys: &Path, model: Box<dyn Rebuild>, days: Arc<Mutex<Vec<Day>>>) -> Result<Self, EventLogError> {
        if keys.exists() {
            std::fs::remove_dir_all(keys).map_err(EventLogError::io("clear keys"))?;
        }
        let dedup = Dedup::open(keys, 0)?;
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let body = move || {
            let mut anew = Anew { dedup, model, next: 0 };
            anew.catch_up(&days, &told).map(|()| anew)
        };
        let thread = std::thread::Builder::new().name("events-rebuild".to_owned()).spawn(body);
        Ok(Self { stop, thread: thread.map_err(EventLogError::io("start a thread"))? })
    }

    /// Whether it has come near the end, or failed.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// What it learned.
    pub fn finish(self) -> Result<Anew, EventLogError> {
        self.thread.join().map_err(|_| EventLogError::Closed)?
    }

    /// Ends it; nothing of it is used.
    pub fn cancel(self) {
        self.stop.store(true, Ordering::Relaxed);
        drop(self.thread.join());
    }
}
