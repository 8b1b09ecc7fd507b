//! A deposit: one package as an institution handed it in, and what became of each of its rows.
//!
//! The deposit is the root row of its outcomes: whoever adds outcomes guards it. Bytes are named by digest only.

use super::access::{Actor, OrgPath, Role};
use super::digest::Digest;
use super::finding::Finding;
use super::record::{IndexRow, Key, Record};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Version of the wording of the pledge that is in force.
pub const PLEDGE_VERSION: &str = "2026-1";

/// The pledge as the depositor accepts it; asked for by 教科信厅〔2024〕1号 (the provider reviews each item first and answers for it in writing).
pub const PLEDGE_TEXT: &str = "本机构已对本批资源逐条自审，确认其政治导向正确、内容科学真实、不侵犯他人著作权与个人信息权益，\
     人工智能生成内容已按规定标识；涉及民族文化与传承人的内容已取得授权。如有不实，愿承担相应责任。";

/// The depositor's self-review and safety pledge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Pledge {
    /// Version of the wording that was accepted.
    pub text_version: String,
    /// Account that gave it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Where a deposit stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum DepositState {
    /// The bytes are safe; unpacking waits for its turn.
    Received,
    /// Every row has its outcome.
    Unpacked {
        /// When.
        at: Timestamp,
    },
    /// The package as a whole could not be read; the findings say why.
    Refused {
        /// When.
        at: Timestamp,
    },
}

/// How many rows came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DepositCounts {
    /// Rows (1 for a package of one resource).
    pub rows: u32,
    /// Rows that became a submission.
    pub submitted: u32,
    /// Rows that are as they were when they were last sent, and made nothing.
    pub unchanged: u32,
    /// Rows that could not be read as a resource.
    pub refused: u32,
}

impl DepositCounts {
    /// Counts one more outcome.
    pub fn add(&mut self, outcome: &RowOutcome) {
        self.rows = self.rows.saturating_add(1);
        let count = match outcome {
            RowOutcome::Submitted { .. } => &mut self.submitted,
            RowOutcome::Unchanged { .. } => &mut self.unchanged,
            RowOutcome::Refused => &mut self.refused,
        };
        *count = count.saturating_add(1);
    }
}

/// The manifest or catalogue of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ManifestFile {
    /// `yuelu.toml`, `catalogue.csv` or `catalogue.xlsx`.
    pub name: String,
    /// SHA-256 of its bytes.
    #[schema(value_type = String)]
    pub digest: Digest,
}

/// A package handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Deposit {
    /// UUIDv7.
    pub id: String,
    /// Owning organisation.
    pub owner: OrgPath,
    /// Name of the owning institution.
    pub institution: String,
    /// Account that handed it in.
    pub by: String,
    /// The role in which it did.
    pub capacity: Role,
    /// When.
    pub at: Timestamp,
    /// The pledge.
    pub pledge: Pledge,
    /// Track the depositor asks for; the policy of the site decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<String>,
    /// SHA-256 of the package's bytes.
    #[schema(value_type = String)]
    pub package: Digest,
    /// Bytes of the package.
    pub size: u64,
    /// File name it came under, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Its manifest or catalogue, kept when the package goes, so that findings can be given back in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<ManifestFile>,
    /// Where it stands.
    pub state: DepositState,
    /// How many rows came to what, so far.
    #[serde(default)]
    pub counts: DepositCounts,
    /// What is wrong with the package as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// Roles that see the deposits of their scope.
pub const VIEWERS: [Role; 6] = [Role::Contributor, Role::Manager, Role::Editor, Role::Committee, Role::Auditor, Role::Administrator];

impl Deposit {
    /// Whether this actor may see it; to everybody else it does not exist.
    pub fn is_seen_by(&self, actor: &Actor) -> bool {
        actor.account.as_deref() == Some(self.by.as_str()) || actor.has(&VIEWERS, &self.owner)
    }

    /// Prefix of the index `owner`: deposits of one organisation in order of arrival.
    pub fn owner_key(owner: &OrgPath) -> Key {
        Key::prefix(&[owner.as_str()])
    }

    /// Prefix of the index `by`: deposits of one account in order of arrival.
    pub fn by_key(account: &str) -> Key {
        Key::prefix(&[account])
    }
}

impl Record for Deposit {
    const TABLE: &'static str = "deposits";

    fn key(&self) -> Key {
        Key::from(self.id.as_str())
    }

    /// `owner`: by organisation path; `by`: by account.
    fn indexes(&self) -> Vec<IndexRow> {
        vec![
            IndexRow { index: "owner", key: Key::of(&[self.owner.as_str(), &self.id]) },
            IndexRow { index: "by", key: Key::of(&[&self.by, &self.id]) },
        ]
    }
}

/// The use of an Idempotency-Key by an account: the same key gives the same deposit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositKey {
    /// Account.
    pub account: String,
    /// The key as it was sent.
    pub key: String,
    /// The deposit it made.
    pub deposit: String,
    /// SHA-256 of the bytes and of what was asked with them.
    pub request: Digest,
}

impl DepositKey {
    /// Key of a use.
    pub fn key_of(account: &str, key: &str) -> Key {
        Key::of(&[account, key])
    }
}

impl Record for DepositKey {
    const TABLE: &'static str = "deposit_keys";
    fn key(&self) -> Key {
        Self::key_of(&self.account, &self.key)
    }
}

/// What one row came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum RowOutcome {
    /// It became a submission, whose checks go on.
    Submitted {
        /// Submission.
        submission: String,
    },
    /// It is as it was when it was last sent.
    Unchanged {
        /// The submission it made then.
        submission: String,
    },
    /// It could not be read as a resource; the findings say why.
    Refused,
}

/// One row of a deposit (row 0 for a package of one resource).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DepositRow {
    /// Deposit.
    pub deposit: String,
    /// Row of the catalogue, 1 is the header; 0 where there is none.
    pub row: u32,
    /// The institution's own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// Title as it was sent.
    pub title: String,
    /// What it came to.
    #[serde(flatten)]
    pub outcome: RowOutcome,
    /// What reading it found; `must` findings are there only on refused rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

impl DepositRow {
    /// Key of a row.
    pub fn key_of(deposit: &str, row: u32) -> Key {
        Key::of(&[deposit, &format!("{row:010}")])
    }

    /// Prefix of the rows of a deposit, in order.
    pub fn prefix_of(deposit: &str) -> Key {
        Key::prefix(&[deposit])
    }
}

impl Record for DepositRow {
    const TABLE: &'static str = "deposit_rows";
    fn key(&self) -> Key {
        Self::key_of(&self.deposit, self.row)
    }
}

/// What an institution last sent under one of its own numbers: tells a changed row from an unchanged one, and a new
/// resource from a new revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceHead {
    /// Owning organisation.
    pub owner: OrgPath,
    /// The institution's own number.
    pub source_id: String,
    /// SHA-256 over the description and the digests of the files.
    pub fingerprint: Digest,
    /// The submission it made.
    pub submission: String,
    /// The resource that all submissions under this number are revisions of.
    pub resource: String,
}

impl SourceHead {
    /// Key of a number.
    pub fn key_of(owner: &OrgPath, source_id: &str) -> Key {
        Key::of(&[owner.as_str(), source_id])
    }
}

impl Record for SourceHead {
    const TABLE: &'static str = "source_heads";
    fn key(&self) -> Key {
        Self::key_of(&self.owner, &self.source_id)
    }
}
