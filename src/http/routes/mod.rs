//! One file for each noun of the API; each has a `routes()` that names its handlers.
//!
//! A handler is under 25 lines: read the request, call one service, shape the answer. A route that streams goes into
//! [`streaming`], every other one into [`quick`], which limits its time.

pub mod accounts;
pub mod approvals;
pub mod certificates;
pub mod classes;
pub mod complaints;
pub mod countersigns;
pub mod deposits;
pub mod dossiers;
pub mod evaluations;
pub mod gatherings;
pub mod health;
pub mod imports;
pub mod jobs;
pub mod keeping;
pub mod learner_lists;
pub mod learners;
pub mod lists;
pub mod notices;
pub mod panels;
pub mod protection;
pub mod public_notices;
pub mod recommendations;
pub mod resources;
pub mod reviewers;
pub mod reviews;
pub mod saved_searches;
pub mod search;
pub mod search_words;
pub mod sessions;
pub mod spot_checks;
pub mod standards;
pub mod submissions;
pub mod tokens;
pub mod upkeep;
pub mod webhooks;
pub mod week;
pub mod xapi;

use super::house::House;
use super::openapi::Base;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// Routes that answer at once.
pub fn quick() -> OpenApiRouter<House> {
    OpenApiRouter::with_openapi(Base::openapi())
        .merge(health::routes())
        .merge(accounts::routes())
        .merge(tokens::routes())
        .merge(sessions::routes())
        .merge(jobs::routes())
        .merge(resources::quick())
        .merge(dossiers::routes())
        .merge(deposits::quick())
        .merge(approvals::quick())
        .merge(imports::quick())
        .merge(lists::routes())
        .merge(standards::routes())
        .merge(search::routes())
        .merge(search_words::routes())
        .merge(saved_searches::routes())
        .merge(learners::quick())
        .merge(recommendations::quick())
        .merge(learner_lists::routes())
        .merge(protection::routes())
        .merge(certificates::routes())
        .merge(classes::routes())
        .merge(gatherings::routes())
        .merge(xapi::quick())
        .merge(submissions::quick())
        .merge(reviews::routes())
        .merge(panels::routes())
        .merge(countersigns::routes())
        .merge(week::routes())
        .merge(reviewers::routes())
        .merge(keeping::routes())
        .merge(notices::routes())
        .merge(webhooks::routes())
        .merge(complaints::routes())
        .merge(public_notices::routes())
        .merge(spot_checks::routes())
}

/// Routes that take or give bytes for as long as it takes.
pub fn streaming() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .merge(resources::streaming())
        .merge(submissions::streaming())
        .merge(imports::streaming())
        .merge(deposits::streaming())
        .merge(approvals::streaming())
        .merge(learners::streaming())
        .merge(xapi::streaming())
        .merge(upkeep::streaming())
        .merge(evaluations::streaming())
        .merge(reviews::streaming())
}
