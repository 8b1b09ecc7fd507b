//! `/reviews/phrases`: the reviewer's saved phrases, one a line.

use crate::domain::problem::Problem;
use crate::portal::Rooms;
use crate::portal::faults::Faults;
use crate::portal::form::{Form, onward};
use crate::portal::frame::{Frame, Person, refused, shown};
use crate::vetting::reviewers::Phrases;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/reviews/phrases", get(read).post(write))
}

#[derive(Template)]
#[template(path = "phrases.html")]
struct PhrasesPage {
    frame: Frame,
    faults: Faults,
    text: String,
}

async fn read(State(rooms): State<Rooms>, person: Person) -> Result<Response, Problem> {
    let phrases = rooms.vetting.phrases(&person.actor).await?.phrases;
    // A phrase that a program saved may have lines of its own.
    let text = phrases.iter().map(|phrase| phrase.replace('\n', " ")).collect::<Vec<_>>().join("\n");
    Ok(shown(&PhrasesPage { frame: person.frame("常用语"), faults: Faults::default(), text }))
}

async fn write(State(rooms): State<Rooms>, person: Person, form: Form) -> Result<Response, Problem> {
    let text = form.one("phrases");
    let phrases = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    match rooms.vetting.write_phrases(&person.actor, Phrases { phrases }).await {
        Ok(_) => Ok(onward("/reviews/phrases?done=phrases")),
        Err(problem) if problem.fields.is_empty() => Err(problem),
        Err(problem) => {
            let page = PhrasesPage { frame: person.frame("常用语"), faults: Faults::of(&problem), text: text.to_owned() };
            Ok(refused(&page, &problem))
        }
    }
}
