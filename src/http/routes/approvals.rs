//! The institution's approval of a deposit: the pledge to print, and the stamped one that comes back.

use crate::domain::problem::Problem;
use crate::domain::stamped_pledge::StampedPledge;
use crate::edge::actor::SignedIn;
use crate::edge::body;
use crate::edge::json::Json;
use crate::edge::limits::Limits;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{ReadFailures, WriteFailures};
use crate::http::answer_file::{self, Asked, FileQuery};
use crate::http::house::House;
use crate::http::printed;
use crate::vetting::Vetting;
use crate::vetting::approve::{PledgeSheet, Stamp};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{Html, Response};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn quick() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(sheet)).routes(routes!(page))
}

pub(super) fn streaming() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(stamp)).routes(routes!(scan))
}

/// 待机构审核的清单、承诺书与自审表
#[utoipa::path(get, path = "/api/v1/deposits/{id}/pledge", tag = "deposits", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the deposit")),
    responses((status = 200, description = "What waits for the institution's approval", body = PledgeSheet), ReadFailures))]
async fn sheet(State(vetting): State<Vetting>, SignedIn(actor): SignedIn, Path(id): Path<String>) -> Result<Json<PledgeSheet>, Problem> {
    vetting.pledge_sheet(&actor, &id).await.map(Json)
}

/// 承诺书（打印）
///
/// A page for A4: the pledge, the self-review form, the list of works and its code.
#[utoipa::path(get, path = "/api/v1/deposits/{id}/pledge.html", tag = "deposits", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the deposit")),
    responses((status = 200, description = "The page", content_type = "text/html", body = String), ReadFailures))]
async fn page(State(vetting): State<Vetting>, SignedIn(actor): SignedIn, Path(id): Path<String>) -> Result<Html<String>, Problem> {
    let sheet = vetting.pledge_sheet(&actor, &id).await?;
    Ok(Html(printed::pledge::page(&sheet)))
}

/// What is said with the scan.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct StampQuery {
    /// Code of the list that was signed, as it is printed.
    list: String,
    /// Codes of the self-review form that are confirmed, with commas between them; all are needed.
    confirmed: String,
}

/// 上传盖章承诺书，机构审核通过
///
/// By a manager of the institution who did not make the deposit. The body is the scan (PDF, JPEG or PNG).
#[utoipa::path(post, path = "/api/v1/deposits/{id}/stamped-pledges", tag = "deposits", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the deposit"), StampQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 202, description = "Kept; the works on the list are approved one after the other", body = StampedPledge), WriteFailures))]
async fn stamp(
    State(vetting): State<Vetting>,
    State(limits): State<Arc<Limits>>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    Query(query): Query<StampQuery>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<(StatusCode, Json<StampedPledge>), Problem> {
    let confirmed = query.confirmed.split(',').map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned).collect();
    let stamp = Stamp { list: query.list, confirmed, most_bytes: limits.body_bytes };
    let scan = body::limited(&headers, bytes, limits.body_bytes)?;
    let pledge = vetting.stamp(&actor, &id, stamp, scan).await?;
    Ok((StatusCode::ACCEPTED, Json(pledge)))
}

/// 盖章承诺书扫描件
#[utoipa::path(get, path = "/api/v1/deposits/{id}/stamped-pledges/{pledge}", tag = "deposits", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the deposit"), ("pledge" = String, Path, description = "Id of the stamped pledge"), FileQuery),
    responses((status = 200, description = "The scan", content_type = "*/*"), (status = 206, description = "A part of it", content_type = "*/*"),
        (status = 304, description = "Unchanged"), ReadFailures))]
async fn scan(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path((id, pledge)): Path<(String, String)>,
    Query(query): Query<FileQuery>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = vetting.stamped_scan(&actor, &id, &pledge).await?;
    Ok(answer_file::answer(&file, &Asked { method, headers, as_attachment: query.download.unwrap_or(false) }))
}
