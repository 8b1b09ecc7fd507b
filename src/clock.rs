//! Time and fresh ids: the one place that reads the system's clock and randomness.
//!
//! Everything else takes a [`Clock`] or an instant as an argument, so that tests can stand still in time.

use crate::domain::problem::Problem;
use crate::domain::time::Timestamp;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// Gives instants and ids.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    fixed: Option<Arc<watch::Sender<i64>>>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands at `at` until [`Clock::advance`] moves it.
    pub fn fixed(at: Timestamp) -> Self {
        Self { fixed: Some(Arc::new(watch::Sender::new(at.millis()))) }
    }

    /// Moves a fixed clock, and wakes whoever sleeps by it until then; does nothing to the system's.
    pub fn advance(&self, millis: i64) {
        if let Some(fixed) = &self.fixed {
            fixed.send_modify(|now| *now = now.saturating_add(millis));
        }
    }

    /// Sleeps until `at`, which by a fixed clock comes when that is moved.
    pub async fn sleep_until(&self, at: Timestamp) {
        match &self.fixed {
            // The sender is held here, so that nothing ends the wait but the clock.
            Some(fixed) => drop(fixed.subscribe().wait_for(|now| *now >= at.millis()).await),
            None => {
                let left = u64::try_from(at.millis().saturating_sub(self.now().millis())).unwrap_or(0);
                tokio::time::sleep(Duration::from_millis(left)).await;
            }
        }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        if let Some(fixed) = &self.fixed {
            return Timestamp::from_millis(*fixed.borrow());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_sleeps_by_a_fixed_clock_wakes_when_it_is_moved() {
        let clock = Clock::fixed(Timestamp::from_millis(1_000));
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(Timestamp::from_millis(3_000)).await }
        });
        clock.advance(1_999);
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(1);
        sleeper.await.unwrap();
        clock.sleep_until(Timestamp::from_millis(3_000)).await;
    }
}
