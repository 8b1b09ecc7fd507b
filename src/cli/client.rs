//! The client of the API: one way to ask, three ways to get there.
//!
//! `--server URL` over TCP with a token; the socket in a data directory that a process serves; or, when none does, the router
//! of a house opened in this process for the length of the command.

use super::{Host, Place, Served};
use crate::domain::address::escaped;
use crate::edge::problem::ProblemBody;
use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use axum::http::{Method, Request, Response};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;
use std::time::Duration;
use tower::ServiceExt as _;

/// Most bytes of an answer that is read whole.
const MOST: usize = 256 << 20;

/// The API refused: the problem it sent.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {}", .0.code, .0.en)]
pub struct Refused(pub ProblemBody);

enum Transport {
    Web { http: reqwest::Client, base: String },
    InProcess(Router),
}

/// A client of the API.
pub struct Client {
    transport: Transport,
    token: Option<String>,
    house: Option<Box<dyn Served>>,
}

impl Client {
    /// A client of the house that `place` names.
    ///
    /// # Errors
    /// When the server cannot be named, or the data directory cannot be opened.
    pub async fn connect(host: &dyn Host, place: &Place) -> anyhow::Result<Self> {
        let token = place.token.clone();
        if let Some(server) = &place.server {
            return Self::remote(server, token);
        }
        let socket = place.data_dir.join("yuelu.sock");
        if tokio::net::UnixStream::connect(&socket).await.is_ok() {
            return Self::over_socket(&socket, token);
        }
        let house = host.open(place).await?;
        Ok(Self { transport: Transport::InProcess(house.router()), token, house: Some(house) })
    }

    /// A client of a server by its address.
    ///
    /// # Errors
    /// When it is no http or https address.
    pub fn remote(server: &str, token: Option<String>) -> anyhow::Result<Self> {
        let base = server.trim_end_matches('/');
        let known = base.starts_with("http://") || base.starts_with("https://");
        anyhow::ensure!(known, "--server {server}: 应以 http:// 或 https:// 开头 · must begin with http:// or https://");
        let http = web().build()?;
        Ok(Self { transport: Transport::Web { http, base: base.to_owned() }, token, house: None })
    }

    fn over_socket(socket: &Path, token: Option<String>) -> anyhow::Result<Self> {
        let http = web().unix_socket(socket).build()?;
        Ok(Self { transport: Transport::Web { http, base: "http://localhost".to_owned() }, token, house: None })
    }

    /// A client of a router in this process.
    pub fn within(router: Router, token: Option<String>) -> Self {
        Self { transport: Transport::InProcess(router), token, house: None }
    }

    /// Closes the house, where one was opened for this client.
    ///
    /// # Errors
    /// When it does not close cleanly.
    pub async fn close(self) -> anyhow::Result<()> {
        match self.house {
            Some(house) => house.stop().await,
            None => Ok(()),
        }
    }

    /// Sends a request to `path_and_query` and gives the answer, whatever its status.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn send(&self, mut request: Request<Body>) -> anyhow::Result<Response<Body>> {
        if let Some(token) = &self.token {
            let value = format!("Bearer {token}").parse().context("the token holds characters that no token has")?;
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        match &self.transport {
            Transport::InProcess(router) => Ok(router.clone().oneshot(request).await?),
            Transport::Web { http, base } => over_the_wire(http, base, request).await,
        }
    }

    /// Sends a request and requires a success.
    ///
    /// # Errors
    /// [`Refused`] with the problem, or when no answer comes.
    pub async fn ask(&self, request: Request<Body>) -> anyhow::Result<Response<Body>> {
        let response = self.send(request).await?;
        if response.status().is_success() || response.status().is_redirection() {
            return Ok(response);
        }
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), MOST).await?;
        match ProblemBody::read(&bytes) {
            Some(problem) => Err(Refused(problem).into()),
            None => anyhow::bail!("{status}: {}", String::from_utf8_lossy(&bytes).chars().take(300).collect::<String>()),
        }
    }

    /// `GET`, read as JSON.
    ///
    /// # Errors
    /// As [`Client::ask`], or an answer of another shape.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> anyhow::Result<T> {
        read(self.ask(request(Method::GET, path, query, Body::empty())?).await?).await
    }

    /// `method` with a JSON body, read as JSON (`serde_json::Value` takes an empty answer too).
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn call<T: DeserializeOwned>(&self, method: Method, path: &str, body: &impl Serialize) -> anyhow::Result<T> {
        let mut request = request(method, path, &[], Body::from(serde_json::to_vec(body)?))?;
        request.headers_mut().insert(CONTENT_TYPE, "application/json".parse()?);
        read(self.ask(request).await?).await
    }

    /// `POST` with a JSON body.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> anyhow::Result<T> {
        self.call(Method::POST, path, body).await
    }

    /// `POST` with a body that streams, read as JSON.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn post_stream<T, S, E>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        headers: &[(HeaderName, &str)],
        bytes: S,
    ) -> anyhow::Result<T>
    where
        T: DeserializeOwned,
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        let mut request = request(Method::POST, path, query, Body::from_stream(bytes))?;
        for (name, value) in headers {
            request.headers_mut().insert(name.clone(), value.parse()?);
        }
        read(self.ask(request).await?).await
    }

    /// `GET`, the answer's bytes as they come.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub async fn download(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> anyhow::Result<impl Stream<Item = anyhow::Result<Bytes>> + Unpin + use<>> {
        let response = self.ask(request(Method::GET, path, query, Body::empty())?).await?;
        Ok(response.into_body().into_data_stream().map(|chunk| chunk.map_err(anyhow::Error::from)))
    }
}

/// A request to a path of the API. Path parts that come from people go through [`escaped`] first.
///
/// # Errors
/// When the path is none.
pub fn request(method: Method, path: &str, query: &[(&str, &str)], body: Body) -> anyhow::Result<Request<Body>> {
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    let uri = if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) };
    Ok(Request::builder().method(method).uri(uri).body(body)?)
}

async fn read<T: DeserializeOwned>(response: Response<Body>) -> anyhow::Result<T> {
    let bytes = axum::body::to_bytes(response.into_body(), MOST).await?;
    let bytes = if bytes.is_empty() { Bytes::from_static(b"null") } else { bytes };
    serde_json::from_slice(&bytes).context("the server's answer has another shape than this program expects; are their versions equal?")
}

fn web() -> reqwest::ClientBuilder {
    // A second installation changes nothing: the first one is the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().connect_timeout(Duration::from_secs(10)).user_agent(concat!("yuelu/", env!("CARGO_PKG_VERSION")))
}

async fn over_the_wire(http: &reqwest::Client, base: &str, request: Request<Body>) -> anyhow::Result<Response<Body>> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut sending = http.request(parts.method.clone(), format!("{base}{path}")).headers(parts.headers);
    if !matches!(parts.method, Method::GET | Method::HEAD | Method::DELETE) {
        sending = sending.body(reqwest::Body::wrap_stream(body.into_data_stream()));
    }
    let answer = sending.send().await.with_context(|| format!("{base} 没有应答，请检查地址与网络 · {base} does not answer"))?;
    let mut response = Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        headers.clone_from(answer.headers());
    }
    Ok(response.body(Body::from_stream(answer.bytes_stream()))?)
}
