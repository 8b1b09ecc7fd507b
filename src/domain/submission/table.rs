//! The one table of states, actions and who may take them. The transitions obey it, a test walks it, and `review_rules/STATES.md`
//! is made from it: after a change here write that anew with `WRITE_STATES=1 cargo test --lib the_document_says`.

use crate::domain::access::Role;
use serde::{Deserialize, Serialize};

/// Where a submission stands, without its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateCode {
    /// Being written; nothing was promised yet.
    Draft,
    /// Deposited with a pledge.
    Submitted,
    /// Machine checks run.
    Checking,
    /// Back with the submitter, with every finding.
    Returned,
    /// With a second person of the institution, who answers for it with a stamped pledge.
    Approval,
    /// At the desk: first review and choice of the track.
    Screening,
    /// With one reviewer.
    Review,
    /// With a panel.
    Panel,
    /// Awaits final approval.
    Final,
    /// Before the committee.
    Committee,
    /// Public notice before publication.
    Notice,
    /// Under notice, with objections that wait for an answer.
    Objected,
    /// Published.
    Published,
    /// Taken back by the submitter.
    Withdrawn,
    /// Refused.
    Rejected,
    /// A refusal was appealed against.
    Appealed,
}

impl StateCode {
    /// All states with stable code and Chinese name.
    pub const ALL: [(Self, &'static str, &'static str); 16] = [
        (Self::Draft, "draft", "草稿"),
        (Self::Submitted, "submitted", "已提交"),
        (Self::Checking, "checking", "机器检测中"),
        (Self::Returned, "returned", "退回修改"),
        (Self::Approval, "approval", "机构审核"),
        (Self::Screening, "screening", "初审"),
        (Self::Review, "review", "复审（专家评审）"),
        (Self::Panel, "panel", "复审（专家组评审）"),
        (Self::Final, "final", "终审"),
        (Self::Committee, "committee", "审核委员会审议"),
        (Self::Notice, "notice", "公示"),
        (Self::Objected, "objected", "公示异议处理"),
        (Self::Published, "published", "已入库"),
        (Self::Withdrawn, "withdrawn", "已撤回"),
        (Self::Rejected, "rejected", "不予入库"),
        (Self::Appealed, "appealed", "申诉中"),
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// The Chinese name.
    pub fn label(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }

    /// Reads a stable code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == code).map(|row| row.0)
    }
}

/// What is done to a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Begin a draft.
    Draft,
    /// Deposit with a pledge: the row is submitted at once.
    Deposit,
    /// Submit a draft.
    Submit,
    /// Begin the machine checks.
    BeginChecks,
    /// Record what the machine checks found.
    RecordChecks,
    /// Answer for it in the institution's name.
    Approve,
    /// Hand over to one reviewer or a panel.
    Assign,
    /// Confirm that the changes asked for by 修改后通过 were made; no second review.
    Confirm,
    /// Send back for changes.
    Return,
    /// Refuse at the desk.
    Refuse,
    /// Take a seat as reviewer, for the length of a lease.
    Claim,
    /// Give the seat back.
    Release,
    /// Give an opinion.
    Opine,
    /// Put before the committee instead of one approver.
    Escalate,
    /// Decide (final approval, or one vote of the committee).
    Decide,
    /// Publish after the notice.
    Publish,
    /// Object against the notice.
    Object,
    /// Refuse or dismiss an objection.
    Overrule,
    /// Put it before the committee because of an objection.
    Refer,
    /// Take back.
    Withdraw,
    /// Take the weight off findings of the machine checks.
    Waive,
    /// Send the changed submission in again, as a new round.
    Resubmit,
    /// Appeal against a refusal, once.
    Appeal,
    /// Uphold the refusal.
    Uphold,
    /// Review again by people who took no part.
    Reopen,
    /// Reserve a seat for an expert until it answers.
    Invite,
    /// Decline an invitation.
    Decline,
    /// Declare an own conflict.
    Recuse,
    /// Remind the holder of a seat.
    Remind,
    /// Free the seat of a silent reviewer.
    Replace,
}

