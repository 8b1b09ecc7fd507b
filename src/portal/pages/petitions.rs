//! `/petitions`: objections against notices and complaints after publication: what waits, and the answers of the desk and of the
//! institution.

use crate::domain::access::Role;
use crate::domain::address::escaped;
use crate::domain::petition::Person as Named;
use crate::domain::petition::complaint::ComplaintState;
use crate::domain::petition::objection::ObjectionState;
use crate::domain::problem::Problem;
use crate::edge::params::Path;
use crate::portal::faults::Faults;
use crate::portal::form::{Form, onward};
use crate::portal::frame::{Frame, Person, refused, shown};
use crate::portal::{Rooms, address, words};
use crate::vetting::complaints::{ComplaintView, CounterStatement, DecideComplaint, Decision, ListComplaints};
use crate::vetting::objections::{AnswerObjection, ListObjections, ObjectionAnswer, ObjectionView};
use crate::vetting::petitions::Standing;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

/// Petitions of one list.
const SHOWN: usize = 50;
/// What waits for the desk or the institution.
const COMPLAINED: [ComplaintState; 3] = [ComplaintState::Notified, ComplaintState::Received, ComplaintState::Suspended];
/// The same of objections.
const OBJECTED: [ObjectionState; 2] = [ObjectionState::Filed, ObjectionState::Accepted];

pub(super) fn routes() -> Router<Rooms> {
    Router::new()
        .route("/petitions", get(list))
        .route("/objections/{id}", get(objection))
        .route("/objections/{id}/answer", post(answer))
        .route("/complaints/{id}", get(complaint))
        .route("/complaints/{id}/decision", post(decide))
        .route("/complaints/{id}/counter-statement", post(counter))
}

/// Labels and values; empty ones are left out.
pub(super) type Rows = Vec<(&'static str, String)>;

/// Which part of a list.
#[derive(Deserialize)]
pub(super) struct Part {
    /// Where the page before ended.
    pub cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "petitions.html")]
struct PetitionsPage {
    frame: Frame,
    objections: Vec<PetitionLine>,
    complaints: Vec<PetitionLine>,
}

struct PetitionLine {
    address: String,
    title: String,
    about: String,
}

#[derive(Template)]
#[template(path = "petition_page.html")]
struct PetitionPage {
    frame: Frame,
    faults: Faults,
    written: Form,
    version: String,
    state: String,
    /// The work it is about.
    about: String,
    rows: Rows,
    /// Answers that may be given now, code and name.
    answers: Vec<(String, String)>,
    /// Where the answer is posted to.
    post: String,
    /// Where the institution posts its counter-statement to; empty where it may not.
    counter: String,
    institution: String,
}

