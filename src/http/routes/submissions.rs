//! Submissions: read by whoever has to do with them, and what their submitters may do.

use crate::domain::finding::Finding;
use crate::domain::inspection::ExtractedText;
use crate::domain::ledger::LedgerEntry;
use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{Failures, ReadFailures, WriteFailures};
use crate::edge::tags;
use crate::http::answer_file::{self, Asked, FileQuery};
use crate::http::house::House;
use crate::http::paging;
use crate::vetting::changes::RoundChanges;
use crate::vetting::comments::MakeComment;
use crate::vetting::show::ListSubmissions;
use crate::vetting::views::{CommentView, SubmissionPage, SubmissionView};
use crate::vetting::waive::GrantWaivers;
use crate::vetting::{Explanation, Vetting};
use axum::extract::State;
use axum::http::header::ETAG;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn streaming() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(file))
}

pub(super) fn quick() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
        .routes(routes!(words))
        .routes(routes!(findings))
        .routes(routes!(history))
        .routes(routes!(explain))
        .routes(routes!(changes))
        .routes(routes!(withdraw))
        .routes(routes!(appeal))
        .routes(routes!(waive))
        .routes(routes!(comment))
        .routes(routes!(resolve))
}

/// A submission with its tag.
pub(super) type Tagged = ([(HeaderName, HeaderValue); 1], Json<SubmissionView>);

/// A submission with its tag.
pub(super) fn tagged(view: SubmissionView) -> Tagged {
    ([(ETAG, tags::of_version(view.line.version))], Json(view))
}

/// 送审资源列表
#[utoipa::path(get, path = "/api/v1/submissions", tag = "submissions", params(ListSubmissions), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Those the caller may see", body = SubmissionPage), Failures))]
async fn list(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Query(ask): Query<ListSubmissions>,
    uri: Uri,
) -> Result<Response, Problem> {
    let found = vetting.list(&actor, &ask).await?;
    Ok(paging::answer(&uri, found.next.clone().as_deref(), found))
}

/// 送审资源详情
#[utoipa::path(get, path = "/api/v1/submissions/{id}", tag = "submissions", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "As the caller may see it", body = SubmissionView), ReadFailures))]
async fn read(State(vetting): State<Vetting>, SignedIn(actor): SignedIn, Path(id): Path<String>) -> Result<Tagged, Problem> {
    vetting.get(&actor, &id).await.map(tagged)
}

/// 打开送审文件（支持断点续传）
///
/// For those who may see the submission, its evidence of rights too. Takes one `Range`; served sandboxed.
#[utoipa::path(get, path = "/api/v1/submissions/{id}/files/{*path}", tag = "submissions", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), ("path" = String, Path, description = "Path in the package"), FileQuery,
        ("range" = Option<String>, Header, description = "One range of bytes")),
    responses((status = 200, description = "The file", content_type = "*/*"),
        (status = 206, description = "A part of the file", content_type = "*/*"),
        (status = 304, description = "Unchanged"), ReadFailures))]
async fn file(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path((id, path)): Path<(String, String)>,
    Query(query): Query<FileQuery>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = match query.rendition {
        Some(purpose) => vetting.rendition(&actor, &id, &path, purpose).await?,
        None => vetting.file(&actor, &id, &path).await?,
    };
    Ok(answer_file::answer(&file, &Asked { method, headers, as_attachment: query.download.unwrap_or(false) }))
}

/// 送审文件中的文字
#[utoipa::path(get, path = "/api/v1/submissions/{id}/text/{*path}", tag = "submissions", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), ("path" = String, Path, description = "Path in the package")),
    responses((status = 200, description = "The text found in the file, by page, slide, chapter or second", body = ExtractedText), ReadFailures))]
async fn words(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path((id, path)): Path<(String, String)>,
) -> Result<Json<ExtractedText>, Problem> {
    vetting.text(&actor, &id, &path).await.map(Json)
}

