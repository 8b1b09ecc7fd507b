//! API tokens and sessions of an account: listed, made, revoked.

use crate::accounts::Accounts;
use crate::accounts::token::{CredentialView, MadeToken, NewToken};
use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::Path;
use crate::edge::problem::{ReadFailures, WriteFailures};
use crate::http::house::House;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

/// 令牌与会话列表
#[utoipa::path(get, path = "/api/v1/accounts/{account}/tokens", tag = "accounts",
    params(("account" = String, Path, description = "Id or sign-in name")), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Live tokens and sessions", body = [CredentialView]), ReadFailures))]
async fn list(
    State(accounts): State<Accounts>,
    SignedIn(actor): SignedIn,
    Path(account): Path<String>,
) -> Result<Json<Vec<CredentialView>>, Problem> {
    accounts.tokens(&actor, &account).await.map(Json)
}

/// 新建令牌（只显示一次）
#[utoipa::path(post, path = "/api/v1/accounts/{account}/tokens", tag = "accounts", request_body = NewToken,
    params(("account" = String, Path, description = "Id or sign-in name")), security(("token" = []), ("session" = [])),
    responses((status = 201, description = "Made; the secret is shown this once", body = MadeToken), WriteFailures))]
async fn create(
    State(accounts): State<Accounts>,
    SignedIn(actor): SignedIn,
    Path(account): Path<String>,
    Json(new): Json<NewToken>,
) -> Result<impl IntoResponse, Problem> {
    let made = accounts.make_token(&actor, &account, new).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// 撤销令牌或会话
#[utoipa::path(delete, path = "/api/v1/accounts/{account}/tokens/{token}", tag = "accounts",
    params(("account" = String, Path, description = "Id or sign-in name"), ("token" = String, Path, description = "Id of the token")),
    security(("token" = []), ("session" = [])),
    responses((status = 204, description = "Revoked"), WriteFailures))]
async fn revoke(
    State(accounts): State<Accounts>,
    SignedIn(actor): SignedIn,
    Path((account, token)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    accounts.revoke(&actor, &account, &token).await.map(|()| StatusCode::NO_CONTENT)
}
