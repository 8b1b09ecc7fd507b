//! Signing in and out.

use crate::accounts::Accounts;
use crate::accounts::list::AccountView;
use crate::accounts::session::{SECONDS, SignIn};
use crate::domain::account::CredentialKind;
use crate::domain::problem::Problem;
use crate::domain::time::Timestamp;
use crate::edge::actor::Means;
use crate::edge::cookies;
use crate::edge::json::Json;
use crate::edge::problem::WriteFailures;
use crate::http::house::{House, Site};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(begin)).routes(routes!(end))
}

/// A session that began.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Session {
    /// Who signed in.
    account: AccountView,
    /// When it ends.
    expires: Timestamp,
}

/// 登录
///
/// The session comes as a cookie; its secret is nowhere in the body.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "accounts", request_body = SignIn,
    responses((status = 201, description = "Signed in", body = Session), WriteFailures))]
async fn begin(State(accounts): State<Accounts>, State(site): State<Arc<Site>>, Json(sign_in): Json<SignIn>) -> Result<Response, Problem> {
    let begun = accounts.sign_in(sign_in).await?;
    let cookie = cookies::set(cookies::SESSION, &begun.secret, SECONDS, site.is_secure()).ok_or_else(Problem::internal)?;
    let session = Session { account: begun.account, expires: begun.expires };
    Ok((StatusCode::CREATED, [(SET_COOKIE, cookie)], Json(session)).into_response())
}

/// 退出登录
#[utoipa::path(delete, path = "/api/v1/sessions/current", tag = "accounts", security(("session" = [])),
    responses((status = 204, description = "Signed out"), WriteFailures))]
async fn end(State(accounts): State<Accounts>, State(site): State<Arc<Site>>, means: Means) -> Result<Response, Problem> {
    if let Means::Credential(known) = means
        && known.kind == CredentialKind::Session
    {
        accounts.sign_out(&known).await?;
    }
    let cookie = cookies::set(cookies::SESSION, "", 0, site.is_secure()).ok_or_else(Problem::internal)?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response())
}
