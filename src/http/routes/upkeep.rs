//! Care of what is kept: backup, verification, a fresh index.

use crate::discover::Discover;
use crate::discover::verify::IndexReport;
use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::problem::WriteFailures;
use crate::http::house::House;
use crate::operations::Operations;
use crate::operations::upkeep::BackupView;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn streaming() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(backup)).routes(routes!(verify)).routes(routes!(reindex))
}

/// Where a backup goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BackupRequest {
    /// An absolute path on the serving machine: a folder that is not there yet, or is empty.
    target: String,
    /// Hard links for blobs: quick and without room, but on the same disk.
    #[serde(default)]
    link_blobs: bool,
}

/// 备份（服务不中断）
///
/// Only for commands on the data directory itself.
#[utoipa::path(post, path = "/api/v1/backups", tag = "operations", request_body = BackupRequest, security(("token" = []), ("session" = [])),
    responses((status = 201, description = "Made", body = BackupView), WriteFailures))]
async fn backup(
    State(operations): State<Operations>,
    SignedIn(actor): SignedIn,
    Json(BackupRequest { target, link_blobs }): Json<BackupRequest>,
) -> Result<(StatusCode, Json<BackupView>), Problem> {
    operations.backup(&actor, &target, link_blobs).await.map(|made| (StatusCode::CREATED, Json(made)))
}

/// What is looked at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VerifyRequest {
    /// Whether all blobs are hashed too.
    #[serde(default)]
    blobs: bool,
}

/// Whether everything kept is as it was written.
#[derive(Serialize, ToSchema)]
struct Verification {
    /// Nothing is wrong.
    clean: bool,
    /// Records, indexes, feed, blobs and audit chains.
    #[schema(value_type = Object)]
    store: Value,
    /// The search index against the store.
    index: IndexReport,
}

/// 完整性检查
#[utoipa::path(post, path = "/api/v1/verification", tag = "operations", request_body = VerifyRequest, security(("token" = []), ("session" = [])),
    responses((status = 200, description = "What is wrong, if anything", body = Verification), WriteFailures))]
async fn verify(
    State(operations): State<Operations>,
    State(discover): State<Discover>,
    SignedIn(actor): SignedIn,
    Json(VerifyRequest { blobs }): Json<VerifyRequest>,
) -> Result<Json<Verification>, Problem> {
    let store = operations.verify(&actor, blobs).await?;
    let index = discover.verify().await?;
    let clean = store.is_clean() && index.is_clean();
    // A report of numbers and texts.
    let store = serde_json::to_value(store).unwrap_or_default();
    Ok(Json(Verification { clean, store, index }))
}

/// 重建检索索引
///
/// The present index serves until the new one is ready; the answer comes then.
#[utoipa::path(post, path = "/api/v1/index/rebuild", tag = "operations", security(("token" = []), ("session" = [])),
    responses((status = 204, description = "Built anew"), WriteFailures))]
async fn reindex(State(operations): State<Operations>, SignedIn(actor): SignedIn) -> Result<StatusCode, Problem> {
    operations.reindex(&actor).await.map(|()| StatusCode::NO_CONTENT)
}
