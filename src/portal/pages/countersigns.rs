//! `/countersigns`: what waits for an office's word; its answer, and the marks by which a work comes before it.

use super::seats::again;
use super::shown::{Line, lines};
use crate::domain::access::Role;
use crate::domain::problem::Problem;
use crate::domain::submission::table::StateCode;
use crate::edge::params::Path;
use crate::portal::form::{Form, onward};
use crate::portal::frame::{Frame, Person, shown};
use crate::portal::{Rooms, address, words};
use crate::vetting::countersign::{GiveCountersign, MarkContent, OfficeAnswer};
use crate::vetting::views::SubmissionView;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

pub(super) fn routes() -> Router<Rooms> {
    Router::new()
        .route("/countersigns", get(list))
        .route("/submissions/{id}/countersign", post(countersign))
        .route("/submissions/{id}/flags", post(mark))
}

#[derive(Template)]
#[template(path = "countersigns.html")]
struct CountersignsPage {
    frame: Frame,
    waiting: Vec<Line>,
}

/// What an office is asked for, and what it said.
pub(super) struct OfficeShown {
    /// The office.
    pub label: String,
    /// Empty where it has not answered.
    pub answer: &'static str,
    pub text: String,
    pub letter: String,
    pub at: String,
    /// What the committee answered to its objection.
    pub answers: Vec<String>,
}

/// The office's part in a submission, as its reader may see it.
pub(super) fn office(view: &SubmissionView) -> Option<OfficeShown> {
    let asked = view.countersign.as_ref()?;
    let said = asked.answer.as_ref();
    Some(OfficeShown {
        label: asked.office.label.clone(),
        answer: said.map_or("", |said| if said.agreed { "同意" } else { "不同意" }),
        text: said.map(|said| said.text.clone()).unwrap_or_default(),
        letter: said.map(|said| said.letter.clone()).unwrap_or_default(),
        at: said.map(|said| words::at(said.at)).unwrap_or_default(),
        answers: said.map(|said| said.answers.clone()).unwrap_or_default(),
    })
}

/// Marks that the policy lets people make and that this work has not got yet: code and name.
pub(super) fn marks(rooms: &Rooms, view: &SubmissionView) -> Vec<(String, String)> {
    let terms = rooms.vetting.rules().policy().countersign.as_ref();
    let open = terms.into_iter().flat_map(|terms| &terms.flags).filter(|flag| !view.flags.contains(*flag));
    open.map(|flag| (flag.clone(), words::flag(flag).to_owned())).collect()
}

async fn list(State(rooms): State<Rooms>, person: Person) -> Result<Response, Problem> {
    if !person.is(&[Role::EthnicAffairs]) {
        return Err(Problem::forbidden());
    }
    let waiting = lines(&rooms, &person, StateCode::Countersign).await?;
    Ok(shown(&CountersignsPage { frame: person.frame("会签"), waiting }))
}

async fn countersign(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let answer = match form.one("countersign") {
        "agree" => OfficeAnswer::Agree,
        "object" => OfficeAnswer::Object,
        _ => {
            let problem = Problem::field("countersign", "countersign", "请选择是否同意。", "Choose whether the office agrees.");
            return again(&rooms, &person, &id, form, "countersign", problem).await;
        }
    };
    let give = GiveCountersign { answer, text: form.one("countersign_text").to_owned(), letter: form.one("letter").to_owned() };
    match rooms.vetting.countersign(&person.actor, &id, &give, form.version()).await {
        Ok(_) => Ok(onward(&format!("{}?done=countersign", address::submission(&id)))),
        Err(problem) => {
            let field = if problem.fields.iter().any(|field| field.path == "letter") { "letter" } else { "countersign_text" };
            again(&rooms, &person, &id, form, field, problem).await
        }
    }
}

async fn mark(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let mark = MarkContent { flag: form.one("flag").to_owned(), reason: form.one("flag_reason").to_owned() };
    match rooms.vetting.mark_content(&person.actor, &id, &mark, form.version()).await {
        Ok(_) => Ok(onward(&format!("{}?done=flag", address::submission(&id)))),
        Err(problem) => {
            let field = if problem.fields.iter().any(|field| field.path == "flag") { "flag" } else { "flag_reason" };
            again(&rooms, &person, &id, form, field, problem).await
        }
    }
}
