//! The one table of who is told what. The first line for an audience that fits a ledger entry speaks; an entry that no line fits
//! (also of an action that this table has never heard of) makes no notice.

use super::{Group, Subject};
use crate::domain::ledger::LedgerEntry;
use crate::domain::submission::Submission;

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// Whoever submitted it, and the managers of its institution.
    Submitter,
    /// The managers of its institution, who answer for what it sends in.
    Institution,
    /// Reviewers who hold a seat and have not given their opinion.
    Seats,
    /// Editors over its organisation.
    Desk,
    /// Members of the committee over its organisation who may decide it.
    Committee,
    /// Who acts for the office whose countersign it needs or has.
    Office,
}

impl Audience {
    /// The kind of notices they get.
    pub fn group(self) -> Group {
        match self {
            Self::Submitter => Group::Submissions,
            Self::Seats | Self::Office => Group::Reviews,
            Self::Institution | Self::Desk => Group::Desk,
            Self::Committee => Group::Committee,
        }
    }

    /// All of them.
    pub const ALL: [Self; 6] = [Self::Submitter, Self::Institution, Self::Seats, Self::Desk, Self::Committee, Self::Office];
}

/// One line. Empty `action`, `from` or `to` fit any; an empty `action` fits only entries that changed the state.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// What moved.
    pub subject: Subject,
    /// Code of the action.
    pub action: &'static str,
    /// Codes of the state before.
    pub from: &'static [&'static str],
    /// Code of the state after.
    pub to: &'static str,
    /// Who is told.
    pub audience: Audience,
    /// Stable code of the notice.
    pub code: &'static str,
    /// What happened, in Chinese: with the title, the headline.
    pub what: &'static str,
    /// What to do next, in Chinese.
    pub next: &'static str,
    /// Told only while the subject still stands in `to`: work that somebody else has done meanwhile is not announced.
    pub while_there: bool,
    /// Told once for all works of a deposit: a catalogue of thousands is one piece of work.
    pub once_a_deposit: bool,
}

const fn line(
    action: &'static str,
    to: &'static str,
    audience: Audience,
    code: &'static str,
    what: &'static str,
    next: &'static str,
) -> Line {
    Line { subject: Subject::Submission, action, from: &[], to, audience, code, what, next, while_there: false, once_a_deposit: false }
}

const fn waiting(to: &'static str, audience: Audience, code: &'static str, what: &'static str, next: &'static str) -> Line {
    Line { while_there: true, ..line("", to, audience, code, what, next) }
}

const fn resource(action: &'static str, code: &'static str, what: &'static str, next: &'static str) -> Line {
    Line { subject: Subject::Resource, ..line(action, "", Audience::Submitter, code, what, next) }
}

const fn review_ends(action: &'static str) -> Line {
    let next = "本轮评审已经结束，无需再提交意见。";
    Line { from: &["review", "panel"], ..line(action, "", Audience::Seats, "review_ended", "不再需要评审", next) }
}

