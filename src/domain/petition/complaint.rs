//! Complaints after publication.
//!
//! A copyright notice follows the statutory way (信息网络传播权保护条例, articles 14 to 17): a complete notice suspends the
//! resource at once and goes to the institution; its counter-statement restores the resource at once and goes to the claimant,
//! who may not notify again. Every other complaint is looked into by the desk before anything happens to the resource.

use super::machine::{Coded, Effect, Line, Petition, Root, Taken, line};
use super::{Asked, DESK, LONGEST_LINE, LONGEST_TEXT, PUBLIC, Person, check_texts, folded};
use crate::domain::access::Role;
use crate::domain::problem::Problem;
use crate::domain::record::{IndexRow, Key, Record};
use crate::domain::submission::opinions::required;
use crate::domain::submission::step::Step;
use crate::domain::submission::table::Party;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

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

impl Coded for ComplaintKind {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Copyright, "copyright", "侵犯著作权"),
        (Self::ContentError, "content_error", "内容错误"),
        (Self::PersonalData, "personal_data", "泄露个人信息"),
        (Self::EthnicReligious, "ethnic_religious", "涉民族宗教问题"),
        (Self::Broken, "broken", "无法打开或使用"),
        (Self::Other, "other", "其他"),
    ];
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

impl Coded for ComplaintState {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Received, "received", "待处理"),
        (Self::Dismissed, "dismissed", "不成立"),
        (Self::Suspended, "suspended", "资源已暂停"),
        (Self::Restored, "restored", "资源已恢复"),
        (Self::Notified, "notified", "已暂停并转送机构"),
        (Self::Countered, "countered", "机构已提交书面说明"),
        (Self::Retired, "retired", "资源已出库"),
    ];
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

const INSTITUTION: &[Party] = &[Party::Role(Role::Manager)];

