//! The id of a request: taken from `X-Request-Id` when it is a sane one, else fresh; in the log, the answer and every problem.

use axum::http::{HeaderMap, HeaderName};
use std::future::Future;

/// The header that carries it.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id that is taken over from a caller.
const LONGEST: usize = 64;

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that the present task works on; `None` outside of one.
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// The id that a caller gave, when it is short and plain.
pub fn given(headers: &HeaderMap) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let sane = |text: &&str| !text.is_empty() && text.len() <= LONGEST && text.bytes().all(plain);
    headers.get(HEADER).and_then(|value| value.to_str().ok()).filter(sane).map(str::to_owned)
}

/// A fresh id.
pub fn fresh() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// Runs `work` as the work of this request.
pub async fn within<F: Future>(id: String, work: F) -> F::Output {
    CURRENT.scope(id, work).await
}
