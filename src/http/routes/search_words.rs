//! The workbench of search: what editors taught it, what an entry would change, and queries that found little.

use crate::discover::Discover;
use crate::discover::teach::{AskedPage, Effects, ListAsked, NewWord, Trial, WordList, WordView};
use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{Failures, WriteFailures};
use crate::http::house::House;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    let words = OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(remove)).routes(routes!(try_word));
    words.routes(routes!(queries, dismiss))
}

/// 检索词条：同义词与词典词
#[utoipa::path(get, path = "/api/v1/search-words", tag = "search", security(("token" = []), ("session" = [])),
    responses((status = 200, description = "What editors added to the data of the program", body = WordList), Failures))]
async fn list(State(discover): State<Discover>, SignedIn(actor): SignedIn) -> Result<Json<WordList>, Problem> {
    discover.words(&actor).await.map(Json)
}

/// 添加检索词条
///
/// Synonyms are in force once search has got to `position`; a word of segmentation when the index is next built, since it can
/// change how whole texts are cut.
#[utoipa::path(post, path = "/api/v1/search-words", tag = "search", request_body = NewWord,
    security(("token" = []), ("session" = [])), responses((status = 201, description = "Added", body = WordView), WriteFailures))]
async fn add(
    State(discover): State<Discover>,
    SignedIn(actor): SignedIn,
    Json(new): Json<NewWord>,
) -> Result<(StatusCode, Json<WordView>), Problem> {
    Ok((StatusCode::CREATED, Json(discover.add_word(&actor, new).await?)))
}

/// 删除检索词条
#[utoipa::path(delete, path = "/api/v1/search-words/{word}", tag = "search", security(("token" = []), ("session" = [])),
    params(("word" = String, Path, description = "Id of the entry")), responses((status = 204, description = "Removed"), WriteFailures))]
async fn remove(State(discover): State<Discover>, SignedIn(actor): SignedIn, Path(word): Path<String>) -> Result<StatusCode, Problem> {
    discover.remove_word(&actor, &word).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 预演检索词条的效果，不保存
#[utoipa::path(post, path = "/api/v1/search-words/trial", tag = "search", request_body = Trial,
    security(("token" = []), ("session" = [])),
    responses((status = 200, description = "What queries find without and with it", body = Effects), WriteFailures))]
async fn try_word(State(discover): State<Discover>, SignedIn(actor): SignedIn, Json(trial): Json<Trial>) -> Result<Json<Effects>, Problem> {
    discover.try_word(&actor, trial).await.map(Json)
}

/// 没有结果或结果很少的检索词，或常用检索词
///
/// Only queries that at least five people asked within a week; people are told in steps.
#[utoipa::path(get, path = "/api/v1/search-queries", tag = "search", params(ListAsked), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Most asked first", body = AskedPage), Failures))]
async fn queries(
    State(discover): State<Discover>,
    SignedIn(actor): SignedIn,
    Query(ask): Query<ListAsked>,
) -> Result<Json<AskedPage>, Problem> {
    discover.poor_queries(&actor, ask).await.map(Json)
}

/// Which one.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Dismissed {
    /// Monday of its week.
    week: String,
    /// The query, as it is listed.
    query: String,
}

/// 处理完毕，从列表中去掉
#[utoipa::path(delete, path = "/api/v1/search-queries", tag = "search", params(Dismissed), security(("token" = []), ("session" = [])),
    responses((status = 204, description = "Taken off the list"), WriteFailures))]
async fn dismiss(
    State(discover): State<Discover>,
    SignedIn(actor): SignedIn,
    Query(Dismissed { week, query }): Query<Dismissed>,
) -> Result<StatusCode, Problem> {
    discover.dismiss_query(&actor, &week, &query).await?;
    Ok(StatusCode::NO_CONTENT)
}