/// The table of complaints.
pub const COMPLAINT_TABLE: &[Line<ComplaintState, ComplaintAction>] = {
    use ComplaintAction as A;
    use ComplaintState as S;
    &[
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

impl Counter {
    /// The counter-statement about a work of this title as it is forwarded to the claimant: headline and text.
    pub fn letter(&self, title: &str) -> (String, String) {
        let Person { name, contact, address } = &self.person;
        let headline = format!("机构就您对《{title}》的著作权通知提交了书面说明");
        let law = "依照《信息网络传播权保护条例》第十七条，该资源依法恢复；就同一资源不得再次通知，您可以向人民法院起诉。";
        let text = format!("{headline}：\n\n{}\n\n名称：{name}\n联系方式：{contact}\n地址：{address}\n\n{law}", self.proof);
        (headline, text)
    }
}

/// A complaint. It is the root row of its ledger chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// What every petition has.
    #[serde(flatten)]
    pub root: Root<ComplaintState>,
    /// Resource.
    pub resource: String,
    /// Its revision when the complaint was made; none in complaints that are older than this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
    /// What is complained about.
    pub kind: ComplaintKind,
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
    /// It should be answered by then.
    pub answer_by: Timestamp,
}

impl Complaint {
    /// Makes a complaint. `self` carries what was sent in; state, instants and chain are set here.
    ///
    /// # Errors
    /// `incomplete` naming what a notice of article 14 lacks, or what is not taken.
    pub fn file(self, truthful: bool, step: &Step<'_>) -> Result<Taken<Self>, Problem> {
        self.check(truthful)?;
        let action = if self.kind == ComplaintKind::Copyright { ComplaintAction::Notify } else { ComplaintAction::File };
        let resource = self.resource.clone();
        let facts = [("resource", resource.as_str()), ("kind", self.kind.code())];
        self.made(action, &facts, step)
    }

    fn check(&self, truthful: bool) -> Result<(), Problem> {
        let needed = self.kind == ComplaintKind::Copyright;
        let pledge = if truthful { "1" } else { "" };
        let one = |path, names, text, longest, needed| Asked { path, names, text, longest, needed };
        check_texts(&[
            one("name", ("姓名或名称", "The claimant's name"), self.claimant.name.as_str(), LONGEST_LINE, needed),
            one("contact", ("联系方式", "The contact"), &self.claimant.contact, LONGEST_LINE, needed),
            one("address", ("地址", "The address"), &self.claimant.address, LONGEST_LINE, needed),
            one("work", ("被侵权作品的名称", "The work"), &self.work, LONGEST_LINE, needed),
            one("proof", ("构成侵权的初步证明材料", "The proof"), &self.proof, LONGEST_TEXT, needed),
            one("text", ("投诉内容", "The complaint"), &self.text, LONGEST_TEXT, !needed),
            one("truthful", ("对通知书真实性负责的承诺", "The pledge that this is true"), pledge, 1, needed),
        ])
    }

    /// Whether `other` is a notice that this one stands against: of the same claimant about the same revision of the same
    /// resource, while this one was answered by a counter-statement (article 17: the claimant may not notify again) or is being
    /// followed. The same claimant is the same account, or the same name with the same contact or the same work: namesakes with
    /// works of their own are other people, and a later revision is another work.
    pub fn bars(&self, other: &Self) -> bool {
        let copyright = |one: &Self| one.kind == ComplaintKind::Copyright;
        let open = matches!(self.root.state, ComplaintState::Notified | ComplaintState::Countered);
        let same = |of: fn(&Self) -> &str| folded(of(self)) == folded(of(other));
        let account = self.account.is_some() && self.account == other.account;
        let named = same(|one| &one.claimant.name) && (same(|one| &one.claimant.contact) || same(|one| &one.work));
        let thing = self.resource == other.resource && (self.revision.is_none() || self.revision == other.revision);
        open && copyright(self) && copyright(other) && thing && (account || named)
    }

    /// A decision of the desk.
    ///
    /// # Errors
    /// `reason-required`, and those of the table.
    pub fn decide(mut self, action: ComplaintAction, reason: &str, step: &Step<'_>) -> Result<Taken<Self>, Problem> {
        self.root.reason = required(reason)?;
        self.take(action, &[], step)
    }

    /// The institution's counter-statement: its name, contact, address and proof, with the pledge that it is true.
    ///
    /// # Errors
    /// Those of the table; `incomplete` naming what a counter-statement of article 16 lacks.
    pub fn counter(mut self, person: Person, proof: String, truthful: bool, step: &Step<'_>) -> Result<Taken<Self>, Problem> {
        Self::line(Some(self.root.state), ComplaintAction::Counter, step.party)?;
        let pledge = if truthful { "1" } else { "" };
        let one = |path, names, text, longest| Asked { path, names, text, longest, needed: true };
        check_texts(&[
            one("name", ("机构名称", "The institution's name"), person.name.as_str(), LONGEST_LINE),
            one("contact", ("联系方式", "The contact"), &person.contact, LONGEST_LINE),
            one("address", ("地址", "The address"), &person.address, LONGEST_LINE),
            one("proof", ("不构成侵权的初步证明材料", "The proof"), &proof, LONGEST_TEXT),
            one("truthful", ("对书面说明真实性负责的承诺", "The pledge that this is true"), pledge, 1),
        ])?;
        self.counter = Some(Counter { person, proof, at: step.at });
        self.take(ComplaintAction::Counter, &[], step)
    }
}

impl Petition for Complaint {
    type State = ComplaintState;
    type Action = ComplaintAction;
    const NAMES: (&'static str, &'static str) = ("投诉", "complaint");
    const CHAIN: &'static str = "complaint";
    const LINES: &'static [Line<ComplaintState, ComplaintAction>] = COMPLAINT_TABLE;

    fn root(&self) -> &Root<ComplaintState> {
        &self.root
    }

    fn root_mut(&mut self) -> &mut Root<ComplaintState> {
        &mut self.root
    }
}

impl Record for Complaint {
    const TABLE: &'static str = "complaints";
    fn key(&self) -> Key {
        Key::from(self.root.id.as_str())
    }
    /// `state`, `resource`, and `code`: the digest of the code by which it is followed.
    fn indexes(&self) -> Vec<IndexRow> {
        let root = &self.root;
        vec![root.row("state", root.state.code()), root.row("resource", &self.resource), root.row("code", &self.code)]
    }
}
