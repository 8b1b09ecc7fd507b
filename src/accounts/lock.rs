//! Locking: a locked account keeps its records and cannot act.

use super::Accounts;
use crate::domain::access::Actor;
use crate::domain::account::{Account, AccountAct};
use crate::domain::problem::Problem;
use crate::domain::record::Stored;

impl Accounts {
    /// Locks or unlocks. Locking ends the account's sessions; its tokens stay and are refused.
    ///
    /// # Errors
    /// Not found; forbidden for the own account, so that nobody locks themselves out.
    pub async fn set_locked(&self, actor: &Actor, id_or_name: &str, locked: bool) -> Result<Stored<Account>, Problem> {
        let old = self.managed(actor, id_or_name).await?;
        if actor.account.as_ref() == Some(&old.value.id) {
            return Err(Problem::forbidden());
        }
        let act = if locked { AccountAct::Locked } else { AccountAct::Unlocked };
        let account = Account { locked, ..old.value.clone() };
        let mut change = self.change(actor, &account.id, act, "")?;
        change.update(&old, &account)?;
        if locked {
            self.end_sessions(&account.id, &mut change).await?;
        }
        let version = self.store.commit(change).await?;
        self.cache.forget();
        Ok(Stored { value: account, version })
    }
}
