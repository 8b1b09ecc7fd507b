//! Complaints after publication.
//!
//! A copyright notice follows the statutory way (信息网络传播权保护条例, articles 14 to 17): a complete notice suspends the
//! resource at once and goes to the institution; its counter-statement restores the resource at once and goes to the claimant,
//! who may not notify again. Every other complaint is looked into by the desk before anything happens to the resource.

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

/// What is complained about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComplaintKind {
    /// The work of another is given to the public without leave: a statutory notice.
    Copyright,
    /// Something in it is wrong.
    ContentError,
    /// It shows personal data that it should not.
    PersonalData,
    /// It hurts or misrepresents a people or a religion.
    EthnicReligious,
    /// It cannot be opened or used.
    Broken,
    /// Something else.
    Other,
}

impl ComplaintKind {
    /// All kinds with stable code and Chinese name.
    pub const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::Copyright, "copyright", "侵犯著作权"),
        (Self::ContentError, "content_error", "内容错误"),
        (Self::PersonalData, "personal_data", "泄露个人信息"),
        (Self::EthnicReligious, "ethnic_religious", "涉民族宗教问题"),
        (Self::Broken, "broken", "无法打开或使用"),
        (Self::Other, "other", "其他"),
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

/// Where a complaint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComplaintState {
    /// Waits for the desk.
    Received,
    /// The desk found nothing in it.
    Dismissed,
    /// The desk suspended the resource.
    Suspended,
    /// The desk let the resource go again.
    Restored,
    /// A copyright notice suspended the resource.
    Notified,
    /// The institution made its counter-statement.
    Countered,
    /// The resource was retired.
    Retired,
}

impl ComplaintState {
    /// All states with stable code and Chinese name.
    pub const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::Received, "received", "待处理"),
        (Self::Dismissed, "dismissed", "不成立"),
        (Self::Suspended, "suspended", "资源已暂停"),
        (Self::Restored, "restored", "资源已恢复"),
        (Self::Notified, "notified", "已暂停并转送机构"),
        (Self::Countered, "countered", "机构已提交反通知，资源已恢复"),
        (Self::Retired, "retired", "资源已出库"),
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

/// What is done about a complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComplaintAction {
    /// It is made.
    File,
    /// It is made as a statutory copyright notice.
    Notify,
    /// Nothing was found in it.
    Dismiss,
    /// The resource is held back.
    Suspend,
    /// The resource is let go.
    Restore,
    /// The resource is retired.
    Retire,
    /// The institution's counter-statement.
    Counter,
}

/// What a step means for the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// The complaint holds it back.
    Hold,
    /// The complaint lets it go.
    Release,
    /// It is retired.
    Retire,
}

/// One line of the table of complaints.
#[derive(Clone, Copy, Debug)]
pub struct ComplaintLine {
    /// State before; none when it is made.
    pub from: Option<ComplaintState>,
    /// Action.
    pub action: ComplaintAction,
    /// Stable code of the action, Chinese name.
    pub names: (&'static str, &'static str),
    /// Who may.
    pub parties: &'static [Party],
    /// State after.
    pub to: ComplaintState,
    /// What it means for the resource.
    pub effect: Effect,
}

const PUBLIC: &[Party] = &[Party::Public];
const DESK: &[Party] = &[Party::Role(Role::Editor), Party::Role(Role::Administrator)];
const INSTITUTION: &[Party] = &[Party::Role(Role::Manager)];

/// The table of complaints.
pub const COMPLAINT_TABLE: [ComplaintLine; 9] = {
    use ComplaintAction as A;
    use ComplaintState as S;
    const fn line(
        from: Option<S>,
        action: A,
        names: (&'static str, &'static str),
        parties: &'static [Party],
        to: S,
        effect: Effect,
    ) -> ComplaintLine {
        ComplaintLine { from, action, names, parties, to, effect }
    }
    [
        line(None, A::File, ("file", "投诉"), PUBLIC, S::Received, Effect::None),
        line(None, A::Notify, ("notify", "著作权通知"), PUBLIC, S::Notified, Effect::Hold),
        line(Some(S::Received), A::Dismiss, ("dismiss", "认定不成立"), DESK, S::Dismissed, Effect::None),
        line(Some(S::Received), A::Suspend, ("suspend", "暂停资源"), DESK, S::Suspended, Effect::Hold),
        line(Some(S::Received), A::Retire, ("retire", "资源出库"), DESK, S::Retired, Effect::Retire),
        line(Some(S::Suspended), A::Restore, ("restore", "恢复资源"), DESK, S::Restored, Effect::Release),
        line(Some(S::Suspended), A::Retire, ("retire", "资源出库"), DESK, S::Retired, Effect::Retire),
        line(Some(S::Notified), A::Counter, ("counter", "反通知"), INSTITUTION, S::Countered, Effect::Release),
        line(Some(S::Notified), A::Retire, ("retire", "资源出库"), DESK, S::Retired, Effect::Retire),
    ]
};

