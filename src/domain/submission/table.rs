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
    /// With the office whose countersign it needs before anybody may pass it.
    Countersign,
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
    pub const ALL: [(Self, &'static str, &'static str); 17] = [
        (Self::Draft, "draft", "草稿"),
        (Self::Submitted, "submitted", "已提交"),
        (Self::Checking, "checking", "机器检测中"),
        (Self::Returned, "returned", "退回修改"),
        (Self::Approval, "approval", "机构审核"),
        (Self::Screening, "screening", "初审"),
        (Self::Review, "review", "复审（专家评审）"),
        (Self::Panel, "panel", "复审（专家组评审）"),
        (Self::Countersign, "countersign", "会签"),
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
    /// Mark as content that an office must countersign.
    Flag,
    /// Agree in the office's name.
    Countersign,
    /// Object in the office's name.
    Dissent,
    /// Note that the office let its term pass, and tell the desk.
    Overdue,
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
    pub const ALL: [(Self, &'static str, &'static str); 34] = [
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
        (Self::Flag, "flag", "标记须会签的内容"),
        (Self::Countersign, "countersign", "同意会签"),
        (Self::Dissent, "dissent", "不同意会签"),
        (Self::Overdue, "overdue", "登记会签逾期"),
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
        (Self::Remind, "remind", "催办"),
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
    /// Whether who had a hand in the content may take it. Nobody judges the own work, in whatever capacity.
    pub by_authors: bool,
    /// Codes with which the submission's own data may refuse it to a party that may take it; [`GUARDS`] says what they mean.
    pub guards: &'static [&'static str],
}

/// What refuses a step that state and party allow: code, and when.
pub const GUARDS: [(&str, &str); 20] = [
    ("already-given", "the reviewer has given an opinion in this round"),
    ("already-voted", "the member has voted"),
    ("appealed", "the refusal was appealed against before, or follows an appeal"),
    ("confirm", "the last round did not end in 修改后通过"),
    ("finding", "there is no such finding that must be mended"),
    ("flagged", "it is marked so already"),
    ("no-claim", "there is no own claim that still runs"),
    ("no-invitation", "there is no invitation to answer"),
    ("no-reminder", "there is nothing to remind of"),
    ("no-seat", "all seats are taken"),
    ("not-due", "the time has not passed, or that was noted before"),
    ("not-invited", "the track invites its reviewers, and there is no invitation in force"),
    ("not-machine", "the machine checks did not return it"),
    ("notice-over", "the notice has run out"),
    ("notice-runs", "the notice has not run out"),
    ("reason-required", "a reason is due"),
    ("recused", "who acts had a hand in the content, took part in another stage, took part before the appeal, or has a tie to the work"),
    ("seated", "the expert has a seat"),
    ("revision", "the resource has another head revision by now"),
    ("retired", "the resource has been retired"),
];

const PROGRAM: Party = Party::Program;
const PUBLIC: Party = Party::Public;
const CONTRIBUTOR: Party = Party::Role(Role::Contributor);
const MANAGER: Party = Party::Role(Role::Manager);
const REVIEWER: Party = Party::Role(Role::Reviewer);
const COMMITTEE: Party = Party::Role(Role::Committee);
const OFFICE: Party = Party::Role(Role::EthnicAffairs);
const EDITOR: Party = Party::Role(Role::Editor);
const ADMINISTRATOR: Party = Party::Role(Role::Administrator);

const SUBMITTERS: &[Party] = &[CONTRIBUTOR, MANAGER];
const DESK: &[Party] = &[EDITOR, ADMINISTRATOR];
const DESK_OR_PROGRAM: &[Party] = &[EDITOR, ADMINISTRATOR, PROGRAM];

/// Who may mark a work before its decision.
const FLAGGERS: &[Party] = &[COMMITTEE, EDITOR, ADMINISTRATOR];

/// Roles that a rule's `waiver` may name; the rule decides which of them it is.
const WAIVERS: &[Party] = &[EDITOR, ADMINISTRATOR, COMMITTEE];

const fn line(from: StateCode, action: Action, parties: &'static [Party], to: &'static [StateCode]) -> Line {
    Line { from: Some(from), action, parties, to, by_authors: false, guards: &[] }
}

impl Line {
    /// The same line, for authors too.
    const fn own(self) -> Self {
        Self { by_authors: true, ..self }
    }

    /// The same line with what may refuse it.
    const fn unless(self, guards: &'static [&'static str]) -> Self {
        Self { guards, ..self }
    }
}

const fn begin(action: Action, parties: &'static [Party], to: &'static [StateCode]) -> Line {
    Line { from: None, ..line(StateCode::Draft, action, parties, to).own() }
}