impl Action {
    /// All actions with stable code and Chinese name.
    pub const ALL: [(Self, &'static str, &'static str); 30] = [
        (Self::Draft, "draft", "新建草稿"),
        (Self::Deposit, "deposit", "提交入库"),
        (Self::Submit, "submit", "提交"),
        (Self::BeginChecks, "begin_checks", "开始检测"),
        (Self::RecordChecks, "record_checks", "登记检测结果"),
        (Self::Approve, "approve", "机构审核通过"),
        (Self::Assign, "assign", "送审"),
        (Self::Confirm, "confirm", "确认已按意见修改"),
        (Self::Return, "return", "退回修改"),
        (Self::Refuse, "refuse", "初审不予受理"),
        (Self::Claim, "claim", "领取评审"),
        (Self::Release, "release", "退还评审"),
        (Self::Opine, "opine", "提交评审意见"),
        (Self::Escalate, "escalate", "提请委员会审议"),
        (Self::Decide, "decide", "终审决定"),
        (Self::Publish, "publish", "公示期满入库"),
        (Self::Object, "object", "提出异议"),
        (Self::Overrule, "overrule", "异议不成立"),
        (Self::Refer, "refer", "异议提交委员会复议"),
        (Self::Withdraw, "withdraw", "撤回"),
        (Self::Waive, "waive", "豁免检测意见"),
        (Self::Resubmit, "resubmit", "修改后重新提交"),
        (Self::Appeal, "appeal", "申诉"),
        (Self::Uphold, "uphold", "维持原决定"),
        (Self::Reopen, "reopen", "重新评审"),
        (Self::Invite, "invite", "邀请专家"),
        (Self::Decline, "decline", "谢绝邀请"),
        (Self::Recuse, "recuse", "声明回避"),
        (Self::Remind, "remind", "提醒评审"),
        (Self::Replace, "replace", "更换逾期专家"),
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

/// In what capacity somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// The program itself (jobs, followers).
    Program,
    /// Anybody, signed in or not.
    Public,
    /// A person in a role.
    Role(Role),
}

impl Party {
    /// Every party there is.
    pub fn all() -> Vec<Self> {
        [Self::Program, Self::Public].into_iter().chain(Role::ALL.into_iter().map(Self::Role)).collect()
    }

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Program => "program",
            Self::Public => "public",
            Self::Role(role) => role.code(),
        }
    }
}

/// One line of the table: from a state, by an action of one of these parties, to one of these states (the submission's data
/// and the plan of its track decide which).
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// State before; `None` when there is no submission yet.
    pub from: Option<StateCode>,
    /// Action.
    pub action: Action,
    /// Who may take it.
    pub parties: &'static [Party],
    /// States it may lead to.
    pub to: &'static [StateCode],
}

const PROGRAM: Party = Party::Program;
const PUBLIC: Party = Party::Public;
const CONTRIBUTOR: Party = Party::Role(Role::Contributor);
const MANAGER: Party = Party::Role(Role::Manager);
const REVIEWER: Party = Party::Role(Role::Reviewer);
const COMMITTEE: Party = Party::Role(Role::Committee);
const EDITOR: Party = Party::Role(Role::Editor);
const ADMINISTRATOR: Party = Party::Role(Role::Administrator);

const SUBMITTERS: &[Party] = &[CONTRIBUTOR, MANAGER];
const DESK: &[Party] = &[EDITOR, ADMINISTRATOR];
const DESK_OR_PROGRAM: &[Party] = &[EDITOR, ADMINISTRATOR, PROGRAM];

/// Roles that a rule's `waiver` may name; the rule decides which of them it is.
const WAIVERS: &[Party] = &[EDITOR, ADMINISTRATOR, COMMITTEE];

const fn line(from: StateCode, action: Action, parties: &'static [Party], to: &'static [StateCode]) -> Line {
    Line { from: Some(from), action, parties, to }
}

