//! What a path owes before it may end in a publication, kept as the ledger tells it: the machine's own memory is not asked.

use super::super::*;
use super::people::Person;
use super::{MOST_ROUNDS, Way};
use std::hash::{DefaultHasher, Hash as _};

type Name = &'static str;

/// A decision to pass.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Passed {
    by_committee: bool,
    /// How many voted to pass.
    votes: usize,
}

/// What happened so far, as far as a publication has to do with it.
#[derive(Clone, Debug, Default)]
pub struct Owed {
    /// Who sent content in.
    pub sent: BTreeSet<Name>,
    /// Whether the checks of the present content left nothing that weighs.
    checked: Option<bool>,
    approvers: BTreeSet<Name>,
    /// People who screened, with the round.
    screeners: BTreeSet<(u32, Name)>,
    /// The last round with opinions, and who gave them.
    judged: u32,
    reviewers: BTreeSet<Name>,
    /// The office's word on the present content.
    office: Option<(Name, bool)>,
    /// Members who voted since it came to its decision.
    voters: BTreeSet<Name>,
    passes: usize,
    passed: Option<Passed>,
    /// Who answered objections since then.
    answerers: BTreeSet<Name>,
    open: BTreeSet<String>,
    /// Changes were confirmed instead of a second review.
    pub confirmed: bool,
    /// Who reviewed, decided or answered the appeal before it was reviewed again, and whether it was.
    took_part: BTreeSet<Name>,
    before: BTreeSet<Name>,
    reopened: bool,
}

impl Owed {
    /// Hears a ledger entry.
    pub fn hear(&mut self, entry: &LedgerEntry, who: Name) {
        let round: u32 = entry.facts["round"].parse().unwrap();
        let by_person = entry.party != "program";
        if entry.from != entry.to && ["final", "committee"].contains(&entry.to.as_str()) {
            (self.voters, self.answerers) = (BTreeSet::new(), BTreeSet::new());
            (self.passes, self.passed) = (0, None);
        }
        match entry.action.as_str() {
            "deposit" | "draft" | "submit" => drop(self.sent.insert(who)),
            "resubmit" => self.sent_again(who),
            "record_checks" => self.checked = Some(entry.facts["must"] == "0"),
            "waive" => {
                self.checked = Some(entry.facts["left"] == "0");
                self.screeners.insert((round, who));
            }
            "approve" => drop(self.approvers.insert(who)),
            "assign" | "confirm" => {
                self.confirmed = entry.action == "confirm" && entry.to != "approval";
                if ["review", "panel"].contains(&entry.to.as_str()) {
                    // What others said of it before does not count any more.
                    self.reviewers = BTreeSet::new();
                    self.screeners.retain(|row| row.0 >= round);
                }
                if by_person {
                    self.screeners.insert((round, who));
                }
            }
            "opine" => self.opined(round, who),
            "countersign" => self.office = Some((who, true)),
            "dissent" => self.office = Some((who, false)),
            "decide" => self.decided(entry, who),
            "object" => drop(self.open.insert(entry.facts["objection"].clone())),
            "overrule" | "refer" => {
                self.answerers.insert(who);
                self.open.remove(&entry.facts["objection"]);
                self.open.retain(|_| entry.action == "overrule");
            }
            "uphold" => drop(self.took_part.insert(who)),
            "reopen" => {
                self.took_part.insert(who);
                (self.before, self.reopened, self.passed) = (self.took_part.clone(), true, None);
                self.reviewers = BTreeSet::new();
            }
            _ => {}
        }
    }

    fn sent_again(&mut self, who: Name) {
        self.sent.insert(who);
        (self.checked, self.office, self.passed, self.confirmed) = (None, None, None, false);
        (self.approvers, self.voters, self.passes) = (BTreeSet::new(), BTreeSet::new(), 0);
    }

    fn opined(&mut self, round: u32, who: Name) {
        if round != self.judged {
            (self.judged, self.reviewers) = (round, BTreeSet::new());
            self.screeners.retain(|row| row.0 >= round);
        }
        assert!(self.reviewers.insert(who), "two opinions of {who} in round {round}");
        self.took_part.insert(who);
        self.confirmed = false;
    }

