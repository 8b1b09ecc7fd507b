//! Reviewers: their profiles and phrases.

use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::aimed::Aimed;
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{Failures, ReadFailures, WriteFailures};
use crate::edge::tags::{self, Tagged};
use crate::http::house::House;
use crate::http::paging::{self, PageQuery};
use crate::vetting::Vetting;
use crate::vetting::reviewers::{Phrases, ProfilePage, ProfileView, WriteProfile};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(own, write_own))
        .routes(routes!(phrases, write_phrases))
        .routes(routes!(read, write))
}

fn tagged(view: ProfileView) -> Tagged<ProfileView> {
    tags::tagged(view.version, view)
}

/// 评审专家档案列表
#[utoipa::path(get, path = "/api/v1/reviewers", tag = "reviewers", params(PageQuery), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Profiles of the reviewers of the caller's scope", body = ProfilePage), Failures))]
async fn list(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Query(page): Query<PageQuery>,
    uri: Uri,
) -> Result<Response, Problem> {
    let found = vetting.profiles(&actor, page.limit(), page.cursor).await?;
    Ok(paging::answer(&uri, found.next.clone().as_deref(), found))
}

/// 本人的专家档案
#[utoipa::path(get, path = "/api/v1/reviewers/me", tag = "reviewers", security(("token" = []), ("session" = [])),
    responses((status = 200, description = "The caller's profile", body = ProfileView), Failures))]
async fn own(State(vetting): State<Vetting>, SignedIn(actor): SignedIn) -> Result<Tagged<ProfileView>, Problem> {
    vetting.profile(&actor, None).await.map(tagged)
}

/// 填写本人的专家档案（专长、著述姓名、回避事项、在审上限、请假）
#[utoipa::path(put, path = "/api/v1/reviewers/me", tag = "reviewers", request_body = WriteProfile, security(("token" = []), ("session" = [])),
    params(("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Written", body = ProfileView), WriteFailures))]
async fn write_own(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    headers: HeaderMap,
    Json(write): Json<WriteProfile>,
) -> Result<Tagged<ProfileView>, Problem> {
    vetting.write_profile(&actor, None, write, tags::asked_version(&headers)).await.map(tagged)
}

/// 本人的评审常用语
#[utoipa::path(get, path = "/api/v1/reviewers/me/phrases", tag = "reviewers", security(("token" = []), ("session" = [])),
    responses((status = 200, description = "The caller's phrases", body = Phrases), Failures))]
async fn phrases(State(vetting): State<Vetting>, SignedIn(actor): SignedIn) -> Result<Json<Phrases>, Problem> {
    vetting.phrases(&actor).await.map(Json)
}

/// 保存本人的评审常用语
#[utoipa::path(put, path = "/api/v1/reviewers/me/phrases", tag = "reviewers", request_body = Phrases,
    security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Saved", body = Phrases), WriteFailures))]
async fn write_phrases(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Json(write): Json<Phrases>,
) -> Result<Json<Phrases>, Problem> {
    vetting.write_phrases(&actor, write).await.map(Json)
}

/// 查看评审专家档案
#[utoipa::path(get, path = "/api/v1/reviewers/{account}", tag = "reviewers", security(("token" = []), ("session" = [])),
    params(("account" = String, Path, description = "Id or sign-in name")),
    responses((status = 200, description = "The profile", body = ProfileView), ReadFailures))]
async fn read(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(account): Path<String>,
) -> Result<Tagged<ProfileView>, Problem> {
    vetting.profile(&actor, Some(&account)).await.map(tagged)
}

/// 修改评审专家档案
#[utoipa::path(put, path = "/api/v1/reviewers/{account}", tag = "reviewers", request_body = WriteProfile,
    security(("token" = []), ("session" = [])),
    params(("account" = String, Path, description = "Id or sign-in name"),
        ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Written", body = ProfileView), WriteFailures))]
async fn write(
    State(vetting): State<Vetting>,
    Aimed { actor, id, expected }: Aimed,
    Json(write): Json<WriteProfile>,
) -> Result<Tagged<ProfileView>, Problem> {
    vetting.write_profile(&actor, Some(&id), write, expected).await.map(tagged)
}
