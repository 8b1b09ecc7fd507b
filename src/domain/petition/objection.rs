//! Objections against a public notice: written, under the objector's own name, with what shows it.
//!
//! While one is open the submission waits (state `objected`). The desk takes it up or refuses it, then dismisses it with a
//! reason or puts the submission before the committee.

use super::machine::{Coded, Effect, Line, Petition, Root, Taken, line};
use super::{Asked, DESK, LONGEST_LINE, LONGEST_TEXT, PUBLIC, Person, check_texts};
use crate::domain::problem::Problem;
use crate::domain::record::{IndexRow, Key, Record};
use crate::domain::submission::opinions::required;
use crate::domain::submission::step::Step;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Where an objection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectionState {
    /// Waits for the desk.
    Filed,
    /// Being looked into.
    Accepted,
    /// Not taken up.
    Refused,
    /// Looked into and found without ground.
    Dismissed,
    /// The committee decides again.
    Referred,
}

impl Coded for ObjectionState {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Filed, "filed", "待受理"),
        (Self::Accepted, "accepted", "已受理"),
        (Self::Refused, "refused", "不予受理"),
        (Self::Dismissed, "dismissed", "异议不成立"),
        (Self::Referred, "referred", "已提交委员会复议"),
    ];
}

/// What is done about an objection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectionAction {
    /// It is made.
    File,
    /// It is taken up.
    Accept,
    /// It is not taken up.
    Refuse,
    /// It is found without ground.
    Dismiss,
    /// The submission goes to the committee.
    Refer,
}

/// The table of objections.
pub const OBJECTION_TABLE: &[Line<ObjectionState, ObjectionAction>] = {
    use ObjectionAction as A;
    use ObjectionState as S;
    &[
        line(None, A::File, ("file", "提出异议"), PUBLIC, S::Filed, Effect::None),
        line(Some(S::Filed), A::Accept, ("accept", "受理"), DESK, S::Accepted, Effect::None),
        line(Some(S::Filed), A::Refuse, ("refuse", "不予受理"), DESK, S::Refused, Effect::None),
        line(Some(S::Filed), A::Refer, ("refer", "提交委员会复议"), DESK, S::Referred, Effect::None),
        line(Some(S::Accepted), A::Dismiss, ("dismiss", "认定不成立"), DESK, S::Dismissed, Effect::None),
        line(Some(S::Accepted), A::Refer, ("refer", "提交委员会复议"), DESK, S::Referred, Effect::None),
    ]
};

/// An objection. It is the root row of its ledger chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// What every petition has.
    #[serde(flatten)]
    pub root: Root<ObjectionState>,
    /// The submission under notice.
    pub submission: String,
    /// Its title.
    pub title: String,
    /// Who objects: for the desk only.
    pub objector: Person,
    /// Account of the objector, where signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What is objected.
    pub text: String,
    /// What shows it.
    pub evidence: String,
    /// SHA-256 of the code by which it is followed.
    pub code: String,
    /// It should be taken up or refused by then.
    pub accept_by: Timestamp,
    /// It should be answered by then, once it was taken up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_by: Option<Timestamp>,
}

impl Objection {
    /// Makes an objection. `self` carries what was sent in. A visitor gives name and contact; an account stands for its owner.
    ///
    /// # Errors
    /// `incomplete` naming what is missing or not taken.
    pub fn file(self, step: &Step<'_>) -> Result<Taken<Self>, Problem> {
        let visitor = self.account.is_none();
        let one = |path, names, text, longest, needed| Asked { path, names, text, longest, needed };
        check_texts(&[
            one("name", ("姓名或名称", "The name"), self.objector.name.as_str(), LONGEST_LINE, visitor),
            one("contact", ("联系方式", "The contact"), &self.objector.contact, LONGEST_LINE, visitor),
            one("text", ("异议内容", "The objection"), &self.text, LONGEST_TEXT, true),
            one("evidence", ("证据或依据", "The evidence"), &self.evidence, LONGEST_TEXT, true),
        ])?;
        let submission = self.submission.clone();
        self.made(ObjectionAction::File, &[("submission", &submission)], step)
    }

    /// Takes it up; it should be answered by `answer_by`.
    ///
    /// # Errors
    /// Those of the table.
    pub fn accept(mut self, answer_by: Timestamp, step: &Step<'_>) -> Result<Taken<Self>, Problem> {
        self.answer_by = Some(answer_by);
        self.take(ObjectionAction::Accept, &[], step)
    }

    /// Refuses, dismisses or refers it, with a reason.
    ///
    /// # Errors
    /// `reason-required`, and those of the table.
    pub fn answer(mut self, action: ObjectionAction, reason: &str, step: &Step<'_>) -> Result<Taken<Self>, Problem> {
        self.root.reason = required(reason)?;
        self.take(action, &[], step)
    }

    /// Whether it waits for an answer.
    pub fn is_open(&self) -> bool {
        matches!(self.root.state, ObjectionState::Filed | ObjectionState::Accepted)
    }
}

impl Petition for Objection {
    type State = ObjectionState;
    type Action = ObjectionAction;
    const NAMES: (&'static str, &'static str) = ("异议", "objection");
    const CHAIN: &'static str = "objection";
    const LINES: &'static [Line<ObjectionState, ObjectionAction>] = OBJECTION_TABLE;

    fn root(&self) -> &Root<ObjectionState> {
        &self.root
    }

    fn root_mut(&mut self) -> &mut Root<ObjectionState> {
        &mut self.root
    }
}

impl Record for Objection {
    const TABLE: &'static str = "objections";
    fn key(&self) -> Key {
        Key::from(self.root.id.as_str())
    }
    /// `state`, `submission`, and `code`: the digest of the code by which it is followed.
    fn indexes(&self) -> Vec<IndexRow> {
        let root = &self.root;
        vec![root.row("state", root.state.code()), root.row("submission", &self.submission), root.row("code", &self.code)]
    }
}
