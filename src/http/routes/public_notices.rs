//! Public notices, and objections against them: anybody objects, the desk answers.

use crate::domain::problem::Problem;
use crate::edge::actor::{Caller, SignedIn};
use crate::edge::aimed::Aimed;
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{Failures, ReadFailures, WriteFailures};
use crate::edge::tags::{self, Tagged};
use crate::http::house::House;
use crate::http::paging::{self, PageQuery};
use crate::vetting::Vetting;
use crate::vetting::objections::{AnswerObjection, FileObjection, ListObjections, ObjectionPage, ObjectionView};
use crate::vetting::petitions::{Filed, Follow};
use crate::vetting::public_notices::PublicNoticePage;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(notices))
        .routes(routes!(object))
        .routes(routes!(list))
        .routes(routes!(follow))
        .routes(routes!(read))
        .routes(routes!(answer))
}

fn tagged(view: ObjectionView) -> Tagged<ObjectionView> {
    tags::tagged(view.standing.version, view)
}

/// 公示中的资源
#[utoipa::path(get, path = "/api/v1/public-notices", tag = "public-notices", params(PageQuery),
    responses((status = 200, description = "What is under notice, without the names of people", body = PublicNoticePage), Failures))]
async fn notices(
    State(vetting): State<Vetting>,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    uri: Uri,
) -> Result<Response, Problem> {
    let found = vetting.notices(&actor, page.limit(), page.cursor).await?;
    Ok(paging::answer(&uri, found.next.clone().as_deref(), found))
}

/// 对公示提出异议（实名，书面，附证据）
///
/// Anybody may; a visitor gives name and contact. Publication waits until the desk has answered.
#[utoipa::path(post, path = "/api/v1/public-notices/{id}/objections", tag = "public-notices", request_body = FileObjection,
    params(("id" = String, Path, description = "Id of the notice")),
    responses((status = 201, description = "Made; the code follows it", body = Filed), WriteFailures))]
async fn object(
    State(vetting): State<Vetting>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    Json(ask): Json<FileObjection>,
) -> Result<(StatusCode, Json<Filed>), Problem> {
    vetting.object(&actor, &id, &ask).await.map(|filed| (StatusCode::CREATED, Json(filed)))
}

/// 异议列表
#[utoipa::path(get, path = "/api/v1/objections", tag = "public-notices", params(ListObjections), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Those the caller may see: the desk's, and the own ones", body = ObjectionPage), Failures))]
async fn list(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Query(ask): Query<ListObjections>,
    uri: Uri,
) -> Result<Response, Problem> {
    let found = vetting.objections(&actor, &ask).await?;
    Ok(paging::answer(&uri, found.next.clone().as_deref(), found))
}

/// 凭查询码查看异议进展
#[utoipa::path(post, path = "/api/v1/objections/followed", tag = "public-notices", request_body = Follow,
    responses((status = 200, description = "The objection of this code", body = ObjectionView), WriteFailures))]
async fn follow(State(vetting): State<Vetting>, Json(follow): Json<Follow>) -> Result<Json<ObjectionView>, Problem> {
    vetting.followed_objection(&follow).await.map(Json)
}

/// 异议详情
#[utoipa::path(get, path = "/api/v1/objections/{id}", tag = "public-notices", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the objection")),
    responses((status = 200, description = "The objection", body = ObjectionView), ReadFailures))]
async fn read(State(vetting): State<Vetting>, SignedIn(actor): SignedIn, Path(id): Path<String>) -> Result<Tagged<ObjectionView>, Problem> {
    vetting.objection(&actor, &id).await.map(tagged)
}

/// 答复异议（受理、不予受理、不成立、提交委员会复议）
#[utoipa::path(post, path = "/api/v1/objections/{id}/answer", tag = "public-notices", request_body = AnswerObjection,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the objection"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Answered", body = ObjectionView), WriteFailures))]
async fn answer(
    State(vetting): State<Vetting>,
    Aimed { actor, id, expected }: Aimed,
    Json(answer): Json<AnswerObjection>,
) -> Result<Tagged<ObjectionView>, Problem> {
    vetting.answer_objection(&actor, &id, &answer, expected).await.map(tagged)
}
