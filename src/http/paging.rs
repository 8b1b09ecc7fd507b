//! Pages of lists: `limit` and `cursor` in, `Link: …; rel="next"` out.

use crate::domain::page::PageRequest;
use crate::edge::json::Json;
use crate::edge::link;
use axum::http::Uri;
use axum::http::header::LINK;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// Which part of a list is wanted.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Items at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// Where the page before ended: its `next`.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// Items wanted: 1 to 100, 20 where nothing is said.
    pub fn limit(&self) -> usize {
        self.limit.unwrap_or(20).clamp(1, 100) as usize
    }

    /// The part of a list from its beginning on.
    pub fn in_order(self) -> PageRequest {
        PageRequest { limit: self.limit(), cursor: self.cursor, reverse: false }
    }

    /// The part of a list from its end backwards.
    pub fn latest_first(self) -> PageRequest {
        PageRequest { limit: self.limit(), cursor: self.cursor, reverse: true }
    }
}

/// A page as an answer, with the link to the next one.
pub fn answer<T: Serialize>(uri: &Uri, next: Option<&str>, page: T) -> Response {
    let mut response = Json(page).into_response();
    if let Some(header) = next.and_then(|cursor| link::next(uri, cursor)) {
        response.headers_mut().insert(LINK, header);
    }
    response
}
