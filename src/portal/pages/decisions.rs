//! `/decisions`: what waits for a final decision, a vote or an answer to an appeal; decided one by one, or many by one form.

use super::seats::again;
use super::shown::{Line, lines};
use crate::domain::change::Position;
use crate::domain::problem::Problem;
use crate::domain::review::Verdict;
use crate::domain::submission::table::StateCode;
use crate::edge::params::Path;
use crate::portal::faults::Faults;
use crate::portal::form::{Form, onward};
use crate::portal::frame::{Frame, Person, refused, shown};
use crate::portal::{Rooms, address};
use crate::vetting::answered::Answered;
use crate::vetting::decide::{AnswerAppeal, Decide};
use crate::vetting::decide_many::{Ballot, DecideMany, Decided};
use crate::vetting::views::Named;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

pub(super) fn routes() -> Router<Rooms> {
    Router::new()
        .route("/decisions", get(list).post(decide_many))
        .route("/submissions/{id}/decision", post(decide))
        .route("/submissions/{id}/appeal-answer", post(answer_appeal))
}

#[derive(Template)]
#[template(path = "decisions.html")]
struct DecisionsPage {
    frame: Frame,
    faults: Faults,
    verdicts: Vec<Named>,
    /// Those chosen on a form that was not taken.
    chosen: Vec<String>,
    verdict: String,
    reason: String,
    finals: Vec<Line>,
    votes: Vec<Line>,
    appeals: Vec<Line>,
}

#[derive(Template)]
#[template(path = "decided.html")]
struct DecidedPage {
    frame: Frame,
    done: usize,
    answers: Vec<AnswerShown>,
}

struct AnswerShown {
    address: String,
    title: String,
    told: String,
    done: bool,
}

async fn page(rooms: &Rooms, person: &Person, form: &Form, faults: Faults) -> Result<DecisionsPage, Problem> {
    Ok(DecisionsPage {
        frame: person.frame("终审"),
        verdicts: Verdict::ALL.into_iter().map(|row| row.0.into()).collect(),
        chosen: form.all("item").map(str::to_owned).collect(),
        verdict: form.one("verdict").to_owned(),
        reason: form.one("reason").to_owned(),
        finals: lines(rooms, person, StateCode::Final).await?,
        votes: lines(rooms, person, StateCode::Committee).await?,
        appeals: lines(rooms, person, StateCode::Appealed).await?,
        faults,
    })
}

impl DecisionsPage {
    /// Whether a line was chosen on a form that was not taken.
    fn is_chosen(&self, line: &Line) -> bool {
        self.chosen.iter().any(|item| item.split('@').next() == Some(line.id.as_str()))
    }
}

async fn list(State(rooms): State<Rooms>, person: Person) -> Result<Response, Problem> {
    if !person.is(&[crate::domain::access::Role::Committee]) {
        return Err(Problem::forbidden());
    }
    page(&rooms, &person, &Form::default(), Faults::default()).await.map(|page| shown(&page))
}

/// A ballot as the form names it: id, `@`, and the version that was read.
fn ballot(item: &str) -> Ballot {
    let (id, version) = item.split_once('@').unwrap_or((item, ""));
    Ballot { id: id.to_owned(), version: version.parse().ok().map(Position) }
}

async fn decide_many(State(rooms): State<Rooms>, person: Person, form: Form) -> Result<Response, Problem> {
    let items: Vec<Ballot> = form.all("item").map(ballot).collect();
    let mut faults = Faults::default();
    let verdict = Verdict::parse(form.one("verdict"));
    if verdict.is_none() {
        faults.add("verdict", "请选择结论。");
    }
    if items.is_empty() {
        faults.add("items", "请至少勾选一件。");
    }
    let Some(verdict) = verdict.filter(|_| faults.is_empty()) else {
        let wrong = Problem::field("items", "items", "表单尚未填写完整。", "The form is not complete.");
        return page(&rooms, &person, &form, faults).await.map(|page| refused(&page, &wrong));
    };
    let mut titles = Vec::new();
    for item in &items {
        let found = rooms.vetting.get(&person.actor, &item.id).await;
        titles.push(found.map_or_else(|_| item.id.clone(), |view| view.line.title));
    }
    let ask = DecideMany { verdict, reason: form.one("reason").to_owned(), items };
    let decided = rooms.vetting.decide_many(&person.actor, &ask).await?;
    let answers: Vec<AnswerShown> = decided.into_iter().zip(titles).map(|(answer, title)| answer_shown(answer, title)).collect();
    let done = answers.iter().filter(|answer| answer.done).count();
    Ok(shown(&DecidedPage { frame: person.frame("批量终审结果"), done, answers }))
}

fn answer_shown(answer: Answered<Decided>, title: String) -> AnswerShown {
    let state = answer.outcome.state.map(|state| format!("现为“{}”", state.label));
    AnswerShown { address: address::submission(&answer.id), told: answer.zh.or(state).unwrap_or_default(), done: answer.done, title }
}

async fn decide(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let Some(verdict) = Verdict::parse(form.one("verdict")) else {
        let problem = Problem::field("verdict", "verdict", "请选择结论。", "Choose a verdict.");
        return again(&rooms, &person, &id, form, "verdict", problem).await;
    };
    let decide = Decide { verdict, reason: form.one("decision_reason").to_owned() };
    match rooms.vetting.decide(&person.actor, &id, &decide, form.version()).await {
        Ok(_) => Ok(onward(&format!("{}?done=decision", address::submission(&id)))),
        Err(problem) => again(&rooms, &person, &id, form, "decision_reason", problem).await,
    }
}

async fn answer_appeal(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let answer = match form.one("answer") {
        "reopen" => AnswerAppeal::Reopen { track: None },
        _ => AnswerAppeal::Uphold { reason: form.one("answer_reason").to_owned() },
    };
    match rooms.vetting.answer_appeal(&person.actor, &id, &answer, form.version()).await {
        Ok(_) => Ok(onward(&format!("{}?done=decision", address::submission(&id)))),
        Err(problem) => again(&rooms, &person, &id, form, "answer_reason", problem).await,
    }
}
