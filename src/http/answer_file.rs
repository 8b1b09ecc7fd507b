//! A file as an answer: tags, ranges, names, and a cage around what others made.

use crate::catalog::files::OpenFile;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::rendition::Purpose;
use crate::edge::range::{self, Part, content_range};
use crate::edge::tags;
use crate::http::download::named;
use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// How a file is wanted.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FileQuery {
    /// To be saved, not shown.
    pub download: Option<bool>,
    /// What the platform made of the file for any phone, instead of the file itself; the list of files names what there is.
    pub rendition: Option<Purpose>,
}

/// What a file of others may do when it is shown as a page: nothing but look like itself.
const CAGE: &str =
    "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; font-src 'self' data:; style-src 'self' 'unsafe-inline'";
/// The same without `sandbox`, which the browsers' own viewers of PDF and film do not work in.
const VIEWED: &str = "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'self' 'unsafe-inline'; object-src 'self'; \
     frame-ancestors 'self'";

/// What of a file is asked for, and how.
pub struct Asked {
    /// `GET`, or `HEAD`, which knows no ranges.
    pub method: Method,
    /// Its headers.
    pub headers: HeaderMap,
    /// To be saved, not shown.
    pub as_attachment: bool,
}

/// Answers with a file or a part of it.
pub fn answer(file: &OpenFile, asked: &Asked) -> Response {
    let tag = tags::of_digest(file.digest.as_str());
    // A take-down must bite: caches may keep the bytes, but ask each time.
    let keeping = HeaderValue::from_static(if file.public { "public, no-cache" } else { "private, no-cache" });
    if tags::unchanged(&asked.headers, &tag) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, tag), (CACHE_CONTROL, keeping)]).into_response();
    }
    let part = if asked.method == Method::HEAD { Part::Whole } else { range::asked(&asked.headers, file.size, &tag) };
    let (status, range) = match &part {
        Part::Whole => (StatusCode::OK, 0..file.size),
        Part::Bytes(range) => (StatusCode::PARTIAL_CONTENT, range.clone()),
        Part::Nothing => return nothing(&part, file.size),
    };
    let length = range.end - range.start;
    let mut response = (status, Body::from_stream(file.read(range))).into_response();
    let out = response.headers_mut();
    out.insert(ETAG, tag);
    out.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    out.insert(CONTENT_LENGTH, HeaderValue::from(length));
    out.extend(content_range(&part, file.size).map(|value| (CONTENT_RANGE, value)));
    out.extend(HeaderValue::from_str(&media_type(&file.media_type)).ok().map(|value| (CONTENT_TYPE, value)));
    out.extend(disposition(&file.name, asked.as_attachment).map(|value| (CONTENT_DISPOSITION, value)));
    out.insert(CACHE_CONTROL, keeping);
    out.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(if is_viewed(&file.media_type) { VIEWED } else { CAGE }));
    out.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    response
}

fn nothing(part: &Part, size: u64) -> Response {
    let (zh, en) = (format!("请求的范围超出文件长度 {size}。"), format!("The range lies beyond the file's length of {size}."));
    let mut response = Problem::new(ProblemKind::Range, "range-not-satisfiable", zh, en).into_response();
    response.headers_mut().extend(content_range(part, size).map(|value| (CONTENT_RANGE, value)));
    response
}

fn is_viewed(media_type: &str) -> bool {
    let raster = media_type.starts_with("image/") && !media_type.contains("svg");
    media_type == "application/pdf" || media_type.starts_with("video/") || media_type.starts_with("audio/") || raster
}

/// Text is UTF-8 unless it says otherwise itself.
fn media_type(media_type: &str) -> String {
    let plain = ["text/plain", "text/vtt", "text/markdown", "text/csv", "text/x-ssa", "text/x-lrc", "application/x-subrip"];
    let plain = plain.contains(&media_type);
    if plain { format!("{media_type}; charset=utf-8") } else { media_type.to_owned() }
}

fn disposition(name: &str, as_attachment: bool) -> Option<HeaderValue> {
    HeaderValue::from_str(&named(if as_attachment { "attachment" } else { "inline" }, name)).ok()
}
