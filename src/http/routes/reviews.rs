//! Reviewing: the desk, claims, opinions, decisions.

use super::submissions::{Tagged, tagged};
use crate::domain::problem::Problem;
use crate::domain::time::Timestamp;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{Failures, WriteFailures};
use crate::edge::tags;
use crate::http::house::House;
use crate::http::paging::PageQuery;
use crate::vetting::Vetting;
use crate::vetting::agreement::{Agreement, Period};
use crate::vetting::decide::{AnswerAppeal, Decide};
use crate::vetting::decide_many::{DecideMany, Decided};
use crate::vetting::desk::Desk;
use crate::vetting::opine::GiveOpinion;
use crate::vetting::screen::Screening;
use crate::vetting::views::SubmissionView;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn streaming() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(ledger))
}

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(desk))
        .routes(routes!(agreement))
        .routes(routes!(next))
        .routes(routes!(claim, release))
        .routes(routes!(opine))
        .routes(routes!(screen))
        .routes(routes!(decide))
        .routes(routes!(decide_many))
        .routes(routes!(publish))
        .routes(routes!(answer_appeal))
}

/// 评审工作台
#[utoipa::path(get, path = "/api/v1/reviews", tag = "reviews", params(PageQuery), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "The reviewer's claims, and what may be claimed", body = Desk), Failures))]
async fn desk(State(vetting): State<Vetting>, SignedIn(actor): SignedIn, Query(page): Query<PageQuery>) -> Result<Json<Desk>, Problem> {
    vetting.desk(&actor, page.limit()).await.map(Json)
}

/// Which opinions are counted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PeriodQuery {
    /// Given at this instant or later; without it, within the year before the end.
    since: Option<Timestamp>,
    /// Given before this instant.
    until: Option<Timestamp>,
    /// Of submissions of this category.
    category: Option<String>,
}

/// 评审一致性与工作量
#[utoipa::path(get, path = "/api/v1/reviews/agreement", tag = "reviews", params(PeriodQuery), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "How far reviewers agree, per criterion and reviewer, and how much each did", body = Agreement), Failures))]
async fn agreement(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Query(PeriodQuery { since, until, category }): Query<PeriodQuery>,
) -> Result<Json<Agreement>, Problem> {
    vetting.agreement(&actor, &Period { since, until, category }).await.map(Json)
}

/// 导出审核台账
///
/// JSON lines: all checkpoints in their order, then the entries that they seal, chain by chain; entries hold no names. Keep the
/// `hash` of the last checkpoint elsewhere: by it `yuelu verify --ledger` finds whatever was changed, removed, added or moved.
#[utoipa::path(get, path = "/api/v1/ledger", tag = "reviews", security(("token" = []), ("session" = [])),
    responses((status = 200, description = "The ledger", body = String, content_type = "application/x-ndjson"), Failures))]
async fn ledger(State(vetting): State<Vetting>, SignedIn(actor): SignedIn) -> Result<Response, Problem> {
    let lines = vetting.export_ledger(&actor).await?;
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response())
}

/// 领取下一件
#[utoipa::path(post, path = "/api/v1/reviews/next", tag = "reviews", security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Claimed", body = SubmissionView), (status = 204, description = "There is nothing to review"), WriteFailures))]
async fn next(State(vetting): State<Vetting>, SignedIn(actor): SignedIn) -> Result<Response, Problem> {
    Ok(match vetting.next(&actor).await? {
        Some(view) => tagged(view).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// 领取评审
#[utoipa::path(post, path = "/api/v1/reviews/{id}/claim", tag = "reviews", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Claimed", body = SubmissionView), WriteFailures))]
async fn claim(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Tagged, Problem> {
    vetting.claim(&actor, &id, tags::asked_version(&headers)).await.map(tagged)
}

/// Whose claim.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Whose {
    /// Account; missing: the caller's own.
    account: Option<String>,
}

/// 退回领取
#[utoipa::path(delete, path = "/api/v1/reviews/{id}/claim", tag = "reviews", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), Whose),
    responses((status = 204, description = "Given back"), WriteFailures))]
async fn release(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    Query(whose): Query<Whose>,
) -> Result<StatusCode, Problem> {
    vetting.release(&actor, &id, whose.account.as_deref()).await.map(|()| StatusCode::NO_CONTENT)
}

/// 提交评审意见
#[utoipa::path(post, path = "/api/v1/reviews/{id}/opinion", tag = "reviews", request_body = GiveOpinion,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Given", body = SubmissionView), WriteFailures))]
async fn opine(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(give): Json<GiveOpinion>,
) -> Result<Tagged, Problem> {
    vetting.opine(&actor, &id, &give, tags::asked_version(&headers)).await.map(tagged)
}

/// 初审处理（分派、退回、不予受理、提交委员会、确认修改）
#[utoipa::path(post, path = "/api/v1/reviews/{id}/screening", tag = "reviews", request_body = Screening,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Done", body = SubmissionView), WriteFailures))]
async fn screen(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(decision): Json<Screening>,
) -> Result<Tagged, Problem> {
    vetting.screen(&actor, &id, &decision, tags::asked_version(&headers)).await.map(tagged)
}

/// 终审决定或委员会表决
#[utoipa::path(post, path = "/api/v1/reviews/{id}/decision", tag = "reviews", request_body = Decide,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Decided, or voted", body = SubmissionView), WriteFailures))]
async fn decide(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(decide): Json<Decide>,
) -> Result<Tagged, Problem> {
    vetting.decide(&actor, &id, &decide, tags::asked_version(&headers)).await.map(tagged)
}

/// 批量终审（逐件决定，逐件答复）
#[utoipa::path(post, path = "/api/v1/reviews/decisions", tag = "reviews", request_body = DecideMany, security(("token" = []), ("session" = [])),
    responses((status = 200, description = "An answer for each, in their order", body = [Decided]), WriteFailures))]
async fn decide_many(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Json(ask): Json<DecideMany>,
) -> Result<Json<Vec<Decided>>, Problem> {
    vetting.decide_many(&actor, &ask).await.map(Json)
}

/// 公示期满入库
#[utoipa::path(post, path = "/api/v1/reviews/{id}/publication", tag = "reviews", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Published", body = SubmissionView), WriteFailures))]
async fn publish(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Tagged, Problem> {
    vetting.publish(&actor, &id, tags::asked_version(&headers)).await.map(tagged)
}

/// 处理申诉
#[utoipa::path(post, path = "/api/v1/reviews/{id}/appeal-answer", tag = "reviews", request_body = AnswerAppeal,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Answered", body = SubmissionView), WriteFailures))]
async fn answer_appeal(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(answer): Json<AnswerAppeal>,
) -> Result<Tagged, Problem> {
    vetting.answer_appeal(&actor, &id, &answer, tags::asked_version(&headers)).await.map(tagged)
}
