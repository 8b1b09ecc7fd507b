//! The ledger: every step of a submission or a resource leaves an entry in that subject's hash chain.
//!
//! An entry's hash is the SHA-256 of the canonical JSON (RFC 8785) of the entry without its `hash` member; `previous` is part
//! of it. The subject's root row keeps the [`LedgerHead`], so that a changed, removed (also the last), added or reordered entry
//! is found. Entries hold no free text and no account ids: people stand as surrogates, texts as salted digests whose salt lies
//! beside the text, so that erasing the text or the account leaves nothing behind that could be guessed.

use super::problem::Problem;
use super::record::{IndexRow, Key, Record, RecordError, encode};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// `previous` of the first entry of a chain.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// In what capacities people act and speak, as ledgers and comments name them: stable codes with Chinese names for readers.
const CAPACITIES: [(&str, &str); 12] = [
    ("program", "系统"),
    ("public", "公众"),
    ("submitter", "提交方"),
    ("contributor", "提交人"),
    ("manager", "机构审核人"),
    ("reviewer", "评审专家"),
    ("committee", "审核委员会"),
    ("office", "会签单位"),
    ("ethnic_affairs", "会签单位"),
    ("editor", "编辑"),
    ("administrator", "管理员"),
    ("auditor", "审计员"),
];

/// The Chinese name of a capacity.
pub fn capacity(code: &str) -> &'static str {
    CAPACITIES.iter().find(|row| row.0 == code).map_or("其他", |row| row.1)
}

/// The end of a chain, kept in the subject's root row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LedgerHead {
    /// Number of entries.
    pub length: u64,
    /// Hash of the last entry, [`GENESIS`] for an empty chain.
    pub hash: String,
}

impl Default for LedgerHead {
    fn default() -> Self {
        Self { length: 0, hash: GENESIS.to_owned() }
    }
}

/// What an entry says, before it is sealed into a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewEntry<'a> {
    /// The subject: a submission's id, or `resource:`, `complaint:`, `objection:` or `spot-check:` and an id.
    pub chain: &'a str,
    /// When.
    pub at: Timestamp,
    /// Stable code of the action.
    pub action: &'a str,
    /// Account that acted; only its surrogate is written.
    pub account: &'a str,
    /// Code of the role in which it acted (`program` for the program itself).
    pub party: &'a str,
    /// Code of the state before; empty when the subject begins.
    pub from: &'a str,
    /// Code of the state after.
    pub to: &'a str,
    /// Digest of the rule set in force.
    pub rule_set: &'a str,
    /// Further facts: codes and numbers, never free text.
    pub facts: BTreeMap<String, String>,
    /// Salted digests of free texts, by what they are (`reason`, `opinion`).
    pub texts: BTreeMap<String, String>,
}

/// One entry of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LedgerEntry {
    /// The subject: a submission's id, or `resource:`, `complaint:`, `objection:` or `spot-check:` and an id.
    pub chain: String,
    /// Place in the chain, 1 is the first.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// Stable code of the action.
    pub action: String,
    /// Surrogate of the account that acted (see [`surrogate`]).
    pub actor: String,
    /// Code of the role in which it acted.
    pub party: String,
    /// Code of the state before; empty when the subject begins.
    pub from: String,
    /// Code of the state after.
    pub to: String,
    /// Digest of the rule set in force; empty before the first check.
    pub rule_set: String,
    /// Further facts.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
    /// Salted digests of free texts.
    #[serde(default)]
    pub texts: BTreeMap<String, String>,
    /// Hash of the entry before.
    pub previous: String,
    /// Hash of this entry.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hash: String,
}

impl LedgerEntry {
    /// The hash its content calls for.
    pub fn computed_hash(&self) -> Result<String, RecordError> {
        hash_of(&Self { hash: String::new(), ..self.clone() })
    }

    /// Prefix of the keys of a chain's entries.
    pub fn prefix_of(chain: &str) -> Key {
        Key::prefix(&[chain])
    }
}

impl Record for LedgerEntry {
    const TABLE: &'static str = "ledger";
    fn key(&self) -> Key {
        Key::of(&[&self.chain, &format!("{:010}", self.sequence)])
    }
    /// `day`: by the UTC day, for exports.
    fn indexes(&self) -> Vec<IndexRow> {
        vec![IndexRow { index: "day", key: Key(format!("{:010}", self.at.day().max(0)).into_bytes()) }]
    }
}

/// The chain of a resource that was suspended, restored, retired or corrected: the root row of its entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceChain {
    /// Resource id.
    pub resource: String,
    /// End of the chain.
    pub ledger: LedgerHead,
}

impl ResourceChain {
    /// Before the id in the name of a chain.
    pub const KIND: &'static str = "resource";

    /// Name of a resource's chain.
    pub fn name_of(resource: &str) -> String {
        format!("{}:{resource}", Self::KIND)
    }
}

impl Record for ResourceChain {
    const TABLE: &'static str = "resource_chains";
    fn key(&self) -> Key {
        Key::from(self.resource.as_str())
    }
}