/// The table.
pub const TABLE: &[Line] = {
    use Audience as A;
    &[
        // To the submitting side.
        line("record_checks", "returned", A::Submitter, "returned", "机器检测未通过，已退回", "请查看检测意见，修改后重新提交。"),
        line("", "returned", A::Submitter, "returned", "已退回修改", "请查看意见，修改后重新提交。"),
        line("uphold", "rejected", A::Submitter, "appeal_lost", "申诉未获支持，维持原决定", "请查看理由。"),
        line("refuse", "rejected", A::Submitter, "rejected", "初审未予受理", "请查看理由；如有异议可以申诉一次。"),
        line("", "rejected", A::Submitter, "rejected", "审核结论为不予入库", "请查看理由；如有异议可以申诉一次。"),
        line("reopen", "panel", A::Submitter, "appeal_won", "申诉成立，将重新评审", "由未参与原审核的专家评审，请等候结果。"),
        line("", "notice", A::Submitter, "under_notice", "已通过审核，进入公示", "公示期满无异议后入库。"),
        line("", "published", A::Submitter, "published", "已入库", "现在可以检索和学习。"),
        line("withdraw", "withdrawn", A::Submitter, "withdrawn", "已由本机构撤回", "如需入库请重新提交。"),
        // To the institution.
        Line {
            once_a_deposit: true,
            ..waiting("approval", A::Institution, "waits_for_approval", "等作品等待本机构审核", "请核对同批作品，盖章后上传承诺书。")
        },
        // To reviewers.
        line("invite", "", A::Seats, "assigned", "请您评审", "请在评审台查看，并在期限内提交意见。"),
        line("replace", "", A::Seats, "assigned", "请您评审", "请在评审台查看，并在期限内提交意见。"),
        line("remind", "", A::Seats, "reminded", "评审意见尚未提交", "请尽快在评审台提交意见；不能评审的请退还。"),
        review_ends("return"),
        review_ends("withdraw"),
        // To the desk.
        waiting("screening", A::Desk, "waits_at_desk", "等待初审", "请在编辑工作台处理。"),
        line("escalate", "", A::Desk, "escalated", "已提请委员会审议", "由审核委员会决定。"),
        line("overdue", "countersign", A::Desk, "countersign_overdue", "会签单位逾期未答复", "请联系会签单位；未经会签不能通过。"),
        line("dissent", "committee", A::Desk, "countersign_refused", "会签单位不同意", "由审核委员会附理由决定。"),
        line("appeal", "", A::Desk, "appealed", "提交方提出申诉", "由未参与原审核的委员处理。"),
        // To the committee.
        waiting("final", A::Committee, "waits_for_decision", "等待终审", "请查看评审意见并作出决定。"),
        waiting("committee", A::Committee, "waits_for_vote", "等待委员会审议", "请查看评审意见并表决。"),
        waiting("appealed", A::Committee, "appeal_waits", "申诉等待处理", "请由未参与原审核的委员处理。"),
        // To the office.
        line("remind", "countersign", A::Office, "countersign_reminded", "等待会签，期限将至", "请在期限内同意会签或提出意见。"),
        line("overdue", "countersign", A::Office, "countersign_reminded", "会签已逾期", "请尽快同意会签或提出意见；未经会签不能通过。"),
        waiting("countersign", A::Office, "waits_for_countersign", "等待会签", "请在期限内同意会签或提出意见。"),
        line("decide", "published", A::Office, "decided", "会签的作品已入库", "如曾提出意见，可查看委员会的答复。"),
        line("decide", "notice", A::Office, "decided", "会签的作品已通过审核，进入公示", "如曾提出意见，可查看委员会的答复。"),
        line("decide", "returned", A::Office, "decided", "会签的作品已退回修改", "修改后再送会签。"),
        line("decide", "rejected", A::Office, "decided", "会签的作品不予入库", "无需处理。"),
        // Published resources, to the submitting side.
        resource("suspended", "suspended", "已暂停服务", "请查看原因，配合平台处理。"),
        resource("restored", "restored", "已恢复服务", "无需处理。"),
        resource("retired", "retired", "已出库", "请查看原因。"),
        resource("corrected", "corrected", "平台更正了著录信息", "请核对；如有异议请联系平台编辑。"),
    ]
};

impl Line {
    fn fits(&self, subject: Subject, entry: &LedgerEntry) -> bool {
        let action = if self.action.is_empty() { entry.from != entry.to } else { self.action == entry.action };
        let from = self.from.is_empty() || self.from.contains(&entry.from.as_str());
        self.subject == subject && action && from && (self.to.is_empty() || self.to == entry.to)
    }

    /// Headline and text about a work of this title.
    pub fn words(&self, title: &str) -> (String, String) {
        (format!("《{title}》{}", self.what), format!("《{title}》{}。{}", self.what, self.next))
    }
}

/// The lines that speak of an entry, at most one for each audience. `state`: code of the state in which the subject now stands.
pub fn lines(subject: Subject, entry: &LedgerEntry, state: &str) -> Vec<&'static Line> {
    let first = |audience: Audience| TABLE.iter().find(|line| line.audience == audience && line.fits(subject, entry));
    Audience::ALL.into_iter().filter_map(first).filter(|line| !line.while_there || state == entry.to).collect()
}

/// Longest title in a notice, in characters: a short message of 70 characters still says what happened.
const TITLE_CHARS: usize = 30;

/// A work's title as this audience may read it: reviewers read no name of the institution or of a person that took part.
pub fn title_for(submission: &Submission, audience: Audience) -> String {
    let mut title = submission.metadata.title.main().to_owned();
    if audience == Audience::Seats {
        let people = submission.metadata.creators.iter();
        let named = people.flat_map(|person| [Some(&person.name), person.organisation.as_ref()]).flatten();
        let others = [&submission.institution, &submission.metadata.rights.holder];
        let mut names: Vec<&str> = named.chain(others).map(String::as_str).filter(|name| !name.is_empty()).collect();
        // The longest first: a name may be part of another one.
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        for name in names {
            title = title.replace(name, "○○");
        }
    }
    shortened(&title)
}

/// A title that fits into a headline.
pub fn shortened(title: &str) -> String {
    if title.chars().count() <= TITLE_CHARS {
        return title.to_owned();
    }
    title.chars().take(TITLE_CHARS - 1).chain(['…']).collect()
}
