//! Classes: their teachers' side and their learners' side.

use crate::domain::learner::class::ClassPlan;
use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::Path;
use crate::edge::problem::{Failures, WriteFailures};
use crate::http::download;
use crate::http::house::House;
use crate::learning::Learning;
use crate::learning::classes::{ClassView, JoinRequest, JoinedClass};
use crate::learning::progress::ClassProgress;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const CSV: &str = "text/csv; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(classes, open))
        .routes(routes!(change, close))
        .routes(routes!(progress))
        .routes(routes!(progress_csv))
        .routes(routes!(progress_xlsx))
        .routes(routes!(joined, join))
        .routes(routes!(leave))
}

/// 我的班级
#[utoipa::path(get, path = "/api/v1/classes", tag = "learning", security(("token" = []), ("session" = [])),
    responses((status = 200, description = "The caller's classes, in the order in which they were opened", body = [ClassView]), Failures))]
async fn classes(State(learning): State<Learning>, SignedIn(actor): SignedIn) -> Result<Json<Vec<ClassView>>, Problem> {
    learning.classes(&actor).await.map(Json)
}

/// 开班
///
/// Learners join by the code, of their own wish; the teacher sees how far they are with these resources, and nothing else.
#[utoipa::path(post, path = "/api/v1/classes", tag = "learning", request_body = ClassPlan, security(("token" = []), ("session" = [])),
    responses((status = 201, description = "Opened", body = ClassView), WriteFailures))]
async fn open(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Json(plan): Json<ClassPlan>,
) -> Result<(StatusCode, Json<ClassView>), Problem> {
    Ok((StatusCode::CREATED, Json(learning.open_class(&actor, plan).await?)))
}

/// 修改班级
#[utoipa::path(put, path = "/api/v1/classes/{class}", tag = "learning", request_body = ClassPlan,
    security(("token" = []), ("session" = [])), params(("class" = String, Path, description = "Id of the class")),
    responses((status = 200, description = "As it is now", body = ClassView), WriteFailures))]
async fn change(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(class): Path<String>,
    Json(plan): Json<ClassPlan>,
) -> Result<Json<ClassView>, Problem> {
    learning.change_class(&actor, &class, plan).await.map(Json)
}

/// 关闭班级
#[utoipa::path(delete, path = "/api/v1/classes/{class}", tag = "learning", security(("token" = []), ("session" = [])),
    params(("class" = String, Path, description = "Id of the class")),
    responses((status = 204, description = "Closed; its learners keep their records"), WriteFailures))]
async fn close(State(learning): State<Learning>, SignedIn(actor): SignedIn, Path(class): Path<String>) -> Result<StatusCode, Problem> {
    learning.close_class(&actor, &class).await.map(|()| StatusCode::NO_CONTENT)
}

/// 班级学习进度
#[utoipa::path(get, path = "/api/v1/classes/{class}/progress", tag = "learning", security(("token" = []), ("session" = [])),
    params(("class" = String, Path, description = "Id of the class")),
    responses((status = 200, description = "Learner by learner, resource by resource", body = ClassProgress), Failures))]
async fn progress(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(class): Path<String>,
) -> Result<Json<ClassProgress>, Problem> {
    learning.class_progress(&actor, &class).await.map(Json)
}

/// 班级学习进度（CSV）
#[utoipa::path(get, path = "/api/v1/classes/{class}/progress.csv", tag = "learning", security(("token" = []), ("session" = [])),
    params(("class" = String, Path, description = "Id of the class")),
    responses((status = 200, description = "A line for each learner", content_type = "text/csv", body = String), Failures))]
async fn progress_csv(State(learning): State<Learning>, SignedIn(actor): SignedIn, Path(class): Path<String>) -> Result<Response, Problem> {
    let found = learning.class_progress(&actor, &class).await?;
    Ok(download::answer(&format!("{}学习进度.csv", found.name), CSV, found.csv()?.into()))
}

/// 班级学习进度（Excel）
#[utoipa::path(get, path = "/api/v1/classes/{class}/progress.xlsx", tag = "learning", security(("token" = []), ("session" = [])),
    params(("class" = String, Path, description = "Id of the class")),
    responses((status = 200, description = "A row for each learner", body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Failures))]
async fn progress_xlsx(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(class): Path<String>,
) -> Result<Response, Problem> {
    let found = learning.class_progress(&actor, &class).await?;
    Ok(download::answer(&format!("{}学习进度.xlsx", found.name), XLSX, found.workbook()?.into()))
}

/// 加入的班级
#[utoipa::path(get, path = "/api/v1/learners/{learner}/classes", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`")),
    responses((status = 200, description = "Classes that the learner joined", body = [JoinedClass]), Failures))]
async fn joined(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(learner): Path<String>,
) -> Result<Json<Vec<JoinedClass>>, Problem> {
    learning.joined_classes(&actor, &learner).await.map(Json)
}

/// 加入班级
///
/// From then on its teacher sees how far the learner is with the resources of the class. Asked again, the same.
#[utoipa::path(post, path = "/api/v1/learners/{learner}/classes", tag = "learning", request_body = JoinRequest,
    security(("token" = []), ("session" = [])), params(("learner" = String, Path, description = "Learner, or `me`")),
    responses((status = 200, description = "Joined", body = JoinedClass), WriteFailures))]
async fn join(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path(learner): Path<String>,
    Json(request): Json<JoinRequest>,
) -> Result<Json<JoinedClass>, Problem> {
    learning.join_class(&actor, &learner, request).await.map(Json)
}

/// 退出班级
#[utoipa::path(delete, path = "/api/v1/learners/{learner}/classes/{class}", tag = "learning", security(("token" = []), ("session" = [])),
    params(("learner" = String, Path, description = "Learner, or `me`"), ("class" = String, Path, description = "Id of the class")),
    responses((status = 204, description = "Left"), WriteFailures))]
async fn leave(
    State(learning): State<Learning>,
    SignedIn(actor): SignedIn,
    Path((learner, class)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    learning.leave_class(&actor, &learner, &class).await.map(|()| StatusCode::NO_CONTENT)
}
