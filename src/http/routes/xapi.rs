//! xAPI: learning records in the words of other systems. Reading statements back is the record's and the export's.

use super::learners::read_body;
use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::Query;
use crate::edge::problem::{Failures, WriteFailures};
use crate::http::house::House;
use crate::learning::Learning;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What every answer of an xAPI service carries.
const VERSION: [(&str, &str); 1] = [("x-experience-api-version", "1.0.3")];

pub(super) fn quick() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(about))
}

pub(super) fn streaming() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(post_statements, put_statement))
}

/// Versions that are understood.
#[derive(Serialize, ToSchema)]
struct About {
    /// Versions.
    version: [&'static str; 1],
}

/// xAPI 版本
#[utoipa::path(get, path = "/api/v1/xapi/about", tag = "learning",
    responses((status = 200, description = "Versions of xAPI that are understood", body = About), Failures))]
async fn about() -> Response {
    (VERSION, Json(About { version: ["1.0.3"] })).into_response()
}

/// 上报 xAPI 语句（单条或数组）
///
/// Each becomes one event: the learner is `actor.account.name`, the resource the last part of `object.id`; idempotent by the
/// statement's `id`. All or none.
#[utoipa::path(post, path = "/api/v1/xapi/statements", tag = "learning", security(("token" = []), ("session" = [])),
    request_body(content((serde_json::Value = "application/json"))),
    responses((status = 200, description = "Ids of the statements, in their order", body = [String]), WriteFailures))]
async fn post_statements(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let ids = learning.record_statements(&actor, None, &read_body(&headers, body)?).await?;
    Ok((VERSION, Json(ids)).into_response())
}

/// Which statement.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Id of the statement.
    #[serde(rename = "statementId")]
    statement_id: String,
}

/// 上报一条 xAPI 语句
#[utoipa::path(put, path = "/api/v1/xapi/statements", tag = "learning", params(Which), security(("token" = []), ("session" = [])),
    request_body(content((serde_json::Value = "application/json"))),
    responses((status = 204, description = "Kept, now or before"), WriteFailures))]
async fn put_statement(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Query(which): Query<Which>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    learning.record_statements(&actor, Some(&which.statement_id), &read_body(&headers, body)?).await?;
    Ok((StatusCode::NO_CONTENT, VERSION).into_response())
}
