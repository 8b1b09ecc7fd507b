//! A step: who acts, when and in what capacity, and what a transition gives back.

use super::table::{self, Action, Line, Party, StateCode};
use super::{State, Submission};
use crate::domain::change::{ChangeSet, Topic};
use crate::domain::ledger::{LedgerEntry, LedgerHead, NewEntry, salted_digest};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{RecordError, Stored};
use crate::domain::time::Timestamp;
use std::collections::BTreeMap;

/// A free text that a step carries; the ledger gets its salted digest.
#[derive(Clone, Copy, Debug)]
pub struct Note<'a> {
    /// The text.
    pub text: &'a str,
    /// Random salt, kept beside the text by whoever keeps the text.
    pub salt: &'a str,
}

/// Who acts and when.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// Account; `system` for the program.
    pub account: &'a str,
    /// Capacity.
    pub party: Party,
    /// Now.
    pub at: Timestamp,
    /// A text that goes with the step.
    pub note: Option<Note<'a>>,
}

impl<'a> Step<'a> {
    /// A step of the program itself.
    pub fn program(at: Timestamp) -> Self {
        Self { account: "system", party: Party::Program, at, note: None }
    }

    /// A step of a person.
    pub fn person(account: &'a str, party: Party, at: Timestamp) -> Self {
        Self { account, party, at, note: None }
    }

    /// The same step with a text.
    #[must_use]
    pub fn with_note(self, text: &'a str, salt: &'a str) -> Self {
        Self { note: Some(Note { text, salt }), ..self }
    }
}

/// What a step did to a subject that is no submission, for that subject's own chain.
#[derive(Clone, Debug)]
pub struct Deed<'a> {
    /// Name of the chain.
    pub chain: &'a str,
    /// Stable code of the action.
    pub action: &'a str,
    /// Code of the state before; empty when the subject begins.
    pub from: &'a str,
    /// Code of the state after.
    pub to: &'a str,
    /// Codes and ids, never free text.
    pub facts: BTreeMap<String, String>,
}

impl Step<'_> {
    /// Seals a deed to the end of its subject's chain; the text of the step stands there as its salted digest.
    pub fn seal(&self, head: &LedgerHead, deed: Deed<'_>) -> Result<(LedgerHead, LedgerEntry), Problem> {
        let texts = self.note.map(|note| ("text".to_owned(), salted_digest(note.salt, note.text)));
        head.append(NewEntry {
            chain: deed.chain,
            at: self.at,
            action: deed.action,
            account: self.account,
            party: self.party.code(),
            from: deed.from,
            to: deed.to,
            rule_set: "",
            facts: deed.facts,
            texts: texts.into_iter().collect(),
        })
    }
}

/// What a transition gives back: the submission as it now is and the ledger entries that say so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a transition holds once it is written"]
pub struct Moved {
    /// The submission after the step.
    pub submission: Submission,
    /// Its new ledger entries, in order.
    pub entries: Vec<LedgerEntry>,
}

impl Moved {
    /// Writes the submission (new when `old` is `None`), its entries and the fact that it moved.
    pub fn write(&self, changes: &mut ChangeSet, old: Option<&Stored<Submission>>) -> Result<(), RecordError> {
        changes.upsert(old, &self.submission)?;
        for entry in &self.entries {
            changes.insert(entry)?;
        }
        changes.tell(Topic::Submission, self.submission.id.clone());
        Ok(())
    }

    /// Goes on with a further step in the same change.
    pub fn then(self, next: impl FnOnce(Submission) -> Result<Self, Problem>) -> Result<Self, Problem> {
        let mut after = next(self.submission)?;
        let mut entries = self.entries;
        entries.append(&mut after.entries);
        Ok(Self { submission: after.submission, entries })
    }
}

/// Checks the table: whether this party may do this in this state.
pub(super) fn permit(from: Option<StateCode>, action: Action, party: Party) -> Result<&'static Line, Problem> {
    let Some(line) = table::find(from, action) else {
        let state = from.map_or("尚未提交", StateCode::label);
        let code = from.map_or("none", StateCode::code);
        return Err(Problem::new(
            ProblemKind::Conflict,
            "state",
            format!("当前状态为“{state}”，不能进行“{}”。", action.label()),
            format!("The submission is in state {code}, which does not allow {}.", action.code()),
        )
        .at_state(code, state, None));
    };
    if line.parties.contains(&party) { Ok(line) } else { Err(Problem::forbidden()) }
}

impl Submission {
    /// Moves to `to` and seals the ledger entry. Callers have called [`permit`] first.
    pub(super) fn moved(
        mut self,
        from: Option<StateCode>,
        action: Action,
        to: State,
        step: &Step<'_>,
        facts: &[(&str, String)],
    ) -> Result<Moved, Problem> {
        let line = permit(from, action, step.party)?;
        let code = to.code();
        if !line.to.contains(&code) {
            return Err(Problem::internal());
        }
        let mut all: BTreeMap<String, String> = facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        all.insert("round".to_owned(), self.round.to_string());
        let texts = step.note.map(|note| ("text".to_owned(), salted_digest(note.salt, note.text)));
        let (ledger, entry) = self.ledger.append(NewEntry {
            chain: &self.id,
            at: step.at,
            action: action.code(),
            account: step.account,
            party: step.party.code(),
            from: from.map_or("", StateCode::code),
            to: code.code(),
            rule_set: &self.rule_set,
            facts: all,
            texts: texts.into_iter().collect(),
        })?;
        self.ledger = ledger;
        self.state = to;
        self.updated = step.at;
        Ok(Moved { submission: self, entries: vec![entry] })
    }
}
