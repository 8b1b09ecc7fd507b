//! Minors, shared accounts, guardians' consents, and who looked at a minor's record.

use crate::domain::learner::protection::{Holder, RecordAccess};
use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::Path;
use crate::edge::problem::{Failures, WriteFailures};
use crate::http::house::House;
use crate::learning::Learning;
use crate::learning::protection::{ConsentRequest, ProtectionView};
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(protection, protect)).routes(routes!(consent, withdraw)).routes(routes!(accesses))
}

/// 学习者的保护设置
#[utoipa::path(get, path = "/api/v1/learners/{learner}/protection", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`")),
    responses((status = 200, description = "Who it is, and what follows from it", body = ProtectionView), Failures))]
async fn protection(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(learner): Path<String>,
) -> Result<Json<ProtectionView>, Problem> {
    learning.protection(&actor, &learner).await.map(Json)
}

/// 登记未成年人或多人共用账号
///
/// A minor cannot lift the protection; who speaks for the minor can. Personalisation is off from then on.
#[utoipa::path(put, path = "/api/v1/learners/{learner}/protection", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`")), request_body = Holder,
    responses((status = 200, description = "As it is now", body = ProtectionView), WriteFailures))]
async fn protect(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(learner): Path<String>,
    Json(holder): Json<Holder>,
) -> Result<Json<ProtectionView>, Problem> {
    learning.protect(&actor, &learner, holder).await.map(Json)
}

/// 登记监护人同意
///
/// Written down by who saw it given: a school's or station's platform, or an administrator; never by the child.
#[utoipa::path(post, path = "/api/v1/learners/{learner}/protection/consent", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`")), request_body = ConsentRequest,
    responses((status = 201, description = "Written down", body = ProtectionView), WriteFailures))]
async fn consent(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(learner): Path<String>,
    Json(request): Json<ConsentRequest>,
) -> Result<(StatusCode, Json<ProtectionView>), Problem> {
    Ok((StatusCode::CREATED, Json(learning.consent(&actor, &learner, request).await?)))
}

/// 撤回监护人同意
#[utoipa::path(delete, path = "/api/v1/learners/{learner}/protection/consent", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`")),
    responses((status = 204, description = "Withdrawn; nothing more is kept"), WriteFailures))]
async fn withdraw(State(learning): State<Learning>, SignedIn(actor): SignedIn, Path(learner): Path<String>) -> Result<StatusCode, Problem> {
    learning.withdraw_consent(&actor, &learner).await.map(|()| StatusCode::NO_CONTENT)
}

/// 谁查看过未成年人的档案
#[utoipa::path(get, path = "/api/v1/learners/{learner}/accesses", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`")),
    responses((status = 200, description = "A row a day, account and part, the latest day first", body = [RecordAccess]), Failures))]
async fn accesses(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(learner): Path<String>,
) -> Result<Json<Vec<RecordAccess>>, Problem> {
    learning.accesses(&actor, &learner).await.map(Json)
}
