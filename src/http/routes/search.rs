//! Search, suggestions, and what goes with a resource.

use crate::discover::Discover;
use crate::discover::answer::Results;
use crate::discover::request::SearchQuery;
use crate::discover::suggest::Suggestions;
use crate::domain::change::Position;
use crate::domain::problem::Problem;
use crate::edge::actor::{Apart, Caller};
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{Failures, ReadFailures};
use crate::http::feed::{ATOM, RSS, atom, rss};
use crate::http::house::{House, Site};
use crate::http::paging;
use crate::operations::Operations;
use crate::recommend::{Recommendations, Recommender};
use axum::extract::{FromRequestParts, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(search)).routes(routes!(feed)).routes(routes!(suggest)).routes(routes!(related))
}

/// What the answer must reflect.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct After {
    /// Wait until search reflects the commit at this position.
    #[param(value_type = Option<u64>)]
    after: Option<Position>,
}

/// 检索资源
///
/// An empty `q` browses. What the caller may not see leaves no trace in hits, totals or facets.
#[utoipa::path(get, path = "/api/v1/search", tag = "search", params(SearchQuery, After),
    responses((status = 200, description = "What was found", body = Results), Failures))]
async fn search(
    State(discover): State<Discover>,
    State(operations): State<Operations>,
    Caller(actor): Caller,
    Apart(who): Apart,
    Query(query): Query<SearchQuery>,
    Query(After { after }): Query<After>,
    uri: Uri,
) -> Result<Response, Problem> {
    if let Some(position) = after {
        operations.wait_for_search(position).await?;
    }
    operations.require_search()?;
    let found = discover.search(&actor, &query, Some(&who)).await?;
    Ok(paging::answer(&uri, found.next.clone().as_deref(), found))
}

/// Form of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum FeedForm {
    /// Atom (RFC 4287).
    Atom,
    /// RSS 2.0.
    Rss,
}

/// In which form.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Form {
    /// Atom, where neither this nor `Accept` asks for RSS.
    #[param(inline)]
    format: Option<FeedForm>,
}

impl Form {
    /// What was asked for by the parameter, or else by the header: RSS where it is named and Atom is not.
    fn of(&self, headers: &HeaderMap) -> FeedForm {
        let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let accepted: String = accepted.collect::<Vec<_>>().join(",").to_ascii_lowercase();
        let rss = accepted.contains("application/rss+xml") && !accepted.contains("application/atom+xml");
        self.format.unwrap_or(if rss { FeedForm::Rss } else { FeedForm::Atom })
    }
}

/// The form that a request wants.
struct Wanted(FeedForm);

impl<S: Send + Sync> FromRequestParts<S> for Wanted {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(form) = Query::<Form>::from_request_parts(parts, state).await?;
        Ok(Self(form.of(&parts.headers)))
    }
}

/// 订阅检索：Atom 或 RSS
///
/// The newest of what the same parameters find in a search; order and cursor are not heeded.
#[utoipa::path(get, path = "/api/v1/search/feed", tag = "search", params(SearchQuery, Form),
    responses((status = 200, description = "Newest first",
        content((String = "application/atom+xml"), (String = "application/rss+xml"))), Failures))]
async fn feed(
    State(discover): State<Discover>,
    State(operations): State<Operations>,
    State(site): State<Arc<Site>>,
    Caller(actor): Caller,
    Query(query): Query<SearchQuery>,
    Wanted(form): Wanted,
    uri: Uri,
) -> Result<Response, Problem> {
    operations.require_search()?;
    let newest = SearchQuery { sort: Some("newest".to_owned()), cursor: None, facets: None, ..query };
    let found = discover.search(&actor, &newest, None).await?;
    let own = uri.path_and_query().map_or("/api/v1/search/feed", |own| own.as_str());
    let search = format!("/search?{}", uri.query().unwrap_or_default());
    let (kind, written) = match form {
        FeedForm::Atom => (ATOM, atom(&site, &newest.q, own, &found.hits)),
        FeedForm::Rss => (RSS, rss(&site, &newest.q, own, &search, &found.hits)),
    };
    Ok(([(CONTENT_TYPE, kind), (VARY, "accept")], written.map_err(|_| Problem::internal())?).into_response())
}

/// What was typed so far.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Typed {
    /// The beginning of a title, a keyword or a name: characters, pinyin or initials.
    #[serde(default)]
    q: String,
    /// Suggestions at most.
    #[param(minimum = 1, maximum = 20)]
    limit: Option<usize>,
}

/// 检索建议
#[utoipa::path(get, path = "/api/v1/suggest", tag = "search", params(Typed),
    responses((status = 200, description = "Best first", body = Suggestions), Failures))]
async fn suggest(
    State(discover): State<Discover>,
    State(operations): State<Operations>,
    Caller(actor): Caller,
    Query(typed): Query<Typed>,
) -> Result<Json<Suggestions>, Problem> {
    operations.require_search()?;
    discover.suggest(&actor, &typed.q, typed.limit.unwrap_or(10)).map(Json)
}

/// How many.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HowMany {
    /// Items at most.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// 相关资源
#[utoipa::path(get, path = "/api/v1/resources/{id}/related", tag = "resources",
    params(("id" = String, Path, description = "Id of the resource"), HowMany),
    responses((status = 200, description = "What goes with it, each with its reason", body = Recommendations), ReadFailures))]
async fn related(
    State(recommender): State<Recommender>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    Query(many): Query<HowMany>,
) -> Result<Json<Recommendations>, Problem> {
    // It may ask the index, which reads from disk.
    let work = move || recommender.related(&actor, &id, many.limit.unwrap_or(10));
    tokio::task::spawn_blocking(work).await.map_err(|_| Problem::internal())?.map(Json)
}
