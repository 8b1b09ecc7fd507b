//! How large text is on this device: as usual, or as the edition for elders (长辈版) has it. A cookie keeps it: most who need it have
//! no account.

use crate::domain::problem::Problem;
use crate::edge::cookies;
use crate::portal::form::{Form, onward};
use crate::portal::frame::LARGE;
use crate::portal::{Face, Rooms, address};
use axum::Router;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use std::sync::Arc;

/// It is kept for a year.
const SECONDS: i64 = 365 * 86_400;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/text-size", post(choose))
}

async fn choose(State(face): State<Arc<Face>>, form: Form) -> Result<Response, Problem> {
    let seconds = if form.one("text") == LARGE { SECONDS } else { 0 };
    let cookie = cookies::set(cookies::TEXT, LARGE, seconds, face.is_secure).ok_or_else(Problem::internal)?;
    Ok(([(SET_COOKIE, cookie)], onward(address::local(form.one("next")))).into_response())
}
