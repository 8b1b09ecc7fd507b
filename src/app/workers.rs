//! The workers of a house: job runner and followers, started together and stopped together.

use super::usage;
use crate::clock::Clock;
use crate::config::Config;
use crate::gateway::outside;
use crate::http::House;
use crate::operations::Pulse;
use crate::store::Store;
use crate::worker::approving::Approve;
use crate::worker::checking::CheckAdmitted;
use crate::worker::converting::{self, Convert, Renew};
use crate::worker::delivering::{self, Deliver, TidyNotices};
use crate::worker::finding::TellSearches;
use crate::worker::ingesting::{Check, SweepBlobs, Unpack};
use crate::worker::link_health::LinkHealth;
use crate::worker::runner::Settings;
use crate::worker::tidy_events::TidyEvents;
use crate::worker::{
    FollowLikeness, FollowMeaning, FollowNotices, FollowRecommend, FollowSearch, Following, Handler, Runner, calendar, follow,
};
use anyhow::Context as _;
use std::sync::Arc;
use std::time::Duration;
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
    /// When the queue cannot be read, or TLS cannot be set up.
    pub async fn start(config: &Config, house: &House, store: &Store, clock: &Clock, pulse: &Pulse) -> anyhow::Result<Self> {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let mut handlers: Vec<Arc<dyn Handler>> = vec![
            Arc::new(Unpack(house.ingest.clone())),
            Arc::new(Check(house.ingest.clone())),
            Arc::new(Approve(house.vetting.clone())),
            Arc::new(CheckAdmitted(house.vetting.clone())),
            Arc::new(SweepBlobs(house.ingest.clone())),
            Arc::new(TidyEvents(house.learning.clone())),
            Arc::new(LinkHealth::new(house.catalog.clone(), outside::client(true).context("links cannot be looked at")?)),
            Arc::new(TidyNotices(house.notices.clone())),
        ];
        let (discover, operations) = (house.discover.clone(), house.operations.clone());
        handlers.push(Arc::new(TellSearches { discover, notices: house.notices.clone(), operations, store: store.clone() }));
        let settings = Settings { concurrency: usize::from(config.jobs.concurrency), ..Settings::default() };
        let outward: Vec<Arc<dyn Handler>> = vec![Arc::new(Deliver(house.notices.clone()))];
        let converting: Vec<Arc<dyn Handler>> = vec![Arc::new(Convert(house.ingest.clone())), Arc::new(Renew(house.ingest.clone()))];
        let convert_at = converting::settings(Duration::from_secs(u64::from(config.conversion.longest_seconds)));
        let runner = |settings, handlers| Runner::new(store.clone(), clock.clone(), settings, handlers);
        let runners = [runner(settings, handlers), runner(delivering::settings(), outward), runner(convert_at, converting)];
        // The data directory's lock is ours: whoever held a lease is gone. Before anybody takes a new one.
        for runner in &runners {
            runner.end_old_leases().await?;
        }
        house.ingest.queue_renewal().await?;
        for runner in runners {
            tasks.spawn(runner.run(stop.clone()));
        }
        tasks.spawn(calendar::run(house.vetting.clone(), house.operations.clone(), clock.clone(), stop.clone()));
        let following = Following { store: store.clone(), clock: clock.clone(), pulse: pulse.clone(), stop: stop.clone() };
        tasks.spawn(follow(following.clone(), FollowSearch::new(&house.discover, pulse.clone())));
        tasks.spawn(follow(following.clone(), FollowRecommend::new(store.clone(), house.recommender.clone())));
        tasks.spawn(follow(following.clone(), FollowNotices(house.notices.teller())));
        tasks.spawn(follow(following.clone(), FollowLikeness(house.ingest.clone())));
        if let Some(keeper) = house.discover.meaning_keeper() {
            tasks.spawn(follow(following, FollowMeaning(keeper)));
        }
        tasks.spawn(usage::run(house.recommender.clone(), house.discover.clone(), clock.clone(), stop.clone()));
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
