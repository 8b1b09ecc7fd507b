//! Whether linked resources still answer. Links are written by depositors, so nothing within the house is ever asked.

use super::Handler;
use crate::catalog::Catalog;
use crate::domain::address::is_literal_inside;
use crate::domain::change::ChangeSet;
use crate::domain::job::{Job, JobKind};
use crate::domain::problem::Problem;

/// Looks at links.
pub struct LinkHealth {
    catalog: Catalog,
    http: reqwest::Client,
}

impl LinkHealth {
    /// Over the catalogue. `http` must resolve no name to an address within the house.
    pub fn new(catalog: Catalog, http: reqwest::Client) -> Self {
        Self { catalog, http }
    }

    async fn look(&self, url: &str) -> Option<u16> {
        let host = reqwest::Url::parse(url).ok()?.host_str().map(str::to_owned)?;
        if is_literal_inside(&host) {
            return None;
        }
        let head = self.http.head(url).send().await.ok().map(|answer| answer.status().as_u16());
        match head {
            // Some servers do not take HEAD; the body of a GET is not read.
            Some(400 | 403 | 405 | 501) => self.http.get(url).send().await.ok().map(|answer| answer.status().as_u16()),
            other => other,
        }
    }
}

#[async_trait::async_trait]
impl Handler for LinkHealth {
    fn kind(&self) -> JobKind {
        JobKind::LinkHealth
    }

    async fn run(&self, job: &Job) -> Result<ChangeSet, Problem> {
        match self.catalog.link_of(&job.subject).await? {
            Some(url) => {
                let status = self.look(&url).await;
                self.catalog.note_link(&job.subject, status).await
            }
            None => Ok(ChangeSet::default()),
        }
    }
}
