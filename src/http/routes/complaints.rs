//! Complaints after publication: anybody makes one, the desk decides, the institution answers a copyright notice.

use crate::domain::problem::Problem;
use crate::edge::actor::{Caller, SignedIn};
use crate::edge::aimed::Aimed;
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{Failures, ReadFailures, WriteFailures};
use crate::edge::tags::{self, Tagged};
use crate::http::house::House;
use crate::http::paging;
use crate::vetting::Vetting;
use crate::vetting::complaints::{ComplaintPage, ComplaintView, CounterStatement, DecideComplaint, FileComplaint, ListComplaints};
use crate::vetting::petitions::{Filed, Follow};
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(list, file))
        .routes(routes!(follow))
        .routes(routes!(read))
        .routes(routes!(decide))
        .routes(routes!(counter))
}

fn tagged(view: ComplaintView) -> Tagged<ComplaintView> {
    tags::tagged(view.standing.version, view)
}

/// 投诉列表
#[utoipa::path(get, path = "/api/v1/complaints", tag = "complaints", params(ListComplaints), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Those the caller may see: the desk's, the own ones, copyright notices to the own institution",
        body = ComplaintPage), Failures))]
async fn list(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Query(ask): Query<ListComplaints>,
    uri: Uri,
) -> Result<Response, Problem> {
    let found = vetting.complaints(&actor, &ask).await?;
    Ok(paging::answer(&uri, found.next.clone().as_deref(), found))
}

/// 投诉资源，或提交著作权通知书
///
/// Anybody may, signed in or not. A complete copyright notice (信息网络传播权保护条例, article 14) suspends the resource at once.
#[utoipa::path(post, path = "/api/v1/complaints", tag = "complaints", request_body = FileComplaint,
    responses((status = 201, description = "Made; the code follows it", body = Filed), WriteFailures))]
async fn file(
    State(vetting): State<Vetting>,
    Caller(actor): Caller,
    Json(ask): Json<FileComplaint>,
) -> Result<(StatusCode, Json<Filed>), Problem> {
    vetting.complain(&actor, &ask).await.map(|filed| (StatusCode::CREATED, Json(filed)))
}

/// 凭查询码查看投诉进展
#[utoipa::path(post, path = "/api/v1/complaints/followed", tag = "complaints", request_body = Follow,
    responses((status = 200, description = "The complaint of this code", body = ComplaintView), WriteFailures))]
async fn follow(State(vetting): State<Vetting>, Json(follow): Json<Follow>) -> Result<Json<ComplaintView>, Problem> {
    vetting.followed_complaint(&follow).await.map(Json)
}

/// 投诉详情
#[utoipa::path(get, path = "/api/v1/complaints/{id}", tag = "complaints", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the complaint")),
    responses((status = 200, description = "The complaint", body = ComplaintView), ReadFailures))]
async fn read(State(vetting): State<Vetting>, SignedIn(actor): SignedIn, Path(id): Path<String>) -> Result<Tagged<ComplaintView>, Problem> {
    vetting.complaint(&actor, &id).await.map(tagged)
}

/// 处理投诉（不成立、暂停、恢复、出库）
#[utoipa::path(post, path = "/api/v1/complaints/{id}/decision", tag = "complaints", request_body = DecideComplaint,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the complaint"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Decided", body = ComplaintView), WriteFailures))]
async fn decide(
    State(vetting): State<Vetting>,
    Aimed { actor, id, expected }: Aimed,
    Json(decide): Json<DecideComplaint>,
) -> Result<Tagged<ComplaintView>, Problem> {
    vetting.decide_complaint(&actor, &id, &decide, expected).await.map(tagged)
}

/// 机构对著作权通知提交书面说明（反通知）
///
/// A complete counter-statement (article 16) restores the resource at once and is shown to the claimant.
#[utoipa::path(post, path = "/api/v1/complaints/{id}/counter-statement", tag = "complaints", request_body = CounterStatement,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the complaint"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Made", body = ComplaintView), WriteFailures))]
async fn counter(
    State(vetting): State<Vetting>,
    Aimed { actor, id, expected }: Aimed,
    Json(counter): Json<CounterStatement>,
) -> Result<Tagged<ComplaintView>, Problem> {
    vetting.counter_complaint(&actor, &id, &counter, expected).await.map(tagged)
}
