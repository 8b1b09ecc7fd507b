//! Spot checks of what was published: the list, and the result of one.

use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::aimed::Aimed;
use crate::edge::json::Json;
use crate::edge::params::Query;
use crate::edge::problem::{Failures, WriteFailures};
use crate::edge::tags::{self, Tagged};
use crate::http::house::House;
use crate::http::paging;
use crate::vetting::Vetting;
use crate::vetting::spot_checks::{ListSpotChecks, RecordSpotCheck, SpotCheckPage, SpotCheckView};
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(record))
}

/// 抽检列表
#[utoipa::path(get, path = "/api/v1/spot-checks", tag = "reviews", params(ListSpotChecks), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Those the caller may see", body = SpotCheckPage), Failures))]
async fn list(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Query(ask): Query<ListSpotChecks>,
    uri: Uri,
) -> Result<Response, Problem> {
    let found = vetting.spot_checks(&actor, &ask).await?;
    Ok(paging::answer(&uri, found.next.clone().as_deref(), found))
}

/// 登记抽检结论（不合格的资源随即暂停服务）
#[utoipa::path(post, path = "/api/v1/spot-checks/{id}/result", tag = "reviews", request_body = RecordSpotCheck,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the spot check"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Recorded", body = SpotCheckView), WriteFailures))]
async fn record(
    State(vetting): State<Vetting>,
    Aimed { actor, id, expected }: Aimed,
    Json(record): Json<RecordSpotCheck>,
) -> Result<Tagged<SpotCheckView>, Problem> {
    let view = vetting.record_spot_check(&actor, &id, &record, expected).await?;
    Ok(tags::tagged(view.standing.version, view))
}
