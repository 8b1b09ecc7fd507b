//! `/submissions`: what an institution sent in, or what a desk oversees, by state.

use super::shown::Line;
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::address::escaped;
use crate::domain::problem::Problem;
use crate::domain::submission::table::StateCode;
use crate::edge::params::Query;
use crate::portal::Rooms;
use crate::portal::frame::{Frame, Person, shown};
use crate::vetting::show::ListSubmissions;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Submissions of one page.
const SHOWN: usize = 30;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/submissions", get(list))
}

#[derive(Template)]
#[template(path = "submissions.html")]
struct SubmissionsPage {
    frame: Frame,
    chosen: String,
    states: Vec<StateChoice>,
    lines: Vec<Line>,
    next: String,
    deposits: bool,
}

struct StateChoice {
    code: &'static str,
    label: &'static str,
    here: bool,
}

/// Which submissions.
#[derive(Deserialize)]
struct Which {
    state: Option<String>,
    cursor: Option<String>,
}

async fn list(State(rooms): State<Rooms>, person: Person, Query(which): Query<Which>) -> Result<Response, Problem> {
    let state = which.state.as_deref().and_then(StateCode::parse);
    let owner = own_organisation(&person.actor);
    let ask = ListSubmissions { state, owner, limit: Some(SHOWN), cursor: which.cursor, ..ListSubmissions::default() };
    let page = rooms.vetting.list(&person.actor, &ask).await?;
    let asked = state.map(StateCode::code).unwrap_or_default();
    let next = page.next.map(|cursor| format!("/submissions?state={asked}&cursor={}", escaped(&cursor))).unwrap_or_default();
    let choice =
        |(code, word, label): (StateCode, &'static str, &'static str)| StateChoice { code: word, label, here: state == Some(code) };
    Ok(shown(&SubmissionsPage {
        frame: person.frame("送审资源"),
        chosen: state.map_or("全部", StateCode::label).to_owned(),
        states: StateCode::ALL.into_iter().filter(|row| row.0 != StateCode::Draft).map(choice).collect(),
        lines: page.items.into_iter().map(|line| Line::new(&rooms.labels, line)).collect(),
        deposits: person.is(&[Role::Contributor, Role::Manager]),
        next,
    }))
}

/// The one organisation that somebody deposits for, by whose index the list is found at once.
fn own_organisation(actor: &Actor) -> Option<OrgPath> {
    let mine: BTreeSet<&OrgPath> = actor.assignments.iter().map(|held| &held.scope).collect();
    let submits = actor.assignments.iter().all(|held| matches!(held.role, Role::Contributor | Role::Manager | Role::Learner));
    let only = mine.into_iter().next().filter(|_| submits)?;
    (actor.assignments.iter().all(|held| held.scope == *only)).then(|| only.clone())
}
