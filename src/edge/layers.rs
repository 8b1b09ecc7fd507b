//! The layers around every route, outermost first: frame (request id, panic, headers, figures), linger (who is refused while
//! still sending gets the answer), actor, then for routes that stream nothing a time limit and compression.

use super::actor::{self, Gate};
use super::limits::Limits;
use super::linger;
use super::problem::{PROBLEM_JSON, from_panic, no_method};
use super::request_id;
use crate::domain::problem::{Problem, ProblemKind};
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::timeout::RequestBodyTimeoutLayer;

/// What our own pages may load; answers that carry what others uploaded set their own, stricter one.
const OWN_PAGES: &str = "default-src 'self'; img-src 'self' data:; media-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self'; \
     object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Seconds that an upload may stand still.
const IDLE_SECONDS: u64 = 60;

/// Puts the outer layers around all routes.
pub fn around(routes: Router, gate: Gate, limits: &Limits) -> Router {
    let body = usize::try_from(limits.body_bytes).unwrap_or(usize::MAX);
    routes
        .method_not_allowed_fallback(no_method)
        .layer(DefaultBodyLimit::max(body))
        .layer(from_fn_with_state(gate, actor::layer))
        .layer(from_fn(linger::layer))
        .layer(from_fn(frame))
}

/// For routes that answer at once: a limit of time, and gzip. Problems are left as they are: they are short, and further out the
/// pages read them again.
pub fn quick<S: Clone + Send + Sync + 'static>(routes: Router<S>, limits: &Limits) -> Router<S> {
    let limit = Duration::from_secs(limits.timeout_seconds);
    let worth_it = DefaultPredicate::new().and(NotForContentType::const_new(PROBLEM_JSON));
    routes.layer(from_fn_with_state(limit, timed)).layer(CompressionLayer::new().compress_when(worth_it))
}

/// For routes that stream: no limit of time as long as bytes come.
pub fn streaming<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    routes.layer(RequestBodyTimeoutLayer::new(Duration::from_secs(IDLE_SECONDS)))
}

async fn timed(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::warn!(path, "a request took too long");
            let (zh, en) = ("处理超时，请稍后再试。", "It took too long; please try again later.");
            Problem::new(ProblemKind::Unavailable, "timeout", zh, en).into_response()
        }
    }
}

async fn frame(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let given = request_id::given(request.headers());
    let id = given.unwrap_or_else(request_id::fresh);
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    let scoped = request_id::within(id.clone(), async { answer.await.unwrap_or_else(from_panic) });
    let mut response = scoped.await;
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(request_id::HEADER, value);
    }
    protect(headers);
    let status = response.status().as_u16();
    let seconds = begun.elapsed().as_secs_f64();
    metrics::histogram!("http_request_seconds", "method" => method.to_string(), "route" => route.clone(), "status" => status.to_string())
        .record(seconds);
    // 503 says "not now", which its sender means and the figures count.
    if status >= 500 && status != StatusCode::SERVICE_UNAVAILABLE.as_u16() {
        tracing::warn!(%method, route, status, seconds, request = id, "answered with a fault");
    } else {
        tracing::debug!(%method, route, status, seconds, request = id, "answered");
    }
    response
}

fn protect(headers: &mut HeaderMap) {
    let mut unless_set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    unless_set(CONTENT_SECURITY_POLICY, OWN_PAGES);
    unless_set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    unless_set(X_FRAME_OPTIONS, "DENY");
    unless_set(REFERRER_POLICY, "same-origin");
    unless_set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    unless_set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    unless_set(CACHE_CONTROL, "private, no-cache");
}
