//! Keeping pictures of the state on a thread of its own: events and requests go on meanwhile.

use super::snapshot;
use super::state::State;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Writes snapshots, one at a time; of those that wait, only the latest.
#[derive(Clone)]
pub struct Keeper {
    path: Option<PathBuf>,
    desk: Arc<(Mutex<Desk>, Condvar)>,
}

#[derive(Default)]
struct Desk {
    next: Option<Picture>,
    is_busy: bool,
}

struct Picture {
    generation: u64,
    end: u64,
    state: State,
}

impl Keeper {
    /// Writes to this file; without one it keeps nothing.
    pub fn new(path: Option<PathBuf>) -> Self {
        Self { path, desk: Arc::default() }
    }

    /// The file.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Has a state kept, which holds all events before `end` of the log of this generation.
    pub fn keep(&self, generation: u64, end: u64, state: State) {
        let mut desk = self.lock();
        desk.next = Some(Picture { generation, end, state });
        if desk.is_busy {
            return;
        }
        desk.is_busy = true;
        drop(desk);
        let keeper = self.clone();
        let thread = std::thread::Builder::new().name("recommend-keep".to_owned()).spawn(move || keeper.work());
        if thread.is_err() {
            // It takes longer this way and is kept all the same.
            self.work();
        }
    }

    /// Returns when nothing waits to be kept.
    pub fn settle(&self) {
        let mut desk = self.lock();
        while desk.is_busy {
            desk = self.desk.1.wait(desk).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn work(&self) {
        while let Some(Picture { generation, end, state }) = self.take() {
            let Some(path) = self.path() else { continue };
            if let Err(error) = snapshot::save(path, generation, end, &state) {
                tracing::warn!(%error, "what the recommender learned was not kept; the next start reads the log instead");
            }
        }
    }

    fn take(&self) -> Option<Picture> {
        let mut desk = self.lock();
        let next = desk.next.take();
        if next.is_none() {
            desk.is_busy = false;
            self.desk.1.notify_all();
        }
        next
    }

    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
