//! A submission: one row of a deposit on its way to being a resource.
//!
//! [`table`] says which state allows which action to whom; the transitions in [`intake`], [`opinions`], [`countersign`],
//! [`decisions`] and [`public_notice`] consume a submission, name who acts, obey that table and give back the new submission with its ledger
//! entries, or say why not. They must never read a clock, a store or a policy file: instants, salts, plans and calendars are
//! arguments. A new step is a line in the table and a method in the file of its stage.

pub mod approval;
pub mod countersign;
pub mod decisions;
pub mod intake;
pub mod opinions;
pub mod public_notice;
pub mod published;
pub mod seating;
pub mod step;
pub mod table;
pub mod waivers;

#[cfg(test)]
pub(in crate::domain) mod tests;

use super::access::OrgPath;
use super::digest::Digest;
use super::finding::Finding;
use super::inspection::FileFacts;
use super::ledger::LedgerHead;
use super::metadata::{FileEntry, Metadata};
use super::record::{IndexRow, Key, Record};
use super::review::{Given, Outcome, Verdict};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use table::StateCode;

pub use approval::Approval;
pub use countersign::{CountersignTerms, Countersigned};
pub use seating::{Blind, Panel, StoodDown, Why};
pub use step::{Moved, Note, Step};

/// A file of a submission. The first three fields are known when it is unpacked, the others when it was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmittedFile {
    /// What the manifest says of it.
    pub entry: FileEntry,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
    /// What inspection measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<FileFacts>,
    /// Blob of its extracted text (lz4-compressed JSON of `ExtractedText`), where text was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Digest>,
    /// Blob of a thumbnail, where one was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<Digest>,
}

/// Who takes the last decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decider {
    /// One final approver.
    Final,
    /// The committee.
    Committee,
}

/// What the track asks for, copied from the policy when the submission is assigned: a later policy does not change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Plan {
    /// Code of the track.
    pub track: String,
    /// Whether a second person of the institution must have approved it.
    #[serde(default)]
    pub approval: bool,
    /// Opinions needed; one means a single reviewer, more a panel.
    pub reviewers: u32,
    /// Opinions it may grow to when the marks lie far apart.
    pub most_reviewers: u32,
    /// Whether criteria must be scored.
    pub scored: bool,
    /// Lowest mean that passes, hundredths of a point.
    pub pass_mark: u32,
    /// Spread of marks from which a further expert is called, hundredths of a point.
    pub spread: u32,
    /// Who decides.
    pub decides: Decider,
    /// Votes of the committee that decide.
    pub votes: u32,
    /// Votes that decide what was flagged, by the checks or by people later; 0 in older plans: as many as `votes`.
    #[serde(default)]
    pub flagged_votes: u32,
    /// Whose countersign which content needs; none in older plans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub countersign: Option<CountersignTerms>,
    /// Calendar days of public notice before publication, in plans made before working days were counted; else 0.
    #[serde(default)]
    pub notice_days: u32,
    /// How reviewers are gathered and kept to time.
    #[serde(default)]
    pub panel: Panel,
    /// Working days of public notice before publication, counted from the day after; 0 for none.
    #[serde(default)]
    pub notice_working_days: u32,
    /// Share of what this track publishes that is drawn for a spot check, per cent.
    #[serde(default)]
    pub sample_percent: u32,
}

/// Where a submission stands, with what belongs to that state alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum State {
    /// Being written.
    Draft,
    /// Waits for its checks.
    Submitted,
    /// Being checked.
    Checking,
    /// Back with the submitter.
    Returned {
        /// The stage it was returned from.
        stage: StateCode,
        /// The verdict, where people returned it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        verdict: Option<Verdict>,
        /// Why, in words for the submitter; findings and opinions tell the rest.
        reason: String,
    },
    /// With a second person of the institution.
    Approval,
    /// At the desk.
    Screening,
    /// With one reviewer.
    Review,
    /// With a panel.
    Panel,
    /// With the office whose countersign it needs.
    Countersign {
        /// Since when: the term to answer is counted from the day after.
        since: Timestamp,
        /// The office was reminded that its term ends.
        #[serde(default)]
        reminded: bool,
        /// The term passed and the desk was told; it goes on waiting all the same.
        #[serde(default)]
        overdue: bool,
    },
    /// Awaits final approval.
    Final,
    /// Before the committee.
    Committee {
        /// Votes so far.
        votes: Vec<Vote>,
    },
    /// Public notice.
    Notice {
        /// It ends here.
        until: Timestamp,
    },
    /// Under notice, with objections that wait for an answer.
    Objected {
        /// The notice ends here.
        until: Timestamp,
        /// Ids of the objections.
        open: BTreeSet<String>,
    },
    /// Published.
    Published {
        /// The resource's revision that it became.
        revision: u32,
    },
    /// Taken back.
    Withdrawn,
    /// Refused.
    Rejected {
        /// The stage that refused it.
        stage: StateCode,
        /// Why, in words for the submitter.
        reason: String,
        /// An appeal was made and lost: there is no second one.
        appealed: bool,
    },
    /// An appeal waits for the committee.
    Appealed {
        /// The stage that had refused it.
        stage: StateCode,
        /// The appeal.
        reason: String,
    },
}

