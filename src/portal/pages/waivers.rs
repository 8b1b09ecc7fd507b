//! Waivers on the page of a submission: what the machine returned it for and the reader may take the weight off.

use super::seats::again;
use crate::domain::access::Role;
use crate::domain::finding::Finding;
use crate::domain::problem::Problem;
use crate::domain::submission::waivers::Waived;
use crate::edge::params::Path;
use crate::portal::form::{Form, onward};
use crate::portal::frame::Person;
use crate::portal::{Rooms, address, words};
use crate::vetting::views::{SubmissionView, WaiverView};
use crate::vetting::waive::GrantWaivers;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use std::collections::BTreeMap;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/submissions/{id}/waivers", post(waive))
}

/// A finding that the reader may waive.
pub(super) struct Waivable {
    /// Rule and file, as the form names them.
    pub value: String,
    pub message: String,
}

/// A waiver that was granted.
pub(super) struct WaiverShown {
    pub about: String,
    pub reason: String,
}

/// What this reader may waive now, one line for each rule and file.
pub(super) fn waivable(rooms: &Rooms, person: &Person, view: &SubmissionView) -> Vec<Waivable> {
    if !view.actions.iter().any(|action| action.code == "waive") {
        return Vec::new();
    }
    let rules = rooms.vetting.rules().rules();
    let role = |finding: &Finding| rules.iter().find(|rule| rule.id == finding.rule)?.waiver.as_deref().and_then(Role::parse);
    let mine = |finding: &&Finding| finding.weighs() && role(finding).is_some_and(|role| person.actor.has(&[role], &view.owner));
    let mut found = BTreeMap::new();
    for finding in view.findings.iter().filter(mine) {
        let value = format!("{}|{}", finding.rule, finding.file.as_deref().unwrap_or_default());
        found.entry(value).or_insert_with(|| finding.message.clone());
    }
    found.into_iter().map(|(value, message)| Waivable { value, message }).collect()
}

/// What was waived in all rounds.
pub(super) fn granted(waivers: &[WaiverView]) -> Vec<WaiverShown> {
    let shown = |waiver: &WaiverView| {
        let file = waiver.file.as_deref().map(|file| format!("（{file}）")).unwrap_or_default();
        WaiverShown {
            about: format!("{}{file}，第 {} 轮，{}", waiver.rule, waiver.round, words::at(waiver.at)),
            reason: waiver.reason.clone(),
        }
    };
    waivers.iter().map(shown).collect()
}

/// Rule and file of a value of the form.
fn waived(value: &str) -> Waived {
    let (rule, file) = value.split_once('|').unwrap_or((value, ""));
    Waived { rule: rule.to_owned(), file: Some(file.to_owned()).filter(|file| !file.is_empty()) }
}

async fn waive(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let grant = GrantWaivers { waived: form.all("waived").map(waived).collect(), reason: form.one("waiver_reason").to_owned() };
    match rooms.vetting.waive(&person.actor, &id, &grant, form.version()).await {
        Ok(_) => Ok(onward(&format!("{}?done=waiver", address::submission(&id)))),
        Err(problem) => {
            let field = if problem.fields.iter().any(|field| field.path == "waived") { "waived" } else { "waiver_reason" };
            again(&rooms, &person, &id, form, field, problem).await
        }
    }
}
