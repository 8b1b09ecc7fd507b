//! The trail of what was done to accounts.

use super::Accounts;
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::account::{Account, AccountAct, AuditEntry};
use crate::domain::change::{ChangeSet, Topic};
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::store::PageRequest;

/// Most entries of one answer.
const MOST: usize = 200;

impl Accounts {
    /// The latest acts on an account, newest first: for those who manage it, and for auditors of all it holds.
    ///
    /// # Errors
    /// Not found, also for who may not see it.
    pub async fn audit(&self, actor: &Actor, id_or_name: &str) -> Result<Vec<AuditEntry>, Problem> {
        let account = match self.lookup_any(id_or_name).await? {
            Some(found) if audits(actor, &found.value) => found,
            _ => self.managed(actor, id_or_name).await?,
        };
        let request = PageRequest { limit: MOST, cursor: None, reverse: true };
        let page = self.store.list::<AuditEntry>(&Key::prefix(&[&account.value.id]), request).await?;
        Ok(page.items.into_iter().map(|entry| entry.value).collect())
    }

    /// A change with its trail and its fact.
    pub(super) fn change(&self, actor: &Actor, account: &str, act: AccountAct, detail: &str) -> Result<ChangeSet, Problem> {
        let entry = AuditEntry {
            id: self.clock.fresh_id(),
            account: account.to_owned(),
            actor: actor.account.clone().unwrap_or_default(),
            act,
            detail: detail.to_owned(),
            at: self.clock.now(),
        };
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.insert(&entry)?;
        change.tell(Topic::Account, account);
        Ok(change)
    }
}

/// Whether everything that the account holds lies within what the actor audits.
fn audits(actor: &Actor, account: &Account) -> bool {
    let within = |scope: &OrgPath| actor.has(&[Role::Auditor], scope);
    within(&OrgPath::root()) || (!account.assignments.is_empty() && account.assignments.iter().all(|held| within(&held.scope)))
}