/// The institution's counter-statement (article 16).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Counter {
    /// The institution, as it names itself.
    pub person: Person,
    /// Why it does not infringe, and what shows it.
    pub proof: String,
    /// When.
    pub at: Timestamp,
}

/// A complaint. It is the root row of its ledger chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// UUIDv7.
    pub id: String,
    /// Resource.
    pub resource: String,
    /// Its owner.
    pub owner: OrgPath,
    /// Its institution.
    pub institution: String,
    /// What is complained about.
    pub kind: ComplaintKind,
    /// Where it stands.
    pub state: ComplaintState,
    /// Who complains: for the desk, and of a copyright notice for the institution.
    pub claimant: Person,
    /// Account of the claimant, where signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The work that is infringed (copyright).
    #[serde(default)]
    pub work: String,
    /// First proof of the infringement (copyright).
    #[serde(default)]
    pub proof: String,
    /// The complaint in words.
    #[serde(default)]
    pub text: String,
    /// SHA-256 of the code by which it is followed.
    pub code: String,
    /// The counter-statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter: Option<Counter>,
    /// Why it was decided so, in words for the claimant.
    #[serde(default)]
    pub reason: String,
    /// It should be answered by then.
    pub answer_by: Timestamp,
    /// When it was made.
    pub created: Timestamp,
    /// When it last moved.
    pub updated: Timestamp,
    /// End of its chain.
    pub ledger: LedgerHead,
}

/// A complaint after a step, with the new entry and what it means for the resource.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a transition holds once it is written"]
pub struct ComplaintMoved {
    /// The complaint.
    pub complaint: Complaint,
    /// The entry.
    pub entry: LedgerEntry,
    /// What it means for the resource.
    pub effect: Effect,
}

impl Complaint {
    /// Makes a complaint. `self` carries what was sent in; state, instants and chain are set here.
    ///
    /// # Errors
    /// `incomplete` naming what a notice of article 14 lacks, or what is not taken.
    pub fn file(mut self, truthful: bool, step: &Step<'_>) -> Result<ComplaintMoved, Problem> {
        self.check(truthful)?;
        let action = if self.kind == ComplaintKind::Copyright { ComplaintAction::Notify } else { ComplaintAction::File };
        self.ledger = LedgerHead::default();
        self.created = step.at;
        let facts = [("resource", self.resource.clone()), ("kind", self.kind.code().to_owned())];
        self.moved(None, action, &facts, step)
    }

    fn check(&self, truthful: bool) -> Result<(), Problem> {
        let needed = self.kind == ComplaintKind::Copyright;
        let one = |path, names, text, longest, needed| Asked { path, names, text, longest, needed };
        check_texts(&[
            one("name", ("姓名或名称", "The claimant's name"), self.claimant.name.as_str(), LONGEST_LINE, needed),
            one("contact", ("联系方式", "The contact"), &self.claimant.contact, LONGEST_LINE, needed),
            one("address", ("地址", "The address"), &self.claimant.address, LONGEST_LINE, needed),
            one("work", ("被侵权作品的名称", "The work"), &self.work, LONGEST_LINE, needed),
            one("proof", ("构成侵权的初步证明材料", "The proof"), &self.proof, LONGEST_TEXT, needed),
            one("text", ("投诉内容", "The complaint"), &self.text, LONGEST_TEXT, !needed),
            one("truthful", ("对通知书真实性负责的承诺", "The pledge that this is true"), if truthful { "1" } else { "" }, 1, needed),
        ])
    }