/// 检测意见
#[utoipa::path(get, path = "/api/v1/submissions/{id}/findings", tag = "submissions", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "What the machine checks found", body = [Finding]), ReadFailures))]
async fn findings(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Vec<Finding>>, Problem> {
    vetting.get(&actor, &id).await.map(|view| Json(view.findings))
}

/// 与上一轮相比的变化
#[utoipa::path(get, path = "/api/v1/submissions/{id}/changes", tag = "submissions", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "What changed since the round before", body = RoundChanges), ReadFailures))]
async fn changes(State(vetting): State<Vetting>, SignedIn(actor): SignedIn, Path(id): Path<String>) -> Result<Json<RoundChanges>, Problem> {
    vetting.changes(&actor, &id).await.map(Json)
}

/// 流转记录
#[utoipa::path(get, path = "/api/v1/submissions/{id}/history", tag = "submissions", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "Its ledger, oldest first", body = [LedgerEntry]), ReadFailures))]
async fn history(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Vec<LedgerEntry>>, Problem> {
    vetting.history(&actor, &id).await.map(Json)
}

/// 逐条解释现行标准的适用结果
#[utoipa::path(get, path = "/api/v1/submissions/{id}/rules", tag = "submissions", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "What each rule in force says of it", body = Explanation), ReadFailures))]
async fn explain(State(vetting): State<Vetting>, SignedIn(actor): SignedIn, Path(id): Path<String>) -> Result<Json<Explanation>, Problem> {
    vetting.explain(&actor, &id).await.map(Json)
}

/// 撤回
#[utoipa::path(post, path = "/api/v1/submissions/{id}/withdrawal", tag = "submissions", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Withdrawn", body = SubmissionView), WriteFailures))]
async fn withdraw(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Tagged, Problem> {
    vetting.withdraw(&actor, &id, tags::asked_version(&headers)).await.map(tagged)
}

/// Why.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReasonGiven)]
pub(super) struct GivenReason {
    /// In words.
    reason: String,
}

/// 申诉
#[utoipa::path(post, path = "/api/v1/submissions/{id}/appeal", tag = "submissions", request_body = GivenReason,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Appealed", body = SubmissionView), WriteFailures))]
async fn appeal(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(GivenReason { reason }): Json<GivenReason>,
) -> Result<Tagged, Problem> {
    vetting.appeal(&actor, &id, &reason, tags::asked_version(&headers)).await.map(tagged)
}

/// 豁免检测意见
///
/// By the role that the rule's `waiver` names, with a reason. When nothing is left that must be mended, the submission goes on.
#[utoipa::path(post, path = "/api/v1/submissions/{id}/waivers", tag = "submissions", request_body = GrantWaivers,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Waived", body = SubmissionView), WriteFailures))]
async fn waive(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(grant): Json<GrantWaivers>,
) -> Result<Tagged, Problem> {
    vetting.waive(&actor, &id, &grant, tags::asked_version(&headers)).await.map(tagged)
}

/// 批注
#[utoipa::path(post, path = "/api/v1/submissions/{id}/comments", tag = "submissions", request_body = MakeComment,
    security(("token" = []), ("session" = [])), params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 201, description = "Made", body = CommentView), WriteFailures))]
async fn comment(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    Json(make): Json<MakeComment>,
) -> Result<impl IntoResponse, Problem> {
    vetting.comment(&actor, &id, &make).await.map(|comment| (StatusCode::CREATED, Json(comment)))
}

/// Whether a comment is done.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Done {
    /// True: done.
    done: bool,
}

/// 标记批注已处理
#[utoipa::path(put, path = "/api/v1/submissions/{id}/comments/{comment}/done", tag = "submissions", request_body = Done,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), ("comment" = String, Path, description = "Id of the comment")),
    responses((status = 200, description = "Marked", body = CommentView), WriteFailures))]
async fn resolve(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path((id, comment)): Path<(String, String)>,
    Json(Done { done }): Json<Done>,
) -> Result<Json<CommentView>, Problem> {
    vetting.resolve(&actor, &id, &comment, done).await.map(Json)
}
