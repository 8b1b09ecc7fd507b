//! A server of somebody else's, that answers as it is told and remembers what it was sent.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use yuelu::domain::signature;

/// A request that came.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Seen {
    /// A header as text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Requires that the signature is that of this body under the secret, made by the rule that the documentation gives.
    pub fn verify(&self, secret: &str) {
        let header = self.header("yuelu-signature");
        let (seconds, given) = header.strip_prefix("t=").and_then(|rest| rest.split_once(",v1=")).unwrap_or_else(|| panic!("{header}"));
        let signed = [seconds.as_bytes(), b".", &self.body].concat();
        assert_eq!(given, signature::hmac(secret.as_bytes(), &signed));
        assert_ne!(given, signature::hmac(b"another secret", &signed));
    }
}

#[derive(Clone, Default)]
struct Shared {
    seen: Arc<Mutex<Vec<Seen>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

/// The server; it ends with the test's runtime.
pub struct Listener {
    /// `http://127.0.0.1:port`.
    pub url: String,
    shared: Shared,
}

impl Listener {
    /// Answers with these statuses one after the other, then always 200.
    pub async fn start(answers: &[u16]) -> Self {
        let shared = Shared { answers: Arc::new(Mutex::new(answers.iter().copied().collect())), ..Shared::default() };
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let router = Router::new().fallback(take).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(socket, router).await });
        Self { url, shared }
    }

    /// What came so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }
}

async fn take(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    shared.seen.lock().unwrap().push(Seen { headers, body });
    let next = shared.answers.lock().unwrap().pop_front();
    StatusCode::from_u16(next.unwrap_or(200)).unwrap()
}
