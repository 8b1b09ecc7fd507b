//! Jobs: someone must do this once.

use super::record::{IndexRow, Key, Record};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What is to be done. A job carries ids; its handler re-reads the truth and does what is still needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Unpack a deposit and make its submissions (subject: deposit id).
    Unpack,
    /// Approve the submissions that a stamped pledge covers (subject: pledge id).
    Approve,
    /// Inspect the files of a submission and run the machine checks (subject: submission id).
    Check,
    /// Check resources that another body vetted (subject: id of their batch).
    CheckAdmitted,
    /// Make the rendition that a file of a submission needs (subject: [`super::rendition::Order`]).
    Convert,
    /// Go through the catalogue for renditions that can be made now and could not before (subject: empty).
    RenewRenditions,
    /// See whether a linked resource still answers (subject: resource id).
    LinkHealth,
    /// Delete blobs that nothing refers to (subject: empty).
    SweepBlobs,
    /// Take those who were forgotten out of the event log and learn anew (subject: empty).
    TidyEvents,
    /// Send a notice or an event out of the house (subject: delivery id).
    Deliver,
    /// Remove notices and deliveries that have expired (subject: empty).
    TidyNotices,
    /// Tell the owners of saved searches what is new in them (subject: empty).
    TellSearches,
}

impl JobKind {
    /// The queue it waits in, which is the index it is found by. What talks to other houses waits in one of its own, so that a
    /// gateway that does not answer keeps no deposit from its check; and so do conversions, which take hours where a term's
    /// lessons come in at once.
    pub fn lane(self) -> &'static str {
        match self {
            Self::Deliver => OUTWARD,
            Self::Convert | Self::RenewRenditions => CONVERTING,
            _ => READY,
        }
    }
}

/// The queue of everything that is done in the house.
pub const READY: &str = "ready";
/// The queue of what is sent out of it.
pub const OUTWARD: &str = "outward";
/// The queue of renditions to be made.
pub const CONVERTING: &str = "converting";

/// A job about to be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// UUIDv7.
    pub id: String,
    /// What to do.
    pub kind: JobKind,
    /// Id of what it is about.
    pub subject: String,
    /// Not before.
    pub due: Timestamp,
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum JobState {
    /// Waiting until `due`.
    Waiting,
    /// Taken by a worker, which must renew the lease before it ends.
    Leased {
        /// Worker.
        worker: String,
        /// The lease ends here unless renewed.
        until: Timestamp,
    },
    /// Given up after too many attempts; a person must look.
    Parked {
        /// When.
        at: Timestamp,
    },
}

/// A queued job. Done jobs are deleted in the ChangeSet that holds their effects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Job {
    /// UUIDv7.
    pub id: String,
    /// What to do.
    pub kind: JobKind,
    /// Id of what it is about.
    pub subject: String,
    /// Not before.
    pub due: Timestamp,
    /// When it was queued.
    pub queued: Timestamp,
    /// How often it was begun.
    pub attempts: u32,
    /// What the last attempt said.
    pub last_error: Option<String>,
    /// Where it stands.
    #[serde(flatten)]
    pub state: JobState,
}

impl Job {
    /// The record of a new job.
    pub fn new(job: NewJob, now: Timestamp) -> Self {
        let NewJob { id, kind, subject, due } = job;
        Self { id, kind, subject, due, queued: now, attempts: 0, last_error: None, state: JobState::Waiting }
    }

    /// When a worker may next look at it; `None` for a parked job.
    pub fn ready_at(&self) -> Option<Timestamp> {
        match &self.state {
            JobState::Waiting => Some(self.due),
            JobState::Leased { until, .. } => Some(*until),
            JobState::Parked { .. } => None,
        }
    }
}

impl Record for Job {
    const TABLE: &'static str = "jobs";

    fn key(&self) -> Key {
        Key::from(self.id.as_str())
    }

    /// [`READY`], [`OUTWARD`] or [`CONVERTING`]: by the millisecond it may be taken, 20 digits; `parked`: by the millisecond it was parked.
    fn indexes(&self) -> Vec<IndexRow> {
        let (index, at) = match &self.state {
            JobState::Parked { at } => ("parked", *at),
            JobState::Waiting => (self.kind.lane(), self.due),
            JobState::Leased { until, .. } => (self.kind.lane(), *until),
        };
        vec![IndexRow { index, key: Key(format!("{:020}", at.millis().max(0)).into_bytes()) }]
    }
}
