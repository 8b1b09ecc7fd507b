//! Calls to webhooks.
//!
//! `POST` of [`Payload`](crate::domain::notice::webhook::Payload) as JSON with `Yuelu-Event`, `Yuelu-Delivery` (the same when it
//! is sent again) and `Yuelu-Signature`. Redirects are not followed. Any 2xx answer within 20 seconds means taken.

use super::relay::DELIVERY_HEADER;
use super::{Fault, PATIENCE, outside};
use crate::domain::address::is_literal_inside;
use crate::domain::signature;
use crate::domain::time::Timestamp;
use reqwest::header::CONTENT_TYPE;

/// Name of the header that carries the event.
pub const EVENT_HEADER: &str = "yuelu-event";

/// One call.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Address.
    pub url: &'a str,
    /// Key of the signature.
    pub secret: &'a str,
    /// Id of the delivery.
    pub id: &'a str,
    /// Event.
    pub event: &'a str,
    /// JSON.
    pub body: &'a str,
    /// Now.
    pub at: Timestamp,
}

/// Calls webhooks. Cheap to clone.
#[derive(Clone)]
pub struct Hooks {
    http: reqwest::Client,
    inside: bool,
}

impl Hooks {
    /// `inside`: whether addresses within the house may be called, over plain HTTP too.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(inside: bool) -> Result<Self, reqwest::Error> {
        outside::install_tls();
        let anywhere = || {
            let builder = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
            builder.no_proxy().user_agent(outside::AGENT).build()
        };
        Ok(Self { http: if inside { anywhere()? } else { outside::client(false)? }, inside })
    }

    /// Whether this may be the address of a webhook: HTTPS, no user name, at most 1,000 characters, not within the house.
    pub fn takes(&self, url: &str) -> bool {
        let Ok(parsed) = reqwest::Url::parse(url) else { return false };
        let Some(host) = parsed.host_str() else { return false };
        let written = url.bytes().all(|byte| byte.is_ascii_graphic());
        let plain = written && parsed.username().is_empty() && parsed.password().is_none() && url.len() <= 1_000;
        let scheme = parsed.scheme() == "https" || (self.inside && parsed.scheme() == "http");
        plain && scheme && (self.inside || !is_literal_inside(host))
    }

    /// Calls; answers the status that took it.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn call(&self, call: &Call<'_>) -> Result<u16, Fault> {
        if !self.takes(call.url) {
            return Err(Fault::Unusable);
        }
        let signature = signature::of(call.secret, call.at, call.body.as_bytes());
        let request = self.http.post(call.url).header(CONTENT_TYPE, "application/json").header(EVENT_HEADER, call.event);
        let request = request.header(DELIVERY_HEADER, call.id).header(signature::HEADER, signature).body(call.body.to_owned());
        let status = request.send().await.map_err(|_| Fault::NotReached)?.status();
        if status.is_success() { Ok(status.as_u16()) } else { Err(Fault::Refused(status.as_u16())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_is_an_address_outside_the_house() {
        let (outside, anywhere) = (Hooks::new(false).unwrap(), Hooks::new(true).unwrap());
        assert!(outside.takes("https://college.example/hook") && anywhere.takes("http://127.0.0.1:9000/hook"));
        for bad in
            ["http://college.example/hook", "https://127.0.0.1/", "https://[::1]/", "https://u:p@college.example/", "ftp://a.b/", "x"]
        {
            assert!(!outside.takes(bad), "{bad}");
        }
    }
}
