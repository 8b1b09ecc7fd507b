//! What was before: what changed since the last round, and the ledger's history in words.

use super::shown::FindingShown;
use crate::domain::finding::Finding;
use crate::domain::ledger::{self, LedgerEntry};
use crate::domain::problem::Problem;
use crate::domain::submission::table::{Action, StateCode};
use crate::edge::params::Path;
use crate::portal::frame::{Frame, Person, shown};
use crate::portal::{Rooms, words};
use crate::vetting::changes::{FileTurn, RoundChanges};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde_json::Value;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/submissions/{id}/changes", get(changes)).route("/submissions/{id}/history", get(history))
}

#[derive(Template)]
#[template(path = "changes.html")]
struct ChangesPage {
    frame: Frame,
    id: String,
    title: String,
    since: Option<u32>,
    round: u32,
    fields: Vec<(String, String, String)>,
    files: Vec<(String, &'static str)>,
    groups: Vec<(&'static str, Vec<FindingShown>)>,
}

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    frame: Frame,
    id: String,
    title: String,
    entries: Vec<EntryShown>,
}

struct EntryShown {
    number: u64,
    at: String,
    action: String,
    party: &'static str,
    from: String,
    to: String,
    hash: String,
}

async fn changes(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>) -> Result<Response, Problem> {
    let title = rooms.vetting.get(&person.actor, &id).await?.line.title;
    let changed: RoundChanges = rooms.vetting.changes(&person.actor, &id).await?;
    let field =
        |change: crate::vetting::changes::FieldChange| (words::field(&change.field).to_owned(), told(&change.before), told(&change.after));
    let turn = |turn| match turn {
        FileTurn::Added => "新增",
        FileTurn::Removed => "删除",
        FileTurn::Replaced => "内容已更换",
    };
    let findings = |list: &[Finding]| list.iter().map(FindingShown::new).collect::<Vec<_>>();
    let groups = [("已解决", &changed.resolved), ("仍存在", &changed.remaining), ("新发现", &changed.new)];
    Ok(shown(&ChangesPage {
        frame: person.frame(format!("与上一轮相比：{title}")),
        since: changed.since,
        round: changed.round,
        fields: changed.fields.into_iter().map(field).collect(),
        files: changed.files.into_iter().map(|file| (file.path, turn(file.turn))).collect(),
        groups: groups.into_iter().map(|(label, list)| (label, findings(list))).filter(|group| !group.1.is_empty()).collect(),
        id,
        title,
    }))
}

/// A value of a description as people read it: texts, and lists of texts; the rest as it is kept.
fn told(value: &Value) -> String {
    match value {
        Value::Null => "（无）".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(told).collect::<Vec<_>>().join("、"),
        Value::Object(fields) => fields.values().map(told).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("，"),
        Value::Bool(yes) => if *yes { "是" } else { "否" }.to_owned(),
        Value::Number(number) => number.to_string(),
    }
}

async fn history(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>) -> Result<Response, Problem> {
    let title = rooms.vetting.get(&person.actor, &id).await?.line.title;
    let entries = rooms.vetting.history(&person.actor, &id).await?;
    let frame = person.frame(format!("流转记录：{title}"));
    Ok(shown(&HistoryPage { frame, entries: entries.into_iter().map(entry).collect(), id, title }))
}

fn entry(entry: LedgerEntry) -> EntryShown {
    let action = Action::ALL.into_iter().find(|row| row.1 == entry.action).map_or(entry.action, |row| row.2.to_owned());
    let state = |code: &str| StateCode::parse(code).map(|state| state.label().to_owned()).unwrap_or_default();
    EntryShown {
        number: entry.sequence,
        at: words::at(entry.at),
        party: ledger::capacity(&entry.party),
        from: state(&entry.from),
        to: state(&entry.to),
        hash: entry.hash,
        action,
    }
}
