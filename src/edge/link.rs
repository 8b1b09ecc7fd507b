//! `Link: <…>; rel="next"` for lists that go on.

pub use crate::domain::address::escaped;
use axum::http::{HeaderValue, Uri};

/// The header that leads to the next page: the same address with `cursor` replaced.
pub fn next(uri: &Uri, cursor: &str) -> Option<HeaderValue> {
    let kept = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let mut query: Vec<String> = kept.map(str::to_owned).collect();
    query.push(format!("cursor={}", escaped(cursor)));
    HeaderValue::from_str(&format!("<{}?{}>; rel=\"next\"", uri.path(), query.join("&"))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_keeps_the_question() {
        let uri: Uri = "/api/v1/search?q=%E5%9C%9F&cursor=old&limit=5".parse().unwrap();
        let link = next(&uri, "a/b").unwrap();
        assert_eq!(link, "</api/v1/search?q=%E5%9C%9F&limit=5&cursor=a%2Fb>; rel=\"next\"");
    }
}
