//! `/deposits`: an institution's batches: what they came to, findings to take home, the pledge to print and to send back.

use crate::domain::access::Role;
use crate::domain::address::escaped;
use crate::domain::deposit::{Deposit, DepositState};
use crate::domain::page::PageRequest;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::stamped_pledge::SelfReviewItem;
use crate::edge::body::too_large;
use crate::edge::params::{Path, Query};
use crate::portal::faults::Faults;
use crate::portal::form::onward;
use crate::portal::frame::{Frame, Person, refused, shown};
use crate::portal::{Rooms, words};
use crate::vetting::approve::{ListedWork, Stamp};
use askama::Template;
use axum::Router;
use axum::extract::multipart::{Multipart, MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, State};
use axum::response::Response;
use axum::routing::{get, post};
use futures::TryStreamExt as _;
use serde::Deserialize;

/// Batches of one page.
const SHOWN: usize = 20;

pub(super) fn quick() -> Router<Rooms> {
    Router::new().route("/deposits", get(list)).route("/deposits/{id}", get(read))
}

pub(super) fn streaming() -> Router<Rooms> {
    // The service limits the scan itself.
    Router::new().route("/deposits/{id}/stamped-pledges", post(stamp)).layer(DefaultBodyLimit::disable())
}

#[derive(Template)]
#[template(path = "deposits.html")]
struct DepositsPage {
    frame: Frame,
    batches: Vec<BatchLine>,
    next: String,
}

struct BatchLine {
    id: String,
    name: String,
    at: String,
    state: &'static str,
    counts: String,
}

#[derive(Template)]
#[template(path = "deposit.html")]
struct DepositPage {
    frame: Frame,
    faults: Faults,
    batch: BatchLine,
    institution: String,
    checking: usize,
    list: String,
    works: Vec<ListedWork>,
    self_review: Vec<SelfReviewItem>,
    confirmed: Vec<String>,
    stamped: Vec<StampedShown>,
    /// Whether the reader may answer for the institution, and is not who made the deposit.
    approves: bool,
}

struct StampedShown {
    id: String,
    at: String,
    works: usize,
}

/// Which part of the list.
#[derive(Deserialize)]
struct Part {
    cursor: Option<String>,
}

fn line(deposit: &Deposit) -> BatchLine {
    let counts = &deposit.counts;
    let state = match deposit.state {
        DepositState::Received => "正在拆包",
        DepositState::Unpacked { .. } => "已拆包",
        DepositState::Refused { .. } => "资源包无法读取",
    };
    BatchLine {
        name: deposit.file_name.clone().unwrap_or_else(|| "资源包".to_owned()),
        at: words::at(deposit.at),
        counts: format!("共 {} 条，送审 {}，未变 {}，不合格 {}", counts.rows, counts.submitted, counts.unchanged, counts.refused),
        id: deposit.id.clone(),
        state,
    }
}

async fn list(State(rooms): State<Rooms>, person: Person, Query(part): Query<Part>) -> Result<Response, Problem> {
    let page = PageRequest { limit: SHOWN, cursor: part.cursor, reverse: true };
    // Whoever answers for one institution sees all of its batches; others their own.
    let managed = person.actor.assignments.iter().find(|held| held.role == Role::Manager).map(|held| held.scope.clone());
    let found = rooms.ingest.deposits(&person.actor, managed.as_ref(), page).await?;
    let next = found.next.map(|cursor| format!("/deposits?cursor={}", escaped(&cursor))).unwrap_or_default();
    let batches = found.items.iter().map(|stored| line(&stored.value)).collect();
    Ok(shown(&DepositsPage { frame: person.frame("提交批次"), batches, next }))
}

async fn page(rooms: &Rooms, person: &Person, id: &str, confirmed: Vec<String>, faults: Faults) -> Result<DepositPage, Problem> {
    let deposit = rooms.ingest.deposit(&person.actor, id).await?.value;
    let sheet = rooms.vetting.pledge_sheet(&person.actor, id).await?;
    let own = person.actor.account.as_deref() == Some(deposit.by.as_str());
    Ok(DepositPage {
        frame: person.frame("提交批次"),
        batch: line(&deposit),
        approves: person.actor.has(&[Role::Manager], &deposit.owner) && !own,
        stamped: sheet
            .stamped
            .iter()
            .map(|one| StampedShown { id: one.id.clone(), at: words::at(one.at), works: one.submissions.len() })
            .collect(),
        institution: sheet.institution,
        checking: sheet.checking,
        list: sheet.list,
        works: sheet.works,
        self_review: sheet.self_review,
        confirmed,
        faults,
    })
}

async fn read(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>) -> Result<Response, Problem> {
    page(&rooms, &person, &id, Vec::new(), Faults::default()).await.map(|page| shown(&page))
}

pub(super) fn broken_off(_: MultipartError) -> Problem {
    Problem::new(ProblemKind::Invalid, "body-broken-off", "表单没有收全，请重新上传。", "The form broke off.")
}

/// Fields before the scan say what is confirmed; the scan itself is handed on while it comes.
async fn take(rooms: &Rooms, person: &Person, id: &str, form: &mut Multipart, stamp: &mut Stamp) -> Result<(), Problem> {
    while let Some(field) = form.next_field().await.map_err(broken_off)? {
        match field.name() {
            Some("list") => stamp.list = short(field).await?,
            Some("confirmed") => stamp.confirmed.push(short(field).await?),
            Some("scan") => {
                let stamp = stamp.clone();
                return rooms.vetting.stamp(&person.actor, id, stamp, field.map_err(broken_off)).await.map(|_| ());
            }
            _ => {}
        }
    }
    Err(Problem::field("scan-type", "scan", "请选择扫描件。", "Choose the scan."))
}

/// A field of a few words.
pub(super) async fn short(mut field: axum::extract::multipart::Field<'_>) -> Result<String, Problem> {
    const MOST: usize = 1_000;
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broken_off)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MOST {
            return Err(too_large(MOST as u64));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

pub(super) fn no_form(_: MultipartRejection) -> Problem {
    Problem::new(ProblemKind::Unsupported, "not-a-form", "这里只接收带文件的表单。", "This address takes forms with files.")
}

async fn stamp(
    State(rooms): State<Rooms>,
    person: Person,
    Path(id): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let mut form = form.map_err(no_form)?;
    let mut stamp = Stamp { most_bytes: rooms.limits.body_bytes, ..Stamp::default() };
    match take(&rooms, &person, &id, &mut form, &mut stamp).await {
        Ok(()) => Ok(onward(&format!("/deposits/{}?done=stamped", escaped(&id)))),
        Err(problem) if matches!(problem.kind, ProblemKind::NotFound | ProblemKind::Forbidden) => Err(problem),
        Err(problem) => {
            let mut faults = Faults::by(&problem, |path| path.to_owned());
            if problem.fields.is_empty() {
                faults = Faults::default();
                faults.add("scan", problem.zh.clone());
            }
            page(&rooms, &person, &id, stamp.confirmed, faults).await.map(|page| refused(&page, &problem))
        }
    }
}
