//! What learners keep beside their events: lists of resources, notes, certificates, classes, a choice; and how the law protects
//! them. All of it lies under the learner's surrogate and, but for choice, protection and proofs of consent, goes when the
//! learner is forgotten. Names stand only where somebody is to read
//! them: on a certificate and in the list of a class that the learner joined.

pub mod certificate;
pub mod choice;
pub mod class;
pub mod list;
pub mod note;
pub mod protection;

use super::problem::{Problem, ProblemKind};

/// The surrogate of a learner as a part of keys.
pub fn key_of(surrogate: u64) -> String {
    format!("{surrogate:016x}")
}

/// The refusal of a text that is empty or too long.
pub(in crate::domain) fn check_text(field: &'static str, label: &str, text: &str, most: usize) -> Result<(), Problem> {
    if !text.trim().is_empty() && text.chars().count() <= most && !text.contains('\0') {
        return Ok(());
    }
    let (zh, en) = (format!("{label}须为 1 至 {most} 个字符。"), format!("{field} must have 1 to {most} characters."));
    Err(Problem { kind: ProblemKind::Unprocessable, ..Problem::field("bad-length", field, zh, en) })
}
