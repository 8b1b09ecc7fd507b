//! Everybody's own saved searches.

use crate::discover::Discover;
use crate::discover::saved::{ChangedSearch, NewSearch, SavedSearches};
use crate::domain::problem::Problem;
use crate::domain::saved_search::SavedSearchView;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::Path;
use crate::edge::problem::{Failures, WriteFailures};
use crate::http::house::House;
use crate::learning::Learning;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list, save)).routes(routes!(change, delete))
}

/// 保存的检索
#[utoipa::path(get, path = "/api/v1/saved-searches", tag = "search", security(("token" = []), ("session" = [])),
    responses((status = 200, description = "The caller's own, in the order in which they were made", body = SavedSearches), Failures))]
async fn list(State(discover): State<Discover>, SignedIn(actor): SignedIn) -> Result<Json<SavedSearches>, Problem> {
    discover.saved_searches(&actor).await.map(Json)
}

/// 保存检索，有新资源时通知
///
/// Once a day, by a notice (`new_hits`) to the inbox and the ways that were chosen for `searches`, its owner is told how much came
/// into the catalogue since, of what the owner may see then, and the first titles. Refused (403 `guardian-consent-missing`) for a child
/// under fourteen whose guardian has not consented: nothing of it is kept.
#[utoipa::path(post, path = "/api/v1/saved-searches", tag = "search", request_body = NewSearch,
    security(("token" = []), ("session" = [])), responses((status = 201, description = "Saved", body = SavedSearchView), WriteFailures))]
async fn save(
    State(discover): State<Discover>,
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Json(new): Json<NewSearch>,
) -> Result<(StatusCode, Json<SavedSearchView>), Problem> {
    learning.require_keeping(&actor, "me")?;
    Ok((StatusCode::CREATED, Json(discover.save_search(&actor, new).await?)))
}

/// 保存的检索改名、暂停或继续
#[utoipa::path(patch, path = "/api/v1/saved-searches/{search}", tag = "search", request_body = ChangedSearch,
    security(("token" = []), ("session" = [])), params(("search" = String, Path, description = "Id of the saved search")),
    responses((status = 200, description = "As it is now", body = SavedSearchView), WriteFailures))]
async fn change(
    State(discover): State<Discover>,
    SignedIn(actor): SignedIn,
    Path(search): Path<String>,
    Json(wanted): Json<ChangedSearch>,
) -> Result<Json<SavedSearchView>, Problem> {
    discover.change_search(&actor, &search, wanted).await.map(Json)
}

/// 删除保存的检索
#[utoipa::path(delete, path = "/api/v1/saved-searches/{search}", tag = "search", security(("token" = []), ("session" = [])),
    params(("search" = String, Path, description = "Id of the saved search")),
    responses((status = 204, description = "Gone"), WriteFailures))]
async fn delete(State(discover): State<Discover>, SignedIn(actor): SignedIn, Path(search): Path<String>) -> Result<StatusCode, Problem> {
    discover.delete_search(&actor, &search).await.map(|()| StatusCode::NO_CONTENT)
}
