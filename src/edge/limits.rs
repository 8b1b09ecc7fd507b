//! How much one caller may ask: sizes, seconds, requests a minute.

use axum::http::HeaderMap;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

/// The limits, as they are configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Largest body of a request that is held in memory, in bytes.
    pub body_bytes: u64,
    /// Largest deposit, in bytes.
    pub deposit_bytes: u64,
    /// Largest import that is streamed in (catalogues, events), in bytes.
    pub import_bytes: u64,
    /// Requests a minute of one account, or of one address where nobody is signed in; 0: no limit. A school behind one
    /// address shares the second.
    pub requests_per_minute: u32,
    /// Attempts to sign in a minute from one address; 0: no limit.
    pub sign_ins_per_minute: u32,
    /// Seconds after which a request that streams nothing is given up.
    pub timeout_seconds: u64,
    /// Whether a proxy in front sets `X-Forwarded-For`; where none does, anybody could write it.
    pub behind_proxy: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 16 << 20,
            deposit_bytes: 8 << 30,
            import_bytes: 16 << 30,
            requests_per_minute: 1_200,
            sign_ins_per_minute: 20,
            timeout_seconds: 30,
            behind_proxy: false,
        }
    }
}

/// Counts requests by key; keys that fell silent are forgotten.
pub struct Rate {
    limiter: Option<DefaultKeyedRateLimiter<String>>,
    clock: DefaultClock,
    seen: AtomicU32,
}

impl Rate {
    /// Checks between two sweeps of silent keys.
    const SWEEP: u32 = 8_192;

    /// A limit of so many a minute; 0 sets none.
    pub fn per_minute(requests: u32) -> Self {
        let limiter = NonZeroU32::new(requests).map(|most| DefaultKeyedRateLimiter::keyed(Quota::per_minute(most)));
        Self { limiter, clock: DefaultClock::default(), seen: AtomicU32::new(0) }
    }

    /// Counts one; over the limit, the whole seconds to wait.
    pub fn check(&self, key: &String) -> Result<(), u64> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        if self.seen.fetch_add(1, Ordering::Relaxed) % Self::SWEEP == Self::SWEEP - 1 {
            limiter.retain_recent();
        }
        limiter.check_key(key).map_err(|until| until.wait_time_from(self.clock.now()).as_secs() + 1)
    }
}

/// The address a request is counted under: IPv4 whole, IPv6 by its /64.
pub fn address_key(headers: &HeaderMap, peer: Option<IpAddr>, behind_proxy: bool) -> String {
    let forwarded = || {
        let text = headers.get("x-forwarded-for")?.to_str().ok()?;
        // The last entry is the one our own proxy wrote.
        text.rsplit(',').next()?.trim().parse::<IpAddr>().ok()
    };
    let address = if behind_proxy { forwarded().or(peer) } else { peer };
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => format!("address:{address}"),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("address:{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "address:unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_holds_for_each_key_alone() {
        let rate = Rate::per_minute(2);
        let (one, two) = ("one".to_owned(), "two".to_owned());
        assert!(rate.check(&one).is_ok() && rate.check(&one).is_ok());
        assert!(rate.check(&one).unwrap_err() >= 1);
        assert!(rate.check(&two).is_ok());
        assert!((0..9).all(|_| Rate::per_minute(0).check(&one).is_ok()));
    }

    #[test]
    fn a_forwarded_address_counts_only_behind_a_proxy() {
        let headers = HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), "1.1.1.1, 2.2.2.2".parse().unwrap())]);
        let peer = Some(IpAddr::from([9, 9, 9, 9]));
        assert_eq!(address_key(&headers, peer, false), "address:9.9.9.9");
        assert_eq!(address_key(&headers, peer, true), "address:2.2.2.2");
        assert_eq!(address_key(&HeaderMap::new(), "2001:db8:1:2:3::4".parse().ok(), false), "address:2001:db8:1:2::/64");
    }
}
