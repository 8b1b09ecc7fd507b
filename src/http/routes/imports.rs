//! Taking over catalogues that another body vetted.

use crate::catalog::Catalog;
use crate::catalog::admit::{AdmitQuery, Admitted};
use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::body;
use crate::edge::json::Json;
use crate::edge::limits::Limits;
use crate::edge::params::Query;
use crate::edge::problem::{Failures, WriteFailures};
use crate::http::house::House;
use crate::http::paging;
use crate::vetting::Vetting;
use crate::vetting::admitted::{AdmittedPage, ListAdmitted};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn streaming() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(import))
}

pub(super) fn quick() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(findings))
}

/// 导入资源的检测意见
///
/// What another body vetted is checked after it was taken over: its description, its text and its links. Nothing is returned;
/// those who run its desk read what would have returned it, or sent it to the committee, had it been sent in here.
#[utoipa::path(get, path = "/api/v1/imports/findings", tag = "resources", params(ListAdmitted), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Resources of the caller's scope in which something was found", body = AdmittedPage), Failures))]
async fn findings(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Query(ask): Query<ListAdmitted>,
    uri: Uri,
) -> Result<Response, Problem> {
    let found = vetting.admitted(&actor, &ask).await?;
    Ok(paging::answer(&uri, found.next.clone().as_deref(), found))
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
