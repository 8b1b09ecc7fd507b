//! Recommendations: lists of each kind, and a first page of several.

use crate::domain::access::Actor;
use crate::domain::problem::Problem;
use crate::edge::actor::Caller;
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::Failures;
use crate::http::house::House;
use crate::learning::Learning;
use crate::operations::Operations;
use crate::recommend::{Circle, Division, Home, ListKind, Recommendations, Recommender, Wish};
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn quick() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(for_you)).routes(routes!(by_kind)).routes(routes!(home))
}

/// What is told with the question.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Told {
    /// Items of a list at most.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
    /// Ids of what was just looked at on this device, with commas between, the latest last; of more than 50 the latest are heard.
    /// Nothing of it is kept, so that visitors and several learners of one phone get lists of their own from the first click.
    viewed: Option<String>,
    /// Where the learner is: a division's GB/T 2260 code or name.
    region: Option<String>,
    /// The resource that the list is to be about (`like-this`, `learners-also-took`); without it, what was looked at last.
    resource: Option<String>,
}

impl Told {
    fn wish(self, operations: &Operations, usual: usize) -> Result<Wish, Problem> {
        let ids = |text: String| text.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let divisions = self.region.map_or(Ok(Vec::new()), |name| divisions(operations, &name))?;
        let viewed = self.viewed.map(ids).unwrap_or_default();
        Ok(Wish { n: self.limit.unwrap_or(usual), viewed, about: self.resource, divisions, circles: Vec::new() })
    }
}

/// A division with those above it.
fn divisions(operations: &Operations, name: &str) -> Result<Vec<Division>, Problem> {
    let known = operations.divisions(name).into_iter();
    let divisions: Vec<Division> = known.filter_map(|one| Some(Division { code: one.code.parse().ok()?, name: one.label })).collect();
    let unknown = || Problem::field("bad-region", "region", "不认识的地区。", "The region is not in the list of regions.");
    if divisions.is_empty() { Err(unknown()) } else { Ok(divisions) }
}

/// 推荐
#[utoipa::path(get, path = "/api/v1/learners/{learner}/recommendations", tag = "learning",
    params(("learner" = String, Path, description = "Learner, or `me`"), Told),
    responses((status = 200, description = "What to learn next, each with its reason", body = Recommendations), Failures))]
async fn for_you(
    State(recommender): State<Recommender>,
    State(learning): State<Learning>,
    State(operations): State<Operations>,
    Caller(actor): Caller,
    Path(learner): Path<String>,
    Query(told): Query<Told>,
) -> Result<Json<Recommendations>, Problem> {
    let wish = told.wish(&operations, 20)?;
    note_look(&learning, &actor, &learner).await?;
    recommender.shelf(&actor, &learner, ListKind::ForYou, Wish { about: None, ..wish }).map(Json)
}

/// 一种推荐列表
///
/// `for-you`, `continue` (继续学习), `next-in-course`, `because-you-finished`, `like-this`, `learners-also-took`,
/// `new-in-your-subjects` (where that is too little, filled with what many take up in them), `trending-nearby` (needs `region`; of fewer than five learners nothing is told) or `for-your-circle`
/// (of three classmates and more). An empty list is no error.
#[utoipa::path(get, path = "/api/v1/learners/{learner}/recommendations/{kind}", tag = "learning",
    params(("learner" = String, Path, description = "Learner, or `me`"), ("kind" = String, Path, description = "Kind of list"), Told),
    responses((status = 200, description = "The list, each item with its reason", body = Recommendations), Failures))]
async fn by_kind(
    State(recommender): State<Recommender>,
    State(learning): State<Learning>,
    State(operations): State<Operations>,
    Caller(actor): Caller,
    Path((learner, kind)): Path<(String, String)>,
    Query(told): Query<Told>,
) -> Result<Json<Recommendations>, Problem> {
    let kind = ListKind::parse(&kind).ok_or_else(|| Problem::not_found("推荐列表", "list"))?;
    let mut wish = told.wish(&operations, 20)?;
    note_look(&learning, &actor, &learner).await?;
    if kind == ListKind::ForYourCircle && actor.account.is_some() {
        wish.circles = circles(learning.classmates(&actor, &learner).await?);
    }
    // It may ask the index, which reads from disk.
    let work = move || recommender.shelf(&actor, &learner, kind, wish);
    tokio::task::spawn_blocking(work).await.map_err(|_| Problem::internal())?.map(Json)
}

/// 首页：多个推荐列表
///
/// Lists in the order in which to show them; empty ones are left out, and no work stands in two.
#[utoipa::path(get, path = "/api/v1/learners/{learner}/home", tag = "learning",
    params(("learner" = String, Path, description = "Learner, or `me`"), Told),
    responses((status = 200, description = "Lists, each with its kind and heading", body = Home), Failures))]
async fn home(
    State(recommender): State<Recommender>,
    State(learning): State<Learning>,
    State(operations): State<Operations>,
    Caller(actor): Caller,
    Path(learner): Path<String>,
    Query(told): Query<Told>,
) -> Result<Json<Home>, Problem> {
    let mut wish = told.wish(&operations, 10)?;
    note_look(&learning, &actor, &learner).await?;
    if actor.account.is_some() {
        wish.circles = circles(learning.classmates(&actor, &learner).await?);
    }
    let work = move || recommender.home(&actor, &learner, wish);
    tokio::task::spawn_blocking(work).await.map_err(|_| Problem::internal())?.map(Json)
}

/// A list says what its learner did: who asks for a minor's is noted. Visitors ask for nobody's.
async fn note_look(learning: &Learning, actor: &Actor, learner: &str) -> Result<(), Problem> {
    if actor.account.is_none() { Ok(()) } else { learning.note_access(actor, learner, "recommendations").await }
}

fn circles(classes: Vec<(String, Vec<u64>)>) -> Vec<Circle> {
    classes.into_iter().map(|(name, others)| Circle { name, others }).collect()
}
