//! Care of a whole store: backup while serving, restore, move into another engine, writing anew, verification.
//!
//! Each answers a report that can be serialised and tells its progress through a callback; none prints. A backup is a folder:
//! `backup.json` (written last: without it a backup is not whole), `rows.yl` (rows in the order they are to be applied),
//! `blobs/`, `events/`. The search index is derived and is left out.

mod backup;
mod compact;
mod files;
mod move_store;
mod restore;
mod rows_file;
mod verify;

#[cfg(test)]
mod tests;

pub use backup::{BackupOptions, BackupReport};
pub use compact::{CompactReport, compact_store};
pub use files::Copied;
pub use move_store::{FamilyCount, MoveReport, move_store};
pub use restore::{RestoreOptions, RestoreReport, restore};
pub use verify::{AuditCheck, Fault, VerifyOptions, VerifyReport};

use super::engine::{Engine, RANGE_BYTES, Rows, Span, after_prefix};
use super::error::StoreError;
use std::path::Path;

/// How far a piece of upkeep is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Progress {
    /// What is being done: `rows`, `changes`, `blobs`, `events`, `records`, `indexes`, `check`.
    pub stage: &'static str,
    /// Rows or files done in this stage.
    pub done: u64,
    /// Of how many, where that is known.
    pub total: Option<u64>,
}

/// Is told the progress.
pub type OnProgress<'a> = &'a mut (dyn FnMut(Progress) + Send);

/// Rows looked at in one call.
const PAGE: usize = 2000;

fn failed(what: &str, path: &Path, error: impl std::fmt::Display) -> StoreError {
    StoreError::Upkeep(format!("{what} {}: {error}", path.display()))
}

/// Runs what reads and writes files off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, StoreError> + Send + 'static) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::Upkeep(format!("it ended early: {error}")))?
}

/// Walks the rows of a family page by page.
struct Walk {
    next: Option<Vec<u8>>,
    to: Option<Vec<u8>>,
}

impl Walk {
    fn family(family: u8) -> Self {
        Self::span(vec![family], after_prefix(&[family]))
    }

    fn span(from: Vec<u8>, to: Option<Vec<u8>>) -> Self {
        Self { next: Some(from), to }
    }

    async fn page(&mut self, engine: &dyn Engine) -> Result<Option<Rows>, StoreError> {
        let Some(from) = self.next.take() else { return Ok(None) };
        let rows = engine.range(Span { from, to: self.to.clone(), reverse: false, limit: PAGE, max_bytes: RANGE_BYTES }).await?;
        if rows.more {
            self.next = rows.rows.last().map(|(key, _)| [key.as_slice(), &[0]].concat());
        }
        Ok(Some(rows))
    }
}
