//! Accounts, API tokens and sessions. Secrets are kept only as digests.

use super::access::Assignment;
use super::record::{IndexRow, Key, Record};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An account of a person or a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// UUIDv7.
    pub id: String,
    /// Sign-in name, unique; 2 to 64 characters.
    pub name: String,
    /// Name shown to people.
    pub display: String,
    /// Institution the account belongs to, where it does.
    pub institution: Option<String>,
    /// Roles in scopes.
    pub assignments: Vec<Assignment>,
    /// Protocol groups (culture).
    #[serde(default)]
    pub groups: BTreeSet<String>,
    /// argon2id hash in PHC form, where the account has a password.
    #[serde(default)]
    pub password: Option<String>,
    /// Made by `yuelu demo`: refused by `yuelu serve`.
    #[serde(default)]
    pub demo: bool,
    /// Locked accounts cannot act.
    #[serde(default)]
    pub locked: bool,
    /// When it was made.
    pub created: Timestamp,
}

impl Record for Account {
    const TABLE: &'static str = "accounts";
    fn key(&self) -> Key {
        Key::from(self.id.as_str())
    }
}

/// The owner of a sign-in name: makes names unique.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountName {
    /// Folded name (NFKC, lower case).
    pub name: String,
    /// Account.
    pub account: String,
}

impl Record for AccountName {
    const TABLE: &'static str = "account_names";
    fn key(&self) -> Key {
        Key::from(self.name.as_str())
    }
}

/// A bearer token or a session: found by the SHA-256 of its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// SHA-256 of the secret in hex.
    pub digest: String,
    /// UUIDv7 by which it is listed and revoked.
    pub id: String,
    /// Account.
    pub account: String,
    /// What it is for.
    pub label: String,
    /// Token or session.
    pub kind: CredentialKind,
    /// The assignments it is limited to; `None` = all of the account's.
    #[serde(default)]
    pub limit: Option<Vec<Assignment>>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends, where it does.
    #[serde(default)]
    pub expires: Option<Timestamp>,
}

/// Kinds of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// `Authorization: Bearer`.
    Token,
    /// A cookie of the pages.
    Session,
}

impl Record for Credential {
    const TABLE: &'static str = "credentials";
    fn key(&self) -> Key {
        Key::from(self.digest.as_str())
    }
    fn indexes(&self) -> Vec<IndexRow> {
        vec![IndexRow { index: "account", key: Key::of(&[&self.account, &self.id]) }]
    }
}

/// What was done to an account, and by whom: written in the same commit as the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AuditEntry {
    /// UUIDv7: entries of an account are in the order of time.
    pub id: String,
    /// Account it was done to.
    pub account: String,
    /// Account that did it.
    pub actor: String,
    /// What was done.
    pub act: AccountAct,
    /// The token, role or scope it was about, never a secret.
    pub detail: String,
    /// When.
    pub at: Timestamp,
}

/// What can be done to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountAct {
    /// Made.
    Created,
    /// Roles, groups or display name replaced.
    Changed,
    /// Password set.
    PasswordSet,
    /// Locked.
    Locked,
    /// Unlocked.
    Unlocked,
    /// Token made.
    TokenMade,
    /// Token or session ended.
    CredentialRevoked,
    /// Signed in.
    SignedIn,
}

impl Record for AuditEntry {
    const TABLE: &'static str = "account_audit";
    fn key(&self) -> Key {
        Key::of(&[&self.account, &self.id])
    }
}
