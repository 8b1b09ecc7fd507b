//! Webhooks: for those who manage an institution.

use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{Failures, WriteFailures};
use crate::http::house::House;
use crate::notices::Notices;
use crate::notices::webhooks::{DeliveryView, MadeWebhook, NewWebhook, WebhookChange, WebhookView};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(list, register))
        .routes(routes!(read, change, remove))
        .routes(routes!(ping))
        .routes(routes!(deliveries))
}

/// 回调地址列表
#[utoipa::path(get, path = "/api/v1/webhooks", tag = "notices", security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Webhooks of the organisations the caller manages", body = [WebhookView]), Failures))]
async fn list(State(notices): State<Notices>, SignedIn(actor): SignedIn) -> Result<Json<Vec<WebhookView>>, Problem> {
    notices.webhooks(&actor).await.map(Json)
}

/// 登记回调地址（签名密钥只显示一次）
#[utoipa::path(post, path = "/api/v1/webhooks", tag = "notices", request_body = NewWebhook, security(("token" = []), ("session" = [])),
    responses((status = 201, description = "Registered", body = MadeWebhook), WriteFailures))]
async fn register(
    State(notices): State<Notices>,
    SignedIn(actor): SignedIn,
    Json(new): Json<NewWebhook>,
) -> Result<impl IntoResponse, Problem> {
    let made = notices.register_webhook(&actor, new).await?;
    let headers = [(LOCATION, format!("/api/v1/webhooks/{}", made.webhook.id))];
    Ok((StatusCode::CREATED, headers, Json(made)))
}

/// 查看回调地址
#[utoipa::path(get, path = "/api/v1/webhooks/{webhook}", tag = "notices", security(("token" = []), ("session" = [])),
    params(("webhook" = String, Path, description = "Id of the webhook")),
    responses((status = 200, description = "The webhook", body = WebhookView), Failures))]
async fn read(State(notices): State<Notices>, SignedIn(actor): SignedIn, Path(id): Path<String>) -> Result<Json<WebhookView>, Problem> {
    notices.webhook(&actor, &id).await.map(Json)
}

/// 修改回调地址
#[utoipa::path(put, path = "/api/v1/webhooks/{webhook}", tag = "notices", request_body = WebhookChange,
    security(("token" = []), ("session" = [])), params(("webhook" = String, Path, description = "Id of the webhook")),
    responses((status = 200, description = "Changed", body = WebhookView), WriteFailures))]
async fn change(
    State(notices): State<Notices>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    Json(wanted): Json<WebhookChange>,
) -> Result<Json<WebhookView>, Problem> {
    notices.change_webhook(&actor, &id, wanted).await.map(Json)
}

/// 删除回调地址
#[utoipa::path(delete, path = "/api/v1/webhooks/{webhook}", tag = "notices", security(("token" = []), ("session" = [])),
    params(("webhook" = String, Path, description = "Id of the webhook")),
    responses((status = 204, description = "Removed"), WriteFailures))]
async fn remove(State(notices): State<Notices>, SignedIn(actor): SignedIn, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    notices.remove_webhook(&actor, &id).await.map(|()| StatusCode::NO_CONTENT)
}

/// 测试回调地址
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/ping", tag = "notices", security(("token" = []), ("session" = [])),
    params(("webhook" = String, Path, description = "Id of the webhook")),
    responses((status = 202, description = "A test call is on its way", body = DeliveryView), WriteFailures))]
async fn ping(State(notices): State<Notices>, SignedIn(actor): SignedIn, Path(id): Path<String>) -> Result<impl IntoResponse, Problem> {
    notices.ping_webhook(&actor, &id).await.map(|sent| (StatusCode::ACCEPTED, Json(sent)))
}

/// How many.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HowMany {
    /// Deliveries at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
}

/// 最近的回调记录
#[utoipa::path(get, path = "/api/v1/webhooks/{webhook}/deliveries", tag = "notices", security(("token" = []), ("session" = [])),
    params(("webhook" = String, Path, description = "Id of the webhook"), HowMany),
    responses((status = 200, description = "The latest deliveries, newest first", body = [DeliveryView]), Failures))]
async fn deliveries(
    State(notices): State<Notices>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    Query(how): Query<HowMany>,
) -> Result<Json<Vec<DeliveryView>>, Problem> {
    let limit = how.limit.unwrap_or(20).clamp(1, 100) as usize;
    notices.webhook_deliveries(&actor, &id, limit).await.map(Json)
}
