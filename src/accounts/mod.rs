//! Accounts, their roles, and the secrets by which they act.
//!
//! Answers who somebody is ([`authenticate`]) and keeps accounts, tokens and sessions. It must never keep a secret in clear,
//! never tell an unknown name from a wrong password, and never let anybody hand out more than they hold ([`grant`]). Every
//! change is one ChangeSet with its audit entry. A new verb is a new file with an `impl Accounts` block.

pub mod audit;
pub mod authenticate;
pub mod grant;
pub mod list;
pub mod lock;
pub mod name;
pub mod password;
pub mod register;
pub mod session;
pub mod token;

pub use authenticate::Known;

use crate::clock::Clock;
use crate::domain::access::Actor;
use crate::domain::account::{Account, AccountName};
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::store::Store;
use std::sync::Arc;

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    store: Store,
    clock: Clock,
    passwords: Arc<password::Passwords>,
    cache: Arc<authenticate::Cache>,
    demo_allowed: bool,
}

impl Accounts {
    /// Accounts kept in `store`. `demo_allowed`: whether accounts that `yuelu demo` made may act.
    pub fn new(store: Store, clock: Clock, demo_allowed: bool) -> Self {
        let passwords = Arc::new(password::Passwords::default());
        Self { store, clock, passwords, cache: Arc::default(), demo_allowed }
    }

    /// The account of this id.
    async fn lookup(&self, id: &str) -> Result<Option<Stored<Account>>, Problem> {
        Ok(self.store.get::<Account>(&Key::from(id)).await?)
    }

    /// The account that signs in under this name.
    async fn by_name(&self, name: &str) -> Result<Option<Stored<Account>>, Problem> {
        let folded = name::fold(name);
        if folded.is_empty() || folded.contains('\0') {
            return Ok(None);
        }
        match self.store.get::<AccountName>(&Key::from(folded.as_str())).await? {
            Some(owner) => self.lookup(&owner.value.account).await,
            None => Ok(None),
        }
    }

    /// The account of this id or name, if the actor may manage it or is it.
    async fn managed(&self, actor: &Actor, id_or_name: &str) -> Result<Stored<Account>, Problem> {
        let found = match self.lookup_any(id_or_name).await? {
            Some(found) if grant::may_manage(actor, &found.value) => found,
            _ => return Err(Problem::not_found("账户", "account")),
        };
        Ok(found)
    }

    async fn lookup_any(&self, id_or_name: &str) -> Result<Option<Stored<Account>>, Problem> {
        if id_or_name.is_empty() || id_or_name.contains('\0') {
            return Ok(None);
        }
        match self.lookup(id_or_name).await? {
            Some(found) => Ok(Some(found)),
            None => self.by_name(id_or_name).await,
        }
    }
}