impl LedgerHead {
    /// Seals an entry to the end of the chain; gives the new head and the entry.
    pub fn append(&self, new: NewEntry<'_>) -> Result<(Self, LedgerEntry), Problem> {
        let mut entry = LedgerEntry {
            chain: new.chain.to_owned(),
            sequence: self.length + 1,
            at: new.at,
            action: new.action.to_owned(),
            actor: surrogate(new.chain, new.account),
            party: new.party.to_owned(),
            from: new.from.to_owned(),
            to: new.to.to_owned(),
            rule_set: new.rule_set.to_owned(),
            facts: new.facts,
            texts: new.texts,
            previous: self.hash.clone(),
            hash: String::new(),
        };
        // Entries hold codes and numbers only, so a value that is not canonical is a fault of ours.
        entry.hash = entry.computed_hash().map_err(|_| Problem::internal())?;
        Ok((Self { length: entry.sequence, hash: entry.hash.clone() }, entry))
    }
}

/// What is wrong with a chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// An entry is missing, doubled or out of order.
    #[error("chain {chain}: entry {expected} expected, entry {found} found")]
    Sequence {
        /// Chain.
        chain: String,
        /// Place that was due.
        expected: u64,
        /// Place that was there.
        found: u64,
    },
    /// An entry does not follow from the one before it.
    #[error("chain {chain}: entry {sequence} does not follow from the one before it")]
    Broken {
        /// Chain.
        chain: String,
        /// Entry.
        sequence: u64,
    },
    /// An entry's content is not what was sealed.
    #[error("chain {chain}: entry {sequence} was changed after it was sealed")]
    Changed {
        /// Chain.
        chain: String,
        /// Entry.
        sequence: u64,
    },
    /// The entries end elsewhere than the root row says.
    #[error("chain {chain}: {found} entries found, the root row tells of {expected} or of another last hash")]
    End {
        /// Chain.
        chain: String,
        /// Length the root row tells.
        expected: u64,
        /// Entries found.
        found: u64,
    },
}

/// Verifies a chain entry by entry, so that a long one need not be held in memory.
#[derive(Clone, Debug)]
pub struct ChainCheck {
    chain: String,
    seen: LedgerHead,
}

impl ChainCheck {
    /// Begins at the first entry of `chain`.
    pub fn new(chain: impl Into<String>) -> Self {
        Self { chain: chain.into(), seen: LedgerHead::default() }
    }

    /// Takes the next entry.
    pub fn take(&mut self, entry: &LedgerEntry) -> Result<(), ChainFault> {
        let chain = self.chain.clone();
        let expected = self.seen.length + 1;
        if entry.sequence != expected {
            return Err(ChainFault::Sequence { chain, expected, found: entry.sequence });
        }
        if entry.previous != self.seen.hash || entry.chain != self.chain {
            return Err(ChainFault::Broken { chain, sequence: expected });
        }
        if entry.computed_hash().ok().as_ref() != Some(&entry.hash) {
            return Err(ChainFault::Changed { chain, sequence: expected });
        }
        self.seen = LedgerHead { length: expected, hash: entry.hash.clone() };
        Ok(())
    }

    /// Compares the end with what the root row keeps.
    pub fn finish(self, head: &LedgerHead) -> Result<(), ChainFault> {
        if self.seen == *head {
            return Ok(());
        }
        Err(ChainFault::End { chain: self.chain, expected: head.length, found: self.seen.length })
    }
}

/// Verifies a whole chain against the head its root row keeps.
pub fn verify_chain(chain: &str, head: &LedgerHead, entries: &[LedgerEntry]) -> Result<(), ChainFault> {
    let mut check = ChainCheck::new(chain);
    for entry in entries {
        check.take(entry)?;
    }
    check.finish(head)
}

/// SHA-256 of the canonical JSON of a record, in hexadecimal.
///
/// # Errors
/// When a value is not canonical.
pub fn hash_of<R: Record>(record: &R) -> Result<String, RecordError> {
    Ok(hex(&Sha256::digest(encode(record)?)))
}

/// The surrogate of an account within one chain: 128 bits of SHA-256 over both. An account id has 74 random bits, so that the
/// surrogate says nothing once the account is erased, and surrogates of two chains cannot be joined without it.
pub fn surrogate(chain: &str, account: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["yuelu ledger actor", chain, account] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hex(&hash.finalize()).chars().take(32).collect()
}

/// The digest that stands for a free text; the salt is kept beside the text and goes with it.
pub fn salted_digest(salt: &str, text: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(salt.as_bytes());
    hash.update([0]);
    hash.update(text.as_bytes());
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A free text that went with a step, beside the salt of the digest that stands for it in the ledger. Erased on request; the
/// entry stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerText {
    /// Chain.
    pub chain: String,
    /// Entry.
    pub sequence: u64,
    /// Salt.
    pub salt: String,
    /// Text.
    pub text: String,
}

impl Record for LedgerText {
    const TABLE: &'static str = "ledger_texts";
    fn key(&self) -> Key {
        Key::of(&[&self.chain, &format!("{:010}", self.sequence)])
    }
}
