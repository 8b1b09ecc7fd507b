//! What recommendations are worth on the site's own log, and rankings by which search is evaluated.

use crate::discover::Discover;
use crate::discover::rank::{RankRequest, Rankings};
use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::Path;
use crate::edge::problem::{Failures, WriteFailures};
use crate::http::house::House;
use crate::learning::Learning;
use crate::recommend::evaluate::{Protocol, Report, Tuned};
use crate::recommend::{Effects, MOST_LISTS, Recommender};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn streaming() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(evaluate)).routes(routes!(rank)).routes(routes!(effects))
}

/// How to evaluate.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EvaluationRequest {
    /// Protocols; all where none is named.
    #[serde(default)]
    protocols: Vec<Protocol>,
    /// Lists asked for by each protocol, at most.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 20_000)]
    lists: Option<u32>,
    /// Find the weights that fit the log best, too. Those in force stay: write what is answered into the file of weights.
    #[serde(default)]
    tune: bool,
}

/// Reports by protocol.
#[derive(Serialize, ToSchema)]
struct Evaluation {
    /// One for each protocol.
    reports: Vec<Report>,
    /// The weights that fit the log best, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    tuned: Option<Tuned>,
}

/// 评估推荐效果（回放学习记录）
///
/// Takes minutes on a large log.
#[utoipa::path(post, path = "/api/v1/evaluations", tag = "operations", request_body = EvaluationRequest,
    security(("token" = []), ("session" = [])),
    responses((status = 200, description = "The serving code against popularity, trend, item-to-item neighbours and itself a week before", body = Evaluation), WriteFailures))]
async fn evaluate(
    State(learning): State<Learning>,
    State(recommender): State<Recommender>,
    SignedIn(actor): SignedIn,
    Json(EvaluationRequest { protocols, lists, tune }): Json<EvaluationRequest>,
) -> Result<Json<Evaluation>, Problem> {
    let wanted = |protocol: &Protocol| protocols.is_empty() || protocols.contains(protocol);
    let protocols: Vec<Protocol> = Protocol::ALL.into_iter().filter(wanted).collect();
    let lists = lists.map_or(MOST_LISTS, |lists| usize::try_from(lists).unwrap_or(MOST_LISTS));
    let replay = move || {
        let reports = recommender.appraise(&actor, learning.replay(&actor)?, &protocols, lists)?;
        let tuned = tune.then(|| recommender.tune(&actor, learning.replay(&actor)?)).transpose()?;
        Ok::<_, Problem>(Evaluation { reports, tuned })
    };
    tokio::task::spawn_blocking(replay).await.map_err(|_| Problem::internal())?.map(Json)
}

/// 推荐实验的效果
///
/// How often what each arm showed was opened and finished within seven days, by impressions and what followed, with 95 % intervals
/// and a test of the difference. Takes minutes on a large log.
#[utoipa::path(get, path = "/api/v1/evaluations/experiments/{name}", tag = "operations",
    params(("name" = String, Path, description = "Name of a declared experiment")), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Control and treatment", body = Effects), Failures))]
async fn effects(
    State(learning): State<Learning>,
    State(recommender): State<Recommender>,
    SignedIn(actor): SignedIn,
    Path(name): Path<String>,
) -> Result<Json<Effects>, Problem> {
    let work = move || recommender.effects(&actor, &name, || learning.replay(&actor));
    tokio::task::spawn_blocking(work).await.map_err(|_| Problem::internal())?.map(Json)
}

/// 评估检索效果：一组检索词各自的结果次序
///
/// The ids that search gives the caller for each query, by the weights in force or by others that are tried.
#[utoipa::path(post, path = "/api/v1/evaluations/search", tag = "operations", request_body = RankRequest,
    security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Rankings in the order of the queries", body = Rankings), WriteFailures))]
async fn rank(
    State(discover): State<Discover>,
    SignedIn(actor): SignedIn,
    Json(ask): Json<RankRequest>,
) -> Result<Json<Rankings>, Problem> {
    discover.rank(&actor, ask).await.map(Json)
}
