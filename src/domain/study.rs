//! What learners report with a figure: how far they are, which score they got.

use super::time::Timestamp;
use std::sync::Arc;

/// The figure of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Seconds of the recording.
    Position(u32),
    /// Per mille of the whole.
    Progress(u16),
    /// Per mille of the highest score.
    Score(u16),
}

/// A learner's report about a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Resource id.
    pub resource: Arc<str>,
    /// When, by the learner's clock, at most the time of receipt.
    pub at: Timestamp,
    /// What it said.
    pub figure: Figure,
    /// It came as no person learns.
    pub marked: bool,
}