impl State {
    /// The state without its data.
    pub fn code(&self) -> StateCode {
        match self {
            Self::Draft => StateCode::Draft,
            Self::Submitted => StateCode::Submitted,
            Self::Checking => StateCode::Checking,
            Self::Returned { .. } => StateCode::Returned,
            Self::Approval => StateCode::Approval,
            Self::Screening => StateCode::Screening,
            Self::Review => StateCode::Review,
            Self::Panel => StateCode::Panel,
            Self::Countersign { .. } => StateCode::Countersign,
            Self::Final => StateCode::Final,
            Self::Committee { .. } => StateCode::Committee,
            Self::Notice { .. } => StateCode::Notice,
            Self::Objected { .. } => StateCode::Objected,
            Self::Published { .. } => StateCode::Published,
            Self::Withdrawn => StateCode::Withdrawn,
            Self::Rejected { .. } => StateCode::Rejected,
            Self::Appealed { .. } => StateCode::Appealed,
        }
    }
}

/// A vote of a member of the committee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Vote {
    /// Account.
    pub account: String,
    /// Verdict.
    pub verdict: Verdict,
}

/// A reviewer's seat in the present round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Account.
    pub account: String,
    /// The claim ends here unless an opinion was given.
    pub until: Timestamp,
    /// What the opinion came to, once given.
    #[serde(default)]
    pub given: Option<Given>,
    /// Reserved by an invitation that was not answered yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub invited: bool,
    /// Reminded that the time runs out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reminded: bool,
}

/// Somebody who had a hand in it, in any round: decides who may judge later. The stage `submitted` is that of the content itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hand {
    /// Account.
    pub account: String,
    /// The stage.
    pub stage: StateCode,
    /// The round.
    pub round: u32,
}

/// A submission. It is the root row of its ledger, opinions and comments: every change of those guards it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// UUIDv7.
    pub id: String,
    /// Deposit of the present round.
    pub deposit: String,
    /// Row of the catalogue, 1 is the header; `None` for a package of one resource.
    pub row: Option<u32>,
    /// Owning organisation.
    pub owner: OrgPath,
    /// Name of the owning institution.
    pub institution: String,
    /// Id of the resource it will become: a fresh one, or that of the resource it revises.
    pub resource: String,
    /// Head revision it is to follow; `None` for a new resource.
    pub revision_of: Option<u32>,
    /// Description.
    pub metadata: Metadata,
    /// Files.
    pub files: Vec<SubmittedFile>,
    /// Code of the track asked for; the desk or the policy decides.
    pub track: String,
    /// What the track asks for, once assigned.
    pub plan: Option<Plan>,
    /// Where it stands.
    pub state: State,
    /// 1 for the first time it was sent in.
    pub round: u32,
    /// What the checks of this round found.
    pub findings: Vec<Finding>,
    /// Waivers of all rounds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<waivers::Waiver>,
    /// Why the committee must see it (`ethnic`, `sensitive`, …).
    pub flags: BTreeSet<String>,
    /// Those of the flags that people set: they stay in later rounds, whatever the checks find then.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub marks: BTreeSet<String>,
    /// Digest of the rule set of the last checks; empty before.
    pub rule_set: String,
    /// Account that submitted it.
    pub submitter: String,
    /// That the institution approved it in the present round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Approval>,
    /// What the office said whose countersign it needs; it holds as long as the content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub countersigned: Option<Countersigned>,
    /// Seats of the present round.
    pub seats: Vec<Seat>,
    /// What the opinions of the present round came to, once complete.
    pub outcome: Option<Outcome>,
    /// 修改后通过 was given in the last round: an editor may confirm the changes instead of a second review.
    pub confirmable: Option<Outcome>,
    /// Everybody who had a hand in content or judgement, in all rounds.
    pub hands: BTreeSet<Hand>,
    /// Everybody who gave a seat up or declared a conflict, in all rounds.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub stood_down: BTreeSet<StoodDown>,
    /// What reviewers do not see: once blind it stays so, in later rounds too.
    #[serde(default)]
    pub blind: Blind,
    /// Nobody who judged before the appeal may judge again.
    pub fresh_eyes: bool,
    /// The round in which an appeal had it reviewed again; 0 in rows written before this was kept: the present one.
    #[serde(default)]
    pub fresh_from: u32,
    /// Digest of the row as it was sent, by which an unchanged row is known.
    pub fingerprint: String,
    /// When it came in first.
    pub created: Timestamp,
    /// When it last moved.
    pub updated: Timestamp,
    /// End of its ledger.
    pub ledger: LedgerHead,
}

