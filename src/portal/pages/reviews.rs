//! `/reviews`: the reviewer's desk: invited, in hand, free to claim, done.

use super::shown::Line;
use crate::domain::problem::Problem;
use crate::portal::form::onward;
use crate::portal::frame::{Frame, Person, shown};
use crate::portal::{Rooms, address, words};
use crate::vetting::desk::{DoneLine, SeatLine};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

/// Works that are offered at once.
const OFFERED: usize = 20;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/reviews", get(desk)).route("/reviews/next", post(next))
}

#[derive(Template)]
#[template(path = "reviews.html")]
struct ReviewsPage {
    frame: Frame,
    invited: Vec<Seat>,
    claimed: Vec<Seat>,
    waiting: Vec<Line>,
    done: Vec<Done>,
}

struct Seat {
    line: Line,
    until: String,
    reminded: bool,
}

struct Done {
    line: Line,
    verdict: String,
    at: String,
}

async fn desk(State(rooms): State<Rooms>, person: Person) -> Result<Response, Problem> {
    let desk = rooms.vetting.desk(&person.actor, OFFERED).await?;
    let seat =
        |seat: SeatLine| Seat { line: Line::new(&rooms.labels, seat.line), until: words::until(seat.until), reminded: seat.reminded };
    let done = |done: DoneLine| Done { line: Line::new(&rooms.labels, done.line), verdict: done.verdict.label, at: words::at(done.at) };
    Ok(shown(&ReviewsPage {
        frame: person.frame("评审台"),
        invited: desk.invited.into_iter().map(seat).collect(),
        claimed: desk.claimed.into_iter().map(seat).collect(),
        waiting: desk.waiting.into_iter().map(|line| Line::new(&rooms.labels, line)).collect(),
        done: desk.done.into_iter().map(done).collect(),
    }))
}

/// Claims the next one and leads to it.
async fn next(State(rooms): State<Rooms>, person: Person) -> Result<Response, Problem> {
    Ok(match rooms.vetting.next(&person.actor).await? {
        Some(view) => onward(&format!("{}?done=claim", address::submission(&view.line.id))),
        None => onward("/reviews?done=nothing"),
    })
}
