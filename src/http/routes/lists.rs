//! Code lists, for everybody to read.

use crate::domain::codes::Code;
use crate::domain::problem::Problem;
use crate::edge::json::Json;
use crate::edge::params::Path;
use crate::edge::problem::Failures;
use crate::http::house::House;
use crate::operations::Operations;
use axum::extract::State;
use std::collections::BTreeMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(one))
}

/// 全部代码表
#[utoipa::path(get, path = "/api/v1/codes", tag = "lists",
    responses((status = 200, description = "Code lists by name", body = BTreeMap<String, Vec<Code>>), Failures))]
async fn all(State(operations): State<Operations>) -> Json<BTreeMap<&'static str, Vec<Code>>> {
    Json(operations.code_lists())
}

/// 一个代码表
#[utoipa::path(get, path = "/api/v1/codes/{list}", tag = "lists", params(("list" = String, Path, description = "Name of the list")),
    responses((status = 200, description = "Its codes in order", body = [Code]), Failures))]
async fn one(State(operations): State<Operations>, Path(list): Path<String>) -> Result<Json<Vec<Code>>, Problem> {
    let mut lists = operations.code_lists();
    lists.remove(list.as_str()).map(Json).ok_or_else(|| Problem::not_found("代码表", "code list"))
}