fn filled(rows: impl IntoIterator<Item = (&'static str, String)>) -> Rows {
    rows.into_iter().filter(|row| !row.1.is_empty()).collect()
}

fn stands(standing: &Standing) -> Rows {
    filled([
        ("状态", standing.state.label.clone()),
        ("答复", standing.reason.clone()),
        ("机构", standing.institution.clone()),
        ("提出时间", words::at(standing.created)),
        ("最近变动", words::at(standing.updated)),
    ])
}

fn named(person: &Named) -> String {
    [&person.name, &person.contact, &person.address].into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("，")
}

/// An objection as whoever may see it reads it.
pub(super) fn objection_rows(objection: &ObjectionView) -> Rows {
    let mut rows = vec![("公示资源", objection.title.clone())];
    rows.extend(stands(&objection.standing));
    rows.extend(filled([
        ("异议内容", objection.text.clone()),
        ("证据或依据", objection.evidence.clone()),
        ("异议人", named(&objection.objector)),
        ("应受理日期", words::until(objection.accept_by)),
        ("应答复日期", objection.answer_by.map(words::until).unwrap_or_default()),
    ]));
    rows
}

/// A complaint as whoever may see it reads it.
pub(super) fn complaint_rows(complaint: &ComplaintView) -> Rows {
    let counter = complaint.counter.as_ref();
    let mut rows = vec![("投诉事项", complaint.kind.label.clone())];
    rows.extend(stands(&complaint.standing));
    rows.extend(filled([
        ("投诉内容", complaint.text.clone()),
        ("被侵权作品", complaint.work.clone()),
        ("初步证明材料", complaint.proof.clone()),
        ("投诉人", named(&complaint.claimant)),
        ("资源编号", complaint.resource.clone()),
        ("机构的书面说明", counter.map(|counter| counter.proof.clone()).unwrap_or_default()),
        ("说明人", counter.map(|counter| named(&counter.person)).unwrap_or_default()),
        ("应答复日期", words::until(complaint.answer_by)),
    ]));
    rows
}

async fn list(State(rooms): State<Rooms>, person: Person) -> Result<Response, Problem> {
    if !person.is(&[Role::Manager, Role::Editor, Role::Administrator, Role::Auditor]) {
        return Err(Problem::forbidden());
    }
    let (mut objections, mut complaints) = (Vec::new(), Vec::new());
    for state in OBJECTED {
        let ask = ListObjections { state: Some(state), limit: Some(SHOWN), ..ListObjections::default() };
        objections.extend(rooms.vetting.objections(&person.actor, &ask).await?.items);
    }
    for state in COMPLAINED {
        let ask = ListComplaints { state: Some(state), limit: Some(SHOWN), ..ListComplaints::default() };
        complaints.extend(rooms.vetting.complaints(&person.actor, &ask).await?.items);
    }
    let about = |standing: &Standing, until| {
        format!(
            "{} · {} · {}提出 · 应于 {} 前答复",
            standing.institution,
            standing.state.label,
            words::at(standing.created),
            words::until(until)
        )
    };
    let objected = |one: ObjectionView| PetitionLine {
        address: format!("/objections/{}", escaped(&one.standing.id)),
        about: about(&one.standing, one.answer_by.unwrap_or(one.accept_by)),
        title: one.title,
    };
    let complained = |one: ComplaintView| PetitionLine {
        address: format!("/complaints/{}", escaped(&one.standing.id)),
        about: about(&one.standing, one.answer_by),
        title: one.kind.label,
    };
    Ok(shown(&PetitionsPage {
        frame: person.frame("异议与投诉"),
        objections: objections.into_iter().map(objected).collect(),
        complaints: complaints.into_iter().map(complained).collect(),
    }))
}

impl PetitionPage {
    fn of(person: &Person, title: &str, standing: &Standing, rows: Rows) -> Self {
        let answers = standing.actions.iter().filter(|action| action.code != "counter");
        Self {
            frame: person.frame(title),
            faults: Faults::default(),
            written: Form::default(),
            version: standing.version.to_string(),
            state: standing.state.label.clone(),
            about: String::new(),
            answers: answers.map(|action| (action.code.clone(), action.label.clone())).collect(),
            post: String::new(),
            counter: String::new(),
            institution: standing.institution.clone(),
            rows,
        }
    }

    /// The page again with what was written and what is wrong with it.
    fn again(self, form: Form, problem: &Problem) -> Response {
        refused(&Self { faults: Faults::of(problem), written: form, ..self }, problem)
    }
}

async fn objection_page(rooms: &Rooms, person: &Person, id: &str) -> Result<PetitionPage, Problem> {
    let view = rooms.vetting.objection(&person.actor, id).await?;
    let page = PetitionPage::of(person, "公示异议", &view.standing, objection_rows(&view));
    Ok(PetitionPage { about: address::submission(&view.submission), post: format!("/objections/{}/answer", escaped(id)), ..page })
}

async fn complaint_page(rooms: &Rooms, person: &Person, id: &str) -> Result<PetitionPage, Problem> {
    let view = rooms.vetting.complaint(&person.actor, id).await?;
    let page = PetitionPage::of(person, "投诉", &view.standing, complaint_rows(&view));
    let counters = view.standing.actions.iter().any(|action| action.code == "counter");
    let counter = if counters { format!("/complaints/{}/counter-statement", escaped(id)) } else { String::new() };
    Ok(PetitionPage { post: format!("/complaints/{}/decision", escaped(id)), counter, ..page })
}

async fn objection(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>) -> Result<Response, Problem> {
    objection_page(&rooms, &person, &id).await.map(|page| shown(&page))
}

async fn complaint(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>) -> Result<Response, Problem> {
    complaint_page(&rooms, &person, &id).await.map(|page| shown(&page))
}

/// Nothing was chosen.
fn unchosen() -> Problem {
    Problem::field("answer", "answer", "请选择如何处理。", "Choose what to do.")
}

async fn answer(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let chosen = match form.one("answer") {
        "accept" => Some(ObjectionAnswer::Accept),
        "refuse" => Some(ObjectionAnswer::Refuse),
        "dismiss" => Some(ObjectionAnswer::Dismiss),
        "refer" => Some(ObjectionAnswer::Refer),
        _ => None,
    };
    let told = match chosen {
        Some(answer) => {
            let answer = AnswerObjection { answer, reason: form.one("reason").to_owned() };
            rooms.vetting.answer_objection(&person.actor, &id, &answer, form.version()).await.map(drop)
        }
        None => Err(unchosen()),
    };
    match told {
        Ok(()) => Ok(onward(&format!("/objections/{}?done=answer", escaped(&id)))),
        Err(problem) if problem.fields.is_empty() => Err(problem),
        Err(problem) => objection_page(&rooms, &person, &id).await.map(|page| page.again(form, &problem)),
    }
}

async fn decide(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let chosen = match form.one("answer") {
        "dismiss" => Some(Decision::Dismiss),
        "suspend" => Some(Decision::Suspend),
        "restore" => Some(Decision::Restore),
        "retire" => Some(Decision::Retire),
        _ => None,
    };
    let told = match chosen {
        Some(decision) => {
            let decide = DecideComplaint { decision, reason: form.one("reason").to_owned() };
            rooms.vetting.decide_complaint(&person.actor, &id, &decide, form.version()).await.map(drop)
        }
        None => Err(unchosen()),
    };
    after_complaint(&rooms, &person, &id, form, told).await
}

async fn counter(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let text = |name: &str| form.one(name).to_owned();
    let statement = CounterStatement {
        name: text("name"),
        contact: text("contact"),
        address: text("address"),
        proof: text("proof"),
        truthful: form.one("truthful") == "true",
    };
    let told = rooms.vetting.counter_complaint(&person.actor, &id, &statement, form.version()).await.map(drop);
    after_complaint(&rooms, &person, &id, form, told).await
}

async fn after_complaint(rooms: &Rooms, person: &Person, id: &str, form: Form, told: Result<(), Problem>) -> Result<Response, Problem> {
    match told {
        Ok(()) => Ok(onward(&format!("/complaints/{}?done=answer", escaped(id)))),
        Err(problem) if problem.fields.is_empty() => Err(problem),
        Err(problem) => complaint_page(rooms, person, id).await.map(|page| page.again(form, &problem)),
    }
}
