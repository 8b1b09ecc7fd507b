//! Addresses that are no route: a resource may have been there before it came here.

use crate::catalog::Catalog;
use crate::domain::problem::Problem;
use crate::edge::actor::{Caller, host};
use crate::edge::problem::no_route;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

/// Leads on to where the resource is now, else says that there is nothing.
pub async fn address(
    State(catalog): State<Catalog>,
    Caller(actor): Caller,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if !matches!(method, Method::GET | Method::HEAD) {
        return Err(no_route());
    }
    let asked = uri.path_and_query().map_or("/", |path| path.as_str());
    match catalog.moved(&actor, host(&headers), asked).await? {
        Some(now) => Ok((StatusCode::PERMANENT_REDIRECT, [(LOCATION, now)]).into_response()),
        None => Err(no_route()),
    }
}
