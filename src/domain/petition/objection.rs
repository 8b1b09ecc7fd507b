//! Objections against a public notice: written, under the objector's own name, with what shows it.
//!
//! While one is open the submission waits (state `objected`). The desk takes it up or refuses it, then dismisses it with a
//! reason or puts the submission before the committee.

use super::{Asked, LONGEST_LINE, LONGEST_TEXT, Person, check_texts};
use crate::domain::access::{OrgPath, Role};
use crate::domain::ledger::{LedgerEntry, LedgerHead};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{IndexRow, Key, Record};
use crate::domain::submission::opinions::required;
use crate::domain::submission::step::{Deed, Step};
use crate::domain::submission::table::Party;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

impl ObjectionState {
    /// All states with stable code and Chinese name.
    pub const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Filed, "filed", "待受理"),
        (Self::Accepted, "accepted", "已受理"),
        (Self::Refused, "refused", "不予受理"),
        (Self::Dismissed, "dismissed", "异议不成立"),
        (Self::Referred, "referred", "已提交委员会复议"),
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// The Chinese name.
    pub fn label(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }
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

/// One line of the table of objections: state before, action, code and Chinese name, who may, state after.
#[derive(Clone, Copy, Debug)]
pub struct ObjectionLine {
    /// State before; none when it is made.
    pub from: Option<ObjectionState>,
    /// Action.
    pub action: ObjectionAction,
    /// Stable code of the action, Chinese name.
    pub names: (&'static str, &'static str),
    /// Who may.
    pub parties: &'static [Party],
    /// State after.
    pub to: ObjectionState,
}

const PUBLIC: &[Party] = &[Party::Public];
const DESK: &[Party] = &[Party::Role(Role::Editor), Party::Role(Role::Administrator)];

/// The table of objections.
pub const OBJECTION_TABLE: [ObjectionLine; 6] = {
    use ObjectionAction as A;
    use ObjectionState as S;
    const fn line(from: Option<S>, action: A, names: (&'static str, &'static str), parties: &'static [Party], to: S) -> ObjectionLine {
        ObjectionLine { from, action, names, parties, to }
    }
    [
        line(None, A::File, ("file", "提出异议"), PUBLIC, S::Filed),
        line(Some(S::Filed), A::Accept, ("accept", "受理"), DESK, S::Accepted),
        line(Some(S::Filed), A::Refuse, ("refuse", "不予受理"), DESK, S::Refused),
        line(Some(S::Filed), A::Refer, ("refer", "提交委员会复议"), DESK, S::Referred),
        line(Some(S::Accepted), A::Dismiss, ("dismiss", "认定不成立"), DESK, S::Dismissed),
        line(Some(S::Accepted), A::Refer, ("refer", "提交委员会复议"), DESK, S::Referred),
    ]
};

/// An objection. It is the root row of its ledger chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// UUIDv7.
    pub id: String,
    /// The submission under notice.
    pub submission: String,
    /// Its title.
    pub title: String,
    /// Its owner.
    pub owner: OrgPath,
    /// Its institution.
    pub institution: String,
    /// Where it stands.
    pub state: ObjectionState,
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
    /// Why it was answered so, in words for the objector.
    #[serde(default)]
    pub reason: String,
    /// It should be taken up or refused by then.
    pub accept_by: Timestamp,
    /// It should be answered by then, once it was taken up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_by: Option<Timestamp>,
    /// When it was made.
    pub created: Timestamp,
    /// When it last moved.
    pub updated: Timestamp,
    /// End of its chain.
    pub ledger: LedgerHead,
}

/// An objection after a step, with the new entry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a transition holds once it is written"]
pub struct ObjectionMoved {
    /// The objection.
    pub objection: Objection,
    /// The entry.
    pub entry: LedgerEntry,
}

