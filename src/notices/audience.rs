//! Who belongs to an audience: a directory of the accounts that hold a role in vetting, kept in memory and mended by the feed.

use super::Notices;
use crate::domain::access::{Assignment, OrgPath, Role};
use crate::domain::account::Account;
use crate::domain::ledger::{LedgerEntry, surrogate};
use crate::domain::notice::table::Audience;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::submission::{State, Submission};
use crate::store::{MAX_PAGE, PageRequest};
use std::collections::{BTreeMap, BTreeSet};

/// Roles whose holders are told of what is not theirs alone.
const ROLES: [Role; 4] = [Role::Manager, Role::Editor, Role::Committee, Role::EthnicAffairs];

/// Accounts by the roles of [`ROLES`] that they hold.
#[derive(Debug, Default)]
pub(super) struct Directory {
    held: BTreeMap<String, Vec<Assignment>>,
}

impl Directory {
    /// Takes what an account is now.
    fn take(&mut self, id: &str, account: Option<&Account>) {
        let assignments = account.filter(|account| !account.locked).map(|account| account.assignments.as_slice()).unwrap_or_default();
        let held: Vec<Assignment> = assignments.iter().filter(|held| ROLES.contains(&held.role)).cloned().collect();
        if held.is_empty() {
            self.held.remove(id);
        } else {
            self.held.insert(id.to_owned(), held);
        }
    }

    /// Everybody who holds a role over an organisation.
    fn holders(&self, role: Role, owner: &OrgPath) -> BTreeSet<String> {
        let over = |held: &Assignment| held.role == role && held.scope.covers(owner);
        self.held.iter().filter(|(_, held)| held.iter().any(over)).map(|(id, _)| id.clone()).collect()
    }

    /// The managers next to an organisation: of itself, or of the nearest above it that has one. An office above many
    /// institutions is not told of each of their works.
    fn managers(&self, owner: &OrgPath) -> BTreeSet<String> {
        let own = |scope: &OrgPath| {
            let over = |held: &Assignment| held.role == Role::Manager && held.scope == *scope;
            self.held.iter().filter(|(_, held)| held.iter().any(over)).map(|(id, _)| id.clone()).collect::<BTreeSet<_>>()
        };
        owner.lineage().iter().rev().map(own).find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// The submitting side of a submission or of the resource it became.
    pub(super) fn submitting(&self, owner: &OrgPath, submitter: Option<&str>) -> BTreeSet<String> {
        let mut told = self.managers(owner);
        told.extend(submitter.map(str::to_owned));
        told
    }

    /// The accounts of an audience, without whoever made the entry: they know. Locked accounts of the submitting side and of
    /// seats get their notice and can read it when they are unlocked; nothing is sent to them meanwhile.
    pub(super) fn of(&self, audience: Audience, submission: &Submission, entry: &LedgerEntry) -> BTreeSet<String> {
        let owner = &submission.owner;
        let mut told = match audience {
            Audience::Submitter => self.submitting(owner, Some(&submission.submitter)),
            Audience::Institution => self.managers(owner),
            Audience::Seats => submission.seats.iter().filter(|seat| seat.given.is_none()).map(|seat| seat.account.clone()).collect(),
            // Who acts for an office that was never asked is told nothing of it.
            Audience::Office if submission.countersign_terms().is_none() => BTreeSet::new(),
            Audience::Office => {
                let office = self.holders(Role::EthnicAffairs, owner).into_iter();
                office.filter(|account| !submission.is_author(account)).collect()
            }
            Audience::Desk => self.holders(Role::Editor, owner),
            Audience::Committee => {
                let deciders = self.holders(Role::Committee, owner).into_iter();
                deciders.filter(|account| may_decide(submission, account)).collect()
            }
        };
        told.retain(|account| surrogate(&entry.chain, account) != entry.actor);
        told
    }
}

/// Whether a member of the committee has something to do there.
fn may_decide(submission: &Submission, account: &str) -> bool {
    let voted = matches!(&submission.state, State::Committee { votes } if votes.iter().any(|vote| vote.account == account));
    let took_part = matches!(submission.state, State::Appealed { .. }) && submission.hands.iter().any(|hand| hand.account == account);
    !voted && !took_part && submission.check_decider(account).is_ok()
}

impl Notices {
    /// The directory as the accounts are now.
    pub(super) async fn directory(&self) -> Result<Directory, Problem> {
        let mut directory = Directory::default();
        let mut page = PageRequest::first(MAX_PAGE);
        loop {
            let found = self.store.list::<Account>(&Key::default(), page.clone()).await?;
            found.items.iter().for_each(|account| directory.take(&account.value.id, Some(&account.value)));
            let Some(next) = found.next else { return Ok(directory) };
            page = page.after(Some(next));
        }
    }

    /// Takes in what became of some accounts.
    pub(super) async fn mend(&self, directory: &mut Directory, accounts: &BTreeSet<&str>) -> Result<(), Problem> {
        let keys: Vec<Key> = accounts.iter().map(|id| Key::from(*id)).collect();
        let found = self.store.get_many::<Account>(&keys).await?;
        for (id, account) in accounts.iter().zip(&found) {
            directory.take(id, account.as_ref().map(|stored| &stored.value));
        }
        Ok(())
    }
}
