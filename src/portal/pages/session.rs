//! Signing in and out.

use crate::accounts::Accounts;
use crate::accounts::session::{SECONDS, SignIn};
use crate::domain::account::CredentialKind;
use crate::domain::problem::{Problem, ProblemKind};
use crate::edge::actor::{Caller, Means};
use crate::edge::cookies;
use crate::edge::params::Query;
use crate::portal::faults::Faults;
use crate::portal::form::{Form, onward};
use crate::portal::frame::{self, Frame, View, refused, shown};
use crate::portal::{Face, Rooms, address};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use std::sync::Arc;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/sign-in", get(form).post(begin)).route("/sign-out", post(end))
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    faults: Faults,
    name: String,
    next: String,
}

/// Where somebody wanted to go.
#[derive(Deserialize)]
struct Wanted {
    next: Option<String>,
}

async fn page(rooms: &Rooms, view: &View, next: &str) -> SignInPage {
    let frame = frame::for_caller(rooms, None, view).await;
    let next = address::local(next).to_owned();
    SignInPage { frame: Frame { title: "登录".to_owned(), ..frame }, faults: Faults::default(), name: String::new(), next }
}

async fn form(State(rooms): State<Rooms>, Caller(actor): Caller, Query(wanted): Query<Wanted>, view: View) -> Response {
    let next = wanted.next.unwrap_or_default();
    if actor.account.is_some() {
        return onward(address::local(&next));
    }
    shown(&page(&rooms, &view, &next).await)
}

async fn begin(State(rooms): State<Rooms>, view: View, form: Form) -> Result<Response, Problem> {
    let sign_in = SignIn { name: form.one("name").to_owned(), password: form.one("password").to_owned() };
    match rooms.accounts.sign_in(sign_in).await {
        Ok(begun) => {
            let cookie = cookies::set(cookies::SESSION, &begun.secret, SECONDS, rooms.face.is_secure).ok_or_else(Problem::internal)?;
            Ok(([(SET_COOKIE, cookie)], onward(address::local(form.one("next")))).into_response())
        }
        Err(problem) => {
            let page = page(&rooms, &view, form.one("next")).await;
            let mut faults = Faults::default();
            faults.add("name", problem.zh.clone());
            // Not 401, which would lead here again.
            let kind = if problem.kind == ProblemKind::Unauthorized { ProblemKind::Unprocessable } else { problem.kind };
            let problem = Problem { kind, ..problem };
            Ok(refused(&SignInPage { faults, name: form.one("name").to_owned(), ..page }, &problem))
        }
    }
}

async fn end(State(accounts): State<Accounts>, State(face): State<Arc<Face>>, means: Means) -> Result<Response, Problem> {
    if let Means::Credential(known) = means
        && known.kind == CredentialKind::Session
    {
        accounts.sign_out(&known).await?;
    }
    let cookie = cookies::set(cookies::SESSION, "", 0, face.is_secure).ok_or_else(Problem::internal)?;
    Ok(([(SET_COOKIE, cookie)], onward("/sign-in")).into_response())
}
