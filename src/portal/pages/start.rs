//! `/`: where somebody arrives who types the address: where to search, what this is, and where to go on.

use super::search::{Way, popular};
use crate::portal::Rooms;
use crate::portal::frame::{Anybody, Frame, shown};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/", get(read))
}

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage {
    frame: Frame,
    words: &'static str,
    popular: Vec<Way>,
}

async fn read(State(rooms): State<Rooms>, anybody: Anybody) -> Response {
    shown(&StartPage { frame: anybody.frame(""), words: "", popular: popular(&rooms).await })
}
