//! `/imports`: what the checks found in catalogues that another body vetted.

use super::petitions::Part;
use super::shown::FindingShown;
use crate::domain::address::escaped;
use crate::domain::problem::Problem;
use crate::edge::params::Query;
use crate::portal::frame::{Frame, Person, shown};
use crate::portal::{Rooms, words};
use crate::vetting::admitted::{AdmittedView, ListAdmitted};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

/// Resources of one page.
const SHOWN: usize = 20;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/imports", get(list))
}

#[derive(Template)]
#[template(path = "imports.html")]
struct ImportsPage {
    frame: Frame,
    resources: Vec<ResourceShown>,
    next: String,
}

struct ResourceShown {
    title: String,
    about: String,
    id: String,
    findings: Vec<FindingShown>,
}

fn resource(view: AdmittedView) -> ResourceShown {
    let parts = [view.institution, format!("审核单位：{}", view.vetted_by), view.state.label, format!("检测于 {}", words::at(view.at))];
    ResourceShown {
        about: parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
        findings: view.findings.iter().map(FindingShown::new).collect(),
        title: view.title,
        id: view.resource,
    }
}

async fn list(State(rooms): State<Rooms>, person: Person, Query(part): Query<Part>) -> Result<Response, Problem> {
    let ask = ListAdmitted { limit: Some(SHOWN), cursor: part.cursor, ..ListAdmitted::default() };
    let page = rooms.vetting.admitted(&person.actor, &ask).await?;
    let next = page.next.map(|cursor| format!("/imports?cursor={}", escaped(&cursor))).unwrap_or_default();
    let resources = page.items.into_iter().map(resource).collect();
    Ok(shown(&ImportsPage { frame: person.frame("导入资源的检测意见"), resources, next }))
}
