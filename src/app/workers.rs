//! The workers of a house: job runner and followers, started together and stopped together.

use crate::clock::Clock;
use crate::config::Config;
use crate::store::Store;
use crate::worker::runner::Settings;
use crate::worker::{Handler, Runner};
use std::sync::Arc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Running workers.
pub struct Workers {
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Workers {
    /// Starts them all.
    ///
    /// # Errors
    /// When the queue cannot be read.
    pub async fn start(config: &Config, store: &Store, clock: &Clock, handlers: Vec<Arc<dyn Handler>>) -> anyhow::Result<Self> {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let settings = Settings { concurrency: usize::from(config.jobs.concurrency), ..Settings::default() };
        let runner = Runner::new(store.clone(), clock.clone(), settings, handlers);
        // The data directory's lock is ours: whoever held a lease is gone.
        runner.end_old_leases().await?;
        tasks.spawn(runner.run(stop.clone()));
        Ok(Self { stop, tasks })
    }

    /// Asks all to stop and waits until they have.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            if ended.is_err() {
                tracing::error!("a worker had panicked");
            }
        }
    }
}
