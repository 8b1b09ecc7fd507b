//! Entity tags: a record's version is its tag, `If-Match` is its guard.

use crate::domain::change::Position;
use crate::domain::problem::{Problem, ProblemKind};
use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue};

/// The tag of a record as it stood at `version`.
pub fn of_version(version: Position) -> HeaderValue {
    quoted(&format!("v{version}"))
}

/// The tag of a page that shows, beside a record as it stood at `version`, what changes without it and last did at `beside`.
/// As a guard it is the record's alone.
pub fn of_page(version: Position, beside: Option<Position>) -> HeaderValue {
    beside.map_or_else(|| of_version(version), |beside| quoted(&format!("v{version}-{beside}")))
}

/// The tag of bytes named by their digest.
pub fn of_digest(digest: &str) -> HeaderValue {
    quoted(digest)
}

fn quoted(text: &str) -> HeaderValue {
    // Digits, hex and a dash always make a header.
    HeaderValue::from_str(&format!("\"{text}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// Whether the caller already has what carries this tag (304).
pub fn unchanged(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    listed(headers, &IF_NONE_MATCH).any(|listed| listed == "*" || listed.trim_start_matches("W/").as_bytes() == tag.as_bytes())
}

/// Requires `If-Match`, where it is given, to hold the tag of `version`.
///
/// # Errors
/// `precondition-failed` (412).
pub fn require(headers: &HeaderMap, version: Position) -> Result<(), Problem> {
    if !headers.contains_key(IF_MATCH) {
        return Ok(());
    }
    if listed(headers, &IF_MATCH).any(|listed| listed == "*" || version_in(listed) == Some(version)) {
        return Ok(());
    }
    let (zh, en) = ("内容已被他人修改，请刷新后再试。", "It has been changed meanwhile; read it again and repeat.");
    Err(Problem::new(ProblemKind::Precondition, "precondition-failed", zh, en))
}

/// The version that `If-Match` names, where it names exactly one.
pub fn asked_version(headers: &HeaderMap) -> Option<Position> {
    let mut tags = listed(headers, &IF_MATCH);
    let only = tags.next().filter(|_| tags.next().is_none())?;
    version_in(only)
}

/// The version of the record in the tag of it or of its page.
fn version_in(tag: &str) -> Option<Position> {
    let inside = tag.strip_prefix("\"v")?.strip_suffix('"')?;
    inside.split('-').next()?.parse().ok().map(Position)
}

fn listed<'a>(headers: &'a HeaderMap, name: &axum::http::HeaderName) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: axum::http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn if_match_guards_a_version() {
        assert!(require(&HeaderMap::new(), Position(7)).is_ok());
        assert!(require(&with(IF_MATCH, "\"v7\""), Position(7)).is_ok());
        assert!(require(&with(IF_MATCH, "\"v6\", \"v7\""), Position(7)).is_ok());
        assert!(require(&with(IF_MATCH, "*"), Position(7)).is_ok());
        assert_eq!(require(&with(IF_MATCH, "\"v6\""), Position(7)).unwrap_err().kind.status(), 412);
        assert!(require(&with(IF_MATCH, "\"v7-9\""), Position(7)).is_ok(), "what is shown beside it is no part of it");
        assert_eq!(asked_version(&with(IF_MATCH, "\"v6\"")), Some(Position(6)));
        assert_eq!(asked_version(&with(IF_MATCH, "\"v6-8\"")), Some(Position(6)));
        assert_eq!(asked_version(&with(IF_MATCH, "\"v6\", \"v7\"")), None);
    }

    #[test]
    fn if_none_match_spares_the_body() {
        assert!(unchanged(&with(IF_NONE_MATCH, "\"v1\", W/\"v7\""), &of_version(Position(7))));
        assert!(!unchanged(&with(IF_NONE_MATCH, "\"v1\""), &of_version(Position(7))));
        assert!(!unchanged(&with(IF_NONE_MATCH, "\"v7\""), &of_page(Position(7), Some(Position(9)))));
        assert!(unchanged(&with(IF_NONE_MATCH, "\"v7-9\""), &of_page(Position(7), Some(Position(9)))));
    }
}
