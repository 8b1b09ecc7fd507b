//! A learner's favourites in lists, and notes.

use crate::domain::learner::note::NoteText;
use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{Failures, WriteFailures};
use crate::http::house::House;
use crate::http::paging::{self, PageQuery};
use crate::learning::Learning;
use crate::learning::lists::ListView;
use crate::learning::notes::{NotePage, NoteView};
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(lists, make_list))
        .routes(routes!(rename_list, remove_list))
        .routes(routes!(put_in_list, take_from_list))
        .routes(routes!(notes, make_note))
        .routes(routes!(change_note, remove_note))
}

/// A list's name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ListName {
    /// 1 to 60 characters.
    name: String,
}

/// 收藏清单
#[utoipa::path(get, path = "/api/v1/learners/{learner}/lists", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`")),
    responses((status = 200, description = "Lists in the order in which they were made", body = [ListView]), Failures))]
async fn lists(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(learner): Path<String>,
) -> Result<Json<Vec<ListView>>, Problem> {
    learning.lists(&actor, &learner).await.map(Json)
}

/// 新建收藏清单
#[utoipa::path(post, path = "/api/v1/learners/{learner}/lists", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`")), request_body = ListName,
    responses((status = 201, description = "Made", body = ListView), WriteFailures))]
async fn make_list(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(learner): Path<String>,
    Json(list): Json<ListName>,
) -> Result<(StatusCode, Json<ListView>), Problem> {
    Ok((StatusCode::CREATED, Json(learning.make_list(&actor, &learner, &list.name).await?)))
}

/// 收藏清单改名
#[utoipa::path(patch, path = "/api/v1/learners/{learner}/lists/{list}", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`"), ("list" = String, Path, description = "Id of the list")),
    request_body = ListName, responses((status = 200, description = "As it is now", body = ListView), WriteFailures))]
async fn rename_list(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path((learner, list)): Path<(String, String)>,
    Json(wanted): Json<ListName>,
) -> Result<Json<ListView>, Problem> {
    learning.rename_list(&actor, &learner, &list, &wanted.name).await.map(Json)
}

/// 删除收藏清单
#[utoipa::path(delete, path = "/api/v1/learners/{learner}/lists/{list}", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`"), ("list" = String, Path, description = "Id of the list")),
    responses((status = 204, description = "Gone"), WriteFailures))]
async fn remove_list(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path((learner, list)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    learning.remove_list(&actor, &learner, &list).await.map(|()| StatusCode::NO_CONTENT)
}

/// 收藏到清单
///
/// What is in a list is a favourite.
#[utoipa::path(put, path = "/api/v1/learners/{learner}/lists/{list}/resources/{resource}", tag = "learning",
    security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`"), ("list" = String, Path, description = "Id of the list"),
        ("resource" = String, Path, description = "Resource id")),
    responses((status = 200, description = "The list as it is now", body = ListView), WriteFailures))]
async fn put_in_list(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path((learner, list, resource)): Path<(String, String, String)>,
) -> Result<Json<ListView>, Problem> {
    learning.put_in_list(&actor, &learner, &list, &resource).await.map(Json)
}

/// 移出清单
///
/// What is in no list any more is no favourite.
#[utoipa::path(delete, path = "/api/v1/learners/{learner}/lists/{list}/resources/{resource}", tag = "learning",
    security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`"), ("list" = String, Path, description = "Id of the list"),
        ("resource" = String, Path, description = "Resource id")),
    responses((status = 204, description = "Taken out"), WriteFailures))]
async fn take_from_list(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path((learner, list, resource)): Path<(String, String, String)>,
) -> Result<StatusCode, Problem> {
    learning.take_from_list(&actor, &learner, &list, &resource).await.map(|()| StatusCode::NO_CONTENT)
}

/// Of which resource.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Of {
    /// Only notes about this resource.
    resource: Option<String>,
}

/// 学习笔记
#[utoipa::path(get, path = "/api/v1/learners/{learner}/notes", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`"), Of, PageQuery),
    responses((status = 200, description = "Notes, the latest first", body = NotePage), Failures))]
async fn notes(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(learner): Path<String>,
    Query(of): Query<Of>,
    Query(page): Query<PageQuery>,
    uri: Uri,
) -> Result<Response, Problem> {
    let found = learning.notes(&actor, &learner, of.resource.as_deref(), page.latest_first()).await?;
    Ok(paging::answer(&uri, found.next.clone().as_deref(), found))
}

/// 记笔记
#[utoipa::path(post, path = "/api/v1/learners/{learner}/notes", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`")), request_body = NoteText,
    responses((status = 201, description = "Kept", body = NoteView), WriteFailures))]
async fn make_note(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(learner): Path<String>,
    Json(note): Json<NoteText>,
) -> Result<(StatusCode, Json<NoteView>), Problem> {
    Ok((StatusCode::CREATED, Json(learning.make_note(&actor, &learner, note).await?)))
}

/// 修改笔记
#[utoipa::path(put, path = "/api/v1/learners/{learner}/notes/{note}", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`"), ("note" = String, Path, description = "Id of the note")),
    request_body = NoteText, responses((status = 200, description = "As it is now", body = NoteView), WriteFailures))]
async fn change_note(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path((learner, note)): Path<(String, String)>,
    Json(text): Json<NoteText>,
) -> Result<Json<NoteView>, Problem> {
    learning.change_note(&actor, &learner, &note, text).await.map(Json)
}

/// 删除笔记
#[utoipa::path(delete, path = "/api/v1/learners/{learner}/notes/{note}", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`"), ("note" = String, Path, description = "Id of the note")),
    responses((status = 204, description = "Gone"), WriteFailures))]
async fn remove_note(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path((learner, note)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    learning.remove_note(&actor, &learner, &note).await.map(|()| StatusCode::NO_CONTENT)
}
