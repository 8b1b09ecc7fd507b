//! 一资源一档: all that was recorded of the vetting of one resource, for inspectors to read and to print.
//!
//! It holds what the desk and auditors of the owner may see, gathered from where it is kept: nothing is kept for it. People stand
//! in it as the surrogates of the ledger, with their names only where the reader sees them on the submission itself; whoever
//! complained or objected is not named at all. A new part of the record is a view here and a function in [`gather`].

mod gather;

use super::views::{Named, OpinionView};
use crate::domain::access::OrgPath;
use crate::domain::ledger::LedgerHead;
use crate::domain::metadata::Metadata;
use crate::domain::resource::Provenance;
use crate::domain::review::{Audience, Outcome};
use crate::domain::time::Timestamp;
use serde::Serialize;

/// The record of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Dossier {
    /// Resource.
    pub resource: String,
    /// Title.
    pub title: String,
    /// Owning organisation.
    pub owner: OrgPath,
    /// Name of the owning institution.
    pub institution: String,
    /// Head revision.
    pub revision: u32,
    /// Where it stands: `published`, `suspended` or `retired`.
    pub state: Named,
    /// Why it is suspended or retired.
    pub reason: Option<String>,
    /// How this revision came in.
    pub provenance: Provenance,
    /// First publication.
    pub published: Timestamp,
    /// Publication of this revision.
    pub updated: Timestamp,
    /// Description.
    pub metadata: Metadata,
    /// Files.
    pub files: Vec<DossierFile>,
    /// Submissions that became it or a revision of it, or were to, in order of arrival.
    pub submissions: Vec<DossierSubmission>,
    /// What was done to it after publication.
    pub steps: Vec<DossierStep>,
    /// Complaints about it.
    pub complaints: Vec<DossierPetition>,
    /// Ends of the chains above, by which their entries are verified.
    pub chains: Vec<DossierChain>,
    /// The last checkpoint when this was made.
    pub sealed: Option<DossierSeal>,
    /// When this was made.
    pub made: Timestamp,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DossierFile {
    /// Path in the package.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

/// A submission with all its rounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DossierSubmission {
    /// Submission.
    pub id: String,
    /// When it came in.
    pub created: Timestamp,
    /// Where it stands.
    pub state: Named,
    /// Track.
    pub track: Named,
    /// Digest of the rule set of the last checks.
    pub rule_set: String,
    /// Stamped pledges that cover it.
    pub pledges: Vec<DossierPledge>,
    /// Rounds, the first one first.
    pub rounds: Vec<DossierRound>,
    /// Objections against its public notice.
    pub objections: Vec<DossierPetition>,
    /// Its spot check, where it was drawn.
    pub spot_check: Option<DossierPetition>,
    /// The ledger, where the reader may read it.
    pub steps: Vec<DossierStep>,
}

/// A stamped pledge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DossierPledge {
    /// When it was sent back.
    pub at: Timestamp,
    /// Who answered for the institution, where the reader may know.
    pub name: Option<String>,
    /// Code of the list that was signed.
    pub list: String,
    /// Works it covers.
    pub works: usize,
    /// SHA-256 of the scan.
    pub scan: String,
}

/// One round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DossierRound {
    /// 1 for the first.
    pub round: u32,
    /// Where it ended, or stands.
    pub state: Named,
    /// The verdict that ended it.
    pub verdict: Option<Named>,
    /// Why, in the words that the submitter read.
    pub reason: Option<String>,
    /// Findings that had to be mended.
    pub must: usize,
    /// Findings that were notices.
    pub should: usize,
    /// What the opinions came to.
    pub outcome: Option<Outcome>,
    /// Opinions.
    pub opinions: Vec<DossierOpinion>,
    /// Comments.
    pub comments: Vec<DossierComment>,
}

/// An opinion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DossierOpinion {
    /// The reviewer as in the ledger, where the reader may tell reviewers apart.
    pub reviewer: Option<String>,
    /// Name of the reviewer, where the reader may know it.
    pub name: Option<String>,
    /// The opinion.
    #[serde(flatten)]
    pub opinion: OpinionView,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DossierComment {
    /// In what capacity it was made.
    pub party: String,
    /// Who reads it.
    pub audience: Audience,
    /// When.
    pub at: Timestamp,
    /// File, field, row and place, in words.
    pub place: String,
    /// The text.
    pub text: String,
    /// When it was marked as done.
    pub resolved: Option<Timestamp>,
}

/// A step as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DossierStep {
    /// Place in its chain.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// Action.
    pub action: Named,
    /// Code of the role in which it was taken.
    pub party: String,
    /// Surrogate of who took it.
    pub actor: String,
    /// Name of who took it, where the reader may know it.
    pub name: Option<String>,
    /// State before; none where the subject begins.
    pub from: Option<Named>,
    /// State after.
    pub to: Option<Named>,
    /// The text that went with it, where the reader may read it and it was not erased.
    pub text: Option<String>,
    /// Hash of the entry.
    pub hash: String,
}

/// A complaint, an objection or a spot check, without who made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DossierPetition {
    /// Id.
    pub id: String,
    /// What it is.
    pub kind: Named,
    /// Where it stands.
    pub state: Named,
    /// When it was made.
    pub created: Timestamp,
    /// When it last moved.
    pub updated: Timestamp,
    /// What it says.
    pub text: String,
    /// Why it was answered so.
    pub reason: String,
}

/// The end of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DossierChain {
    /// Name of the chain.
    pub chain: String,
    /// Its end.
    #[serde(flatten)]
    pub head: LedgerHead,
}

/// A checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DossierSeal {
    /// Place among the checkpoints.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// Its hash.
    pub hash: String,
}
