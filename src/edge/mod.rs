//! What every interface over HTTP needs: who is calling, problems, JSON and query reading, ranges, tags, limits.
//!
//! It knows requests and answers, and of the services only `accounts`. It must never know a route, never decide what an actor
//! may do (services do), and never let an answer out that is not a document or a problem+json. A new extractor gets its own
//! file and answers with [`crate::domain::problem::Problem`]; a new layer is added in [`layers`] at the place its comment names.

pub mod actor;
pub mod aimed;
pub mod body;
pub mod cookies;
pub mod json;
pub mod layers;
pub mod limits;
pub mod linger;
pub mod link;
pub mod params;
pub mod problem;
pub mod range;
pub mod request_id;
pub mod tags;
