//! Answering somebody who is still sending.
//!
//! Who is refused in the middle of an upload (413, 401, 503) often sends on and reads only afterwards. If the connection were
//! closed with bytes of theirs unread, the system would answer those with a reset, which can take the answer away before it is
//! read. So what still comes is read and dropped for a while, and the caller is told that the connection ends.

use axum::body::{Body, BodyDataStream, HttpBody as _};
use axum::extract::Request;
use axum::http::header::{CONNECTION, CONTENT_LENGTH, EXPECT};
use axum::http::{HeaderMap, HeaderValue, Version};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

/// How long what is no longer wanted is read at most.
const LONGEST: Duration = Duration::from_secs(30);
/// How long nothing may come meanwhile.
const SILENCE: Duration = Duration::from_secs(5);
/// Bodies up to so many bytes are soon read to their end, and the connection can go on.
const SHORT: u64 = 64 << 10;

/// The body of a request, lent to the handler and taken back when that is done with it.
#[derive(Clone)]
struct Lent(Arc<Mutex<Held>>);

struct Held {
    body: BodyDataStream,
    begun: bool,
    ended: bool,
}

impl Lent {
    fn new(body: Body) -> Self {
        Self(Arc::new(Mutex::new(Held { body: body.into_data_stream(), begun: false, ended: false })))
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, axum::Error>>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.begun = true;
        let polled = held.body.poll_next_unpin(context);
        held.ended |= matches!(polled, Poll::Ready(None | Some(Err(_))));
        polled
    }

    fn stream(&self) -> impl Stream<Item = Result<Bytes, axum::Error>> + Send + use<> {
        let lent = self.clone();
        stream::poll_fn(move |context| lent.poll(context))
    }

    /// Whether reading has begun, and whether it has come to an end.
    fn progress(&self) -> (bool, bool) {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (held.begun, held.ended || held.body.is_end_stream())
    }
}

/// Lets a refused caller finish sending, so that the answer is read.
pub async fn layer(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if body.is_end_stream() {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let (version, waits, short) = (parts.version, parts.headers.contains_key(EXPECT), is_short(&parts.headers));
    let lent = Lent::new(body);
    let mut response = next.run(Request::from_parts(parts, Body::from_stream(lent.stream()))).await;
    let (begun, ended) = lent.progress();
    if ended || !(response.status().is_client_error() || response.status().is_server_error()) {
        return response;
    }
    if version < Version::HTTP_2 && !short {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    // Who asked whether to send, and was not told to, sends nothing.
    if begun || !waits {
        tokio::spawn(drain(lent));
    }
    response
}

fn is_short(headers: &HeaderMap) -> bool {
    let said = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<u64>().ok());
    said.is_some_and(|length| length <= SHORT)
}

async fn drain(lent: Lent) {
    let mut rest = lent.stream();
    let reading = async { while let Ok(Some(Ok(_))) = tokio::time::timeout(SILENCE, rest.next()).await {} };
    if tokio::time::timeout(LONGEST, reading).await.is_err() {
        tracing::debug!("a refused caller still sends");
    }
}