impl Objection {
    /// Makes an objection. `self` carries what was sent in. A visitor gives name and contact; an account stands for its owner.
    ///
    /// # Errors
    /// `incomplete` naming what is missing or not taken.
    pub fn file(mut self, step: &Step<'_>) -> Result<ObjectionMoved, Problem> {
        let visitor = self.account.is_none();
        let one = |path, names, text, longest, needed| Asked { path, names, text, longest, needed };
        check_texts(&[
            one("name", ("姓名或名称", "The name"), self.objector.name.as_str(), LONGEST_LINE, visitor),
            one("contact", ("联系方式", "The contact"), &self.objector.contact, LONGEST_LINE, visitor),
            one("text", ("异议内容", "The objection"), &self.text, LONGEST_TEXT, true),
            one("evidence", ("证据或依据", "The evidence"), &self.evidence, LONGEST_TEXT, true),
        ])?;
        self.ledger = LedgerHead::default();
        self.created = step.at;
        let facts = BTreeMap::from([("submission".to_owned(), self.submission.clone())]);
        self.moved(None, ObjectionAction::File, facts, step)
    }

    /// Takes it up; it should be answered by `answer_by`.
    pub fn accept(mut self, answer_by: Timestamp, step: &Step<'_>) -> Result<ObjectionMoved, Problem> {
        let from = Some(self.state);
        self.answer_by = Some(answer_by);
        self.moved(from, ObjectionAction::Accept, BTreeMap::new(), step)
    }

    /// Refuses, dismisses or refers it, with a reason.
    pub fn answer(mut self, action: ObjectionAction, reason: &str, step: &Step<'_>) -> Result<ObjectionMoved, Problem> {
        let from = Some(self.state);
        self.reason = required(reason)?;
        self.moved(from, action, BTreeMap::new(), step)
    }

    fn moved(
        mut self,
        from: Option<ObjectionState>,
        action: ObjectionAction,
        facts: BTreeMap<String, String>,
        step: &Step<'_>,
    ) -> Result<ObjectionMoved, Problem> {
        let line = find(from, action, step.party)?;
        let chain = self.chain();
        let from = from.map_or("", ObjectionState::code);
        let deed = Deed { chain: &chain, action: line.names.0, from, to: line.to.code(), facts };
        let (ledger, entry) = step.seal(&self.ledger, deed)?;
        self.ledger = ledger;
        self.state = line.to;
        self.updated = step.at;
        Ok(ObjectionMoved { objection: self, entry })
    }

    /// Name of its chain.
    pub fn chain(&self) -> String {
        format!("objection:{}", self.id)
    }

    /// Whether it waits for an answer.
    pub fn is_open(&self) -> bool {
        matches!(self.state, ObjectionState::Filed | ObjectionState::Accepted)
    }

    /// What some parties may do now, with stable code and Chinese name.
    pub fn allowed(&self, parties: &[Party]) -> Vec<(&'static str, &'static str)> {
        let open = |line: &&ObjectionLine| line.from == Some(self.state) && line.parties.iter().any(|party| parties.contains(party));
        OBJECTION_TABLE.iter().filter(open).map(|line| line.names).collect()
    }
}

fn find(from: Option<ObjectionState>, action: ObjectionAction, party: Party) -> Result<&'static ObjectionLine, Problem> {
    let Some(line) = OBJECTION_TABLE.iter().find(|line| line.from == from && line.action == action) else {
        let (code, label) = from.map_or(("none", "尚未提交"), |state| (state.code(), state.label()));
        let zh = format!("异议当前状态为“{label}”，不能进行此操作。");
        let en = format!("The objection is {code}, which does not allow this.");
        return Err(Problem::new(ProblemKind::Conflict, "state", zh, en).at_state(code, label, None));
    };
    if line.parties.contains(&party) { Ok(line) } else { Err(Problem::forbidden()) }
}

impl Record for Objection {
    const TABLE: &'static str = "objections";
    fn key(&self) -> Key {
        Key::from(self.id.as_str())
    }
    /// `state`, `submission`, and `code`: the digest of the code by which it is followed.
    fn indexes(&self) -> Vec<IndexRow> {
        vec![
            IndexRow { index: "state", key: Key::of(&[self.state.code(), &self.id]) },
            IndexRow { index: "submission", key: Key::of(&[&self.submission, &self.id]) },
            IndexRow { index: "code", key: Key::of(&[&self.code, &self.id]) },
        ]
    }
}
