//! Opening a data directory and making the services over it.

use super::workers::Workers;
use crate::accounts::Accounts;
use crate::blob::Blobs;
use crate::catalog::Catalog;
use crate::clock::Clock;
use crate::config::{Config, EngineName};
use crate::http::{self, House, Site, house::Figures};
use crate::operations::{Operations, Pulse};
use crate::store::{EngineKind, Store, StoreOptions};
use crate::telemetry;
use anyhow::Context as _;
use axum::Router;
use std::sync::Arc;

/// An open house: services over a data directory that nobody else has open.
pub struct App {
    /// Everything that is served.
    pub router: Router,
    /// The record store.
    pub store: Store,
    workers: Workers,
}

impl App {
    /// Opens the data directory and starts the workers. `demo_allowed`: whether accounts of the demonstration may act.
    ///
    /// # Errors
    /// What stands in the way, with what to do.
    pub async fn open(config: &Config, clock: Clock, demo_allowed: bool) -> anyhow::Result<Self> {
        let engine = match config.store.engine {
            EngineName::Sled => EngineKind::Sled,
            EngineName::Redb => EngineKind::Redb,
            EngineName::Memory => EngineKind::Memory,
        };
        let store = Store::open(StoreOptions { dir: config.data_dir.clone(), engine }).await?;
        let blobs = Blobs::open(&config.data_dir).context("the folder of blobs cannot be opened")?;
        let pulse = Pulse::default();
        let accounts = Accounts::new(store.clone(), clock.clone(), demo_allowed);
        let operations = Operations::new(store.clone(), clock.clone(), pulse.clone());
        let figures = telemetry::metrics();
        let house = House { accounts, operations, figures: Figures(Arc::new(move || figures.render())), site: Arc::new(site(config)?) };
        let workers = Workers::start(config, &store, &blobs, &clock, &pulse).await?;
        Ok(Self { router: http::router(house, &config.limits), store, workers })
    }

    /// Stops the workers and closes the store.
    ///
    /// # Errors
    /// When the store cannot be closed cleanly; nothing acknowledged is lost by that.
    pub async fn close(self) -> anyhow::Result<()> {
        self.workers.stop().await;
        self.store.close().await.context("the store did not close cleanly")
    }
}

fn site(config: &Config) -> anyhow::Result<Site> {
    let picture = |path: &std::path::PathBuf| -> anyhow::Result<_> {
        let bytes = std::fs::read(path).with_context(|| format!("site.logo: {} cannot be read", path.display()))?;
        let media_type = mime_guess::from_path(path).first_or_octet_stream();
        anyhow::ensure!(media_type.type_() == mime_guess::mime::IMAGE, "site.logo: {} is no picture", path.display());
        Ok((media_type.to_string(), bytes.into()))
    };
    let logo = config.site.logo.as_ref().map(picture).transpose()?;
    Ok(Site { name: config.site.name.clone(), base_url: config.site.base_url.clone(), logo })
}
