//! Everybody's own notices, and by which channels they want them.

use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{Failures, WriteFailures};
use crate::http::house::House;
use crate::http::paging::{self, PageQuery};
use crate::notices::Notices;
use crate::notices::inbox::{NoticePage, NoticeView};
use crate::notices::settings::{Confirmation, SettingsChange, SettingsView};
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(inbox))
        .routes(routes!(read_all))
        .routes(routes!(read))
        .routes(routes!(settings, change_settings))
        .routes(routes!(confirm))
}

/// Which notices.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only those that were not read.
    unread: Option<bool>,
}

/// 站内通知
#[utoipa::path(get, path = "/api/v1/notices", tag = "notices", params(Which, PageQuery), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "The caller's notices, newest first", body = NoticePage), Failures))]
async fn inbox(
    State(notices): State<Notices>,
    SignedIn(actor): SignedIn,
    Query(which): Query<Which>,
    Query(page): Query<PageQuery>,
    uri: Uri,
) -> Result<Response, Problem> {
    let found = notices.inbox(&actor, which.unread.unwrap_or(false), page.limit(), page.cursor).await?;
    Ok(paging::answer(&uri, found.next.clone().as_deref(), found))
}

/// 通知标为已读
#[utoipa::path(put, path = "/api/v1/notices/{notice}/read", tag = "notices", security(("token" = []), ("session" = [])),
    params(("notice" = String, Path, description = "Id of the notice")),
    responses((status = 200, description = "Read", body = NoticeView), WriteFailures))]
async fn read(State(notices): State<Notices>, SignedIn(actor): SignedIn, Path(notice): Path<String>) -> Result<Json<NoticeView>, Problem> {
    notices.read(&actor, &notice).await.map(Json)
}

/// How many notices were marked.
#[derive(Serialize, utoipa::ToSchema)]
struct Marked {
    /// Notices that had not been read.
    marked: u32,
}

/// 全部标为已读
#[utoipa::path(put, path = "/api/v1/notices/read", tag = "notices", security(("token" = []), ("session" = [])),
    responses((status = 200, description = "All are read", body = Marked), WriteFailures))]
async fn read_all(State(notices): State<Notices>, SignedIn(actor): SignedIn) -> Result<Json<Marked>, Problem> {
    notices.read_all(&actor).await.map(|marked| Json(Marked { marked }))
}

/// 通知设置
#[utoipa::path(get, path = "/api/v1/notices/settings", tag = "notices", security(("token" = []), ("session" = [])),
    responses((status = 200, description = "The caller's channels and addresses", body = SettingsView), Failures))]
async fn settings(State(notices): State<Notices>, SignedIn(actor): SignedIn) -> Result<Json<SettingsView>, Problem> {
    notices.settings(&actor).await.map(Json)
}

/// 修改通知设置
///
/// A new address is used once the code that was sent to it came back.
#[utoipa::path(put, path = "/api/v1/notices/settings", tag = "notices", request_body = SettingsChange,
    security(("token" = []), ("session" = [])),
    responses((status = 200, description = "As they are now", body = SettingsView), WriteFailures))]
async fn change_settings(
    State(notices): State<Notices>,
    SignedIn(actor): SignedIn,
    Json(change): Json<SettingsChange>,
) -> Result<Json<SettingsView>, Problem> {
    notices.change_settings(&actor, change).await.map(Json)
}

/// 用验证码确认通知地址
#[utoipa::path(post, path = "/api/v1/notices/settings/confirmation", tag = "notices", request_body = Confirmation,
    security(("token" = []), ("session" = [])),
    responses((status = 200, description = "The address is used from now on", body = SettingsView), WriteFailures))]
async fn confirm(
    State(notices): State<Notices>,
    SignedIn(actor): SignedIn,
    Json(given): Json<Confirmation>,
) -> Result<Json<SettingsView>, Problem> {
    notices.confirm_address(&actor, &given).await.map(Json)
}
