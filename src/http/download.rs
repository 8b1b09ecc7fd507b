//! A file made for the caller, as an answer to save.

use crate::domain::address::escaped;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

/// The answer: bytes under a name.
pub fn answer(name: &str, media_type: &'static str, bytes: Bytes) -> Response {
    let disposition = format!("attachment; filename*=UTF-8''{}", escaped(name));
    ([(CONTENT_TYPE, media_type.to_owned()), (CONTENT_DISPOSITION, disposition)], bytes).into_response()
}
