//! Accounts: for those who manage them, and everybody's own.

use crate::accounts::Accounts;
use crate::accounts::list::{AccountPage, AccountView};
use crate::accounts::register::{AccountChange, NewAccount};
use crate::domain::access::Assignment;
use crate::domain::account::AuditEntry;
use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{Failures, ReadFailures, WriteFailures};
use crate::edge::tags;
use crate::http::house::House;
use crate::http::paging::{self, PageQuery};
use axum::extract::State;
use axum::http::header::{ETAG, LOCATION};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(me))
        .routes(routes!(list, create))
        .routes(routes!(read, modify))
        .routes(routes!(lock))
        .routes(routes!(audit))
}

/// Who the caller is.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Me {
    /// Account id.
    account: Option<String>,
    /// Sign-in name.
    name: Option<String>,
    /// Roles in force for this request.
    assignments: Vec<Assignment>,
    /// Protocol groups.
    groups: BTreeSet<String>,
}

/// 当前身份
#[utoipa::path(get, path = "/api/v1/me", tag = "accounts", security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Who is calling", body = Me), Failures))]
async fn me(SignedIn(actor): SignedIn) -> Json<Me> {
    let crate::domain::access::Actor { account, name, assignments, groups } = actor;
    Json(Me { account, name, assignments, groups })
}

/// 账户列表
#[utoipa::path(get, path = "/api/v1/accounts", tag = "accounts", params(PageQuery), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Accounts the caller manages", body = AccountPage), Failures))]
async fn list(
    State(accounts): State<Accounts>,
    SignedIn(actor): SignedIn,
    Query(page): Query<PageQuery>,
    uri: Uri,
) -> Result<Response, Problem> {
    let found = accounts.list(&actor, page.limit(), page.cursor).await?;
    Ok(paging::answer(&uri, found.next.clone().as_deref(), found))
}

/// 新建账户
#[utoipa::path(post, path = "/api/v1/accounts", tag = "accounts", request_body = NewAccount, security(("token" = []), ("session" = [])),
    responses((status = 201, description = "Made", body = AccountView), WriteFailures))]
async fn create(
    State(accounts): State<Accounts>,
    SignedIn(actor): SignedIn,
    Json(new): Json<NewAccount>,
) -> Result<impl IntoResponse, Problem> {
    let account = AccountView::from(accounts.register(&actor, new).await?);
    let headers = [(LOCATION, format!("/api/v1/accounts/{}", account.id))];
    Ok((StatusCode::CREATED, headers, Json(account)))
}

/// 查看账户
#[utoipa::path(get, path = "/api/v1/accounts/{account}", tag = "accounts",
    params(("account" = String, Path, description = "Id or sign-in name")), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "The account", body = AccountView), ReadFailures))]
async fn read(
    State(accounts): State<Accounts>,
    SignedIn(actor): SignedIn,
    Path(account): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let account = accounts.read(&actor, &account).await?;
    Ok(([(ETAG, tags::of_version(account.version))], Json(account)))
}

/// 修改账户（角色、显示名称、密码）
#[utoipa::path(patch, path = "/api/v1/accounts/{account}", tag = "accounts", request_body = AccountChange,
    params(("account" = String, Path, description = "Id or sign-in name"),
        ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Changed", body = AccountView), WriteFailures))]
async fn modify(
    State(accounts): State<Accounts>,
    SignedIn(actor): SignedIn,
    Path(account): Path<String>,
    headers: HeaderMap,
    Json(change): Json<AccountChange>,
) -> Result<impl IntoResponse, Problem> {
    let changed = accounts.modify(&actor, &account, change, tags::asked_version(&headers)).await?;
    let account = AccountView::from(changed);
    Ok(([(ETAG, tags::of_version(account.version))], Json(account)))
}

/// Whether an account is to be locked.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Lock {
    /// True locks, false unlocks.
    locked: bool,
}

/// 锁定或解锁账户
#[utoipa::path(put, path = "/api/v1/accounts/{account}/lock", tag = "accounts", request_body = Lock,
    params(("account" = String, Path, description = "Id or sign-in name")), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Locked or unlocked", body = AccountView), WriteFailures))]
async fn lock(
    State(accounts): State<Accounts>,
    SignedIn(actor): SignedIn,
    Path(account): Path<String>,
    Json(lock): Json<Lock>,
) -> Result<Json<AccountView>, Problem> {
    accounts.set_locked(&actor, &account, lock.locked).await.map(|account| Json(account.into()))
}

/// 账户操作记录
#[utoipa::path(get, path = "/api/v1/accounts/{account}/audit", tag = "accounts",
    params(("account" = String, Path, description = "Id or sign-in name")), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "What was done to it, newest first", body = [AuditEntry]), ReadFailures))]
async fn audit(
    State(accounts): State<Accounts>,
    SignedIn(actor): SignedIn,
    Path(account): Path<String>,
) -> Result<Json<Vec<AuditEntry>>, Problem> {
    accounts.audit(&actor, &account).await.map(Json)
}
