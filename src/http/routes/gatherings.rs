//! Gatherings (集体学习) of stations.

use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::problem::WriteFailures;
use crate::http::house::House;
use crate::learning::Learning;
use crate::learning::gather::{Gathered, Gathering};
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(gather))
}

/// 登记集体学习（按签到表）
///
/// Idempotent by `id`, and by who signed in: a list sent again with two more names counts two more.
#[utoipa::path(post, path = "/api/v1/gatherings", tag = "learning", request_body = Gathering, security(("token" = []), ("session" = [])),
    responses((status = 200, description = "How much was new", body = Gathered), WriteFailures))]
async fn gather(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Json(gathering): Json<Gathering>,
) -> Result<Json<Gathered>, Problem> {
    learning.gather(&actor, gathering).await.map(Json)
}
