//! Notices: what somebody is told of a step, and by which ways it reaches them.
//!
//! [`table`] says who is told what when a ledger entry appears; [`settings`] by which channels an account wants it, at once or in
//! the day's [`digest`]; [`delivery`] is one sending that is still to be done; [`webhook`] tells programs of an institution. Vetting knows nothing of all this: a
//! follower of the feed reads the ledger and writes notices.
//!
//! What this room must never do: name a reviewer to a submitter or to another reviewer, or the submitter and the institution to
//! a reviewer. To tell of a further action: one line in [`table::TABLE`].

pub mod delivery;
pub mod digest;
pub mod settings;
pub mod table;
pub mod webhook;

#[cfg(test)]
mod tests;

use super::change::Position;
use super::record::{IndexRow, Key, Record};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use settings::Channel;

/// Kinds of notices for which an account chooses its channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// What became of the own submissions and resources.
    Submissions,
    /// The own reviews.
    Reviews,
    /// What waits for the institution or at the desk.
    Desk,
    /// What waits for a decision.
    Committee,
    /// What is new in saved searches.
    Searches,
}

impl Group {
    /// All groups with their Chinese names.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Submissions, "送审与入库"),
        (Self::Reviews, "评审任务"),
        (Self::Desk, "机构与编辑待办"),
        (Self::Committee, "终审与委员会待办"),
        (Self::Searches, "保存的检索"),
    ];

    /// The Chinese name.
    pub fn label(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A submission.
    Submission,
    /// A published resource.
    Resource,
    /// A complaint.
    Complaint,
    /// An objection.
    Objection,
    /// A saved search.
    SavedSearch,
}

/// Something an account is told, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Made of account, chain and sequence ([`id_of`]), so that telling it again makes no second one.
    pub id: String,
    /// Account that is told.
    pub account: String,
    /// Stable code of what is told (`returned`, `waits_at_desk`, …).
    pub code: String,
    /// Kind.
    pub group: Group,
    /// What it is about.
    pub subject: Subject,
    /// Id of the submission, resource, complaint, objection or saved search.
    pub subject_id: String,
    /// A line in Chinese that names the work.
    pub title: String,
    /// What happened and what to do next, in Chinese.
    pub text: String,
    /// When it happened.
    pub at: Timestamp,
    /// When it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Timestamp>,
    /// Where to look, as an address on this site, where the subject has none of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

impl Notice {
    /// Key of a notice.
    pub fn key_of(account: &str, id: &str) -> Key {
        Key::of(&[account, id])
    }

    /// Prefix of the indexes `inbox` and `unread`: the notices of an account in order of time.
    pub fn inbox_key(account: &str) -> Key {
        Key::prefix(&[account])
    }
}

impl Record for Notice {
    const TABLE: &'static str = "notices";

    fn key(&self) -> Key {
        Self::key_of(&self.account, &self.id)
    }

    /// `inbox`: by account and time; `unread`: the same of what was not read; `day`: by the UTC day, for removal.
    fn indexes(&self) -> Vec<IndexRow> {
        let by_time = Key::of(&[&self.account, &instant(self.at)]);
        let mut rows = vec![IndexRow { index: "inbox", key: by_time.clone() }, IndexRow { index: "day", key: day_key(self.at) }];
        if self.read.is_none() {
            rows.push(IndexRow { index: "unread", key: by_time });
        }
        rows
    }
}

/// How far the follower that makes notices has read the feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeCursor {
    /// Name of the history that `position` belongs to.
    pub epoch: String,
    /// Everything up to here has been told.
    pub position: Position,
    /// When this was written: where the position means nothing (a restored store), reading goes on from this day.
    pub at: Timestamp,
}

impl NoticeCursor {
    /// The one key.
    pub fn only_key() -> Key {
        Key::from("notices")
    }
}

impl Record for NoticeCursor {
    const TABLE: &'static str = "notice_cursor";
    fn key(&self) -> Key {
        Self::only_key()
    }
}

/// The id of what an account (or a webhook) is told of one ledger entry: 128 bits of SHA-256 over these parts.
pub fn id_of(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in std::iter::once(&"yuelu notice").chain(parts) {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// An instant as a part of a key, in the order of time.
pub(super) fn instant(at: Timestamp) -> String {
    format!("{:020}", at.millis().max(0))
}

/// Key of the index `day` of the ledger, of notices and of deliveries.
pub fn day_key(at: Timestamp) -> Key {
    Key(format!("{:010}", at.day().max(0)).into_bytes())
}
