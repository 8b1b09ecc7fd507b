//! Time and fresh ids: the one place that reads the system's clock and randomness.
//!
//! Everything else takes a [`Clock`] or an instant as an argument, so that tests can stand still in time.

use crate::domain::problem::Problem;
use crate::domain::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Gives instants and ids.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    fixed: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands at `at` until [`Clock::advance`] moves it.
    pub fn fixed(at: Timestamp) -> Self {
        Self { fixed: Some(Arc::new(AtomicI64::new(at.millis()))) }
    }

    /// Moves a fixed clock; does nothing to the system's.
    pub fn advance(&self, millis: i64) {
        if let Some(fixed) = &self.fixed {
            fixed.fetch_add(millis, Ordering::SeqCst);
        }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        if let Some(fixed) = &self.fixed {
            return Timestamp::from_millis(fixed.load(Ordering::SeqCst));
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// A fresh UUIDv7, ordered by the time it was made.
    pub fn fresh_id(&self) -> String {
        uuid::Uuid::now_v7().to_string()
    }

    /// A fresh secret that nobody can guess: 128 random bits in hex.
    ///
    /// # Errors
    /// `internal` where the system gives no randomness.
    pub fn secret(&self) -> Result<String, Problem> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| {
            tracing::error!(%error, "no randomness");
            Problem::internal()
        })?;
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}
