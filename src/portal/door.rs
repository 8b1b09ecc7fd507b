//! The door of the pages: forms of other sites are refused, visitors are led to sign in, problems become pages.

use super::frame::{self, Frame, View, answered};
use super::{Rooms, address};
use crate::domain::address::escaped;
use crate::domain::problem::{Problem, ProblemKind};
use crate::edge::actor::Caller;
use crate::edge::cookies;
use crate::edge::problem::{PROBLEM_JSON, ProblemBody};
use askama::Template;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, REFERER, RETRY_AFTER};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Longest problem that is read again, in bytes.
const LONGEST: usize = 256 << 10;

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    frame: Frame,
    zh: String,
    back: String,
}

/// Stands around every page.
pub async fn layer(State(rooms): State<Rooms>, request: Request, next: Next) -> Response {
    let (method, uri, headers) = (request.method().clone(), request.uri().clone(), request.headers().clone());
    let caller = request.extensions().get::<Caller>().cloned();
    // The session cookie is watched further out; signing in must not be done by another site's form either.
    let answer = if cookies::comes_from_elsewhere(&method, &headers) {
        let (zh, en) = ("请求来自其他网站，已拒绝。", "The request was made by another site and is refused.");
        Problem::new(ProblemKind::Forbidden, "cross-site", zh, en).into_response()
    } else {
        next.run(request).await
    };
    let wants_data = headers.get(ACCEPT).is_some_and(|value| value == "application/json");
    if wants_data || answer.headers().get(CONTENT_TYPE).is_none_or(|kind| kind != PROBLEM_JSON) {
        return answer;
    }
    if answer.status() == StatusCode::UNAUTHORIZED {
        let wanted = if method == Method::GET { address::of(&uri).to_owned() } else { before(&headers) };
        return super::form::onward(&format!("/sign-in?next={}", escaped(&wanted)));
    }
    as_page(&rooms, caller.as_ref(), &View::of(&method, &uri, &headers), answer, before(&headers)).await
}

async fn as_page(rooms: &Rooms, caller: Option<&Caller>, view: &View, answer: Response, back: String) -> Response {
    let (parts, body) = answer.into_parts();
    let read = to_bytes(body, LONGEST).await.ok().and_then(|bytes| ProblemBody::read(&bytes));
    let (title, zh) = read.map_or_else(|| ("出错了".to_owned(), Problem::internal().zh), |told| (told.title, told.zh));
    let frame = frame::for_caller(rooms, caller, view).await;
    let mut page = answered(&ProblemPage { frame: Frame { title, done: "", again: String::new(), ..frame }, zh, back }, parts.status);
    page.headers_mut().extend(parts.headers.get(RETRY_AFTER).cloned().map(|value| (RETRY_AFTER, value)));
    page
}

/// The page that the request was made from, the form's or that with the link; the desk where it is not told.
fn before(headers: &HeaderMap) -> String {
    let referer = headers.get(REFERER).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<Uri>().ok());
    referer.as_ref().map_or(address::DESK, address::of).to_owned()
}
