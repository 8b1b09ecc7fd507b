//! Instants: UTC milliseconds since 1970, written as RFC 3339.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use time::{
    OffsetDateTime,
    format_description::well_known::{Rfc2822, Rfc3339},
};

/// A UTC instant with millisecond resolution. Serialised as an RFC 3339 string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, utoipa::ToSchema)]
#[schema(value_type = String, format = DateTime, examples("2026-11-22T08:00:00Z"))]
pub struct Timestamp(i64);

/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;

impl Timestamp {
    /// From milliseconds since 1970-01-01T00:00:00Z.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This instant moved by `millis` milliseconds, saturating.
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Reads an RFC 3339 instant of any offset; `None` when it is not one or lies outside the years 0 to 9999.
    pub fn parse(text: &str) -> Option<Self> {
        let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok().map(Self)
    }

    /// As mails and RSS write it (RFC 2822).
    pub fn rfc2822(self) -> String {
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000).ok();
        at.and_then(|at| at.format(&Rfc2822).ok()).unwrap_or_else(|| "Thu, 01 Jan 1970 00:00:00 +0000".to_owned())
    }

    /// The calendar day in Asia/Shanghai (UTC+8, no daylight saving) as `YYYY-MM-DD`.
    pub fn shanghai_date(self) -> String {
        Self(self.0.saturating_add(8 * 3_600_000)).to_string().chars().take(10).collect()
    }

    /// The calendar month in Asia/Shanghai as `YYYY-MM`.
    pub fn shanghai_month(self) -> String {
        self.shanghai_date().chars().take(7).collect()
    }

    /// The months in Asia/Shanghai from the one of `since` to the one of this instant, the last first: at most a hundred years.
    pub fn shanghai_months_since(self, since: Self) -> Vec<String> {
        const MOST: usize = 1_200;
        let (first, mut month) = (since.shanghai_month(), self.shanghai_month());
        let mut months = Vec::new();
        while month >= first && months.len() < MOST {
            let Some(begin) = Self::parse(&format!("{month}-01T00:00:00+08:00")) else { break };
            months.push(month);
            month = begin.plus_millis(-1).shanghai_month();
        }
        months
    }

    /// 24:00 in Shanghai of a day written `YYYY-MM-DD`; `None` when it is not one.
    pub fn end_of_shanghai_date(day: &str) -> Option<Self> {
        let midnight = (day.len() == 10).then(|| Self::parse(&format!("{day}T00:00:00+08:00"))).flatten()?;
        Some(midnight.plus_millis(DAY_MS))
    }

    /// The number of whole UTC days since 1970-01-01.
    pub const fn day(self) -> i64 {
        self.0.div_euclid(DAY_MS)
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let nanos = i128::from(self.0) * 1_000_000;
        let text = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok().and_then(|at| at.format(&Rfc3339).ok());
        out.write_str(text.as_deref().unwrap_or("1970-01-01T00:00:00Z"))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom(format!("not an RFC 3339 instant: {text}")))
    }
}
