//! Notes with the place they are about.

use super::check_text;
use crate::domain::event::LONGEST_NAME;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{IndexRow, Key, Record};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Longest note, in characters.
const LONGEST: usize = 4_000;
/// Last second and last page a note can be about.
const LAST: u32 = 10_000_000;

/// What a learner wrote about a place in a resource. Answers hold it among fields of their own, so it is not closed to others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NoteText {
    /// Resource id.
    pub resource: String,
    /// The note, 1 to 4,000 characters.
    pub text: String,
    /// Second of the recording it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<u32>,
    /// Page it is about, 1 for the first, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
}

impl NoteText {
    /// Checks the lengths and the place.
    ///
    /// # Errors
    /// `bad-length`, `bad-place`.
    pub fn check(&self) -> Result<(), Problem> {
        check_text("resource", "资源编号", &self.resource, LONGEST_NAME)?;
        check_text("text", "笔记", &self.text, LONGEST)?;
        let placed = self.second.is_none_or(|second| second <= LAST) && self.page.is_none_or(|page| (1..=LAST).contains(&page));
        let (zh, en) = ("笔记位置无效：second 为秒数，page 从 1 起。", "second counts seconds, page begins with 1.");
        let wrong = || Problem { kind: ProblemKind::Unprocessable, ..Problem::field("bad-place", "second", zh, en) };
        placed.then_some(()).ok_or_else(wrong)
    }
}

/// A note of a learner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnerNote {
    /// Surrogate of the learner.
    pub learner: String,
    /// UUIDv7: notes lie in the order in which they were made.
    pub id: String,
    /// What it says.
    pub note: NoteText,
    /// When it was made.
    pub made: Timestamp,
    /// When it was changed last.
    pub changed: Timestamp,
}

/// Index of a learner's notes by resource.
pub const BY_RESOURCE: &str = "resource";

impl Record for LearnerNote {
    const TABLE: &'static str = "learner_notes";
    fn key(&self) -> Key {
        Key::of(&[&self.learner, &self.id])
    }
    fn indexes(&self) -> Vec<IndexRow> {
        vec![IndexRow { index: BY_RESOURCE, key: Key::of(&[&self.learner, &self.note.resource]) }]
    }
}
