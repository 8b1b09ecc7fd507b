//! Published resources: pages of facts, revisions, files.

use crate::catalog::Catalog;
use crate::catalog::page::ResourcePage;
use crate::catalog::revisions::RevisionPage;
use crate::domain::address;
use crate::domain::problem::Problem;
use crate::edge::actor::Caller;
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::ReadFailures;
use crate::edge::tags;
use crate::http::answer_file::{self, Asked, FileQuery};
use crate::http::house::House;
use crate::http::paging::{self, PageQuery};
use axum::extract::State;
use axum::http::header::{ETAG, LOCATION};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn quick() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(read)).routes(routes!(revisions)).routes(routes!(by_source))
}

pub(super) fn streaming() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(file)).routes(routes!(cover)).routes(routes!(thumbnail))
}

/// 资源详情
#[utoipa::path(get, path = "/api/v1/resources/{id}", tag = "resources", params(("id" = String, Path, description = "Id of the resource")),
    responses((status = 200, description = "The resource", body = ResourcePage), (status = 304, description = "Unchanged"), ReadFailures))]
async fn read(
    State(catalog): State<Catalog>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let page = catalog.page(&actor, &id).await?;
    let tag = tags::of_page(page.version, page.renditions);
    if tags::unchanged(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response());
    }
    Ok(([(ETAG, tag)], Json(page)).into_response())
}

/// 资源的历次修订
#[utoipa::path(get, path = "/api/v1/resources/{id}/revisions", tag = "resources",
    params(("id" = String, Path, description = "Id of the resource"), PageQuery),
    responses((status = 200, description = "Revisions, newest first", body = RevisionPage), ReadFailures))]
async fn revisions(
    State(catalog): State<Catalog>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    Query(page): Query<PageQuery>,
    uri: Uri,
) -> Result<Response, Problem> {
    let found = catalog.revisions(&actor, &id, page.limit(), page.cursor).await?;
    Ok(paging::answer(&uri, found.next.clone().as_deref(), found))
}

/// The id under which a source knows a resource.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SourceId {
    /// Organisation path of the depositor, or the `source` of an import.
    source: String,
    /// The id there.
    id: String,
}

/// 按原编号查找资源
#[utoipa::path(get, path = "/api/v1/resources/by-source-id", tag = "resources", params(SourceId),
    responses((status = 308, description = "It is there"), ReadFailures))]
async fn by_source(State(catalog): State<Catalog>, Caller(actor): Caller, Query(asked): Query<SourceId>) -> Result<Response, Problem> {
    let id = catalog.by_source_id(&actor, &asked.source, &asked.id).await?;
    Ok((StatusCode::PERMANENT_REDIRECT, [(LOCATION, address::resource(&id))]).into_response())
}

/// 打开资源文件（支持断点续传）
///
/// Takes one `Range`; what was made by others is served sandboxed.
#[utoipa::path(get, path = "/api/v1/resources/{id}/files/{*path}", tag = "resources",
    params(("id" = String, Path, description = "Id of the resource"), ("path" = String, Path, description = "Path in the package"), FileQuery,
        ("range" = Option<String>, Header, description = "One range of bytes")),
    responses((status = 200, description = "The file", content_type = "*/*"),
        (status = 206, description = "A part of the file", content_type = "*/*"),
        (status = 304, description = "Unchanged"), ReadFailures))]
async fn file(
    State(catalog): State<Catalog>,
    Caller(actor): Caller,
    Path((id, path)): Path<(String, String)>,
    Query(query): Query<FileQuery>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = match query.rendition {
        Some(purpose) => catalog.rendition(&actor, &id, &path, purpose).await?,
        None => catalog.file(&actor, &id, &path).await?,
    };
    Ok(answer_file::answer(&file, &Asked { method, headers, as_attachment: query.download.unwrap_or(false) }))
}

/// 封面
#[utoipa::path(get, path = "/api/v1/resources/{id}/cover", tag = "resources", params(("id" = String, Path, description = "Id of the resource")),
    responses((status = 200, description = "The picture shown in lists", content_type = "image/*"),
        (status = 206, description = "A part of it", content_type = "image/*"), (status = 304, description = "Unchanged"), ReadFailures))]
async fn cover(
    State(catalog): State<Catalog>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = catalog.cover(&actor, &id).await?;
    Ok(answer_file::answer(&file, &Asked { method, headers, as_attachment: false }))
}

/// Whose thumbnail.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ThumbnailQuery {
    /// Path of the file in the package, as hits of search give it.
    path: String,
}

/// 缩略图
#[utoipa::path(get, path = "/api/v1/resources/{id}/thumbnail", tag = "resources",
    params(("id" = String, Path, description = "Id of the resource"), ThumbnailQuery),
    responses((status = 200, description = "The thumbnail of a file", content_type = "image/*"),
        (status = 206, description = "A part of it", content_type = "image/*"), (status = 304, description = "Unchanged"), ReadFailures))]
async fn thumbnail(
    State(catalog): State<Catalog>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    Query(query): Query<ThumbnailQuery>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = catalog.thumbnail(&actor, &id, &query.path).await?;
    Ok(answer_file::answer(&file, &Asked { method, headers, as_attachment: false }))
}
