//! Taking over catalogues that another body vetted.

use crate::catalog::Catalog;
use crate::catalog::admit::{AdmitQuery, Admitted};
use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::body;
use crate::edge::json::Json;
use crate::edge::limits::Limits;
use crate::edge::params::Query;
use crate::edge::problem::WriteFailures;
use crate::http::house::House;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn streaming() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(import))
}

/// 导入已审目录（NDJSON）
///
/// One JSON object a line. The same row again changes nothing; a bad row is told with its line and the good ones go in.
#[utoipa::path(post, path = "/api/v1/imports", tag = "resources", params(AdmitQuery), security(("token" = []), ("session" = [])),
    request_body(content = String, content_type = "application/x-ndjson", description = "id, title, description, body, kind, category, subjects, …"),
    responses((status = 200, description = "What became of the rows", body = Admitted), WriteFailures))]
async fn import(
    State(catalog): State<Catalog>,
    State(limits): State<std::sync::Arc<Limits>>,
    SignedIn(actor): SignedIn,
    Query(query): Query<AdmitQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Admitted>, Problem> {
    let lines = body::limited(&headers, body, limits.import_bytes)?;
    catalog.admit(&actor, query, lines).await.map(Json)
}
