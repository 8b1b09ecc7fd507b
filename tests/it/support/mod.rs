//! A house for a test: the whole program in this process over a temporary data directory, asked through its router.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;
use tower::ServiceExt as _;
use yuelu::app::App;
use yuelu::clock::Clock;
use yuelu::config::Config;
use yuelu::edge::actor::LocalCaller;

/// An open house. Close it with [`TestApp::close`], which also shows that closing works.
pub struct TestApp {
    /// The house.
    pub app: App,
    dir: TempDir,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null when there is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A header as text, empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The stable code of a problem.
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Requires a status and gives the answer on.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        self
    }
}

impl TestApp {
    /// Opens a house with the memory engine.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// Opens a house with a changed configuration.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config { data_dir: dir.path().join("data"), ..Config::default() };
        config.store.engine = yuelu::config::EngineName::Memory;
        config.limits.requests_per_minute = 0;
        change(&mut config);
        let app = App::open(&config, Clock::system(), true).await.unwrap();
        Self { app, dir }
    }

    /// A folder for the test's own files.
    pub fn scratch(&self) -> &Path {
        self.dir.path()
    }

    /// The router, as the public meets it.
    pub fn public(&self) -> Router {
        self.app.router.clone()
    }

    /// Sends a request as the public does.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        read(self.public().oneshot(request).await.unwrap()).await
    }

    /// Sends a request as the house itself does.
    pub async fn send_inside(&self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(LocalCaller);
        self.send(request).await
    }

    /// `GET` with a token (empty: as a visitor).
    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.send(request(Method::GET, token, path, None)).await
    }

    /// A request with a JSON body and a token.
    pub async fn call(&self, method: Method, token: &str, path: &str, body: Value) -> Answer {
        self.send(request(method, token, path, Some(body))).await
    }

    /// Makes an account with a role over a scope and gives its token.
    pub async fn account(&self, name: &str, role: &str, scope: &str) -> String {
        let new = json!({"name": name, "assignments": [{"role": role, "scope": scope}]});
        let account = self.send_inside(request(Method::POST, "", "/api/v1/accounts", Some(new))).await.expect(201).json();
        self.token(account["id"].as_str().unwrap(), json!({})).await
    }

    /// Makes a token for an account.
    pub async fn token(&self, account: &str, new: Value) -> String {
        let path = format!("/api/v1/accounts/{account}/tokens");
        let made = self.send_inside(request(Method::POST, "", &path, Some(new))).await.expect(201).json();
        made["token"].as_str().unwrap().to_owned()
    }

    /// Closes the house.
    pub async fn close(self) {
        self.app.close().await.unwrap();
    }
}

/// A request to the API.
pub fn request(method: Method, token: &str, path: &str, body: Option<Value>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    match body {
        Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())).unwrap(),
        None => request.body(Body::empty()).unwrap(),
    }
}

/// Reads an answer whole.
pub async fn read(response: Response<Body>) -> Answer {
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 64 << 20).await.unwrap().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}
