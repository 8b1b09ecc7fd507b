//! `/deposits/new`: an institution sends a package in from a browser, with its pledge.

use super::batches::{broken_off, no_form, short};
use crate::domain::access::{OrgPath, Role};
use crate::domain::address::escaped;
use crate::domain::deposit::{PLEDGE_TEXT, PLEDGE_VERSION};
use crate::domain::problem::{Problem, ProblemKind};
use crate::edge::body;
use crate::ingest::Incoming;
use crate::portal::Rooms;
use crate::portal::faults::Faults;
use crate::portal::form::onward;
use crate::portal::frame::{Frame, Person, refused, shown};
use askama::Template;
use axum::Router;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{DefaultBodyLimit, State};
use axum::response::Response;
use axum::routing::{get, post};
use futures::TryStreamExt as _;
use std::collections::BTreeSet;

/// Roles that deposit for an institution.
const DEPOSITORS: [Role; 2] = [Role::Contributor, Role::Manager];

pub(super) fn quick() -> Router<Rooms> {
    Router::new().route("/deposits/new", get(form))
}

pub(super) fn streaming() -> Router<Rooms> {
    // What comes is counted while it is handed on.
    Router::new().route("/deposits/new", post(send)).layer(DefaultBodyLimit::disable())
}

#[derive(Template)]
#[template(path = "package.html")]
struct PackagePage {
    frame: Frame,
    faults: Faults,
    /// Organisations to choose from; fewer than two: nothing to choose.
    owners: Vec<String>,
    owner: String,
    tracks: Vec<(String, String)>,
    track: String,
    pledge: &'static str,
    version: &'static str,
    pledged: bool,
}

fn page(rooms: &Rooms, person: &Person, said: &Incoming, faults: Faults) -> Result<PackagePage, Problem> {
    if !person.is(&DEPOSITORS) {
        return Err(Problem::forbidden());
    }
    let policy = rooms.vetting.rules().policy();
    let held = person.actor.assignments.iter().filter(|held| DEPOSITORS.contains(&held.role));
    let owners: BTreeSet<&OrgPath> = held.map(|held| &held.scope).collect();
    Ok(PackagePage {
        frame: person.frame("提交资源包"),
        owners: owners.into_iter().map(ToString::to_string).collect(),
        owner: said.owner.as_ref().map(ToString::to_string).unwrap_or_default(),
        tracks: policy.tracks.iter().map(|track| (track.code.clone(), track.label.clone())).collect(),
        track: said.track.clone().unwrap_or_else(|| policy.default_track.clone()),
        pledge: PLEDGE_TEXT,
        version: PLEDGE_VERSION,
        pledged: said.pledge.is_some(),
        faults,
    })
}

async fn form(State(rooms): State<Rooms>, person: Person) -> Result<Response, Problem> {
    page(&rooms, &person, &Incoming::default(), Faults::default()).map(|page| shown(&page))
}

/// Fields before the package say what is promised; the package itself is handed on while it comes. Gives the id of the deposit.
async fn take(rooms: &Rooms, person: &Person, form: &mut Multipart, said: &mut Incoming) -> Result<String, Problem> {
    while let Some(field) = form.next_field().await.map_err(broken_off)? {
        match field.name() {
            Some("pledge") => said.pledge = Some(short(field).await?),
            Some("track") => said.track = Some(short(field).await?).filter(|track| !track.is_empty()),
            Some("owner") => said.owner = OrgPath::parse(&short(field).await?),
            Some("package") => {
                said.file_name = field.file_name().map(str::to_owned).filter(|name| !name.is_empty());
                if said.file_name.is_none() {
                    break;
                }
                let bytes = body::counted(field.map_err(broken_off), rooms.limits.deposit_bytes);
                return rooms.ingest.receive(&person.actor, said.clone(), bytes).await.map(|(deposit, _new)| deposit.id);
            }
            _ => {}
        }
    }
    Err(Problem::field("package", "package", "请选择资源包（ZIP 文件）。", "Choose the package, a ZIP file."))
}

async fn send(State(rooms): State<Rooms>, person: Person, form: Result<Multipart, MultipartRejection>) -> Result<Response, Problem> {
    let mut form = form.map_err(no_form)?;
    let mut said = Incoming::default();
    match take(&rooms, &person, &mut form, &mut said).await {
        Ok(id) => Ok(onward(&format!("/deposits/{}?done=deposit", escaped(&id)))),
        Err(problem) if matches!(problem.kind, ProblemKind::NotFound | ProblemKind::Forbidden | ProblemKind::Unavailable) => Err(problem),
        Err(problem) => {
            let mut faults = Faults::of(&problem);
            if problem.fields.is_empty() {
                faults = Faults::default();
                faults.add("package", problem.zh.clone());
            }
            page(&rooms, &person, &said, faults).map(|page| refused(&page, &problem))
        }
    }
}
