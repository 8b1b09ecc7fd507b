//! Recommendation: what to learn next, from what learners do, as they do it.
//!
//! Events flow in from the one applier of the log ([`crate::store::events`]), the catalogue from the feed; a request reads
//! both under one short lock. The model is a sum over a learner's latest resources of their rows of co-visitation, blended
//! with columns of neighbourhood ridge (derived from the rows in the background, no part of the state, kept beside it) and with a trend,
//! corrected for popularity, spread over providers, with places kept for new work. Each item says why it is
//! there, and the resource it names really gave most.
//!
//! What this room must never do: show, count or name what the viewer may not see; read a clock inside the state; keep a
//! float in the state (it must be the same whether learned live, loaded or replayed).
//!
//! To add a source of candidates: a part in `score::Candidate`, a function in `list`, a weight in `weights`, a code in
//! `reasons`; then see with `evaluate` what it is worth. To add a kind of list: a file in `lists`.

mod appraise;
mod asking;
pub mod catalogue;
mod columns;
mod consume;
mod course;
pub mod decay;
mod diversify;
mod effects;
pub mod evaluate;
mod experiments;
mod figures;
mod fresh;
mod hot;
mod joined;
mod keeper;
pub mod learners;
mod likeness;
mod list;
mod lists;
mod places;
mod priors;
mod reasons;
pub mod regions;
mod related;
mod ridge;
pub mod rows;
mod score;
mod served;
mod service;
mod shares;
mod shelves;
mod snapshot;
mod solving;
pub mod state;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod truth;
mod uses;
mod weights;

pub use appraise::MOST_LISTS;
pub use catalogue::CatalogueItem;
pub use effects::{ArmReport, Difference, Effects, Rate};
pub use experiments::{Arm, Experiment, WeightChange};
pub use likeness::{Likeness, NoLikeness};
pub use list::{Recommendations, RecommendedItem, Resume};
pub use lists::{Circle, Division, ListKind};
pub use reasons::Reason;
pub use served::Keeping;
pub use service::{MOST_ITEMS, Recommender, RecommenderOptions};
pub use shares::{Group, MOST_GROUPS};
pub use shelves::{Home, Wish};
pub use state::Shape;
pub use weights::Weights;