    /// Whether a notice of this claimant was answered by a counter-statement, or is being followed already: the same account or
    /// the same name about the same resource. Article 17: the claimant may not notify again.
    pub fn bars(&self, other: &Self) -> bool {
        let copyright = |one: &Self| one.kind == ComplaintKind::Copyright;
        let account = self.account.is_some() && self.account == other.account;
        let folded = |one: &Self| one.claimant.name.split_whitespace().collect::<String>().to_lowercase();
        let open = matches!(self.state, ComplaintState::Notified | ComplaintState::Countered);
        copyright(self) && copyright(other) && self.resource == other.resource && open && (account || folded(self) == folded(other))
    }

    /// A decision of the desk.
    pub fn decide(mut self, action: ComplaintAction, reason: &str, step: &Step<'_>) -> Result<ComplaintMoved, Problem> {
        self.reason = required(reason)?;
        let from = Some(self.state);
        self.moved(from, action, &[], step)
    }

    /// The institution's counter-statement: its name, contact, address and proof, with the pledge that it is true.
    pub fn counter(mut self, person: Person, proof: String, truthful: bool, step: &Step<'_>) -> Result<ComplaintMoved, Problem> {
        let from = Some(self.state);
        find(from, ComplaintAction::Counter, step.party)?;
        let one = |path, names, text, longest| Asked { path, names, text, longest, needed: true };
        check_texts(&[
            one("name", ("机构名称", "The institution's name"), person.name.as_str(), LONGEST_LINE),
            one("contact", ("联系方式", "The contact"), &person.contact, LONGEST_LINE),
            one("address", ("地址", "The address"), &person.address, LONGEST_LINE),
            one("proof", ("不构成侵权的初步证明材料", "The proof"), &proof, LONGEST_TEXT),
            one("truthful", ("对书面说明真实性负责的承诺", "The pledge that this is true"), if truthful { "1" } else { "" }, 1),
        ])?;
        self.counter = Some(Counter { person, proof, at: step.at });
        self.moved(from, ComplaintAction::Counter, &[], step)
    }

    fn moved(
        mut self,
        from: Option<ComplaintState>,
        action: ComplaintAction,
        facts: &[(&str, String)],
        step: &Step<'_>,
    ) -> Result<ComplaintMoved, Problem> {
        let line = find(from, action, step.party)?;
        let chain = self.chain();
        let facts: BTreeMap<String, String> = facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let from = from.map_or("", ComplaintState::code);
        let deed = Deed { chain: &chain, action: line.names.0, from, to: line.to.code(), facts };
        let (ledger, entry) = step.seal(&self.ledger, deed)?;
        self.ledger = ledger;
        self.state = line.to;
        self.updated = step.at;
        Ok(ComplaintMoved { complaint: self, entry, effect: line.effect })
    }

    /// Name of its chain.
    pub fn chain(&self) -> String {
        Self::chain_of(&self.id)
    }

    /// Name of a complaint's chain.
    pub fn chain_of(id: &str) -> String {
        format!("complaint:{id}")
    }

    /// What some parties may do now, with stable code and Chinese name.
    pub fn allowed(&self, parties: &[Party]) -> Vec<(&'static str, &'static str)> {
        let open = |line: &&ComplaintLine| line.from == Some(self.state) && line.parties.iter().any(|party| parties.contains(party));
        COMPLAINT_TABLE.iter().filter(open).map(|line| line.names).collect()
    }
}

fn find(from: Option<ComplaintState>, action: ComplaintAction, party: Party) -> Result<&'static ComplaintLine, Problem> {
    let Some(line) = COMPLAINT_TABLE.iter().find(|line| line.from == from && line.action == action) else {
        let (code, label) = from.map_or(("none", "尚未提交"), |state| (state.code(), state.label()));
        let zh = format!("投诉当前状态为“{label}”，不能进行此操作。");
        let en = format!("The complaint is {code}, which does not allow this.");
        return Err(Problem::new(ProblemKind::Conflict, "state", zh, en).at_state(code, label, None));
    };
    if line.parties.contains(&party) { Ok(line) } else { Err(Problem::forbidden()) }
}

impl Record for Complaint {
    const TABLE: &'static str = "complaints";
    fn key(&self) -> Key {
        Key::from(self.id.as_str())
    }
    /// `state`, `resource`, and `code`: the digest of the code by which it is followed.
    fn indexes(&self) -> Vec<IndexRow> {
        vec![
            IndexRow { index: "state", key: Key::of(&[self.state.code(), &self.id]) },
            IndexRow { index: "resource", key: Key::of(&[&self.resource, &self.id]) },
            IndexRow { index: "code", key: Key::of(&[&self.code, &self.id]) },
        ]
    }
}
