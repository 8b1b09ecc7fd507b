//! The record store: an ordered, transactional engine below, records, pages, guards and the feed above.
//!
//! One door for writing, [`Store::commit`]: a [`ChangeSet`](crate::domain::change::ChangeSet) is applied atomically and is on
//! disk when the answer comes. Reading is [`Store::get`], [`Store::get_many`], [`Store::list`] and [`Store::list_by`]; the
//! feed is [`Store::facts_after`] with [`Store::watch`] to wait by. There is no query builder.
//!
//! What this room must never do: know a service or a record kind (the list of kinds for `verify` excepted),
//! write past the committer, answer before the bytes are synced.
//!
//! To add a record kind: nothing here but one line in `kinds.rs`. To add an engine: implement [`engine::Engine`] (or, inside
//! this process, `embedded::KeepsRows`), name it in `open.rs`, run the conformance suite on it.
//!
//! # The data directory
//!
//! | path | what it is |
//! |---|---|
//! | `engine.toml` | which engine is in force; written when the store is made, replaced by `store move` and `restore` |
//! | `store/<engine>/` | the engine's files |
//! | `blobs/ab/cd/<sha256>` | bytes by content |
//! | `events/` | the event log |
//! | `index/` | the search index, derived |
//! | `tmp/` | files not finished; emptied at start |
//! | `yuelu.lock` | held (flock) by the process that has the directory open |
//! | `yuelu.sock` | the socket of the process that serves it |

mod change_row;
mod committer;
mod data_dir;
mod embedded;
pub mod engine;
mod envelope;
mod error;
pub mod events;
mod feed;
mod keyspace;
mod kinds;
mod open;
mod page;
mod prune;
mod read;
pub mod upkeep;

#[cfg(test)]
mod tests;

pub use data_dir::{DataDirLock, engine_in_force};
pub use engine::EngineKind;
pub use error::StoreError;
pub use feed::Told;
pub use kinds::{KINDS, KindInfo};
pub use open::StoreOptions;
pub use page::{MAX_PAGE, Page, PageRequest};

use crate::domain::change::{ChangeSet, Position};
use crate::domain::space::{LookAtSpace, Space};
use committer::Committer;
use std::sync::Arc;
use tokio::sync::watch;

/// The record store of this process. Clones share it; it closes when the last one goes or by [`Store::close`].
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Arc<dyn engine::Engine>,
    committer: Committer,
    epoch: String,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Store({} at {})", self.engine().kind(), self.head())
    }
}

impl Store {
    /// Applies a change: all of it, on disk when this returns, or nothing.
    ///
    /// A change of an id that was applied before answers the position of then and does nothing. Dropping the future cancels
    /// nothing once the change is handed in; whoever does not know the fate of a change hands the same one in again.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a guard missed, [`StoreError::TooLarge`] beyond the limits, [`StoreError::Full`] without
    /// room for it; [`StoreError::Unavailable`] when the engine failed: the change may or may not be in.
    pub async fn commit(&self, change: ChangeSet) -> Result<Position, StoreError> {
        self.inner.committer.commit(change).await
    }

    /// The position of the last acknowledged commit.
    pub fn head(&self) -> Position {
        *self.inner.committer.published().borrow()
    }

    /// The head as it moves: waits for what comes after a position.
    pub fn watch(&self) -> watch::Receiver<Position> {
        self.inner.committer.published()
    }

    /// The random name of this store's history. A restored or moved store has another one: positions of the old one mean
    /// nothing in it.
    pub fn epoch(&self) -> &str {
        &self.inner.epoch
    }

    /// Which engine is in force.
    pub fn engine_kind(&self) -> EngineKind {
        self.engine().kind()
    }

    /// Why the store takes no more writes, when that is so (a full disk, a failed engine). `/readyz` says it.
    pub fn failure(&self) -> Option<&str> {
        self.inner.committer.failure()
    }

    /// From now on changes are refused ([`StoreError::Full`]), with nothing begun, while `look` says that the reserve is
    /// reached; they go on by themselves when there is room again.
    pub fn keep_reserve(&self, look: LookAtSpace) {
        self.inner.committer.keep_reserve(look);
    }

    /// How much room there is, where a reserve is kept.
    pub fn space(&self) -> Option<Space> {
        self.inner.committer.space()
    }

    /// Stops committing until the answer is dropped; changes handed in meanwhile wait.
    async fn hold(&self) -> Result<committer::Held, StoreError> {
        self.inner.committer.hold().await
    }

    /// Forgets feed rows, change rows and change ids handed in before `keep_after`, but keeps those of the last
    /// `keep_commits` commits. Done by itself every ten minutes: for what is older than seven days but for the last ten thousand
    /// commits, and for all that is older than thirty days.
    pub async fn prune(&self, keep_after: crate::domain::time::Timestamp, keep_commits: u64) -> Result<(), StoreError> {
        self.inner.committer.prune(keep_after, keep_commits).await
    }

    /// Commits what waits, closes the engine and gives the directory free. Later calls fail.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.inner.committer.close().await
    }

    fn engine(&self) -> &dyn engine::Engine {
        self.inner.engine.as_ref()
    }
}
