//! Reading accounts: one, or a page of those the actor manages.

use super::{Accounts, grant};
use crate::domain::access::{Actor, Assignment, Role};
use crate::domain::account::Account;
use crate::domain::change::Position;
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::time::Timestamp;
use crate::store::PageRequest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An account as it is shown: without its password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AccountView {
    /// UUIDv7.
    pub id: String,
    /// Sign-in name.
    pub name: String,
    /// Name shown to people.
    pub display: String,
    /// Institution.
    pub institution: Option<String>,
    /// Roles in scopes.
    pub assignments: Vec<Assignment>,
    /// Protocol groups.
    pub groups: BTreeSet<String>,
    /// Whether it can sign in with a password.
    pub has_password: bool,
    /// Made by the demonstration.
    pub demo: bool,
    /// Locked accounts cannot act.
    pub locked: bool,
    /// When it was made.
    pub created: Timestamp,
    /// Version, as in the `ETag`.
    pub version: Position,
}

impl From<Stored<Account>> for AccountView {
    fn from(stored: Stored<Account>) -> Self {
        let Stored { value: account, version } = stored;
        Self {
            id: account.id,
            name: account.name,
            display: account.display,
            institution: account.institution,
            assignments: account.assignments,
            groups: account.groups,
            has_password: account.password.is_some(),
            demo: account.demo,
            locked: account.locked,
            created: account.created,
            version,
        }
    }
}

/// A page of accounts.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AccountPage {
    /// The accounts.
    pub items: Vec<AccountView>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

impl Accounts {
    /// The account of this id or name.
    ///
    /// # Errors
    /// Not found, also for who may not see it.
    pub async fn read(&self, actor: &Actor, id_or_name: &str) -> Result<AccountView, Problem> {
        self.managed(actor, id_or_name).await.map(AccountView::from)
    }

    /// A page of the accounts that the actor manages. A page may hold fewer than `limit` and still go on.
    ///
    /// # Errors
    /// Forbidden for who manages nobody.
    pub async fn list(&self, actor: &Actor, limit: usize, cursor: Option<String>) -> Result<AccountPage, Problem> {
        if !actor.has_anywhere(&[Role::Administrator, Role::Manager]) {
            return Err(Problem::forbidden());
        }
        let request = PageRequest { limit, cursor, reverse: false };
        let page = self.store.list::<Account>(&Key::default(), request).await?;
        let seen = page.items.into_iter().filter(|account| grant::may_manage(actor, &account.value));
        Ok(AccountPage { items: seen.map(AccountView::from).collect(), next: page.next })
    }
}
