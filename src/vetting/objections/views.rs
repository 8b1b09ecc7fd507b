//! What is sent in about objections, and what is shown of them.

use crate::domain::petition::Person;
use crate::domain::petition::objection::{Objection, ObjectionAction, ObjectionState};
use crate::domain::time::Timestamp;
use crate::vetting::petitions::Standing;
use serde::{Deserialize, Serialize};

/// An objection as it is made. A visitor gives name and contact; who is signed in need not.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileObjection {
    /// Name of the objector; the desk alone sees it.
    #[serde(default)]
    pub name: String,
    /// Telephone or e-mail; the desk alone sees it.
    #[serde(default)]
    pub contact: String,
    /// What is objected, up to 5,000 characters.
    #[serde(default)]
    pub text: String,
    /// What shows it, up to 5,000 characters.
    #[serde(default)]
    pub evidence: String,
}

/// What the desk answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerObjection {
    /// `accept`, `refuse`, `dismiss` or `refer`.
    pub answer: ObjectionAnswer,
    /// Why, in words for the objector; needed unless it is taken up.
    #[serde(default)]
    pub reason: String,
}

/// Answers of the desk to an objection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectionAnswer {
    /// It is taken up.
    Accept,
    /// It is not taken up.
    Refuse,
    /// It was taken up and found without ground.
    Dismiss,
    /// The committee decides again.
    Refer,
}

impl ObjectionAnswer {
    pub(super) const fn action(self) -> ObjectionAction {
        match self {
            Self::Accept => ObjectionAction::Accept,
            Self::Refuse => ObjectionAction::Refuse,
            Self::Dismiss => ObjectionAction::Dismiss,
            Self::Refer => ObjectionAction::Refer,
        }
    }
}

/// Which objections.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListObjections {
    /// Only those in this state.
    pub state: Option<ObjectionState>,
    /// Only those against this submission.
    pub submission: Option<String>,
    /// Items at most, up to 100.
    pub limit: Option<usize>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// An objection, for the desk, or for whoever made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ObjectionView {
    /// What is shown of every petition.
    #[serde(flatten)]
    pub standing: Standing,
    /// The submission under notice.
    pub submission: String,
    /// Its title.
    pub title: String,
    /// Who objects.
    pub objector: Person,
    /// Account of the objector, where signed in.
    pub account: Option<String>,
    /// What is objected.
    pub text: String,
    /// What shows it.
    pub evidence: String,
    /// It should be taken up or refused by then.
    pub accept_by: Timestamp,
    /// It should be answered by then, once it was taken up.
    pub answer_by: Option<Timestamp>,
}

/// A page of objections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ObjectionPage {
    /// Objections, the newest first.
    pub items: Vec<ObjectionView>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

pub(super) fn view(standing: Standing, objection: Objection) -> ObjectionView {
    let Objection { root: _, submission, title, objector, account, text, evidence, code: _, accept_by, answer_by } = objection;
    ObjectionView { standing, submission, title, objector, account, text, evidence, accept_by, answer_by }
}
