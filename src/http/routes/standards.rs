//! The vetting standards: those in force for everybody to read, others for editors to try.

use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::Query;
use crate::edge::problem::{Failures, WriteFailures};
use crate::http::house::House;
use crate::vetting::retest::Retest;
use crate::vetting::standards::StandardsView;
use crate::vetting::{Files, StandardsDiff, Vetting};
use axum::extract::State;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(read)).routes(routes!(diff)).routes(routes!(test))
}

/// 现行审核标准
#[utoipa::path(get, path = "/api/v1/rules", tag = "rules",
    responses((status = 200, description = "Machine checks, tracks, vetoes, states and transitions in force", body = StandardsView), Failures))]
async fn read(State(vetting): State<Vetting>) -> Json<StandardsView> {
    Json(vetting.standards())
}

/// Other standards.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OtherStandards {
    /// The files of a rule folder: contents by name (`core.toml`, `kind/video.toml`, …).
    files: Files,
}

/// 与现行标准比较
#[utoipa::path(post, path = "/api/v1/rules/diff", tag = "rules", request_body = OtherStandards, security(("token" = []), ("session" = [])),
    responses((status = 200, description = "What would change if these were in force", body = StandardsDiff), WriteFailures))]
async fn diff(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Json(OtherStandards { files }): Json<OtherStandards>,
) -> Result<Json<StandardsDiff>, Problem> {
    vetting.diff(&actor, &files).map(Json)
}

/// Where the page before ended.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Place {
    /// `next` of the page before.
    cursor: Option<String>,
}

/// 以新标准复测已入库资源
///
/// Tests a page of the catalogue; nothing is changed. Ask again with `next` until there is none.
#[utoipa::path(post, path = "/api/v1/rules/test", tag = "rules", request_body = OtherStandards, params(Place),
    security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Published resources of this page that would fall", body = Retest), WriteFailures))]
async fn test(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Query(Place { cursor }): Query<Place>,
    Json(OtherStandards { files }): Json<OtherStandards>,
) -> Result<Json<Retest>, Problem> {
    vetting.retest(&actor, &files, cursor).await.map(Json)
}
