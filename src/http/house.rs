//! What handlers are given: the services, and the site's face.

use crate::accounts::Accounts;
use crate::catalog::Catalog;
use crate::discover::Discover;
use crate::edge::limits::Limits;
use crate::ingest::Ingest;
use crate::learning::Learning;
use crate::notices::Notices;
use crate::operations::Operations;
use crate::recommend::Recommender;
use crate::vetting::Vetting;
use axum::extract::FromRef;
use bytes::Bytes;
use std::sync::Arc;

/// The site's face.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// Name shown to people.
    pub name: String,
    /// Public address without a slash at its end; empty where it is not known.
    pub base_url: String,
    /// Picture beside the name, with its media type.
    pub logo: Option<(String, Bytes)>,
}

impl Site {
    /// Whether the public reaches the site over TLS.
    pub fn is_secure(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}

/// Gives the figures of this process as Prometheus text.
#[derive(Clone)]
pub struct Figures(pub Arc<dyn Fn() -> String + Send + Sync>);

/// The services that handlers call. A handler takes `State<Accounts>`, not the whole house.
#[derive(Clone, FromRef)]
pub struct House {
    /// Accounts.
    pub accounts: Accounts,
    /// Jobs and readiness.
    pub operations: Operations,
    /// Published resources.
    pub catalog: Catalog,
    /// Deposits.
    pub ingest: Ingest,
    /// Vetting.
    pub vetting: Vetting,
    /// Notices and webhooks.
    pub notices: Notices,
    /// Search.
    pub discover: Discover,
    /// Events and learners' records.
    pub learning: Learning,
    /// Recommendations.
    pub recommender: Recommender,
    /// Limits of requests.
    pub limits: Arc<Limits>,
    /// Figures.
    pub figures: Figures,
    /// The site's face.
    pub site: Arc<Site>,
}
