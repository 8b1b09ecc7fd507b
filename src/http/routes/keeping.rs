//! Keeping what is published: review records, corrections, take-downs, the health of links.

use crate::catalog::Catalog;
use crate::domain::change::Position;
use crate::domain::problem::Problem;
use crate::domain::resource::LinkCheck;
use crate::edge::actor::{Caller, SignedIn};
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{Failures, ReadFailures, WriteFailures};
use crate::edge::tags;
use crate::http::house::House;
use crate::http::paging::{self, PageQuery};
use crate::vetting::Vetting;
use crate::vetting::correct::Correction;
use crate::vetting::record::ReviewRecord;
use crate::vetting::resources::ChangeResource;
use crate::vetting::retire::{ExpiringPage, TakeDown, TakenDown};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(review))
        .routes(routes!(correct))
        .routes(routes!(change))
        .routes(routes!(link))
        .routes(routes!(expiring))
        .routes(routes!(take_down))
}

/// Where a change stands in the order of all changes.
#[derive(Serialize, utoipa::ToSchema)]
struct Changed {
    /// Search that waits for this position (`after`) reflects the change.
    position: Position,
}

/// 资源的评审记录（不含评审人姓名）
#[utoipa::path(get, path = "/api/v1/resources/{id}/review", tag = "resources", params(("id" = String, Path, description = "Id of the resource")),
    responses((status = 200, description = "How it was vetted", body = ReviewRecord), ReadFailures))]
async fn review(State(vetting): State<Vetting>, Caller(actor): Caller, Path(id): Path<String>) -> Result<Json<ReviewRecord>, Problem> {
    vetting.review_record(&actor, &id).await.map(Json)
}

/// 更正著录项
#[utoipa::path(patch, path = "/api/v1/resources/{id}", tag = "resources", request_body = Correction, security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the resource"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Corrected", body = Changed), WriteFailures))]
async fn correct(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(correction): Json<Correction>,
) -> Result<Json<Changed>, Problem> {
    let position = vetting.correct(&actor, &id, &correction, tags::asked_version(&headers)).await?;
    Ok(Json(Changed { position }))
}

/// 暂停、恢复或出库
#[utoipa::path(post, path = "/api/v1/resources/{id}/state", tag = "resources", request_body = ChangeResource,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the resource"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Changed", body = Changed), WriteFailures))]
async fn change(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(change): Json<ChangeResource>,
) -> Result<Json<Changed>, Problem> {
    let position = vetting.change_resource(&actor, &id, &change, tags::asked_version(&headers)).await?;
    Ok(Json(Changed { position }))
}

/// 即将到期的资源
#[utoipa::path(get, path = "/api/v1/resources/expiring", tag = "resources", params(PageQuery), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "What the calendar retires within the days of the policy", body = ExpiringPage), Failures))]
async fn expiring(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Query(page): Query<PageQuery>,
    uri: Uri,
) -> Result<Response, Problem> {
    let found = vetting.expiring(&actor, page.limit(), page.cursor).await?;
    Ok(paging::answer(&uri, found.next.clone().as_deref(), found))
}

/// 批量暂停或出库（逐件处理，逐件答复）
#[utoipa::path(post, path = "/api/v1/resources/take-downs", tag = "resources", request_body = TakeDown, security(("token" = []), ("session" = [])),
    responses((status = 200, description = "An answer for each, in their order", body = [TakenDown]), WriteFailures))]
async fn take_down(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Json(ask): Json<TakeDown>,
) -> Result<Json<Vec<TakenDown>>, Problem> {
    vetting.take_down(&actor, &ask).await.map(Json)
}

/// 外链最近一次检查结果
#[utoipa::path(get, path = "/api/v1/resources/{id}/link", tag = "resources", params(("id" = String, Path, description = "Id of the resource")),
    responses((status = 200, description = "What the last look at the link found", body = LinkCheck), ReadFailures))]
async fn link(State(catalog): State<Catalog>, Caller(actor): Caller, Path(id): Path<String>) -> Result<Json<LinkCheck>, Problem> {
    catalog.link_check(&actor, &id).await.map(Json)
}
