//! Shares of what is shown that groups of works are to have: small cultures, rural institutions.
//!
//! A running account says how many places were given and how many of them each group had. A list is told how many places a group
//! is behind by; it gives them to works of the group that are relevant to this learner, and to nothing else, so that a group
//! without relevant works stays behind. A share is a floor: what is shown more often by itself is not held back. The account lies
//! in memory, and old lists count less and less.

use super::catalogue::{CatalogueItem, Item};
use super::regions;
use crate::domain::access::OrgPath;
use std::sync::{Mutex, PoisonError};

/// Most groups: an item has a bit for each.
pub const MOST_GROUPS: usize = 16;
/// When so many places were given, all of the account is halved.
const PLACES: f64 = 100_000.0;
/// At most one of so many places of a list is given for the sake of shares.
const ONE_OF: usize = 4;

/// A group of works and the share of all places it is to have.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What it is called.
    pub name: String,
    /// 0 to 1.
    pub share: f64,
    /// GB/T 3304 codes of ethnic groups; `*` for any but the Han (`01`).
    pub ethnic_groups: Vec<String>,
    /// GB/T 2260 codes of divisions it is about.
    pub regions: Vec<u32>,
    /// Organisations that give it, with all below them.
    pub owners: Vec<OrgPath>,
}

impl Group {
    fn holds(&self, item: &CatalogueItem) -> bool {
        let ethnic = item.features.iter().filter_map(|feature| feature.strip_prefix("ethnic:"));
        let of_people = |code: &str| self.ethnic_groups.iter().any(|wanted| wanted == code || wanted == "*" && code != "01");
        let about = item.regions.iter().filter_map(|code| code.parse().ok());
        let of_place = |code: u32| self.regions.iter().any(|wanted| regions::lies_in(code, *wanted));
        let owner = OrgPath::parse(&item.owner);
        let of_owner = owner.is_some_and(|owner| self.owners.iter().any(|wanted| wanted.covers(&owner)));
        of_owner || ethnic.into_iter().any(of_people) || about.into_iter().any(of_place)
    }
}

/// The groups with their account.
#[derive(Debug, Default)]
pub struct Shares {
    groups: Vec<Group>,
    account: Mutex<Account>,
}

#[derive(Debug, Default)]
struct Account {
    places: f64,
    had: [f64; MOST_GROUPS],
}

/// How many places of one list each group is behind by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due([usize; MOST_GROUPS]);

impl Due {
    /// Each group that is behind: its bit, and by how many places.
    pub fn groups(&self) -> impl Iterator<Item = (u16, usize)> {
        self.0.into_iter().enumerate().filter(|(_, due)| *due > 0).map(|(place, due)| (1 << place, due))
    }
}

impl Shares {
    /// For these groups, of which those beyond [`MOST_GROUPS`] are left out.
    pub fn new(mut groups: Vec<Group>) -> Self {
        groups.truncate(MOST_GROUPS);
        Self { groups, account: Mutex::default() }
    }

    /// The groups.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The bits of the groups that an item belongs to.
    pub fn bits(&self, item: &CatalogueItem) -> u16 {
        self.groups.iter().enumerate().filter(|(_, group)| group.holds(item)).fold(0, |bits, (place, _)| bits | 1 << place)
    }

    /// What a list of `n` places owes to the groups.
    pub fn due(&self, n: usize) -> Due {
        let mut due = Due::default();
        if self.groups.is_empty() {
            return due;
        }
        let account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        for ((due, group), had) in due.0.iter_mut().zip(&self.groups).zip(account.had) {
            let behind = group.share * (account.places + n as f64) - had;
            *due = (behind.max(0.0) as usize).min(n / ONE_OF);
        }
        due
    }

    /// Enters a list that was given.
    pub fn enter<'a>(&self, items: impl Iterator<Item = &'a Item>) {
        if self.groups.is_empty() {
            return;
        }
        let mut account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        for item in items {
            account.places += 1.0;
            let of = |place: usize| item.groups >> place & 1 == 1;
            account.had.iter_mut().enumerate().filter(|(place, _)| of(*place)).for_each(|(_, had)| *had += 1.0);
        }
        if account.places > PLACES {
            account.places /= 2.0;
            account.had.iter_mut().for_each(|had| *had /= 2.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(share: f64) -> Group {
        Group {
            name: "g".to_owned(),
            share,
            ethnic_groups: vec!["*".to_owned()],
            regions: vec![433_100],
            owners: vec![OrgPath::parse("/hunan/rural").unwrap()],
        }
    }

    #[test]
    fn a_work_belongs_by_people_place_or_owner() {
        let shares = Shares::new(vec![group(0.1)]);
        let item = |feature: &str, region: &str, owner: &str| CatalogueItem {
            features: [feature.to_owned()].into(),
            regions: vec![region.to_owned()],
            owner: owner.to_owned(),
            ..CatalogueItem::default()
        };
        for yes in [item("ethnic:06", "", "/a"), item("", "433123", "/a"), item("", "", "/hunan/rural/school")] {
            assert_eq!(shares.bits(&yes), 1, "{yes:?}");
        }
        for no in [item("ethnic:01", "430104", "/hunan/ruralia"), item("keyword:06", "", "")] {
            assert_eq!(shares.bits(&no), 0, "{no:?}");
        }
    }

    #[test]
    fn what_is_owed_grows_with_each_list_and_never_takes_more_than_a_quarter() {
        let shares = Shares::new(vec![group(0.1)]);
        let mut catalogue = crate::recommend::catalogue::Catalogue::default();
        let slot = catalogue.put(CatalogueItem { id: "r".to_owned(), grants: ["public".to_owned()].into(), ..CatalogueItem::default() });
        let plain = catalogue.get(slot).unwrap().clone();
        assert_eq!(shares.due(10).groups().collect::<Vec<_>>(), [(1, 1)]);
        for _ in 0..5 {
            shares.enter(std::iter::repeat_n(&plain, 10));
        }
        assert_eq!(shares.due(10).groups().collect::<Vec<_>>(), [(1, 2)]);
        let member = Item { groups: 1, ..plain };
        shares.enter(std::iter::repeat_n(&member, 10));
        assert_eq!(shares.due(10).groups().count(), 0);
    }
}
