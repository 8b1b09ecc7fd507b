//! Cookies: that of the session and that of large text, both `HttpOnly`, `SameSite=Lax`, `Secure` where the site is served over TLS.

use axum::http::{HeaderMap, HeaderValue, Method, header::COOKIE};

/// Name of the session cookie.
pub const SESSION: &str = "yuelu_session";

/// Name of the cookie that says how large text is to be on this device.
pub const TEXT: &str = "yuelu_text";

/// The secret in the session cookie, where there is one.
pub fn session(headers: &HeaderMap) -> Option<&str> {
    read(headers, SESSION)
}

/// What a cookie says, where it says something.
pub fn read<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value).filter(|value| !value.is_empty())
}

/// `Set-Cookie` that keeps a value for `seconds`, or with 0 takes it away.
pub fn set(name: &str, value: &str, seconds: i64, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")).ok()
}

/// Whether a page of another site made the browser send this request (`Sec-Fetch-Site`, else `Origin` against `Host`). A
/// request that changes something and is authenticated by a cookie must not be one.
pub fn comes_from_elsewhere(method: &Method, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").is_none_or(|(_, rest)| rest != host),
        (Some(_), None) => true,
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        assert_eq!(session(&headers(&[("cookie", "a=b; yuelu_session=xyz; c=d")])), Some("xyz"));
        assert_eq!(session(&headers(&[("cookie", "yuelu_session=")])), None);
        assert_eq!(session(&headers(&[("cookie", "not_yuelu_session=1")])), None);
    }

    #[test]
    fn another_site_cannot_act_with_a_cookie() {
        let elsewhere = |pairs: &[(&'static str, &'static str)]| comes_from_elsewhere(&Method::POST, &headers(pairs));
        assert!(elsewhere(&[("sec-fetch-site", "cross-site")]));
        assert!(elsewhere(&[("origin", "https://evil.example"), ("host", "yuelu.example")]));
        assert!(!elsewhere(&[("origin", "https://yuelu.example"), ("host", "yuelu.example")]));
        assert!(!elsewhere(&[]));
        assert!(!comes_from_elsewhere(&Method::GET, &headers(&[("sec-fetch-site", "cross-site")])));
    }
}