/// The table of the submission's machine.
pub const TABLE: &[Line] = {
    use Action as A;
    use StateCode as S;
    &[
        Line { from: None, action: A::Draft, parties: SUBMITTERS, to: &[S::Draft] },
        Line { from: None, action: A::Deposit, parties: &[CONTRIBUTOR, MANAGER, EDITOR, ADMINISTRATOR], to: &[S::Submitted] },
        line(S::Draft, A::Submit, SUBMITTERS, &[S::Submitted]),
        line(S::Draft, A::Withdraw, SUBMITTERS, &[S::Withdrawn]),
        line(S::Submitted, A::BeginChecks, &[PROGRAM], &[S::Checking]),
        line(S::Submitted, A::Withdraw, SUBMITTERS, &[S::Withdrawn]),
        line(S::Checking, A::RecordChecks, &[PROGRAM], &[S::Returned, S::Approval, S::Screening]),
        line(S::Checking, A::Withdraw, SUBMITTERS, &[S::Withdrawn]),
        line(S::Returned, A::Resubmit, &[CONTRIBUTOR, MANAGER, EDITOR, ADMINISTRATOR], &[S::Submitted]),
        line(S::Returned, A::Waive, WAIVERS, &[S::Returned, S::Approval, S::Screening]),
        line(S::Returned, A::Withdraw, SUBMITTERS, &[S::Withdrawn]),
        line(S::Approval, A::Approve, &[MANAGER], &[S::Screening]),
        line(S::Approval, A::Return, &[MANAGER, EDITOR, ADMINISTRATOR], &[S::Returned]),
        line(S::Approval, A::Withdraw, SUBMITTERS, &[S::Withdrawn]),
        line(S::Screening, A::Assign, DESK_OR_PROGRAM, &[S::Review, S::Panel, S::Approval]),
        line(S::Screening, A::Confirm, &[EDITOR], &[S::Final, S::Committee, S::Approval]),
        line(S::Screening, A::Return, DESK, &[S::Returned]),
        line(S::Screening, A::Refuse, DESK, &[S::Rejected]),
        line(S::Screening, A::Withdraw, SUBMITTERS, &[S::Withdrawn]),
        line(S::Review, A::Claim, &[REVIEWER], &[S::Review]),
        line(S::Review, A::Release, &[REVIEWER, EDITOR, ADMINISTRATOR], &[S::Review]),
        line(S::Review, A::Opine, &[REVIEWER], &[S::Review, S::Returned, S::Final, S::Committee]),
        line(S::Review, A::Escalate, DESK, &[S::Review]),
        line(S::Review, A::Return, DESK, &[S::Returned]),
        line(S::Review, A::Withdraw, SUBMITTERS, &[S::Withdrawn]),
        line(S::Panel, A::Claim, &[REVIEWER], &[S::Panel]),
        line(S::Panel, A::Release, &[REVIEWER, EDITOR, ADMINISTRATOR], &[S::Panel]),
        line(S::Panel, A::Opine, &[REVIEWER], &[S::Panel, S::Returned, S::Final, S::Committee]),
        line(S::Panel, A::Escalate, DESK, &[S::Panel]),
        line(S::Panel, A::Return, DESK, &[S::Returned]),
        line(S::Panel, A::Withdraw, SUBMITTERS, &[S::Withdrawn]),
        line(S::Review, A::Invite, DESK_OR_PROGRAM, &[S::Review]),
        line(S::Review, A::Decline, &[REVIEWER], &[S::Review]),
        line(S::Review, A::Recuse, &[REVIEWER], &[S::Review]),
        line(S::Review, A::Remind, &[PROGRAM], &[S::Review]),
        line(S::Review, A::Replace, &[PROGRAM], &[S::Review]),
        line(S::Panel, A::Invite, DESK_OR_PROGRAM, &[S::Panel]),
        line(S::Panel, A::Decline, &[REVIEWER], &[S::Panel]),
        line(S::Panel, A::Recuse, &[REVIEWER], &[S::Panel]),
        line(S::Panel, A::Remind, &[PROGRAM], &[S::Panel]),
        line(S::Panel, A::Replace, &[PROGRAM], &[S::Panel]),
        line(S::Final, A::Escalate, &[EDITOR, ADMINISTRATOR, COMMITTEE], &[S::Committee]),
        line(S::Final, A::Decide, &[COMMITTEE], &[S::Published, S::Notice, S::Returned, S::Rejected]),
        line(S::Final, A::Withdraw, SUBMITTERS, &[S::Withdrawn]),
        line(S::Committee, A::Decide, &[COMMITTEE], &[S::Committee, S::Published, S::Notice, S::Returned, S::Rejected]),
        line(S::Committee, A::Withdraw, SUBMITTERS, &[S::Withdrawn]),
        line(S::Notice, A::Publish, DESK_OR_PROGRAM, &[S::Published]),
        line(S::Notice, A::Escalate, DESK, &[S::Committee]),
        line(S::Notice, A::Withdraw, SUBMITTERS, &[S::Withdrawn]),
        line(S::Notice, A::Object, &[PUBLIC], &[S::Objected]),
        line(S::Objected, A::Object, &[PUBLIC], &[S::Objected]),
        line(S::Objected, A::Overrule, DESK, &[S::Notice, S::Objected]),
        line(S::Objected, A::Refer, DESK, &[S::Committee]),
        line(S::Objected, A::Withdraw, SUBMITTERS, &[S::Withdrawn]),
        line(S::Rejected, A::Appeal, SUBMITTERS, &[S::Appealed]),
        line(S::Appealed, A::Uphold, &[COMMITTEE], &[S::Rejected]),
        line(S::Appealed, A::Reopen, &[COMMITTEE], &[S::Panel, S::Approval]),
        line(S::Appealed, A::Withdraw, SUBMITTERS, &[S::Withdrawn]),
    ]
};

/// The line for an action in a state.
pub fn find(from: Option<StateCode>, action: Action) -> Option<&'static Line> {
    TABLE.iter().find(|line| line.from == from && line.action == action)
}

/// The actions that a state allows to some of these parties, in the order of the table.
pub fn allowed(from: StateCode, parties: &[Party]) -> Vec<Action> {
    let open = TABLE.iter().filter(|line| line.from == Some(from) && line.parties.iter().any(|party| parties.contains(party)));
    open.map(|line| line.action).collect()
}
