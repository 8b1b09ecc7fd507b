//! Asking addresses that strangers wrote: nothing within the house is ever asked, whatever a name resolves to.

use super::PATIENCE;
use crate::domain::address::{is_inside, is_literal_inside};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use std::net::SocketAddr;
use std::sync::Arc;

/// How the program names itself.
pub const AGENT: &str = concat!("yuelu/", env!("CARGO_PKG_VERSION"));

/// Redirects that are followed at most.
const HOPS: usize = 5;

/// Has TLS use the one provider of this program. A second call changes nothing.
pub fn install_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A client that asks nothing within the house, and follows a few redirects where `follows`.
///
/// # Errors
/// When TLS cannot be set up.
pub fn client(follows: bool) -> Result<reqwest::Client, reqwest::Error> {
    install_tls();
    let redirects = Policy::custom(|attempt| {
        let inside = attempt.url().host_str().is_none_or(is_literal_inside);
        if inside || attempt.previous().len() > HOPS { attempt.stop() } else { attempt.follow() }
    });
    let builder = reqwest::Client::builder().dns_resolver(Arc::new(OutsideOnly)).timeout(PATIENCE).user_agent(AGENT).no_proxy();
    builder.redirect(if follows { redirects } else { Policy::none() }).build()
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
