//! Who is calling: a bearer token, the session cookie, or the program's own house.
//!
//! [`layer`] runs once a request, puts the [`Actor`] and the [`Means`] into its extensions and counts it; handlers take
//! [`Caller`] or [`SignedIn`].

use super::cookies;
use super::limits::{Limits, Rate, address_key};
use crate::accounts::{Accounts, Known};
use crate::domain::access::Actor;
use crate::domain::account::CredentialKind;
use crate::domain::problem::{Problem, ProblemKind};
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::header::{AUTHORIZATION, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use std::sync::Arc;

/// Marks a request that came through the socket in the data directory or from this very process: without a token of its own
/// it acts as the system's administrator and is not counted. Only the composition sets it, on a connection, never on a header.
#[derive(Clone, Copy, Debug)]
pub struct LocalCaller;

/// By what the caller is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Means {
    /// Nothing: a visitor.
    Nothing,
    /// The local house.
    Local,
    /// A token or a session.
    Credential(Known),
}

/// Where names and passwords are sent to: attempts are counted.
const SIGN_IN: [&str; 2] = ["/api/v1/sessions", "/sign-in"];

/// What stands at the door.
#[derive(Clone)]
pub struct Gate {
    accounts: Accounts,
    requests: Arc<Rate>,
    sign_ins: Arc<Rate>,
    behind_proxy: bool,
}

impl Gate {
    /// With these accounts and limits.
    pub fn new(accounts: Accounts, limits: &Limits) -> Self {
        let requests = Arc::new(Rate::per_minute(limits.requests_per_minute));
        let sign_ins = Arc::new(Rate::per_minute(limits.sign_ins_per_minute));
        Self { accounts, requests, sign_ins, behind_proxy: limits.behind_proxy }
    }

    async fn means(&self, request: &Parts) -> Result<Means, Problem> {
        let headers = &request.headers;
        if let Some(value) = headers.get(AUTHORIZATION) {
            let secret = bearer(value).ok_or_else(unauthorized)?;
            return self.accounts.authenticate(secret, CredentialKind::Token).await.map(Means::Credential);
        }
        if request.extensions.get::<LocalCaller>().is_some() {
            return Ok(Means::Local);
        }
        let Some(secret) = cookies::session(headers) else { return Ok(Means::Nothing) };
        if cookies::comes_from_elsewhere(&request.method, headers) {
            let (zh, en) = ("请求来自其他网站，已拒绝。", "The request was made by another site and is refused.");
            return Err(Problem::new(ProblemKind::Forbidden, "cross-site", zh, en));
        }
        // A session that has ended leaves a visitor, who can still read and sign in again.
        match self.accounts.authenticate(secret, CredentialKind::Session).await {
            Ok(known) => Ok(Means::Credential(known)),
            Err(problem) if problem.kind == ProblemKind::Unauthorized => Ok(Means::Nothing),
            Err(problem) => Err(problem),
        }
    }

    fn address(&self, request: &Parts) -> String {
        let peer = request.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        address_key(&request.headers, peer, self.behind_proxy)
    }

    /// By what this caller is told apart from others.
    fn apart(&self, means: &Means, request: &Parts) -> String {
        match means {
            Means::Credential(known) => known.actor.account.clone().unwrap_or_default(),
            Means::Local => "local".to_owned(),
            Means::Nothing => self.address(request),
        }
    }

    fn count(&self, means: &Means, request: &Parts) -> Result<(), u64> {
        let address = || self.address(request);
        match means {
            Means::Local => return Ok(()),
            Means::Credential(known) => self.requests.check(&known.actor.account.clone().unwrap_or_default())?,
            Means::Nothing => self.requests.check(&address())?,
        }
        let signs_in = request.method == axum::http::Method::POST && SIGN_IN.contains(&request.uri.path());
        if signs_in { self.sign_ins.check(&address()) } else { Ok(()) }
    }
}

fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, secret) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

/// The problem of a caller who must sign in.
pub fn unauthorized() -> Problem {
    let (zh, en) = ("请先登录，或提供有效的令牌（Authorization: Bearer …）。", "Sign in or bring a valid token (Authorization: Bearer …).");
    Problem::new(ProblemKind::Unauthorized, "unauthorized", zh, en)
}

/// Finds out who is calling and counts the request.
pub async fn layer(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let means = match gate.means(&parts).await {
        Ok(means) => means,
        Err(problem) => {
            // Guessing credentials is counted like any other request of a visitor.
            return gate.count(&Means::Nothing, &parts).map_or_else(too_many, |()| problem.into_response());
        }
    };
    if let Err(seconds) = gate.count(&means, &parts) {
        return too_many(seconds);
    }
    let actor = match &means {
        Means::Nothing => Actor::visitor(),
        Means::Local => Actor::system(),
        Means::Credential(known) => known.actor.clone(),
    };
    parts.extensions.insert(Apart(gate.apart(&means, &parts)));
    parts.extensions.insert(Caller(actor));
    parts.extensions.insert(means);
    next.run(Request::from_parts(parts, body)).await
}

fn too_many(seconds: u64) -> Response {
    let (zh, en) = (format!("请求过于频繁，请 {seconds} 秒后再试。"), format!("Too many requests; try again in {seconds} seconds."));
    let mut response = Problem::new(ProblemKind::TooMany, "too-many-requests", zh, en).into_response();
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Whoever calls, a visitor too.
#[derive(Clone, Debug)]
pub struct Caller(pub Actor);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        // A route outside of the layer would otherwise be open to nobody in particular.
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::internal)
    }
}

/// By what the caller is told apart from others: an account or an address. For counting people, never to be stored.
#[derive(Clone, Debug)]
pub struct Apart(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Apart {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::internal)
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Actor);

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Caller(actor) = Caller::from_request_parts(parts, state).await?;
        if actor.account.is_some() { Ok(Self(actor)) } else { Err(unauthorized()) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Means {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, std::convert::Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or(Self::Nothing))
    }
}

/// The name by which the request was addressed (`Host`), for absolute addresses.
pub fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(axum::http::header::HOST).and_then(|value| value.to_str().ok())
}
