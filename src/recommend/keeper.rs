//! Keeping pictures of the state on a thread of its own: events and requests go on meanwhile.

use super::ridge::Ridge;
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

/// What is to be kept.
pub struct Picture {
    /// Generation of the log.
    pub generation: u64,
    /// The state holds all events before this one.
    pub end: u64,
    /// The state.
    pub state: State,
    /// Columns that were solved of it.
    pub ridge: Ridge,
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

    /// Has a picture kept.
    pub fn keep(&self, picture: Picture) {
        let mut desk = self.lock();
        desk.next = Some(picture);
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
        while let Some(picture) = self.take() {
            let Some(path) = self.path() else { continue };
            if let Err(error) = snapshot::save(path, &picture) {
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
