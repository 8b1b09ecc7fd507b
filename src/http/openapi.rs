//! The API's document (OpenAPI 3.1), made from the handlers.

use super::house::Site;
use crate::domain::petition::complaint::ComplaintState;
use crate::domain::petition::objection::ObjectionState;
use crate::domain::spot_check::SpotState;
use crate::domain::submission::table::StateCode;
use crate::edge::problem::ProblemBody;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use bytes::Bytes;
use std::sync::Arc;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi as Document, PathItem, Server};
use utoipa::{Modify, OpenApi};

/// What stands in the document beside the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "岳麓 Yuelu API",
        description = "数字化学习资源库接口。错误一律为 application/problem+json（RFC 9457），含稳定代码与中英文说明。\n\n\
            Errors are application/problem+json (RFC 9457) with a stable code and a sentence in Chinese and English. \
            Lists are pages: follow `next` or the `Link` header.",
        license(name = "MIT OR Apache-2.0")
    ),
    components(schemas(ProblemBody, StateCode, ComplaintState, ObjectionState, SpotState)),
    modifiers(&Means)
)]
pub struct Base;

/// The ways to say who is calling.
struct Means;

impl Modify for Means {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("API token: `yuelu user token`")).build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        let cookie = ApiKey::Cookie(ApiKeyValue::new(crate::edge::cookies::SESSION));
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    }
}

/// The document as it is published.
pub struct Published {
    /// As bytes.
    pub json: Bytes,
    /// As a value, for the page that shows it.
    pub value: serde_json::Value,
}

impl Published {
    /// Publishes `document` under the site's address.
    pub fn new(mut document: Document, site: &Site) -> Self {
        if !site.base_url.is_empty() {
            document.servers = Some(vec![Server::new(&site.base_url)]);
        }
        // The router writes a rest of a path as `{*path}`, the document as `{path}`.
        let paths = std::mem::take(&mut document.paths.paths);
        document.paths.paths = paths.into_iter().map(|(path, item)| (path.replace("{*", "{"), item)).collect();
        document.paths.paths.iter_mut().for_each(|(path, item)| name_operations(path, item));
        // The document consists of texts, numbers and maps with text keys.
        let value = serde_json::to_value(&document).unwrap_or_default();
        Self { json: serde_json::to_vec(&document).unwrap_or_default().into(), value }
    }
}

/// Gives each operation an id of its own, made of method and path: handlers of different nouns share their names.
fn name_operations(path: &str, item: &mut PathItem) {
    let words = path.trim_start_matches("/api/v1").split(['/', '-']).filter(|word| !word.is_empty());
    let name = words.map(|word| word.trim_matches(['{', '}'])).collect::<Vec<_>>().join("_");
    let methods = [
        ("get", &mut item.get),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
    ];
    for (method, operation) in methods {
        if let Some(operation) = operation {
            operation.operation_id = Some(format!("{method}_{name}"));
        }
    }
}

/// `GET /api/v1/openapi.json`.
pub async fn json(State(published): State<Arc<Published>>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], published.json.clone())
}
