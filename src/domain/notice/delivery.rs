//! One sending: to an account by a channel, or to a webhook. It is done by the job of the same id, at least once; the id goes
//! with it, so that the other side can tell a second arrival from a second notice.

use super::webhook::Webhook;
use super::{Channel, day_key, instant};
use crate::domain::record::{IndexRow, Key, Record};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// To whom, and what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Target {
    /// A notice to its account.
    Notice {
        /// Account.
        account: String,
        /// Notice.
        notice: String,
        /// By what.
        channel: Channel,
    },
    /// What was not read by the morning, to its account.
    Digest {
        /// Account.
        account: String,
        /// By what.
        channel: Channel,
        /// Notices, in the order in which they were told.
        notices: Vec<String>,
    },
    /// The code that confirms a new address.
    Code {
        /// Account.
        account: String,
        /// By what.
        channel: Channel,
    },
    /// The counter-statement to a claimant who has no account and gave an e-mail address, as the law has it forwarded.
    Claimant {
        /// Complaint.
        complaint: String,
    },
    /// A ledger entry to a webhook.
    Event {
        /// Webhook.
        webhook: String,
        /// Chain of the entry.
        chain: String,
        /// Its place.
        sequence: u64,
    },
    /// A test call.
    Ping {
        /// Webhook.
        webhook: String,
    },
}

/// A sending. That to an account is removed when it is done; that to a webhook stays to be looked at until it expires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Made of what is sent and to whom; the id of its job too.
    pub id: String,
    /// What and to whom.
    pub target: Target,
    /// When it was asked for.
    pub at: Timestamp,
    /// When it arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Timestamp>,
    /// HTTP status of the answer that took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

impl Delivery {
    /// One that was not tried yet.
    pub fn new(id: String, target: Target, at: Timestamp) -> Self {
        Self { id, target, at, done: None, status: None }
    }

    /// The webhook it goes to.
    pub fn webhook(&self) -> Option<&str> {
        match &self.target {
            Target::Event { webhook, .. } | Target::Ping { webhook } => Some(webhook),
            Target::Notice { .. } | Target::Digest { .. } | Target::Code { .. } | Target::Claimant { .. } => None,
        }
    }

    /// Prefix of the index `webhook`: the deliveries of one in order of time.
    pub fn webhook_key(webhook: &Webhook) -> Key {
        Key::prefix(&[&webhook.id])
    }
}

impl Record for Delivery {
    const TABLE: &'static str = "deliveries";

    fn key(&self) -> Key {
        Key::from(self.id.as_str())
    }

    fn indexes(&self) -> Vec<IndexRow> {
        let mut rows = vec![IndexRow { index: "day", key: day_key(self.at) }];
        rows.extend(self.webhook().map(|webhook| IndexRow { index: "webhook", key: Key::of(&[webhook, &instant(self.at)]) }));
        rows
    }
}
