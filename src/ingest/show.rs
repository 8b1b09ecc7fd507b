//! Showing deposits to those who may see them; to everybody else they do not exist.

use super::Ingest;
use crate::domain::access::{Actor, OrgPath};
use crate::domain::deposit::{Deposit, DepositRow, VIEWERS};
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::store::{Page, PageRequest};

/// A deposit with a page of what its rows came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The deposit.
    pub deposit: Deposit,
    /// Rows in order: submissions, unchanged ones, refused ones with their findings.
    pub rows: Vec<DepositRow>,
    /// Cursor of the next page of rows.
    pub next: Option<String>,
}

impl Ingest {
    /// One deposit.
    ///
    /// # Errors
    /// `not-found`, also when the actor may not see it.
    pub async fn deposit(&self, actor: &Actor, id: &str) -> Result<Stored<Deposit>, Problem> {
        let found = self.store.get::<Deposit>(&Key::from(id)).await?;
        found.filter(|stored| stored.value.is_seen_by(actor)).ok_or_else(|| Problem::not_found("提交", "deposit"))
    }

    /// One deposit with a page of its rows.
    ///
    /// # Errors
    /// `not-found`, also when the actor may not see it.
    pub async fn receipt(&self, actor: &Actor, id: &str, page: PageRequest) -> Result<Receipt, Problem> {
        let deposit = self.deposit(actor, id).await?.value;
        let page = self.store.list::<DepositRow>(&DepositRow::prefix_of(id), page).await?;
        Ok(Receipt { deposit, rows: page.items.into_iter().map(|stored| stored.value).collect(), next: page.next })
    }

    /// Deposits of one organisation in order of arrival, or the actor's own where none is named.
    ///
    /// # Errors
    /// `forbidden` without a role over that organisation.
    pub async fn deposits(&self, actor: &Actor, owner: Option<&OrgPath>, page: PageRequest) -> Result<Page<Stored<Deposit>>, Problem> {
        if let Some(owner) = owner {
            if !actor.has(&VIEWERS, owner) {
                return Err(Problem::forbidden());
            }
            return Ok(self.store.list_by("owner", &Deposit::owner_key(owner), page).await?);
        }
        let account = actor.account.as_deref().ok_or_else(Problem::forbidden)?;
        Ok(self.store.list_by("by", &Deposit::by_key(account), page).await?)
    }
}
