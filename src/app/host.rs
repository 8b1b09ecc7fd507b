//! What commands ask of the composition: the configuration, and a house that serves.

use super::{App, Running};
use crate::cli::{Host, Place, Served};
use crate::clock::Clock;
use crate::config::notices::NoticesSection;
use crate::config::{Config, Flags, LogSection};
use crate::ingest::Ingest;
use crate::telemetry;
use axum::Router;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;

/// The program as it runs on a machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Program;

fn config(place: &Place, listen: Option<SocketAddr>) -> anyhow::Result<Config> {
    let flags = Flags { data_dir: Some(place.data_dir.clone()), file: place.config.clone(), listen };
    Ok(Config::load(&flags)?)
}

/// Starts the log, and tells in it what was made nothing of.
fn begin(config: &Config) {
    telemetry::start_log(&config.log);
    for variable in &config.strays {
        tracing::warn!("{variable} 不是配置项，已忽略 · names no configuration key and is ignored");
    }
}

#[async_trait::async_trait]
impl Host for Program {
    fn config(&self, place: &Place) -> anyhow::Result<(String, Value)> {
        let config = config(place, None)?;
        begin(&config);
        Ok((config.to_toml()?, config.to_json()?))
    }

    async fn serve(&self, place: &Place, listen: Option<SocketAddr>, demo: bool) -> anyhow::Result<Box<dyn Served>> {
        let mut config = config(place, listen)?;
        if demo && config.log == LogSection::default() {
            // Its guide is what is to be read; a line for every package would bury it.
            config.log.filter = "warn".to_owned();
        }
        if demo && config.notices == NoticesSection::default() {
            config.notices = NoticesSection::to_file();
        }
        begin(&config);
        let app = App::open(&config, Clock::system(), demo).await?;
        Ok(Box::new(Running::start(app, &config.data_dir, Some(config.listen)).await?))
    }

    fn trial(&self, place: &Place, folder: &Path) -> anyhow::Result<Ingest> {
        super::open::trial(&config(place, None)?, folder)
    }

    async fn open(&self, place: &Place) -> anyhow::Result<Box<dyn Served>> {
        let config = config(place, None)?;
        begin(&config);
        let app = App::open(&config, Clock::system(), true).await?;
        Ok(Box::new(Running::start(app, &config.data_dir, None).await?))
    }
}

#[async_trait::async_trait]
impl Served for Running {
    fn address(&self) -> Option<SocketAddr> {
        Running::address(self)
    }

    fn router(&self) -> Router {
        self.inside()
    }

    async fn until_signal(self: Box<Self>) -> anyhow::Result<()> {
        Running::until_signal(*self).await
    }

    async fn stop(self: Box<Self>) -> anyhow::Result<()> {
        Running::stop(*self).await
    }
}
