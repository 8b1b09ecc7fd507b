//! `/logo`: the site's picture.

use super::house::Site;
use crate::domain::problem::Problem;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The mark that is shown where the site has no picture of its own: a mountain over a river.
const MARK: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 64\" role=\"img\" aria-label=\"岳麓\"><rect width=\"64\" \
height=\"64\" rx=\"12\" fill=\"#8a1f11\"/><path d=\"M8 44 26 16l9 14 6-8 15 22z\" fill=\"#fff\"/><path d=\"M8 50q8-5 16 0t16 0 16 0\" \
fill=\"none\" stroke=\"#fff\" stroke-width=\"3\"/></svg>";

/// `GET /logo`. A picture that somebody configured is still sandboxed: SVG can carry script.
pub async fn logo(State(site): State<Arc<Site>>) -> Result<Response, Problem> {
    let (media_type, bytes) = match &site.logo {
        Some((media_type, bytes)) => (media_type.clone(), bytes.clone()),
        None => ("image/svg+xml".to_owned(), bytes::Bytes::from_static(MARK.as_bytes())),
    };
    let headers = [
        (CONTENT_TYPE, media_type),
        (CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; style-src 'unsafe-inline'".to_owned()),
        (CACHE_CONTROL, "public, max-age=3600".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}
