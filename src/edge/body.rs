//! Bodies that stream in: counted while they come, never held whole.

use crate::domain::problem::{Problem, ProblemKind};
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header::CONTENT_LENGTH};
use bytes::Bytes;
use futures::{Stream, StreamExt};

/// The problem for a body over the limit.
pub fn too_large(limit: u64) -> Problem {
    let (zh, en) = (format!("内容超过上限 {limit} 字节。"), format!("The content is over the limit of {limit} bytes."));
    Problem::new(ProblemKind::TooLarge, "too-large", zh, en)
}

/// The problem for a body that an extractor refused.
pub fn refused(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::new(ProblemKind::TooLarge, "too-large", "请求体过大。", "The body is too large.");
    }
    broken_off()
}

fn broken_off() -> Problem {
    Problem::new(ProblemKind::Invalid, "body-broken-off", "请求体没有收全。", "The body broke off.")
}

/// The body as a stream that fails when more than `limit` bytes come, at once when the length says so.
///
/// # Errors
/// `too-large`; in the stream also `body-broken-off`.
pub fn limited(
    headers: &HeaderMap,
    body: Body,
    limit: u64,
) -> Result<impl Stream<Item = Result<Bytes, Problem>> + Send + Unpin + use<>, Problem> {
    let said = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<u64>().ok());
    if said.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    Ok(counted(body.into_data_stream().map(|chunk| chunk.map_err(|_| broken_off())), limit))
}

/// A stream that fails when more than `limit` bytes come.
pub fn counted<S>(bytes: S, limit: u64) -> impl Stream<Item = Result<Bytes, Problem>>
where
    S: Stream<Item = Result<Bytes, Problem>>,
{
    let mut seen = 0_u64;
    bytes.map(move |chunk| {
        let chunk = chunk?;
        seen += chunk.len() as u64;
        if seen > limit { Err(too_large(limit)) } else { Ok(chunk) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stream_ends_at_the_limit() {
        let parts = [Ok::<_, std::io::Error>(Bytes::from_static(b"abc")), Ok(Bytes::from_static(b"def"))];
        let body = Body::from_stream(futures::stream::iter(parts));
        let got: Vec<_> = limited(&HeaderMap::new(), body, 5).unwrap().collect().await;
        assert!(got[0].is_ok());
        assert_eq!(got[1].as_ref().unwrap_err().code, "too-large");
    }

    #[test]
    fn a_length_over_the_limit_is_refused_before_reading() {
        let headers = HeaderMap::from_iter([(CONTENT_LENGTH, "6".parse().unwrap())]);
        assert!(limited(&headers, Body::empty(), 5).is_err());
    }
}
