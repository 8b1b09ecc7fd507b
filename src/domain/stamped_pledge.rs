//! The stamped pledge of a batch: what a second person of the institution signed, stamped and sent back, and what it covers.

use super::digest::Digest;
use super::record::{IndexRow, Key, Record};
use super::submission::Submission;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Signs of a list code: 64 bits, short enough to be read on paper and typed.
const CODE_SIGNS: usize = 16;

/// One question of the self-review form, which the institution answers for a whole batch (教科信厅〔2024〕1号: the provider reviews
/// each item first and pledges in writing).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SelfReviewItem {
    /// Stable code.
    pub code: String,
    /// Chinese name.
    pub label: String,
    /// What is confirmed.
    pub statement: String,
}

/// A stamped pledge. The scan is evidence: it stays as long as the submissions it covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StampedPledge {
    /// UUIDv7.
    pub id: String,
    /// Deposit it covers.
    pub deposit: String,
    /// Code of the list that was printed and signed (see [`list_code`]).
    pub list: String,
    /// The submissions that stood on it.
    pub submissions: Vec<String>,
    /// Version of the pledge's wording.
    pub text_version: String,
    /// Codes of the self-review form that were confirmed.
    pub confirmed: Vec<String>,
    /// SHA-256 of the scan.
    #[schema(value_type = String)]
    pub scan: Digest,
    /// Media type of the scan.
    pub media_type: String,
    /// Bytes of the scan.
    pub size: u64,
    /// Account that approved.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl StampedPledge {
    /// Prefix of the index `deposit`: a deposit's pledges in order of time.
    pub fn deposit_key(deposit: &str) -> Key {
        Key::prefix(&[deposit])
    }
}

impl Record for StampedPledge {
    const TABLE: &'static str = "stamped_pledges";

    fn key(&self) -> Key {
        Key::from(self.id.as_str())
    }

    fn indexes(&self) -> Vec<IndexRow> {
        vec![IndexRow { index: "deposit", key: Key::of(&[&self.deposit, &self.id]) }]
    }
}

/// The code of a list of submissions: the first 16 hex signs of the SHA-256 over each one's id, round and content, in order of
/// their ids. What was signed is what is approved: a list that changed since has another code.
pub fn list_code<'a>(submissions: impl IntoIterator<Item = &'a Submission>) -> String {
    let mut lines: Vec<(&str, u32, &str)> =
        submissions.into_iter().map(|one| (one.id.as_str(), one.round, one.fingerprint.as_str())).collect();
    lines.sort_unstable();
    let mut hasher = Sha256::new();
    for (id, round, fingerprint) in lines {
        hasher.update(format!("{id}\n{round}\n{fingerprint}\n"));
    }
    let hex: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    hex.chars().take(CODE_SIGNS).collect()
}
