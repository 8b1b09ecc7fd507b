//! By which channels an account wants to be told, and its addresses there: personal data, kept in this one record, never logged.

use super::Group;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Record};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A way by which a notice leaves the house. The inbox is no channel: it always has everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// E-mail.
    Email,
    /// Short message.
    Sms,
    /// WeChat official account.
    Wechat,
}

impl Channel {
    /// All channels with stable code and Chinese name.
    pub const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::Email, "email", "电子邮件"), (Self::Sms, "sms", "短信"), (Self::Wechat, "wechat", "微信公众号")];

    /// The stable code.
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// The Chinese name.
    pub fn label(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }

    /// Checks the form of an address: an e-mail address, a phone number of 6 to 15 digits (E.164) with or without `+`, or an
    /// open id of 10 to 64 letters, digits, `-` and `_`.
    ///
    /// # Errors
    /// `bad-address`.
    pub fn check(self, address: &str) -> Result<(), Problem> {
        let good = match self {
            Self::Email => is_email(address),
            Self::Sms => {
                let digits = address.strip_prefix('+').unwrap_or(address);
                (6..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
            }
            Self::Wechat => {
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
                (10..=64).contains(&address.len()) && address.bytes().all(plain)
            }
        };
        if good {
            return Ok(());
        }
        let (zh, en) = (format!("{}地址的格式不对。", self.label()), format!("This is no address for {}.", self.code()));
        Err(Problem::field("bad-address", format!("addresses.{}", self.code()), zh, en))
    }
}

/// Printable ASCII with one `@`, at most 254 characters (RFC 5321), and a dotted or local domain. More is found by the code.
fn is_email(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    let printable = address.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>()[]\\,;:\"".contains(&byte));
    let domain_good = !domain.contains('@') && domain.split('.').all(|part| !part.is_empty());
    printable && address.len() <= 254 && !local.is_empty() && local.len() <= 64 && domain_good
}

/// How long a code is good, in milliseconds: 30 minutes (proposed).
pub const CODE_MS: i64 = 30 * 60_000;
/// Shortest time between two codes of a channel, in milliseconds: one minute (proposed).
pub const CODE_PAUSE_MS: i64 = 60_000;
/// Wrong codes after which an address must be given again (proposed).
pub const CODE_TRIES: u32 = 5;

/// A new address that waits for its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The address.
    pub address: String,
    /// The code that was sent to it; worth nothing without the account, and gone after [`CODE_MS`].
    pub code: String,
    /// When it was asked for.
    pub asked: Timestamp,
    /// Wrong codes so far.
    pub tries: u32,
}

/// What an account chose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeSettings {
    /// Account.
    pub account: String,
    /// Confirmed addresses.
    pub addresses: BTreeMap<Channel, String>,
    /// Addresses that wait for their code.
    #[serde(default)]
    pub pending: BTreeMap<Channel, Pending>,
    /// Channels by kind of notice; a kind that is missing has its default.
    #[serde(default)]
    pub channels: BTreeMap<Group, BTreeSet<Channel>>,
    /// Channels that tell once each working-day morning what was not read, instead of each notice at once.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub daily: BTreeSet<Channel>,
}

impl NoticeSettings {
    /// Key of an account's settings.
    pub fn key_of(account: &str) -> Key {
        Key::from(account)
    }

    /// The channels wanted for a kind: as chosen, else e-mail for the own submissions, reviews and searches, and the inbox alone for what
    /// waits for several people.
    pub fn wanted(&self, group: Group) -> BTreeSet<Channel> {
        self.channels.get(&group).cloned().unwrap_or_else(|| match group {
            Group::Submissions | Group::Reviews | Group::Searches => BTreeSet::from([Channel::Email]),
            Group::Desk | Group::Committee => BTreeSet::new(),
        })
    }

    /// Takes a new address: the present one is used until the code of the new one comes back. Answers whether a code must be
    /// sent. An empty address is removed at once.
    ///
    /// # Errors
    /// `bad-address`; `code-sent` within a minute of the code before.
    pub fn ask(&mut self, channel: Channel, address: &str, code: String, now: Timestamp) -> Result<bool, Problem> {
        let address = address.trim();
        if address.is_empty() {
            self.addresses.remove(&channel);
            self.pending.remove(&channel);
            return Ok(false);
        }
        channel.check(address)?;
        if self.addresses.get(&channel).is_some_and(|held| held == address) {
            self.pending.remove(&channel);
            return Ok(false);
        }
        if self.pending.get(&channel).is_some_and(|pending| now < pending.asked.plus_millis(CODE_PAUSE_MS)) {
            let (zh, en) = ("验证码刚刚发出，请一分钟后再试。", "A code was sent a moment ago; try again in a minute.");
            return Err(Problem::new(ProblemKind::Conflict, "code-sent", zh, en));
        }
        self.pending.insert(channel, Pending { address: address.to_owned(), code, asked: now, tries: 0 });
        Ok(true)
    }

    /// Takes a code; `true` when it was the right one and the address is used from now on. A wrong one is counted.
    pub fn confirm(&mut self, channel: Channel, code: &str, now: Timestamp) -> bool {
        let Some(pending) = self.pending.get_mut(&channel) else { return false };
        let in_time = now < pending.asked.plus_millis(CODE_MS) && pending.tries < CODE_TRIES;
        if in_time && pending.code == code.trim() {
            let address = pending.address.clone();
            self.pending.remove(&channel);
            self.addresses.insert(channel, address);
            return true;
        }
        pending.tries = pending.tries.saturating_add(1);
        false
    }
}

impl Record for NoticeSettings {
    const TABLE: &'static str = "notice_settings";
    fn key(&self) -> Key {
        Self::key_of(&self.account)
    }
}
