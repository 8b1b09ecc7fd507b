//! Seats: taking one, giving it back, declining an invitation, declaring a conflict; and what the submitting side may do itself.

use super::submission;
use crate::domain::access::Role;
use crate::domain::problem::Problem;
use crate::edge::params::Path;
use crate::portal::faults::Faults;
use crate::portal::form::{Form, onward};
use crate::portal::frame::{Person, refused};
use crate::portal::{Rooms, address};
use crate::vetting::invite::{StandDown, StandingDown};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;

pub(super) fn routes() -> Router<Rooms> {
    Router::new()
        .route("/submissions/{id}/claim", post(claim))
        .route("/submissions/{id}/release", post(release))
        .route("/submissions/{id}/decline", post(decline))
        .route("/submissions/{id}/recuse", post(recuse))
        .route("/submissions/{id}/withdraw", post(withdraw))
        .route("/submissions/{id}/appeal", post(appeal))
}

/// The page again, where a field is wrong; everything else is told on a page of its own.
pub(super) async fn again(
    rooms: &Rooms,
    person: &Person,
    id: &str,
    form: Form,
    field: &str,
    problem: Problem,
) -> Result<Response, Problem> {
    if problem.fields.is_empty() {
        return Err(problem);
    }
    let faults = Faults::by(&problem, |_| field.to_owned());
    submission::page(rooms, person, id, form, faults).await.map(|page| refused(&page, &problem))
}

fn told(id: &str, code: &str) -> Response {
    onward(&format!("{}?done={code}", address::submission(id)))
}

async fn claim(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>) -> Result<Response, Problem> {
    rooms.vetting.claim(&person.actor, &id, None).await?;
    Ok(told(&id, "claim"))
}

async fn release(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>) -> Result<Response, Problem> {
    rooms.vetting.release(&person.actor, &id, None).await?;
    Ok(onward("/reviews?done=release"))
}

/// Where somebody goes on who does not judge a work any more.
fn home(person: &Person) -> &'static str {
    if person.is(&[Role::Reviewer]) { "/reviews" } else { "/decisions" }
}

async fn decline(rooms: State<Rooms>, person: Person, id: Path<String>, form: Form) -> Result<Response, Problem> {
    stand_down(StandingDown::Decline, "decline", rooms, person, id, form).await
}

async fn recuse(rooms: State<Rooms>, person: Person, id: Path<String>, form: Form) -> Result<Response, Problem> {
    stand_down(StandingDown::Recuse, "recuse", rooms, person, id, form).await
}

/// Both, by the code of the action: it begins the name of its field, and says afterwards what was done.
async fn stand_down(
    how: StandingDown,
    code: &str,
    State(rooms): State<Rooms>,
    person: Person,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    let field = format!("{code}_reason");
    let why = StandDown { reason: form.one(&field).to_owned() };
    match rooms.vetting.stand_down(&person.actor, &id, how, &why, None).await {
        Ok(()) => Ok(onward(&format!("{}?done={code}", home(&person)))),
        Err(problem) => again(&rooms, &person, &id, form, &field, problem).await,
    }
}

async fn withdraw(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>) -> Result<Response, Problem> {
    rooms.vetting.withdraw(&person.actor, &id, None).await?;
    Ok(told(&id, "withdraw"))
}

async fn appeal(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    match rooms.vetting.appeal(&person.actor, &id, form.one("appeal_reason"), None).await {
        Ok(_) => Ok(told(&id, "appeal")),
        Err(problem) => again(&rooms, &person, &id, form, "appeal_reason", problem).await,
    }
}
