//! The cast of a walk.

use super::super::*;
use super::fold::mine;
use super::{Node, Way};
use crate::domain::ledger::surrogate;

/// Somebody.
pub struct Person {
    pub name: &'static str,
    /// In what capacities.
    pub hats: Vec<Party>,
    /// People of one class beyond 0 are alike: which of them did what makes no difference.
    pub class: u8,
    /// Of the submitting institution.
    pub inside: bool,
    /// How the ledger names the account.
    pub surrogate: String,
}

const REVIEWERS: [&str; 4] = ["r1", "r2", "r3", "r4"];
const MEMBERS: [&str; 6] = ["c1", "c2", "c3", "c4", "c5", "c6"];

fn person(name: &'static str, roles: &[Role], class: u8, inside: bool) -> Person {
    let hats = roles.iter().copied().map(Party::Role).collect();
    Person { name, hats, class, inside, surrogate: surrogate("s1", name) }
}

/// Who wears many hats, so that the machine alone keeps them apart.
#[derive(Clone, Copy, Debug)]
pub enum Wild {
    /// A colleague of the author.
    Inside,
    /// Somebody else.
    Outside,
}

/// Whoever a way can use. `author` sends it in and wears every hat. One more wears many, inside or outside of the institution: a
/// breach is one person in two places, and for everything else that person does there is a plain one who could do it as well.
/// The others have one hat each, and are as many as the way needs when the wild one does nothing.
pub fn cast(way: &Way, wild: Wild) -> Vec<Person> {
    use Role::{Committee, Contributor, Editor, EthnicAffairs, Manager, Reviewer};
    let all = [Contributor, Manager, Editor, Reviewer, Committee, EthnicAffairs];
    let mut people = vec![
        person("author", &all, 0, true),
        match wild {
            Wild::Inside => person("wild", &all, 0, true),
            Wild::Outside => person("wild", &[Editor, Reviewer, Committee, EthnicAffairs], 0, false),
        },
        person("e1", &[Editor], 0, false),
        Person { hats: vec![Party::Program], ..person("system", &[], 0, false) },
        Person { hats: vec![Party::Public], ..person("visitor", &[], 0, false) },
    ];
    let plans: Vec<&Plan> = std::iter::once(&way.plan).chain(&way.other).collect();
    if plans.iter().any(|plan| plan.approval) {
        people.push(person("second", &[Manager], 0, true));
    }
    if plans.iter().any(|plan| plan.countersign.is_some()) {
        people.push(person("o1", &[EthnicAffairs], 0, false));
    }
    let reviewers = plans.iter().map(|plan| plan.most_reviewers).max().unwrap() as usize;
    people.extend(REVIEWERS.iter().take(reviewers).map(|name| person(name, &[Reviewer], 1, false)));
    let office = u32::from(way.plan.countersign.is_some());
    let votes = plans.iter().map(|plan| plan.votes.max(plan.flagged_votes)).max().unwrap().max(1 + office) as usize;
    people.extend(MEMBERS.iter().take(votes + 1).map(|name| person(name, &[Committee], 2, false)));
    people
}

impl Person {
    /// Whether they have one of these hats.
    pub fn wears(&self, roles: &[Role]) -> bool {
        self.hats.iter().any(|party| matches!(party, Party::Role(role) if roles.contains(role)))
    }

    /// What is known of them for recusal.
    pub fn judge(&self) -> Judge<'static> {
        let institution = Some(if self.inside { "甲学院" } else { "乙学院" });
        Judge { account: self.name, institution, assignments: &[], profile: None }
    }
}

/// Whether somebody before this one is alike and stands just so: then nothing new comes of trying again.
pub fn alike_seen(node: &Node, people: &[Person], at: usize) -> bool {
    let person = &people[at];
    let stands = |other: &Person| mine(node, other);
    person.class > 0 && people[..at].iter().any(|other| other.class == person.class && stands(other) == stands(person))
}
