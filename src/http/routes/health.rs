//! How machines see whether the program lives, may be asked, and how it does.

use crate::edge::json::Json;
use crate::edge::problem::Failures;
use crate::http::house::{Figures, House};
use crate::operations::Operations;
use crate::operations::ready::Readiness;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz)).routes(routes!(metrics))
}

/// 进程是否存活
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, description = "Alive", body = String), Failures))]
async fn healthz() -> &'static str {
    "ok\n"
}

/// 是否可以服务
///
/// A node whose search index is more than 10 seconds behind, or whose store takes no writes, is not ready.
#[utoipa::path(get, path = "/readyz", tag = "operations", responses(
    (status = 200, description = "Ready", body = Readiness),
    Failures,
    (status = 503, description = "Not ready", body = Readiness)
))]
async fn readyz(State(operations): State<Operations>) -> Response {
    let readiness = operations.readiness();
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness)).into_response()
}

/// 运行指标（Prometheus）
#[utoipa::path(get, path = "/metrics", tag = "operations", responses(
    (status = 200, description = "Prometheus text", body = String, content_type = "text/plain"), Failures))]
async fn metrics(State(Figures(render)): State<Figures>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], render())
}
