//! Effective hours, and the certificates made of them.

use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{Failures, WriteFailures};
use crate::http::house::{House, Site};
use crate::http::printed;
use crate::learning::Learning;
use crate::learning::certificates::{CertificateRequest, CertificateView};
use crate::learning::hours::{Days, Hours};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Html;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(hours)).routes(routes!(certificates, certify)).routes(routes!(verify)).routes(routes!(paper))
}

/// 有效学时
///
/// Counted by `src/learning/rules/hours.toml`, which the answer holds with its sources.
#[utoipa::path(get, path = "/api/v1/learners/{learner}/hours", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`"), Days),
    responses((status = 200, description = "Effective hours, day by day", body = Hours), Failures))]
async fn hours(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(learner): Path<String>,
    Query(days): Query<Days>,
) -> Result<Json<Hours>, Problem> {
    learning.hours(&actor, &learner, &days).await.map(Json)
}

/// 学习证明列表
#[utoipa::path(get, path = "/api/v1/learners/{learner}/certificates", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`")),
    responses((status = 200, description = "In the order of their numbers", body = [CertificateView]), Failures))]
async fn certificates(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(learner): Path<String>,
) -> Result<Json<Vec<CertificateView>>, Problem> {
    learning.certificates(&actor, &learner).await.map(Json)
}

/// 出具学习证明
///
/// The effective hours of some days under a number and a code. With nothing learned since, the one there is.
#[utoipa::path(post, path = "/api/v1/learners/{learner}/certificates", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`")), request_body = CertificateRequest,
    responses((status = 201, description = "The certificate", body = CertificateView), WriteFailures))]
async fn certify(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(learner): Path<String>,
    Json(request): Json<CertificateRequest>,
) -> Result<(StatusCode, Json<CertificateView>), Problem> {
    Ok((StatusCode::CREATED, Json(learning.certify(&actor, &learner, request).await?)))
}

/// 核验学习证明
#[utoipa::path(get, path = "/api/v1/certificates/{code}", tag = "learning",
    params(("code" = String, Path, description = "Code on the paper; dashes and case do not matter")),
    responses((status = 200, description = "What the paper says", body = CertificateView), Failures))]
async fn verify(State(learning): State<Learning>, Path(code): Path<String>) -> Result<Json<CertificateView>, Problem> {
    learning.verify_certificate(&code).await.map(Json)
}

/// 学习证明（打印页）
#[utoipa::path(get, path = "/api/v1/certificates/{code}/page.html", tag = "learning",
    params(("code" = String, Path, description = "Code on the paper")),
    responses((status = 200, description = "The paper, to be printed on A4", body = String, content_type = "text/html"), Failures))]
async fn paper(State(learning): State<Learning>, State(site): State<Arc<Site>>, Path(code): Path<String>) -> Result<Html<String>, Problem> {
    let paper = learning.verify_certificate(&code).await?;
    Ok(Html(printed::certificate::page(&paper, &site)))
}
