//! Webhooks: programs of an institution that are told where its submissions and resources stand.

use super::Subject;
use crate::domain::access::OrgPath;
use crate::domain::ledger::LedgerEntry;
use crate::domain::record::{IndexRow, Key, Record};
use crate::domain::submission::published::RESOURCE_STATES;
use crate::domain::submission::table::StateCode;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The event of a test call.
pub const PING: &str = "ping";

/// A registered address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// UUIDv7.
    pub id: String,
    /// Organisation whose things are told, with all below it.
    pub scope: OrgPath,
    /// Address that is called.
    pub url: String,
    /// Key of the signature; shown once. It must be kept as it is, since it signs.
    pub secret: String,
    /// Events wanted, of [`events`]; empty for all.
    pub events: BTreeSet<String>,
    /// Nothing is sent while it is not.
    pub active: bool,
    /// When it was made.
    pub created: Timestamp,
}

impl Webhook {
    /// Whether it is told of this event of an organisation.
    pub fn wants(&self, event: &str, owner: &OrgPath) -> bool {
        self.active && self.scope.covers(owner) && (self.events.is_empty() || self.events.contains(event))
    }
}

impl Record for Webhook {
    const TABLE: &'static str = "webhooks";

    fn key(&self) -> Key {
        Key::from(self.id.as_str())
    }

    /// `scope`: by organisation.
    fn indexes(&self) -> Vec<IndexRow> {
        vec![IndexRow { index: "scope", key: Key::of(&[self.scope.as_str(), &self.id]) }]
    }
}

/// The event that an entry tells of, `submission.` or `resource.` and the new state; `None` where the state stayed, and for what
/// outsiders ask, which is not an institution's to know before the desk acts.
pub fn event_of(subject: Subject, entry: &LedgerEntry) -> Option<String> {
    let noun = match subject {
        Subject::Submission => "submission",
        Subject::Resource => "resource",
        Subject::Complaint | Subject::Objection | Subject::SavedSearch => return None,
    };
    (entry.from != entry.to).then(|| format!("{noun}.{}", entry.to))
}

/// All events there are.
pub fn events() -> BTreeSet<String> {
    let submissions = StateCode::ALL.iter().map(|row| format!("submission.{}", row.1));
    submissions.chain(RESOURCE_STATES.iter().map(|row| format!("resource.{}", row.0))).collect()
}

/// What a webhook is sent: ids, state and time, nothing about people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// Id of this delivery: the same one again when it is sent again.
    pub id: String,
    /// `submission.returned`, `resource.suspended`, …, `ping`.
    pub event: String,
    /// When it happened.
    pub at: Timestamp,
    /// Submission, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission: Option<String>,
    /// Resource that the submission is to become, or that moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The institution's own number, where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// Owning organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<OrgPath>,
    /// Code of the state before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Code of the state after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}
