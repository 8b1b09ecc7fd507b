//! The JSON API under `/api/v1`, its document, and the addresses by which machines watch the program.
//!
//! Handlers read the request, call one service and shape the answer; they hold no rule and decide no permission. Each noun
//! has its file in [`routes`] with a `routes()` that names its handlers: to add a route, write it there with
//! `#[utoipa::path]`, with [`crate::edge::problem::Failures`] (or `ReadFailures`, `WriteFailures`) among its responses, and
//! it stands in the router and in the document. `/api/v1` only adds.

pub mod answer_file;
pub mod docs;
pub mod download;
pub mod feed;
pub mod former;
pub mod house;
mod html;
pub mod logo;
pub mod openapi;
pub mod paging;
pub mod printed;
pub mod routes;

pub use house::{House, Site};

use crate::edge::actor::Gate;
use crate::edge::layers;
use crate::edge::limits::Limits;
use axum::Router;
use axum::routing::get;
use std::sync::Arc;

/// Everything that is served, with its layers; `pages` are routes of other interfaces, behind the same gate.
pub fn router(house: House, pages: Router, limits: &Limits) -> Router {
    let (quick, mut document) = routes::quick().split_for_parts();
    let (streaming, more) = routes::streaming().split_for_parts();
    document.merge(more);
    let published = Arc::new(openapi::Published::new(document, &house.site));
    let own = Router::new()
        .route("/logo", get(logo::logo))
        .route("/api/v1/openapi.json", get(openapi::json).with_state(Arc::clone(&published)))
        .route("/api/docs", get(docs::page).with_state(published));
    let all = layers::quick(quick.merge(own), limits).merge(layers::streaming(streaming));
    let gate = Gate::new(house.accounts.clone(), limits);
    layers::around(all.fallback(former::address).with_state(house).merge(pages), gate, limits)
}
