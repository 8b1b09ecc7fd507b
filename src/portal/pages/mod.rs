//! One file for each kind of page; each has a `routes()` that names its handlers.
//!
//! A handler asks one service and fills one template; what a form sends is taken by `POST` and leads on to a page. A form that
//! a service refuses is shown again with what was written and what is wrong, under the status of the problem.

mod batches;
mod countersigns;
mod decisions;
mod described;
mod desk;
mod imports;
mod inbox;
mod learn;
mod look;
mod notice_settings;
mod opinion;
mod packages;
mod past;
mod petitions;
mod phrases;
mod profile;
mod public;
mod resource;
mod reviews;
mod screening;
mod search;
mod seats;
mod session;
mod shown;
mod spot_checks;
mod start;
mod submission;
mod submissions;
mod text_size;
mod waivers;

use super::{Rooms, assets};
use axum::Router;
use axum::routing::get;

/// Pages that answer at once.
pub fn quick() -> Router<Rooms> {
    Router::new()
        .route("/assets/{name}", get(assets::asset))
        .merge(start::routes())
        .merge(search::routes())
        .merge(session::routes())
        .merge(text_size::routes())
        .merge(desk::routes())
        .merge(reviews::routes())
        .merge(phrases::routes())
        .merge(submissions::routes())
        .merge(submission::routes())
        .merge(look::routes())
        .merge(past::routes())
        .merge(seats::routes())
        .merge(opinion::routes())
        .merge(screening::routes())
        .merge(decisions::routes())
        .merge(countersigns::routes())
        .merge(waivers::routes())
        .merge(petitions::routes())
        .merge(public::routes())
        .merge(resource::routes())
        .merge(learn::routes())
        .merge(batches::quick())
        .merge(packages::quick())
        .merge(profile::routes())
        .merge(spot_checks::routes())
        .merge(notice_settings::routes())
        .merge(imports::routes())
        .merge(inbox::routes())
}

/// Pages that take files for as long as it takes.
pub fn streaming() -> Router<Rooms> {
    batches::streaming().merge(packages::streaming())
}
