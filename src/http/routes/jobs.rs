//! Jobs: what waits, what runs, what is parked.

use crate::domain::job::Job;
use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{Failures, WriteFailures};
use crate::http::house::House;
use crate::http::paging::{self, PageQuery};
use crate::operations::Operations;
use crate::operations::jobs::{JobPage, Queue};
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(retry))
}

/// Which jobs.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only those that were given up and wait for a person.
    parked: Option<bool>,
    /// Those that send notices and events out of the house, instead of those done within it.
    outward: Option<bool>,
    /// Those that make renditions of files, instead of all others done within the house.
    converting: Option<bool>,
}

/// 后台任务列表
#[utoipa::path(get, path = "/api/v1/jobs", tag = "operations", params(Which, PageQuery), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Jobs: next due first, or latest parked first", body = JobPage), Failures))]
async fn list(
    State(operations): State<Operations>,
    SignedIn(actor): SignedIn,
    Query(which): Query<Which>,
    Query(page): Query<PageQuery>,
    uri: Uri,
) -> Result<Response, Problem> {
    let queue = match (which.parked, which.outward, which.converting) {
        (Some(true), ..) => Queue::Parked,
        (_, Some(true), _) => Queue::Outward,
        (_, _, Some(true)) => Queue::Converting,
        _ => Queue::House,
    };
    let found = operations.jobs(&actor, queue, page.limit(), page.cursor).await?;
    Ok(paging::answer(&uri, found.next.clone().as_deref(), found))
}

/// 重试已停下的任务
#[utoipa::path(post, path = "/api/v1/jobs/{job}/retry", tag = "operations",
    params(("job" = String, Path, description = "Id of the job")), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "It goes again", body = Job), WriteFailures))]
async fn retry(State(operations): State<Operations>, SignedIn(actor): SignedIn, Path(job): Path<String>) -> Result<Json<Job>, Problem> {
    operations.retry_job(&actor, &job).await.map(Json)
}