impl Submission {
    /// Whether it can still become a resource without being sent in again.
    pub fn is_open(&self) -> bool {
        !matches!(self.state.code(), StateCode::Published | StateCode::Withdrawn | StateCode::Rejected)
    }

    /// Key of the index `source`, by which a row sent again finds its submissions: owner and the institution's own number.
    pub fn source_key(owner: &OrgPath, source_id: &str) -> Key {
        Key::prefix(&[owner.as_str(), source_id])
    }

    /// Prefix of the index `state`.
    pub fn state_key(state: StateCode) -> Key {
        Key::prefix(&[state.code()])
    }

    /// Prefix of the index `owner_state`: one organisation's own submissions in one state.
    pub fn owner_state_key(owner: &OrgPath, state: StateCode) -> Key {
        Key::prefix(&[owner.as_str(), state.code()])
    }

    /// Prefix of the index `owner`: one organisation's own submissions in order of arrival.
    pub fn owner_key(owner: &OrgPath) -> Key {
        Key::prefix(&[owner.as_str()])
    }

    /// Prefix of the index `deposit`.
    pub fn deposit_key(deposit: &str) -> Key {
        Key::prefix(&[deposit])
    }

    /// Prefix of the index `seat`: submissions that are being judged and wait for an opinion of the account.
    pub fn seat_key(account: &str) -> Key {
        Key::prefix(&[account])
    }
}

impl Record for Submission {
    const TABLE: &'static str = "submissions";

    fn key(&self) -> Key {
        Key::from(self.id.as_str())
    }

    fn indexes(&self) -> Vec<IndexRow> {
        let (id, owner, state) = (self.id.as_str(), self.owner.as_str(), self.state.code().code());
        let row = format!("{:010}", self.row.unwrap_or_default());
        let mut rows = vec![
            IndexRow { index: "state", key: Key::of(&[state, id]) },
            IndexRow { index: "owner", key: Key::of(&[owner, id]) },
            IndexRow { index: "owner_state", key: Key::of(&[owner, state, id]) },
            IndexRow { index: "deposit", key: Key::of(&[&self.deposit, &row, id]) },
            IndexRow { index: "resource", key: Key::of(&[&self.resource, id]) },
        ];
        if let Some(source) = &self.metadata.source_id {
            rows.push(IndexRow { index: "source", key: Key::of(&[owner, source, id]) });
        }
        if matches!(self.state.code(), StateCode::Review | StateCode::Panel) {
            let awaited = self.seats.iter().filter(|seat| seat.given.is_none());
            rows.extend(awaited.map(|seat| IndexRow { index: "seat", key: Key::of(&[&seat.account, id]) }));
        }
        if self.keeps_time() || self.state.code() == StateCode::Countersign {
            rows.push(IndexRow { index: "panel", key: Key::from(id) });
        }
        if !self.stood_down.is_empty() {
            rows.push(IndexRow { index: "stood_down", key: Key::of(&[&self.created.shanghai_month(), id]) });
        }
        rows
    }
}

/// An earlier round of a submission, kept as it was when it was sent in again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// The submission as it stood.
    pub submission: Submission,
}

impl Record for Round {
    const TABLE: &'static str = "submission_rounds";
    fn key(&self) -> Key {
        Key::of(&[&self.submission.id, &format!("{:06}", self.submission.round)])
    }
}
