//! Addresses that pages lead to.

use crate::domain::address::escaped;
use crate::edge::actor::host;
use axum::http::header::REFERER;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri};

/// Where somebody is led who names no other place.
pub const DESK: &str = "/desk";

/// An address to lead back to, as far as it lies on this site: it begins with one slash, and nothing in it could be read as
/// another host.
pub fn local(wanted: &str) -> &str {
    let plain = |sign: char| !sign.is_control() && sign != '\\';
    let here = wanted.starts_with('/') && !wanted.starts_with("//") && wanted.len() <= 2_000 && wanted.chars().all(plain);
    if here { wanted } else { DESK }
}

/// The path of an address with its question, as far as one may be led there.
pub fn of(uri: &Uri) -> &str {
    local(uri.path_and_query().map_or(DESK, |path| path.as_str()))
}

/// Whether a request was made from a page of this site at this path, as far as the browser tells.
pub fn is_from(headers: &HeaderMap, path: &str) -> bool {
    let told = headers.get(REFERER).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<Uri>().ok());
    told.is_some_and(|page| page.path() == path && page.authority().map(Authority::as_str) == host(headers))
}

/// The page of a submission.
pub fn submission(id: &str) -> String {
    format!("/submissions/{}", escaped(id))
}

/// The page on which a file of a submission is looked at.
pub fn look(id: &str, path: &str) -> String {
    format!("/submissions/{}/look/{}", escaped(id), path_of(path))
}

/// The bytes of a file of a submission.
pub fn bytes(id: &str, path: &str) -> String {
    format!("/api/v1/submissions/{}/files/{}", escaped(id), path_of(path))
}

/// A path in a package as a part of an address.
fn path_of(path: &str) -> String {
    path.split('/').map(escaped).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere() {
        assert_eq!(local("/submissions/1?done=claim#files"), "/submissions/1?done=claim#files");
        for elsewhere in ["", "https://evil.example", "//evil.example", "/\\evil.example", "/a\nb", "javascript:alert(1)", "reviews"] {
            assert_eq!(local(elsewhere), DESK, "{elsewhere}");
        }
    }

    #[test]
    fn a_page_is_known_by_its_site_and_path() {
        let from = |page: &'static str| {
            let pairs = [("host", "yuelu.example:7700"), ("referer", page)];
            let headers = pairs.into_iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            is_from(&headers, "/search")
        };
        assert!(from("http://yuelu.example:7700/search?q=%E7%BB%87") && from("https://yuelu.example:7700/search"));
        for other in ["http://yuelu.example:7700/search/saved", "http://evil.example/search?q=a", "/search", "about:blank"] {
            assert!(!from(other), "{other}");
        }
        assert!(!is_from(&HeaderMap::new(), "/search"));
    }

    #[test]
    fn paths_keep_their_slashes() {
        assert_eq!(look("s 1", "讲义/a b.pdf"), "/submissions/s%201/look/%E8%AE%B2%E4%B9%89/a%20b.pdf");
    }
}
