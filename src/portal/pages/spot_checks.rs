//! `/spot-checks`: what was drawn after publication to be looked at again, and what was found.

use super::petitions::Part;
use crate::domain::access::Role;
use crate::domain::address::escaped;
use crate::domain::problem::Problem;
use crate::domain::spot_check::SpotState;
use crate::edge::params::{Path, Query};
use crate::portal::faults::Faults;
use crate::portal::form::{Form, onward};
use crate::portal::frame::{Frame, Person, refused, shown};
use crate::portal::{Rooms, address, words};
use crate::vetting::spot_checks::{ListSpotChecks, RecordSpotCheck, SpotCheckView, SpotResult};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

/// Spot checks of one page.
const SHOWN: usize = 20;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/spot-checks", get(list)).route("/spot-checks/{id}", post(record))
}

#[derive(Template)]
#[template(path = "spot_checks.html")]
struct SpotChecksPage {
    frame: Frame,
    faults: Faults,
    written: Form,
    /// The one whose form was not taken.
    wrong: String,
    checks: Vec<CheckShown>,
    next: String,
}

struct CheckShown {
    id: String,
    version: String,
    /// Ids of the fields of its form.
    result_field: String,
    reason_field: String,
    /// The page of the submission that published it.
    address: String,
    title: String,
    about: String,
    /// What the reader may record, code and name.
    results: Vec<(String, String)>,
}

fn check(view: SpotCheckView) -> CheckShown {
    let standing = view.standing;
    CheckShown {
        address: address::submission(&standing.id),
        version: standing.version.to_string(),
        result_field: format!("result-{}", standing.id),
        reason_field: format!("reason-{}", standing.id),
        about: format!("{} · 抽取于 {}", standing.institution, words::at(standing.created)),
        results: standing.actions.into_iter().map(|action| (action.code, action.label)).collect(),
        id: standing.id,
        title: view.title,
    }
}

async fn page(rooms: &Rooms, person: &Person, cursor: Option<String>) -> Result<SpotChecksPage, Problem> {
    if !person.is(&[Role::Committee, Role::Editor, Role::Administrator, Role::Auditor]) {
        return Err(Problem::forbidden());
    }
    let ask = ListSpotChecks { state: Some(SpotState::Open), limit: Some(SHOWN), cursor };
    let found = rooms.vetting.spot_checks(&person.actor, &ask).await?;
    Ok(SpotChecksPage {
        frame: person.frame("入库后抽检"),
        faults: Faults::default(),
        written: Form::default(),
        wrong: String::new(),
        checks: found.items.into_iter().map(check).collect(),
        next: found.next.map(|cursor| format!("/spot-checks?cursor={}", escaped(&cursor))).unwrap_or_default(),
    })
}

async fn list(State(rooms): State<Rooms>, person: Person, Query(part): Query<Part>) -> Result<Response, Problem> {
    page(&rooms, &person, part.cursor).await.map(|page| shown(&page))
}

async fn record(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let result = match form.one("result") {
        "pass" => Some(SpotResult::Pass),
        "fail" => Some(SpotResult::Fail),
        _ => None,
    };
    let told = match result {
        Some(result) => {
            let record = RecordSpotCheck { result, reason: form.one("reason").to_owned() };
            rooms.vetting.record_spot_check(&person.actor, &id, &record, form.version()).await.map(drop)
        }
        None => Err(Problem::field("result", "result", "请选择抽检结论。", "Choose what was found.")),
    };
    match told {
        Ok(()) => Ok(onward("/spot-checks?done=spot-check")),
        Err(problem) if problem.fields.is_empty() => Err(problem),
        Err(problem) => {
            let faults = Faults::by(&problem, |path| format!("{path}-{id}"));
            let page = page(&rooms, &person, None).await?;
            Ok(refused(&SpotChecksPage { faults, written: form, wrong: id, ..page }, &problem))
        }
    }
}
