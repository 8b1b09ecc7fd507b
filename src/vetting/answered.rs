//! The answer to one of many: what was done, or why not. A call about many things does each singly and answers each.

use crate::domain::problem::Problem;
use serde::Serialize;

/// What became of one of many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Answered<T> {
    /// What it is about.
    pub id: String,
    /// Whether it was done.
    pub done: bool,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: T,
    /// Code of the problem, where it was not done.
    pub code: Option<String>,
    /// The problem in Chinese.
    pub zh: Option<String>,
    /// The problem in English.
    pub en: Option<String>,
}

impl<T: Default> Answered<T> {
    /// The answer about this one.
    pub(super) fn of(id: &str, done: Result<T, Problem>) -> Self {
        let id = id.to_owned();
        match done {
            Ok(outcome) => Self { id, done: true, outcome, code: None, zh: None, en: None },
            Err(problem) => {
                let (code, zh, en) = (Some(problem.code.to_owned()), Some(problem.zh), Some(problem.en));
                Self { id, done: false, outcome: T::default(), code, zh, en }
            }
        }
    }
}
