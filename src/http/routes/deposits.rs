//! Deposits: packages handed in, their receipts, and what was found.

use crate::domain::access::OrgPath;
use crate::domain::deposit::{Deposit, DepositRow, PLEDGE_TEXT, PLEDGE_VERSION};
use crate::domain::finding::Finding;
use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::body;
use crate::edge::json::Json;
use crate::edge::limits::Limits;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{Failures, ReadFailures, WriteFailures};
use crate::http::download;
use crate::http::house::House;
use crate::http::paging::{self, PageQuery};
use crate::ingest::{Incoming, Ingest, ReportFormat};
use axum::body::Body;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn quick() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(receipt))
        .routes(routes!(findings))
        .routes(routes!(template))
        .routes(routes!(pledge))
}

pub(super) fn streaming() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(deposit))
}

/// What is said with a package.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DepositQuery {
    /// Version of the pledge that the depositor accepts (`GET /api/v1/pledge`).
    pledge: Option<String>,
    /// Owning organisation; missing: the caller's only one.
    #[param(value_type = Option<String>)]
    owner: Option<OrgPath>,
    /// Name of the institution, where the account has none.
    institution: Option<String>,
    /// Track asked for.
    track: Option<String>,
    /// File name, for people.
    file_name: Option<String>,
}

/// 提交资源包（ZIP）
///
/// The body is the ZIP itself. The same `Idempotency-Key` with the same bytes gives the same deposit.
#[utoipa::path(post, path = "/api/v1/deposits", tag = "deposits", security(("token" = []), ("session" = [])),
    params(DepositQuery, ("idempotency-key" = Option<String>, Header, description = "1 to 200 visible ASCII characters")),
    request_body(content = Vec<u8>, content_type = "application/zip"),
    responses((status = 202, description = "Received; poll the address in `Location`", body = Deposit), WriteFailures))]
async fn deposit(
    State(ingest): State<Ingest>,
    State(limits): State<Arc<Limits>>,
    SignedIn(actor): SignedIn,
    Query(query): Query<DepositQuery>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let key = headers.get("idempotency-key").map(|key| String::from_utf8_lossy(key.as_bytes()).into_owned());
    let DepositQuery { pledge, owner, institution, track, file_name } = query;
    let incoming = Incoming { owner, institution, track, file_name, pledge, idempotency_key: key };
    let stream = body::limited(&headers, bytes, limits.deposit_bytes)?;
    let (deposit, _new) = ingest.receive(&actor, incoming, stream).await?;
    let location = [(LOCATION, format!("/api/v1/deposits/{}", deposit.id))];
    Ok((StatusCode::ACCEPTED, location, Json(deposit)).into_response())
}

/// Whose deposits.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Whose {
    /// Organisation; missing: the caller's own deposits.
    #[param(value_type = Option<String>)]
    owner: Option<OrgPath>,
}

/// A page of deposits.
#[derive(Serialize, ToSchema)]
struct DepositPage {
    /// In order of arrival, latest first.
    items: Vec<Deposit>,
    /// Cursor of the next page.
    next: Option<String>,
}

/// 提交批次列表
#[utoipa::path(get, path = "/api/v1/deposits", tag = "deposits", params(Whose, PageQuery), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Deposits, latest first", body = DepositPage), Failures))]
async fn list(
    State(ingest): State<Ingest>,
    SignedIn(actor): SignedIn,
    Query(whose): Query<Whose>,
    Query(page): Query<PageQuery>,
    uri: Uri,
) -> Result<Response, Problem> {
    let found = ingest.deposits(&actor, whose.owner.as_ref(), page.latest_first()).await?;
    let items = found.items.into_iter().map(|deposit| deposit.value).collect();
    Ok(paging::answer(&uri, found.next.clone().as_deref(), DepositPage { items, next: found.next }))
}

/// A deposit with a page of its rows.
#[derive(Serialize, ToSchema)]
struct ReceiptView {
    /// The deposit.
    #[serde(flatten)]
    deposit: Deposit,
    /// What its rows came to, in order.
    rows: Vec<DepositRow>,
    /// Cursor of the next page of rows.
    next: Option<String>,
}

/// 提交回执
#[utoipa::path(get, path = "/api/v1/deposits/{id}", tag = "deposits", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the deposit"), PageQuery),
    responses((status = 200, description = "The deposit and what its rows came to", body = ReceiptView), ReadFailures))]
async fn receipt(
    State(ingest): State<Ingest>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    Query(page): Query<PageQuery>,
    uri: Uri,
) -> Result<Response, Problem> {
    let receipt = ingest.receipt(&actor, &id, page.in_order()).await?;
    let view = ReceiptView { deposit: receipt.deposit, rows: receipt.rows, next: receipt.next };
    Ok(paging::answer(&uri, view.next.clone().as_deref(), view))
}

/// In what form.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Form {
    /// `json` (where nothing is said), `csv` or `xlsx`: the submitted table with wrong cells marked.
    #[param(value_type = Option<String>, pattern = "^(json|csv|xlsx)$")]
    format: Option<String>,
}

/// 检测意见（JSON、CSV 或标注后的 Excel）
#[utoipa::path(get, path = "/api/v1/deposits/{id}/findings", tag = "deposits", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the deposit"), Form),
    responses((status = 200, description = "All findings, as an array or as a file", content(
        (Vec<Finding> = "application/json"), (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), ReadFailures))]
async fn findings(
    State(ingest): State<Ingest>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    Query(form): Query<Form>,
) -> Result<Response, Problem> {
    let format = ReportFormat::parse(form.format.as_deref().unwrap_or("json"));
    let format = format
        .ok_or_else(|| Problem::field("wrong-parameter", "format", "format 应为 json、csv 或 xlsx。", "format is json, csv or xlsx."))?;
    if format == ReportFormat::Json {
        return ingest.findings(&actor, &id).await.map(|findings| Json(findings).into_response());
    }
    let file = ingest.report(&actor, &id, format).await?;
    Ok(download::answer(&file.file_name, file.media_type, file.bytes))
}

/// 资源批量入库模板（Excel）
#[utoipa::path(get, path = "/api/v1/template", tag = "deposits", responses(
    (status = 200, description = "Workbook with Chinese headers, drop-downs and instructions",
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Failures))]
async fn template(State(ingest): State<Ingest>) -> Result<Response, Problem> {
    let made = tokio::task::spawn_blocking(move || ingest.template()).await.map_err(|_| Problem::internal())?;
    made.map(|file| download::answer(&file.file_name, file.media_type, file.bytes))
}

/// The pledge in force.
#[derive(Serialize, ToSchema)]
struct PledgeView {
    /// Its version, as deposits name it.
    version: &'static str,
    /// Its wording.
    text: &'static str,
}

/// 现行内容安全承诺书
#[utoipa::path(get, path = "/api/v1/pledge", tag = "deposits",
    responses((status = 200, description = "The wording that a depositor accepts", body = PledgeView), Failures))]
async fn pledge() -> Json<PledgeView> {
    Json(PledgeView { version: PLEDGE_VERSION, text: PLEDGE_TEXT })
}
