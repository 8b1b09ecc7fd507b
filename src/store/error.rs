//! Why the store did not do it, and what people are told.

use super::engine::EngineError;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, RecordError};

/// Why the store did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A guard missed: somebody else was faster. Nothing was applied.
    #[error("conflict in {table} at {}", String::from_utf8_lossy(.key.as_bytes()).replace('\0', "/"))]
    Conflict {
        /// Table of the guard.
        table: &'static str,
        /// Key of the guard.
        key: Key,
    },
    /// The facts after that position are no longer all kept, or the position is not of this store: rebuild.
    #[error("the facts after this position are gone; rebuild from a scan")]
    FactsGone,
    /// A cursor that this list did not give.
    #[error("not a cursor of this list")]
    BadCursor,
    /// A key or a change beyond the limits.
    #[error("{0}")]
    TooLarge(String),
    /// A stored row is not what was written.
    #[error("table {table}: the record at {key} is damaged; run `yuelu verify`")]
    Damaged {
        /// Table.
        table: &'static str,
        /// Key, readable.
        key: String,
    },
    /// A value cannot be read as or written as its record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Another process serves this data directory.
    #[error("the data directory {0} is in use by another process")]
    InUse(String),
    /// The store could not be opened; the text says what to do.
    #[error("{0}")]
    Open(String),
    /// A backup, a restore or a move cannot go on; the text says why.
    #[error("{0}")]
    Upkeep(String),
    /// There is too little room on the disk to begin a write. Nothing was applied; it goes on when there is room again.
    #[error("the disk is full up to its reserve")]
    Full,
    /// The engine failed or is closed. A commit that ends so may or may not have been applied: look its id up.
    #[error("the store cannot answer: {0}")]
    Unavailable(String),
}

impl From<EngineError> for StoreError {
    fn from(error: EngineError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } => Self::new(
                ProblemKind::Conflict,
                "conflict",
                "数据刚被他人修改，请刷新后重试。",
                "Somebody else changed this at the same moment; please read it again and retry.",
            ),
            StoreError::BadCursor => Self::field("bad-cursor", "cursor", "翻页标记无效。", "The cursor is not valid for this list."),
            StoreError::TooLarge(what) => {
                tracing::warn!(what, "a change is beyond the store's limits");
                Self::new(ProblemKind::TooLarge, "change-too-large", "提交的内容过大。", "The change is larger than the limits allow.")
            }
            StoreError::Full => {
                tracing::error!("no space left for records");
                Self::storage_full()
            }
            StoreError::Unavailable(cause) => {
                tracing::error!(cause, "the store cannot answer");
                Self::new(
                    ProblemKind::Unavailable,
                    "store-unavailable",
                    "存储暂不可用，请稍后再试。",
                    "The store cannot answer now; please try again later.",
                )
            }
            other => {
                tracing::error!(error = %other, "the store failed");
                Self::internal()
            }
        }
    }
}

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        tracing::error!(error = %error, "a record cannot be read or written");
        Self::internal()
    }
}