/// What may refuse taking a seat.
const SEATING: &[&str] = &["recused", "already-given", "not-invited", "no-seat"];
/// What may refuse reserving one.
const INVITING: &[&str] = &["recused", "seated", "no-seat"];
/// What may refuse a decision.
const DECIDING: &[&str] = &["recused", "reason-required"];

/// The table of the submission's machine.
pub const TABLE: &[Line] = {
    use Action as A;
    use StateCode as S;
    &[
        begin(A::Draft, SUBMITTERS, &[S::Draft]),
        begin(A::Deposit, &[CONTRIBUTOR, MANAGER, EDITOR, ADMINISTRATOR], &[S::Submitted]),
        line(S::Draft, A::Submit, SUBMITTERS, &[S::Submitted]).own(),
        line(S::Draft, A::Withdraw, SUBMITTERS, &[S::Withdrawn]).own(),
        line(S::Submitted, A::BeginChecks, &[PROGRAM], &[S::Checking]),
        line(S::Submitted, A::Withdraw, SUBMITTERS, &[S::Withdrawn]).own(),
        line(S::Checking, A::RecordChecks, &[PROGRAM], &[S::Returned, S::Approval, S::Screening]),
        line(S::Checking, A::Withdraw, SUBMITTERS, &[S::Withdrawn]).own(),
        line(S::Returned, A::Resubmit, &[CONTRIBUTOR, MANAGER, EDITOR, ADMINISTRATOR], &[S::Submitted]).own(),
        line(S::Returned, A::Waive, WAIVERS, &[S::Returned, S::Approval, S::Screening]).unless(&[
            "recused",
            "not-machine",
            "finding",
            "reason-required",
        ]),
        line(S::Returned, A::Withdraw, SUBMITTERS, &[S::Withdrawn]).own(),
        line(S::Approval, A::Approve, &[MANAGER], &[S::Screening]).unless(&["recused"]),
        line(S::Approval, A::Return, &[MANAGER, EDITOR, ADMINISTRATOR], &[S::Returned]).unless(&["reason-required"]),
        line(S::Approval, A::Withdraw, SUBMITTERS, &[S::Withdrawn]).own(),
        line(S::Screening, A::Assign, DESK_OR_PROGRAM, &[S::Review, S::Panel, S::Approval]).unless(&["recused"]),
        line(S::Screening, A::Confirm, &[EDITOR], &[S::Countersign, S::Final, S::Committee, S::Approval]).unless(&["recused", "confirm"]),
        line(S::Screening, A::Flag, DESK, &[S::Screening]).unless(&["flagged", "reason-required"]),
        line(S::Screening, A::Return, DESK, &[S::Returned]).unless(&["reason-required"]),
        line(S::Screening, A::Refuse, DESK, &[S::Rejected]).unless(&["reason-required"]),
        line(S::Screening, A::Withdraw, SUBMITTERS, &[S::Withdrawn]).own(),
        line(S::Review, A::Claim, &[REVIEWER], &[S::Review]).unless(SEATING),
        line(S::Review, A::Release, &[REVIEWER, EDITOR, ADMINISTRATOR], &[S::Review]).unless(&["no-claim"]),
        line(S::Review, A::Opine, &[REVIEWER], &[S::Review, S::Returned, S::Countersign, S::Final, S::Committee])
            .unless(&["recused", "no-claim"]),
        line(S::Review, A::Flag, &[REVIEWER, EDITOR, ADMINISTRATOR], &[S::Review]).unless(&["flagged", "no-claim", "reason-required"]),
        line(S::Review, A::Escalate, DESK, &[S::Review]),
        line(S::Review, A::Return, DESK, &[S::Returned]).unless(&["reason-required"]),
        line(S::Review, A::Withdraw, SUBMITTERS, &[S::Withdrawn]).own(),
        line(S::Panel, A::Claim, &[REVIEWER], &[S::Panel]).unless(SEATING),
        line(S::Panel, A::Release, &[REVIEWER, EDITOR, ADMINISTRATOR], &[S::Panel]).unless(&["no-claim"]),
        line(S::Panel, A::Opine, &[REVIEWER], &[S::Panel, S::Returned, S::Countersign, S::Final, S::Committee])
            .unless(&["recused", "no-claim"]),
        line(S::Panel, A::Flag, &[REVIEWER, EDITOR, ADMINISTRATOR], &[S::Panel]).unless(&["flagged", "no-claim", "reason-required"]),
        line(S::Panel, A::Escalate, DESK, &[S::Panel]),
        line(S::Panel, A::Return, DESK, &[S::Returned]).unless(&["reason-required"]),
        line(S::Panel, A::Withdraw, SUBMITTERS, &[S::Withdrawn]).own(),
        line(S::Review, A::Invite, DESK_OR_PROGRAM, &[S::Review]).unless(INVITING),
        line(S::Review, A::Decline, &[REVIEWER], &[S::Review]).unless(&["no-invitation", "reason-required"]),
        line(S::Review, A::Recuse, &[REVIEWER], &[S::Review]).unless(&["already-given", "reason-required"]),
        line(S::Review, A::Remind, &[PROGRAM], &[S::Review]).unless(&["no-reminder"]),
        line(S::Review, A::Replace, &[PROGRAM], &[S::Review]).unless(&["not-due"]),
        line(S::Panel, A::Invite, DESK_OR_PROGRAM, &[S::Panel]).unless(INVITING),
        line(S::Panel, A::Decline, &[REVIEWER], &[S::Panel]).unless(&["no-invitation", "reason-required"]),
        line(S::Panel, A::Recuse, &[REVIEWER], &[S::Panel]).unless(&["already-given", "reason-required"]),
        line(S::Panel, A::Remind, &[PROGRAM], &[S::Panel]).unless(&["no-reminder"]),
        line(S::Panel, A::Replace, &[PROGRAM], &[S::Panel]).unless(&["not-due"]),
        line(S::Countersign, A::Countersign, &[OFFICE], &[S::Final, S::Committee]).unless(&["recused"]),
        line(S::Countersign, A::Dissent, &[OFFICE], &[S::Committee]).unless(DECIDING),
        line(S::Countersign, A::Remind, &[PROGRAM], &[S::Countersign]).unless(&["no-reminder"]),
        line(S::Countersign, A::Overdue, &[PROGRAM], &[S::Countersign]).unless(&["not-due"]),
        line(S::Countersign, A::Return, DESK, &[S::Returned]).unless(&["reason-required"]),
        line(S::Countersign, A::Withdraw, SUBMITTERS, &[S::Withdrawn]).own(),
        line(S::Final, A::Flag, FLAGGERS, &[S::Countersign, S::Committee]).unless(&["flagged", "reason-required"]),
        line(S::Final, A::Escalate, &[EDITOR, ADMINISTRATOR, COMMITTEE], &[S::Committee]),
        line(S::Final, A::Decide, &[COMMITTEE], &[S::Published, S::Notice, S::Returned, S::Rejected]).unless(&[
            "recused",
            "reason-required",
            "revision",
            "retired",
        ]),
        line(S::Final, A::Recuse, &[COMMITTEE], &[S::Final]).unless(&["reason-required"]),
        line(S::Final, A::Withdraw, SUBMITTERS, &[S::Withdrawn]).own(),
        line(S::Committee, A::Flag, FLAGGERS, &[S::Countersign, S::Committee]).unless(&["flagged", "reason-required"]),
        line(S::Committee, A::Decide, &[COMMITTEE], &[S::Committee, S::Published, S::Notice, S::Returned, S::Rejected]).unless(&[
            "recused",
            "reason-required",
            "already-voted",
            "revision",
            "retired",
        ]),
        line(S::Committee, A::Recuse, &[COMMITTEE], &[S::Committee]).unless(&["already-voted", "reason-required"]),
        line(S::Committee, A::Withdraw, SUBMITTERS, &[S::Withdrawn]).own(),
        line(S::Notice, A::Publish, DESK_OR_PROGRAM, &[S::Published]).own().unless(&["notice-runs", "revision", "retired"]),
        line(S::Notice, A::Flag, DESK, &[S::Countersign, S::Committee]).unless(&["flagged", "reason-required"]),
        line(S::Notice, A::Escalate, DESK, &[S::Committee]),
        line(S::Notice, A::Withdraw, SUBMITTERS, &[S::Withdrawn]).own(),
        line(S::Notice, A::Object, &[PUBLIC], &[S::Objected]).own().unless(&["notice-over"]),
        line(S::Objected, A::Object, &[PUBLIC], &[S::Objected]).own().unless(&["notice-over"]),
        line(S::Objected, A::Overrule, DESK, &[S::Notice, S::Objected]).unless(&["recused"]),
        line(S::Objected, A::Refer, DESK, &[S::Committee]).unless(&["recused"]),
        line(S::Objected, A::Withdraw, SUBMITTERS, &[S::Withdrawn]).own(),
        line(S::Rejected, A::Appeal, SUBMITTERS, &[S::Appealed]).own().unless(&["appealed", "reason-required"]),
        line(S::Appealed, A::Uphold, &[COMMITTEE], &[S::Rejected]).unless(DECIDING),
        line(S::Appealed, A::Reopen, &[COMMITTEE], &[S::Panel, S::Approval]).unless(&["recused"]),
        line(S::Appealed, A::Recuse, &[COMMITTEE], &[S::Appealed]).unless(&["reason-required"]),
        line(S::Appealed, A::Withdraw, SUBMITTERS, &[S::Withdrawn]).own(),
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
