//! Panels: experts proposed, invitations and their answers, what is overdue.

use super::submissions::{Tagged, tagged};
use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::Path;
use crate::edge::problem::{Failures, ReadFailures, WriteFailures};
use crate::edge::tags;
use crate::http::house::House;
use crate::vetting::Vetting;
use crate::vetting::deadlines::Overdue;
use crate::vetting::experts::Experts;
use crate::vetting::invite::{Invite, StandDown};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(overdue))
        .routes(routes!(experts))
        .routes(routes!(invite))
        .routes(routes!(decline))
        .routes(routes!(recuse))
}

/// 逾期与待补专家的评审
#[utoipa::path(get, path = "/api/v1/reviews/overdue", tag = "reviews", security(("token" = []), ("session" = [])),
    responses((status = 200, description = "What waits for late, replaced or missing reviewers, or for an office past its term; escalated ones first", body = [Overdue]), Failures))]
async fn overdue(State(vetting): State<Vetting>, SignedIn(actor): SignedIn) -> Result<Json<Vec<Overdue>>, Problem> {
    vetting.overdue(&actor).await.map(Json)
}

/// 推荐评审专家
#[utoipa::path(get, path = "/api/v1/reviews/{id}/experts", tag = "reviews", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "Who may be invited, the best first, with reasons; and who may not, and why", body = Experts), ReadFailures))]
async fn experts(State(vetting): State<Vetting>, SignedIn(actor): SignedIn, Path(id): Path<String>) -> Result<Json<Experts>, Problem> {
    vetting.experts(&actor, &id).await.map(Json)
}

/// 邀请评审专家
#[utoipa::path(post, path = "/api/v1/reviews/{id}/invitations", tag = "reviews", request_body = Invite,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Invited: a seat is reserved until the answer is due", body = crate::vetting::views::SubmissionView), WriteFailures))]
async fn invite(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(invite): Json<Invite>,
) -> Result<Tagged, Problem> {
    vetting.invite(&actor, &id, &invite, tags::asked_version(&headers)).await.map(tagged)
}

/// 谢绝评审邀请
#[utoipa::path(post, path = "/api/v1/reviews/{id}/decline", tag = "reviews", request_body = StandDown,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 204, description = "Declined"), WriteFailures))]
async fn decline(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(why): Json<StandDown>,
) -> Result<StatusCode, Problem> {
    vetting.decline(&actor, &id, &why, tags::asked_version(&headers)).await.map(|()| StatusCode::NO_CONTENT)
}

/// 声明回避
#[utoipa::path(post, path = "/api/v1/reviews/{id}/recuse", tag = "reviews", request_body = StandDown,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 204, description = "The seat is free, and the caller never gets this submission again"), WriteFailures))]
async fn recuse(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(why): Json<StandDown>,
) -> Result<StatusCode, Problem> {
    vetting.recuse(&actor, &id, &why, tags::asked_version(&headers)).await.map(|()| StatusCode::NO_CONTENT)
}
