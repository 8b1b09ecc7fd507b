//! The web pages: reviewers, the desk, the committee, offices that countersign and institutions do the vetting in a browser, on a
//! phone as well; whoever objects to a notice or complains about a resource does it there, signed in or not; everybody searches
//! what is published; learners open works and find where to go on.
//!
//! Pages are rendered here, work without script and ask the same services as the API, so that everybody sees what they would
//! see there: a page takes what a service shows to its actor and lays it out. Every change is a form that is posted and leads
//! on to a page. Scripts of ours make some things easier (a box drawn on a picture, the time of the player, drafts that save
//! themselves, suggestions while one types, a page read aloud); nothing needs them. Every page comes in two sizes: the usual one,
//! and that of the edition for elders (长辈版), a class of the layout and the end of the stylesheet.
//!
//! What this room must never do: decide what somebody may see or do, read a record around the services, put a text into HTML by
//! hand (templates escape), load anything from elsewhere. A new page is a file in [`pages`] with its `routes()`, and a template
//! in `templates/` that fills the blocks of `layout.html`.

mod address;
mod assets;
mod door;
mod faults;
mod form;
mod frame;
mod labels;
mod pages;
mod place;
mod spot;
mod words;

pub use labels::Labels;

use crate::accounts::Accounts;
use crate::catalog::Catalog;
use crate::discover::Discover;
use crate::edge::layers;
use crate::edge::limits::Limits;
use crate::ingest::Ingest;
use crate::learning::Learning;
use crate::notices::Notices;
use crate::operations::Operations;
use crate::recommend::Recommender;
use crate::vetting::Vetting;
use axum::Router;
use axum::extract::FromRef;
use axum::middleware::from_fn_with_state;
use std::sync::Arc;

/// What pages are made with: the services, the names of codes, and the site's face.
#[derive(Clone, FromRef)]
pub struct Rooms {
    /// Accounts.
    pub accounts: Accounts,
    /// Vetting.
    pub vetting: Vetting,
    /// Deposits.
    pub ingest: Ingest,
    /// The inbox.
    pub notices: Notices,
    /// What is published.
    pub catalog: Catalog,
    /// Search.
    pub discover: Discover,
    /// Whether search is ready.
    pub operations: Operations,
    /// Learners' records.
    pub learning: Learning,
    /// What to learn next.
    pub recommender: Recommender,
    /// Names of codes.
    pub labels: Arc<Labels>,
    /// Limits of requests.
    pub limits: Arc<Limits>,
    /// The site's face.
    pub face: Arc<Face>,
}

/// How the site presents itself.
#[derive(Clone, Debug, Default)]
pub struct Face {
    /// Name shown to people.
    pub name: String,
    /// Whether the public reaches it over TLS.
    pub is_secure: bool,
}

/// All pages, with the layers of routes that answer at once and of those that take long.
pub fn router(rooms: Rooms, limits: &Limits) -> Router {
    let quick = layers::quick(pages::quick(), limits);
    let all = quick.merge(layers::streaming(pages::streaming()));
    all.layer(from_fn_with_state(rooms.clone(), door::layer)).with_state(rooms)
}
