//! `/reviews/profile`: what somebody who judges knows and keeps away from, how much they take at once, and when they are away.

use crate::domain::codes::Code;
use crate::domain::problem::Problem;
use crate::domain::reviewer::Leave;
use crate::portal::faults::Faults;
use crate::portal::form::{Form, onward};
use crate::portal::frame::{Frame, Person, refused, shown};
use crate::portal::{Labels, Rooms};
use crate::vetting::reviewers::WriteProfile;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use std::collections::BTreeSet;

/// Lines for a further leave.
const FURTHER: usize = 2;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/reviews/profile", get(read).post(write))
}

#[derive(Template)]
#[template(path = "profile.html")]
struct ProfilePage {
    frame: Frame,
    faults: Faults,
    version: String,
    away: bool,
    choices: Vec<Choices>,
    languages: String,
    names: String,
    institutions: String,
    conflicts: String,
    most_open: String,
    leave: Vec<Leave>,
}

/// Codes of one list to choose from.
struct Choices {
    field: &'static str,
    label: &'static str,
    /// How many are chosen.
    chosen: usize,
    options: Vec<Choice>,
}

struct Choice {
    code: String,
    label: String,
    chosen: bool,
}

fn choices(labels: &Labels, field: &'static str, label: &'static str, chosen: &BTreeSet<String>) -> Choices {
    let option = |row: &Code| Choice { chosen: chosen.contains(&row.code), code: row.code.clone(), label: row.label.clone() };
    Choices { field, label, chosen: chosen.len(), options: labels.rows(field).iter().map(option).collect() }
}

fn lines(texts: &BTreeSet<String>) -> String {
    texts.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
}

fn page(rooms: &Rooms, person: &Person, profile: WriteProfile, version: String, away: bool, faults: Faults) -> ProfilePage {
    let mut leave = profile.leave;
    leave.extend((0..FURTHER).map(|_| Leave { from: String::new(), until: String::new() }));
    ProfilePage {
        frame: person.frame("专长、回避与请假"),
        choices: vec![
            choices(&rooms.labels, "categories", "熟悉的类别", &profile.categories),
            choices(&rooms.labels, "subjects", "熟悉的学科", &profile.subjects),
            choices(&rooms.labels, "ethnic_groups", "熟悉的民族", &profile.ethnic_groups),
        ],
        languages: profile.languages.into_iter().collect::<Vec<_>>().join(" "),
        names: lines(&profile.names),
        institutions: lines(&profile.institutions),
        conflicts: lines(&profile.conflicts),
        most_open: profile.most_open.map(|most| most.to_string()).unwrap_or_default(),
        version,
        away,
        leave,
        faults,
    }
}

async fn read(State(rooms): State<Rooms>, person: Person) -> Result<Response, Problem> {
    let view = rooms.vetting.profile(&person.actor, None).await?;
    Ok(shown(&page(&rooms, &person, view.profile, view.version.to_string(), view.away, Faults::default())))
}

/// What the form says; what is no number is none that the service takes.
fn written(form: &Form) -> WriteProfile {
    let set = |name: &str| form.all(name).map(str::to_owned).collect::<BTreeSet<_>>();
    let lines = |name: &str| form.one(name).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let days = form.all("leave_from").zip(form.all("leave_until"));
    let leave = days.map(|(from, until)| Leave { from: from.trim().to_owned(), until: until.trim().to_owned() });
    WriteProfile {
        subjects: set("subjects"),
        categories: set("categories"),
        ethnic_groups: set("ethnic_groups"),
        languages: form.one("languages").split([' ', '、', ',', '，']).filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
        names: lines("names"),
        institutions: lines("institutions"),
        conflicts: lines("conflicts"),
        most_open: form.some("most_open").map(|most| most.parse().unwrap_or_default()),
        leave: leave.filter(|leave| !(leave.from.is_empty() && leave.until.is_empty())).collect(),
    }
}

async fn write(State(rooms): State<Rooms>, person: Person, form: Form) -> Result<Response, Problem> {
    let profile = written(&form);
    match rooms.vetting.write_profile(&person.actor, None, profile.clone(), form.version()).await {
        Ok(_) => Ok(onward("/reviews/profile?done=profile")),
        Err(problem) if problem.fields.is_empty() => Err(problem),
        Err(problem) => {
            let page = page(&rooms, &person, profile, form.one("version").to_owned(), false, Faults::of(&problem));
            Ok(refused(&page, &problem))
        }
    }
}
