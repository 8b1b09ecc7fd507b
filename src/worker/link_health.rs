//! Whether linked resources still answer. Links are written by depositors, so nothing within the house is ever asked.

use super::Handler;
use crate::catalog::Catalog;
use crate::domain::change::ChangeSet;
use crate::domain::job::{Job, JobKind};
use crate::domain::problem::Problem;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// How long an address may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Redirects that are followed.
const HOPS: usize = 5;

/// Looks at links.
pub struct LinkHealth {
    catalog: Catalog,
    http: reqwest::Client,
}

impl LinkHealth {
    /// Over the catalogue.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(catalog: Catalog) -> Result<Self, reqwest::Error> {
        // A second installation changes nothing: the first one is the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let redirects = Policy::custom(|attempt| {
            let inside = attempt.url().host_str().is_none_or(is_literal_inside);
            if inside || attempt.previous().len() > HOPS { attempt.stop() } else { attempt.follow() }
        });
        let http = reqwest::Client::builder()
            .dns_resolver(Arc::new(OutsideOnly))
            .redirect(redirects)
            .timeout(PATIENCE)
            .user_agent(concat!("yuelu/", env!("CARGO_PKG_VERSION")))
            .no_proxy()
            .build()?;
        Ok(Self { catalog, http })
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

/// Resolves names, leaving out every address that is not of the public network.
struct OutsideOnly;

impl Resolve for OutsideOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let outside: Vec<SocketAddr> = found.filter(|address| !is_inside(address.ip())).collect();
            if outside.is_empty() {
                return Err("the name leads to no public address".into());
            }
            let addresses: Addrs = Box::new(outside.into_iter());
            Ok(addresses)
        })
    }
}

fn is_literal_inside(host: &str) -> bool {
    host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok_and(is_inside)
}

/// Whether an address is not of the public network.
fn is_inside(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let shared = first == 100 && (64..128).contains(&second);
            let special = first == 0 || first >= 240 || (first == 198 && (second == 18 || second == 19)) || (first == 192 && second == 0);
            shared || special || address.is_private() || address.is_loopback() || address.is_link_local() || address.is_multicast()
        }
        IpAddr::V6(address) => {
            let [first, second, ..] = address.segments();
            let translated = first == 0x64 && second == 0xff9b || first == 0x2002 || (first == 0x2001 && second == 0);
            translated
                || address.is_loopback()
                || address.is_unspecified()
                || address.is_multicast()
                || first & 0xfe00 == 0xfc00
                || first & 0xffc0 == 0xfe80
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_itself_is_never_asked() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.1.1",
            "172.16.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
        ] {
            assert!(is_inside(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["1.1.1.1", "202.197.120.1", "2001:da8::1"] {
            assert!(!is_inside(outside.parse().unwrap()), "{outside}");
        }
        assert!(is_literal_inside("[::1]") && is_literal_inside("127.0.0.1") && !is_literal_inside("moe.gov.cn"));
    }
}
