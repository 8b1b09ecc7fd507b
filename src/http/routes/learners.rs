//! Learners: what they did, and being forgotten.

use crate::domain::access::{OrgPath, Role};
use crate::domain::event::EventInput;
use crate::domain::problem::{Problem, ProblemKind};
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{Failures, WriteFailures};
use crate::http::house::House;
use crate::http::paging::{self, PageQuery};
use crate::learning::export::Export;
use crate::learning::history::HistoryPage;
use crate::learning::personal::Personalisation;
use crate::learning::{LearnerRecord, Learning, Recorded};
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn quick() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(record, forget)).routes(routes!(history)).routes(routes!(personalisation, personalise))
}

pub(super) fn streaming() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(events)).routes(routes!(export))
}

/// Whose events.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Source {
    /// Within which ids are unique; only administrators name another than their own account.
    source: Option<String>,
}

/// 上报学习记录（JSON 数组或 NDJSON）
///
/// Idempotent by `id`; up to 10,000 events a call, all or none. The learner's next list reflects what was acknowledged.
#[utoipa::path(post, path = "/api/v1/events", tag = "learning", params(Source), security(("token" = []), ("session" = [])),
    request_body(content((Vec<EventInput> = "application/json"), (String = "application/x-ndjson"))),
    responses((status = 200, description = "How many were new", body = Recorded), WriteFailures))]
async fn events(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Query(Source { source }): Query<Source>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Recorded>, Problem> {
    let body = read_body(&headers, body)?;
    let own = actor.account.clone().unwrap_or_default();
    let source = source.unwrap_or_else(|| own.clone());
    if source != own && !actor.has(&[Role::Administrator], &OrgPath::root()) {
        return Err(Problem::forbidden());
    }
    learning.record_body(&actor, &source, &body).await.map(Json)
}

/// The body of a report of events.
pub(super) fn read_body(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Bytes, Problem> {
    require_json(headers)?;
    body.map_err(|rejection| crate::edge::body::refused(rejection.status()))
}

/// A body without a type is taken for what it looks like; one of another type is not.
fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(kind) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return Ok(()) };
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let known =
        ["application/json", "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-www-form-urlencoded"];
    if known.contains(&kind.as_str()) {
        return Ok(());
    }
    let (zh, en) = ("请求体应为 JSON 数组或 NDJSON。", "The body is a JSON array or NDJSON.");
    Err(Problem::new(ProblemKind::Unsupported, "not-json", zh, en))
}

/// How many.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HowMany {
    /// Items at most.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// 学习档案
#[utoipa::path(get, path = "/api/v1/learners/{learner}", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`"), HowMany),
    responses((status = 200, description = "History, resume points, favourites, lists, notes, hours", body = LearnerRecord), Failures))]
async fn record(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(learner): Path<String>,
    Query(many): Query<HowMany>,
) -> Result<Json<LearnerRecord>, Problem> {
    learning.record_of(&actor, &learner, many.limit.unwrap_or(50).clamp(1, 100)).await.map(Json)
}

/// 删除学习档案
///
/// The record, lists, notes, saved searches, classes, certificates and what was learned from the events go at once; the log is rewritten within seven
/// days. A switched-off personalisation stays off.
#[utoipa::path(delete, path = "/api/v1/learners/{learner}", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`")),
    responses((status = 204, description = "Forgotten"), WriteFailures))]
async fn forget(State(learning): State<Learning>, SignedIn(actor): SignedIn, Path(learner): Path<String>) -> Result<StatusCode, Problem> {
    learning.forget(&actor, &learner).await.map(|()| StatusCode::NO_CONTENT)
}

/// 学习历史（分页）
#[utoipa::path(get, path = "/api/v1/learners/{learner}/history", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`"), PageQuery),
    responses((status = 200, description = "Where the learner stands with each resource, the latest first", body = HistoryPage), Failures))]
async fn history(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(learner): Path<String>,
    Query(page): Query<PageQuery>,
    uri: Uri,
) -> Result<Response, Problem> {
    let found = learning.history(&actor, &learner, page.limit(), page.cursor.as_deref()).await?;
    Ok(paging::answer(&uri, found.next.clone().as_deref(), found))
}

/// 导出学习档案
///
/// Everything that is kept of the learner, every event included.
#[utoipa::path(get, path = "/api/v1/learners/{learner}/export", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`")),
    responses((status = 200, description = "All of it, to be saved", body = Export), Failures))]
async fn export(State(learning): State<Learning>, SignedIn(actor): SignedIn, Path(learner): Path<String>) -> Result<Response, Problem> {
    let export = learning.export(&actor, &learner).await?;
    Ok(([(CONTENT_DISPOSITION, "attachment; filename=\"learner.json\"")], Json(export)).into_response())
}

/// 个性化推荐开关
#[utoipa::path(get, path = "/api/v1/learners/{learner}/personalisation", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`")),
    responses((status = 200, description = "How it stands", body = Personalisation), Failures))]
async fn personalisation(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(learner): Path<String>,
) -> Result<Json<Personalisation>, Problem> {
    learning.personalisation(&actor, &learner).await.map(Json)
}

/// 打开或关闭个性化推荐
///
/// Off, the very next list knows nothing of what the learner did; the own record goes on being kept.
#[utoipa::path(put, path = "/api/v1/learners/{learner}/personalisation", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`")), request_body = Personalisation,
    responses((status = 200, description = "How it stands now", body = Personalisation), WriteFailures))]
async fn personalise(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(learner): Path<String>,
    Json(wanted): Json<Personalisation>,
) -> Result<Json<Personalisation>, Problem> {
    learning.personalise(&actor, &learner, wanted).await.map(Json)
}
