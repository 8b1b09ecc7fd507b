//! Learning events: what learners do, as it is reported and as it is kept.

use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a learner did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Verb {
    /// Opened it.
    Viewed = 0,
    /// Got on with it; the value is per mille of the whole.
    Progressed = 1,
    /// Finished it.
    Completed = 2,
    /// Marked it as a favourite.
    Favourited = 3,
    /// Rated it; the value is 1 to 5.
    Rated = 4,
    /// Searched and chose it.
    Searched = 5,
    /// Does not want to see it (不感兴趣).
    Dismissed = 6,
}

/// An event as a platform or a learner reports it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, utoipa::ToSchema)]
pub struct EventInput {
    /// Unique within its source: sent twice, counted once. 1 to 128 characters.
    pub id: String,
    /// Learner, as the source names it. 1 to 128 characters.
    pub learner: String,
    /// Resource id.
    pub resource: String,
    /// What was done.
    pub verb: Verb,
    /// When, by the learner's clock.
    pub at: Timestamp,
    /// Progress in 0 to 1, or a rating in 1 to 5; for other verbs it means nothing.
    #[serde(default)]
    pub value: Option<f64>,
}

/// An event as it is kept: the learner by surrogate, the value as a whole number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// 128-bit hash of (source, id).
    pub key: u128,
    /// Surrogate of the learner: a keyed hash, which says nothing without the site's key.
    pub learner: u64,
    /// Resource id.
    pub resource: String,
    /// What was done.
    pub verb: Verb,
    /// When, by the learner's clock.
    pub at: Timestamp,
    /// Per mille for progress, thousandths for ratings, 0 elsewhere.
    pub value: i32,
}