    fn decided(&mut self, entry: &LedgerEntry, who: Name) {
        assert!(self.voters.insert(who), "two votes of {who}");
        self.took_part.insert(who);
        let pass = entry.facts["verdict"] == "pass";
        self.passes += usize::from(pass);
        if pass && entry.facts["decided"] == "true" {
            self.passed = Some(Passed { by_committee: entry.from == "committee", votes: self.passes });
        }
    }

    /// What of it concerns one person.
    pub fn of(&self, person: &Person, round: u32, out: &mut Vec<u8>) {
        let name = person.name;
        out.extend([&self.reviewers, &self.voters, &self.before].map(|set| u8::from(set.contains(name))));
        // Only an appeal asks who took part, and after the last round none is granted.
        out.push(u8::from(round < MOST_ROUNDS && self.took_part.contains(name)));
        // Who has one hat is never in two places.
        if person.hats.len() > 1 || person.wears(&[Role::Editor]) {
            let office = self.office.as_ref().is_some_and(|said| said.0 == name);
            out.extend([&self.sent, &self.approvers, &self.answerers].map(|set| u8::from(set.contains(name))));
            out.push(u8::from(office));
            out.extend(self.screeners.iter().filter(|row| row.1 == name).map(|row| row.0 as u8 + 10));
        }
    }

    /// What of it concerns nobody.
    pub fn common(&self, hasher: &mut DefaultHasher) {
        (self.checked, self.judged, &self.passed, self.passes, &self.open).hash(hasher);
        (self.confirmed, self.reopened, self.office.as_ref().map(|said| said.1), self.approvers.is_empty()).hash(hasher);
    }

    /// Everything that must be behind a publication.
    pub fn assert_paid(&self, way: &Way, one: &Submission, at: &dyn Fn() -> String) {
        let plan = one.plan.as_ref().expect("it was planned");
        assert!(!self.sent.is_empty(), "no pledge: {}", at());
        assert!(self.checked == Some(true) && one.findings.iter().all(|finding| !finding.weighs()), "not checked: {}", at());
        assert!(!plan.approval || !self.approvers.is_empty(), "not approved by the institution: {}", at());
        assert!(self.reviewers.len() >= plan.reviewers as usize, "too few opinions: {}", at());
        assert!(self.judged == one.round || self.confirmed, "an old round's opinions: {}", at());
        self.assert_decided(way, plan, one, at);
        self.assert_apart(at);
    }

    /// The decision by as many votes as were asked for, the office's word, the notice and what was said against it.
    fn assert_decided(&self, way: &Way, plan: &Plan, one: &Submission, at: &dyn Fn() -> String) {
        let passed = self.passed.as_ref().unwrap_or_else(|| panic!("not decided: {}", at()));
        let flagged = !one.flags.is_empty();
        let called = plan.countersign.is_some() && (way.culture || one.flags.contains("ethnic"));
        let agreed = self.office.as_ref().map(|said| said.1);
        assert!(!called || agreed.is_some(), "without the office: {}", at());
        let against = agreed == Some(false);
        if passed.by_committee {
            let flagged = if flagged { plan.flagged_votes } else { 0 };
            let needed = plan.votes.max(flagged).max(if against { 2 } else { 1 });
            assert!(passed.votes >= needed as usize, "too few votes: {}", at());
        } else {
            assert!(!flagged && !against && plan.decides == Decider::Final, "the committee was asked for: {}", at());
        }
        assert!(self.open.is_empty(), "an objection is open: {}", at());
    }

    /// Nobody judges the own work; the stages are different people; after an appeal, others than before.
    fn assert_apart(&self, at: &dyn Fn() -> String) {
        let screeners: BTreeSet<Name> = self.screeners.iter().map(|row| row.1).collect();
        let office: BTreeSet<Name> = self.office.iter().map(|said| said.0).collect();
        let stages = [
            ("content", &self.sent),
            ("approval", &self.approvers),
            ("screening", &screeners),
            ("review", &self.reviewers),
            ("countersign", &office),
            ("decision", &self.voters),
            ("objections", &self.answerers),
        ];
        for (place, (name, people)) in stages.iter().enumerate() {
            for (other, others) in &stages[place + 1..] {
                assert!(people.is_disjoint(others), "{name} and {other} by the same person: {}", at());
            }
        }
        if self.reopened {
            let again = || self.reviewers.iter().chain(&self.voters).any(|who| self.before.contains(who));
            assert!(!again(), "reviewed again by who took part: {}", at());
        }
    }
}
