//! What is sent in about objections, and what is shown of them.

use crate::domain::access::{Actor, Role};
use crate::domain::change::Position;
use crate::domain::petition::Person;
use crate::domain::petition::objection::{Objection, ObjectionAction, ObjectionState};
use crate::domain::record::Stored;
use crate::domain::submission::table::Party;
use crate::domain::time::Timestamp;
use crate::vetting::views::Named;
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
    /// Id.
    pub id: String,
    /// Version, as in the `ETag`.
    pub version: Position,
    /// The submission under notice.
    pub submission: String,
    /// Its title.
    pub title: String,
    /// Its institution.
    pub institution: String,
    /// Where it stands.
    pub state: Named,
    /// Who objects.
    pub objector: Person,
    /// Account of the objector, where signed in.
    pub account: Option<String>,
    /// What is objected.
    pub text: String,
    /// What shows it.
    pub evidence: String,
    /// Why it was answered so.
    pub reason: String,
    /// It should be taken up or refused by then.
    pub accept_by: Timestamp,
    /// It should be answered by then, once it was taken up.
    pub answer_by: Option<Timestamp>,
    /// When it was made.
    pub created: Timestamp,
    /// When it last moved.
    pub updated: Timestamp,
    /// What the actor may do now.
    pub actions: Vec<Named>,
}

/// A page of objections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ObjectionPage {
    /// Objections, the newest first.
    pub items: Vec<ObjectionView>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

pub(super) fn shown(actor: &Actor, stored: Stored<Objection>) -> ObjectionView {
    let objection = stored.value;
    let held: Vec<Party> = Role::ALL.into_iter().filter(|role| actor.has(&[*role], &objection.owner)).map(Party::Role).collect();
    let actions = objection.allowed(&held).into_iter().map(|(code, label)| Named::new(code, label)).collect();
    ObjectionView {
        version: stored.version,
        state: Named::new(objection.state.code(), objection.state.label()),
        id: objection.id,
        submission: objection.submission,
        title: objection.title,
        institution: objection.institution,
        objector: objection.objector,
        account: objection.account,
        text: objection.text,
        evidence: objection.evidence,
        reason: objection.reason,
        accept_by: objection.accept_by,
        answer_by: objection.answer_by,
        created: objection.created,
        updated: objection.updated,
        actions,
    }
}
