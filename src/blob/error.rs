//! Why bytes could not be kept or given.

use crate::domain::digest::Digest;
use crate::domain::problem::{Problem, ProblemKind};
use std::error::Error as _;

/// Why bytes could not be kept or given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// Nothing is kept under that digest.
    #[error("no bytes are kept under {0}")]
    NotFound(Digest),
    /// The range begins at or behind the end, or is empty.
    #[error("the range cannot be satisfied")]
    Range,
    /// There is no room for more bytes.
    #[error("no space left: {0}")]
    Full(String),
    /// The disk or the service failed.
    #[error("{0}")]
    Failed(String),
}

impl BlobError {
    /// [`BlobError::NotFound`] where that is so, else the failure.
    pub(super) fn about(digest: &Digest, error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::NotFound(digest.clone()),
            other => other.into(),
        }
    }
}

impl From<std::io::Error> for BlobError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        let mut cause = error.source();
        while let Some(inner) = cause {
            if let Some(io) = inner.downcast_ref::<std::io::Error>()
                && matches!(io.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
            {
                return Self::Full(error.to_string());
            }
            cause = inner.source();
        }
        Self::Failed(error.to_string())
    }
}

impl From<BlobError> for Problem {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::Range => Self::new(ProblemKind::Range, "range", "请求的字节范围无效。", "The requested range cannot be satisfied."),
            BlobError::Full(cause) => {
                tracing::error!(cause, "no space left for bytes");
                Self::storage_full()
            }
            other => {
                tracing::error!(error = %other, "bytes could not be kept or given");
                Self::internal()
            }
        }
    }
}
