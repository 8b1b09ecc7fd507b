//! What callers get to see. A view is made for one actor: names that the actor must not learn are not in it.

use crate::domain::access::OrgPath;
use crate::domain::change::Position;
use crate::domain::finding::Finding;
use crate::domain::inspection::{FileFacts, Locator};
use crate::domain::metadata::{FileRole, Metadata};
use crate::domain::rendition::RenditionView;
use crate::domain::review::{Audience, Criterion, Outcome, Verdict, Veto};
use crate::domain::submission::Plan;
use crate::domain::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A stable code with its Chinese name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Named {
    /// Stable code.
    pub code: String,
    /// Chinese name.
    pub label: String,
}

impl Named {
    /// From its parts.
    pub fn new(code: &str, label: &str) -> Self {
        Self { code: code.to_owned(), label: label.to_owned() }
    }
}

impl From<Verdict> for Named {
    fn from(verdict: Verdict) -> Self {
        Self::new(verdict.code(), verdict.label())
    }
}

/// Where a submission stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StateView {
    /// Stable code.
    pub code: String,
    /// Chinese name.
    pub label: String,
    /// The stage that returned or refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<Named>,
    /// The verdict that returned it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Named>,
    /// Why, in words for the submitter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// End of the public notice, or of the office's term to answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Revision of the resource that it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
    /// Votes of the committee so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub votes: Option<usize>,
}

impl StateView {
    /// A state with nothing that belongs to it alone.
    pub fn bare(code: &str, label: &str) -> Self {
        let (code, label) = (code.to_owned(), label.to_owned());
        Self { code, label, stage: None, verdict: None, reason: None, until: None, revision: None, votes: None }
    }
}

/// A line of a list of submissions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SubmissionLine {
    /// Submission id.
    pub id: String,
    /// Version, as in the `ETag`.
    pub version: Position,
    /// Deposit.
    pub deposit: String,
    /// Row of the catalogue, 1 is the header.
    pub row: Option<u32>,
    /// The institution's own number.
    pub source_id: Option<String>,
    /// Title.
    pub title: String,
    /// Kind.
    pub kind: Named,
    /// Code of the category.
    pub category: String,
    /// Name of the institution.
    pub institution: String,
    /// Id of the resource it becomes.
    pub resource: String,
    /// Where it stands.
    pub state: StateView,
    /// Round.
    pub round: u32,
    /// Number of `must` findings.
    pub must: usize,
    /// Number of `should` findings.
    pub should: usize,
    /// When it came in.
    pub created: Timestamp,
    /// When it last moved.
    pub updated: Timestamp,
}

/// A page of submissions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SubmissionPage {
    /// Submissions.
    pub items: Vec<SubmissionLine>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// A file of a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FileView {
    /// Path in the package.
    pub path: String,
    /// What it is for.
    pub role: FileRole,
    /// Title.
    pub title: Option<String>,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// What inspection measured.
    pub facts: Option<FileFacts>,
    /// Whether text was found in it.
    pub has_text: bool,
    /// What the platform made of it for any phone.
    pub renditions: Vec<RenditionView>,
    /// Why there is no rendition though it needs one, where making it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversion_fault: Option<String>,
}

/// A waiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WaiverView {
    /// Rule.
    pub rule: String,
    /// File; none for findings about the whole.
    pub file: Option<String>,
    /// Why.
    pub reason: String,
    /// Round in which it was granted.
    pub round: u32,
    /// When.
    pub at: Timestamp,
    /// Account that granted it, for the desk only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Code of the role in which it was granted, for the desk only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// A countersign that is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CountersignView {
    /// The office.
    pub office: Named,
    /// What it said of the present content; none: it has not answered, and nobody may pass it.
    pub answer: Option<CountersignAnswer>,
}

/// What an office said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CountersignAnswer {
    /// Whether it agrees.
    pub agreed: bool,
    /// In its words.
    pub text: String,
    /// Number of its letter; empty where there is none.
    pub letter: String,
    /// Round in which it answered.
    pub round: u32,
    /// When.
    pub at: Timestamp,
    /// Account that spoke for it, for the desk only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What members of the committee answered to its objection when they voted to pass it.
    pub answers: Vec<String>,
}

/// A reviewer's seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SeatView {
    /// Account, for the desk only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// It is the asking actor's own.
    pub own: bool,
    /// An opinion was given.
    pub given: bool,
    /// Reserved by an invitation that was not answered yet: claim to accept.
    pub invited: bool,
    /// Reminded that the time runs out.
    pub reminded: bool,
    /// The claim, or the time to answer, ends here, where no opinion was given.
    pub until: Timestamp,
}

/// An opinion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct OpinionView {
    /// Opinion id.
    pub id: String,
    /// Round.
    pub round: u32,
    /// Account of the reviewer, for the desk only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<String>,
    /// It is the asking actor's own.
    pub own: bool,
    /// When.
    pub at: Timestamp,
    /// Verdict.
    pub verdict: Named,
    /// Weighted mark in hundredths of a point.
    pub mark: Option<u32>,
    /// Marks by criterion, hundredths of a point.
    pub scores: BTreeMap<String, u32>,
    /// Written opinion.
    pub text: String,
    /// Vetoes.
    pub vetoes: Vec<Veto>,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CommentView {
    /// Comment id.
    pub id: String,
    /// Round.
    pub round: u32,
    /// In what capacity it was made.
    pub party: String,
    /// Account of the author, for the desk only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// It is the asking actor's own.
    pub own: bool,
    /// Who reads it.
    pub audience: Audience,
    /// When.
    pub at: Timestamp,
    /// The text.
    pub text: String,
    /// File.
    pub file: Option<String>,
    /// Field.
    pub field: Option<String>,
    /// Row of the catalogue, 1 is the header.
    pub row: Option<u32>,
    /// Place in the file.
    pub locator: Option<Locator>,
    /// When it was marked as done.
    pub resolved: Option<Timestamp>,
}

/// A submission in full, as one actor sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SubmissionView {
    /// What lists show.
    #[serde(flatten)]
    pub line: SubmissionLine,
    /// In what capacity the actor reads it: `submitter`, `reviewer`, `committee` or `editor` (the desk and auditors).
    pub seen_as: String,
    /// Owning organisation.
    pub owner: OrgPath,
    /// Head revision it is to follow; none for a new resource.
    pub revision_of: Option<u32>,
    /// Description.
    pub metadata: Metadata,
    /// Files.
    pub files: Vec<FileView>,
    /// Track.
    pub track: Named,
    /// What the track asks for, once assigned.
    pub plan: Option<Plan>,
    /// What the checks found.
    pub findings: Vec<Finding>,
    /// What of it was waived, in all rounds.
    pub waivers: Vec<WaiverView>,
    /// The countersign that it needs; not for reviewers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub countersign: Option<CountersignView>,
    /// Why the committee must see it.
    pub flags: BTreeSet<String>,
    /// Digest of the rule set of the last checks.
    pub rule_set: String,
    /// Account of the submitter, for the submitting side and the desk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitter: Option<String>,
    /// Seats of this round.
    pub seats: Vec<SeatView>,
    /// What the opinions came to; reviewers see it once it is complete.
    pub outcome: Option<Outcome>,
    /// Opinions that the actor may read.
    pub opinions: Vec<OpinionView>,
    /// Comments that the actor may read.
    pub comments: Vec<CommentView>,
    /// What the actor may do now.
    pub actions: Vec<Named>,
    /// The form that a reviewer fills in.
    pub criteria: Vec<Criterion>,
}
