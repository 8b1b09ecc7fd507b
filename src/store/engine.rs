//! The waist: what an engine must be able to do.
//!
//! Bytes go in and come out; records, checksums of values and cursors are the layers' above. The eight methods are all an
//! engine has to offer; the conformance suite (`tests/conformance.rs`) says what they mean.

use crate::domain::change::{ChangeSet, Position};
use crate::domain::record::Key;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The engines this program has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// Embedded, the default.
    #[default]
    Sled,
    /// Embedded, by configuration.
    Redb,
    /// In memory, for tests: nothing survives the process.
    Memory,
}

impl EngineKind {
    /// The name in configuration and in the data directory.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sled => "sled",
            Self::Redb => "redb",
            Self::Memory => "memory",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Sled, Self::Redb, Self::Memory].into_iter().find(|kind| kind.name() == name)
    }
}

impl std::fmt::Display for EngineKind {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name())
    }
}

/// A change with the instant it was handed in, by which old feed rows are pruned.
#[derive(Clone, Debug)]
pub struct Stamped {
    /// What to do.
    pub change: ChangeSet,
    /// When it was handed in.
    pub at: Timestamp,
}

/// What became of one change of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Applied at this position.
    Done(Position),
    /// A change of this id was applied before, at this position; nothing was done now.
    Repeated(Position),
    /// A guard missed; nothing of this change was applied.
    Missed {
        /// Table of the guard.
        table: &'static str,
        /// Key of the guard.
        key: Key,
    },
}

/// A stretch of the key space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// First key, included.
    pub from: Vec<u8>,
    /// Last key, left out; `None` = to the end.
    pub to: Option<Vec<u8>>,
    /// From the end backwards.
    pub reverse: bool,
    /// Rows at most.
    pub limit: usize,
    /// Stop after the row that brings keys and values to this many bytes.
    pub max_bytes: usize,
}

/// Bytes that one range call may bring into memory, one row excepted.
pub const RANGE_BYTES: usize = 8 << 20;

impl Span {
    /// All keys that begin with `prefix`, forward.
    pub fn prefix(prefix: &[u8], limit: usize) -> Self {
        Self { from: prefix.to_vec(), to: after_prefix(prefix), reverse: false, limit, max_bytes: RANGE_BYTES }
    }
}

/// The least key behind every key that begins with `prefix`; `None` when there is none.
pub fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}

/// A key with its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// What a range call gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// In the order asked for.
    pub rows: Vec<Row>,
    /// Whether the stretch holds rows beyond the last one given.
    pub more: bool,
}

/// Why an engine did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// A disk or the engine failed; after this a write's fate is unknown until the engine is opened again.
    #[error("{0}")]
    Failed(String),
    /// Stored bytes are not what was written.
    #[error("damaged: {0}")]
    Damaged(String),
    /// The engine has been closed.
    #[error("the store is closed")]
    Closed,
}

impl EngineError {
    /// A failure in the words of whatever failed.
    pub fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

/// An ordered, transactional store of bytes.
///
/// `commit` and `write` are called by one committer thread only, never at the same time, and may block it; the others are
/// called from anywhere and must not block the async threads.
#[async_trait::async_trait]
pub trait Engine: Send + Sync {
    /// Which one it is.
    fn kind(&self) -> EngineKind;

    /// The values under `keys`, in their order.
    async fn get(&self, keys: Vec<Vec<u8>>) -> Result<Vec<Option<Vec<u8>>>, EngineError>;

    /// The rows of a stretch.
    async fn range(&self, span: Span) -> Result<Rows, EngineError>;

    /// Applies a group of changes in one durable transaction: each sees those before it; a missed guard fails only its own
    /// change. When this returns, what it answers is on disk.
    async fn commit(&self, group: Vec<Stamped>) -> Result<Vec<Outcome>, EngineError>;

    /// Writes (`Some`) and deletes (`None`) raw rows in one durable transaction: for pruning, epochs and copies.
    async fn write(&self, rows: Vec<(Vec<u8>, Option<Vec<u8>>)>) -> Result<(), EngineError>;

    /// The position of the last commit.
    async fn head(&self) -> Result<Position, EngineError>;

    /// Finishes what is under way and gives the files free; later calls answer [`EngineError::Closed`].
    async fn close(&self) -> Result<(), EngineError>;
}
