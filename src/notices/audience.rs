//! Who belongs to an audience: a directory of the accounts that hold a role in vetting, kept in memory and mended by the feed.

use super::Notices;
use crate::domain::access::{Assignment, OrgPath, Role};
use crate::domain::account::Account;
use crate::domain::ledger::{LedgerEntry, surrogate};
use crate::domain::notice::table::Audience;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::submission::opinions::Judge;
use crate::domain::submission::{State, Submission};
use crate::store::{MAX_PAGE, PageRequest};
use std::collections::{BTreeMap, BTreeSet};

/// Roles whose holders are told of what is not theirs alone.
const ROLES: [Role; 4] = [Role::Manager, Role::Editor, Role::Committee, Role::EthnicAffairs];

/// Accounts by the roles of [`ROLES`] that they hold.
#[derive(Debug, Default)]
pub(super) struct Directory {
    held: BTreeMap<String, Holder>,
}

/// Somebody who holds one.
#[derive(Debug)]
struct Holder {
    assignments: Vec<Assignment>,
    institution: Option<String>,
}

impl Holder {
    fn any(&self, fits: impl Fn(&Assignment) -> bool) -> bool {
        self.assignments.iter().any(fits)
    }
}

impl Directory {
    /// Takes what an account is now.
    fn take(&mut self, id: &str, account: Option<&Account>) {
        let account = account.filter(|account| !account.locked);
        let held = account.into_iter().flat_map(|account| &account.assignments);
        let assignments: Vec<Assignment> = held.filter(|held| ROLES.contains(&held.role)).cloned().collect();
        let institution = account.and_then(|account| account.institution.clone());
        if assignments.is_empty() {
            self.held.remove(id);
        } else {
            self.held.insert(id.to_owned(), Holder { assignments, institution });
        }
    }

    /// Everybody who holds a role over an organisation.
    fn holders(&self, role: Role, owner: &OrgPath) -> BTreeSet<String> {
        let over = |held: &Assignment| held.role == role && held.scope.covers(owner);
        self.held.iter().filter(|(_, held)| held.any(over)).map(|(id, _)| id.clone()).collect()
    }

    /// What is known of a holder here; the profile is not: who declared a conflict there alone is told of the work and refused.
    fn judge<'a>(&'a self, account: &'a str) -> Judge<'a> {
        let held = self.held.get(account);
        Judge {
            account,
            institution: held.and_then(|held| held.institution.as_deref()),
            assignments: held.map(|held| held.assignments.as_slice()).unwrap_or_default(),
            profile: None,
        }
    }

    /// The managers next to an organisation: of itself, or of the nearest above it that has one. An office above many
    /// institutions is not told of each of their works.
    fn managers(&self, owner: &OrgPath) -> BTreeSet<String> {
        let own = |scope: &OrgPath| {
            let over = |held: &Assignment| held.role == Role::Manager && held.scope == *scope;
            self.held.iter().filter(|(_, held)| held.any(over)).map(|(id, _)| id.clone()).collect::<BTreeSet<_>>()
        };
        owner.lineage().iter().rev().map(own).find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// The submitting side of a submission or of the resource it became.
    pub(super) fn submitting(&self, owner: &OrgPath, submitter: Option<&str>) -> BTreeSet<String> {
        let mut told = self.managers(owner);
        told.extend(submitter.map(str::to_owned));
        told
    }

    /// The accounts of an audience of a submission. Locked accounts of the submitting side and of seats get their notice and can
    /// read it when they are unlocked; nothing is sent to them meanwhile.
    pub(super) fn of(&self, audience: Audience, submission: &Submission, entry: &LedgerEntry) -> BTreeSet<String> {
        let owner = &submission.owner;
        match audience {
            Audience::Submitter => self.submitting(owner, Some(&submission.submitter)),
            Audience::Institution => self.managers(owner),
            Audience::Seats => submission.seats.iter().filter(|seat| seat.given.is_none()).map(|seat| seat.account.clone()).collect(),
            Audience::Concerned => concerned(submission, entry).map(str::to_owned).collect(),
            // Who acts for an office that was never asked is told nothing of it.
            Audience::Office if submission.countersign_terms().is_none() => BTreeSet::new(),
            Audience::Office => {
                let office = self.holders(Role::EthnicAffairs, owner).into_iter();
                office.filter(|account| !submission.is_author(account)).collect()
            }
            Audience::Desk => self.holders(Role::Editor, owner),
            Audience::Committee => {
                let deciders = self.holders(Role::Committee, owner).into_iter();
                deciders.filter(|account| may_decide(submission, &self.judge(account))).collect()
            }
            Audience::Respondent | Audience::Petitioner => BTreeSet::new(),
        }
    }

    /// The accounts of an audience of what an outsider asked about something of this owner; `account`: the outsider's own.
    pub(super) fn of_petition(&self, audience: Audience, owner: &OrgPath, account: Option<&str>) -> BTreeSet<String> {
        match audience {
            Audience::Desk => self.holders(Role::Editor, owner),
            Audience::Respondent => self.managers(owner),
            Audience::Petitioner => account.map(str::to_owned).into_iter().collect(),
            _ => BTreeSet::new(),
        }
    }
}

/// The reviewer whom an entry names by a surrogate, where it is one who holds a seat or gave one up.
fn concerned<'a>(submission: &'a Submission, entry: &'a LedgerEntry) -> impl Iterator<Item = &'a str> {
    let seated = submission.seats.iter().map(|seat| seat.account.as_str());
    let gone = submission.stood_down.iter().map(|one| one.account.as_str());
    let named = entry.facts.get("reviewer");
    seated.chain(gone).filter(move |account| named.is_some_and(|named| surrogate(&entry.chain, account) == *named))
}

/// Whether a member of the committee has something to do there.
fn may_decide(submission: &Submission, judge: &Judge<'_>) -> bool {
    let voted = matches!(&submission.state, State::Committee { votes } if votes.iter().any(|vote| vote.account == judge.account));
    let took_part = matches!(submission.state, State::Appealed { .. }) && submission.hands.iter().any(|hand| hand.account == judge.account);
    !voted && !took_part && submission.check_decider(judge).is_ok()
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
