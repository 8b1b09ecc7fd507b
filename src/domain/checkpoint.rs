//! Checkpoints: the ends of all ledger chains, sealed again and again into one chain of their own.
//!
//! A chain alone does not show that its last entries were cut off together with the root row. So each checkpoint names the ends
//! that chains had reached, and the hash of the checkpoint before it; whoever keeps the hash of the last one elsewhere can tell
//! of an export, without the program that made it, whether any entry up to then was changed, removed, added or moved.
//!
//! An export is JSON lines: all checkpoints in their order, then the entries that they seal, chain by chain.

use super::change::Position;
use super::ledger::{ChainCheck, ChainFault, GENESIS, LedgerEntry, LedgerHead, hash_of};
use super::record::{Key, Record, RecordError};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Ends of chains, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Checkpoint {
    /// Place among the checkpoints, 1 is the first.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// What was committed up to here is sealed by this checkpoint or those before it.
    pub through: Position,
    /// Chain → the end it had reached. Only chains that may have grown since the checkpoint before.
    pub heads: BTreeMap<String, LedgerHead>,
    /// Hash of the checkpoint before, [`GENESIS`] for the first.
    pub previous: String,
    /// SHA-256 of the canonical JSON (RFC 8785) of the checkpoint without this member.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hash: String,
}

impl Checkpoint {
    /// The next one after `last`.
    ///
    /// # Errors
    /// When a value is not canonical, which times and numbers always are.
    pub fn after(last: Option<&Self>, at: Timestamp, through: Position, heads: BTreeMap<String, LedgerHead>) -> Result<Self, RecordError> {
        let sequence = last.map_or(0, |last| last.sequence) + 1;
        let previous = last.map_or_else(|| GENESIS.to_owned(), |last| last.hash.clone());
        let open = Self { sequence, at, through, heads, previous, hash: String::new() };
        Ok(Self { hash: hash_of(&open)?, ..open })
    }

    /// The hash its content calls for.
    ///
    /// # Errors
    /// As [`Checkpoint::after`].
    pub fn computed_hash(&self) -> Result<String, RecordError> {
        hash_of(&Self { hash: String::new(), ..self.clone() })
    }
}

impl Record for Checkpoint {
    const TABLE: &'static str = "checkpoints";
    fn key(&self) -> Key {
        Key::of(&[&format!("{:010}", self.sequence)])
    }
}

/// A line of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportLine {
    /// A checkpoint; all of them come before the first entry.
    Checkpoint(Checkpoint),
    /// An entry.
    Entry(LedgerEntry),
}

/// What is wrong with an export.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExportFault {
    /// A checkpoint is missing, doubled, out of order or not what was sealed.
    #[error("checkpoint {expected}: missing, moved or changed")]
    Checkpoint {
        /// Place that was due.
        expected: u64,
    },
    /// The last checkpoint is not the one that is known from elsewhere.
    #[error("the export ends with checkpoint {found}, not with the one that is known")]
    Last {
        /// Hash of the last checkpoint, empty where there is none.
        found: String,
    },
    /// A chain does not hold together.
    #[error(transparent)]
    Chain(#[from] ChainFault),
    /// An entry is not the one that a checkpoint seals.
    #[error("chain {chain}: entry {sequence} is not the one that was sealed")]
    Sealed {
        /// Chain.
        chain: String,
        /// Entry.
        sequence: u64,
    },
    /// A chain has entries that no checkpoint seals, or appears twice.
    #[error("chain {chain}: entries that no checkpoint seals")]
    Stray {
        /// Chain.
        chain: String,
    },
    /// A chain ends before the last end that was sealed, or is not there at all.
    #[error("chain {chain}: {found} entries, {expected} were sealed")]
    Short {
        /// Chain.
        chain: String,
        /// Sealed length.
        expected: u64,
        /// Entries found.
        found: u64,
    },
}

/// Verifies an export line by line.
#[derive(Debug, Default)]
pub struct ExportCheck {
    sequence: u64,
    last: String,
    /// Chain → length → hash, as sealed.
    sealed: BTreeMap<String, BTreeMap<u64, String>>,
    done: BTreeSet<String>,
    chain: Option<(String, ChainCheck, u64)>,
    entries: u64,
}

impl ExportCheck {
    /// Takes the next line.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn take(&mut self, line: &ExportLine) -> Result<(), ExportFault> {
        match line {
            ExportLine::Checkpoint(checkpoint) => self.checkpoint(checkpoint),
            ExportLine::Entry(entry) => self.entry(entry),
        }
    }

    /// Ends; `last` is the hash of the last checkpoint, where it is known from elsewhere. Answers checkpoints and entries seen.
    ///
    /// # Errors
    /// What is missing.
    pub fn finish(mut self, last: Option<&str>) -> Result<(u64, u64), ExportFault> {
        self.end_chain()?;
        if let Some((chain, ends)) = self.sealed.iter().find(|(chain, _)| !self.done.contains(*chain)) {
            let expected = ends.last_key_value().map_or(0, |(length, _)| *length);
            return Err(ExportFault::Short { chain: chain.clone(), expected, found: 0 });
        }
        if last.is_some_and(|known| known != self.last) {
            return Err(ExportFault::Last { found: self.last });
        }
        Ok((self.sequence, self.entries))
    }

    /// Hash of the last checkpoint so far.
    pub fn last(&self) -> &str {
        &self.last
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), ExportFault> {
        let expected = self.sequence + 1;
        let previous = if self.sequence == 0 { GENESIS } else { &self.last };
        let holds = checkpoint.sequence == expected
            && checkpoint.previous == previous
            && checkpoint.computed_hash().is_ok_and(|hash| hash == checkpoint.hash)
            && self.entries == 0;
        if !holds {
            return Err(ExportFault::Checkpoint { expected });
        }
        for (chain, head) in &checkpoint.heads {
            self.sealed.entry(chain.clone()).or_default().insert(head.length, head.hash.clone());
        }
        (self.sequence, self.last) = (expected, checkpoint.hash.clone());
        Ok(())
    }

    fn entry(&mut self, entry: &LedgerEntry) -> Result<(), ExportFault> {
        if self.chain.as_ref().is_none_or(|(chain, ..)| *chain != entry.chain) {
            self.end_chain()?;
            if !self.sealed.contains_key(&entry.chain) || self.done.contains(&entry.chain) {
                return Err(ExportFault::Stray { chain: entry.chain.clone() });
            }
            self.chain = Some((entry.chain.clone(), ChainCheck::new(entry.chain.as_str()), 0));
        }
        let Some((chain, check, length)) = &mut self.chain else { return Ok(()) };
        check.take(entry)?;
        *length = entry.sequence;
        self.entries += 1;
        let ends = self.sealed.get(chain.as_str());
        if ends.and_then(|ends| ends.get(&entry.sequence)).is_some_and(|hash| *hash != entry.hash) {
            return Err(ExportFault::Sealed { chain: chain.clone(), sequence: entry.sequence });
        }
        Ok(())
    }

    fn end_chain(&mut self) -> Result<(), ExportFault> {
        let Some((chain, _, found)) = self.chain.take() else { return Ok(()) };
        let expected = self.sealed.get(&chain).and_then(|ends| ends.last_key_value()).map_or(0, |(length, _)| *length);
        if found > expected {
            return Err(ExportFault::Stray { chain });
        }
        if found < expected {
            return Err(ExportFault::Short { chain, expected, found });
        }
        self.done.insert(chain);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ledger::NewEntry;

    /// Three chains that grow in turns, sealed after each turn; the export's lines and the last checkpoint.
    fn export() -> (Vec<ExportLine>, String) {
        let (mut heads, mut entries) = (BTreeMap::new(), BTreeMap::<String, Vec<LedgerEntry>>::new());
        let mut checkpoints: Vec<Checkpoint> = Vec::new();
        for turn in 0..4 {
            let at = Timestamp::from_millis(1_790_000_000_000 + turn);
            let mut grown = BTreeMap::new();
            for chain in ["a", "b", "resource:c"].into_iter().skip(usize::try_from(turn).unwrap() % 2) {
                let head: LedgerHead = heads.remove(chain).unwrap_or_default();
                let new = NewEntry { chain, at, action: "claim", account: "who", ..NewEntry::default() };
                let (head, entry) = head.append(new).unwrap();
                entries.entry(chain.to_owned()).or_default().push(entry);
                grown.insert(chain.to_owned(), head.clone());
                heads.insert(chain.to_owned(), head);
            }
            let next = Checkpoint::after(checkpoints.last(), at, Position(u64::try_from(turn).unwrap()), grown).unwrap();
            checkpoints.push(next);
        }
        let last = checkpoints.last().unwrap().hash.clone();
        let entries = entries.into_values().flatten().map(ExportLine::Entry);
        (checkpoints.into_iter().map(ExportLine::Checkpoint).chain(entries).collect(), last)
    }

    fn verify(lines: &[ExportLine], last: &str) -> Result<(u64, u64), ExportFault> {
        let mut check = ExportCheck::default();
        lines.iter().try_for_each(|line| check.take(line))?;
        check.finish(Some(last))
    }

    #[test]
    fn an_export_as_it_was_written_holds() {
        let (lines, last) = export();
        assert_eq!(verify(&lines, &last), Ok((4, 10)));
    }

    #[test]
    fn removing_doubling_or_swapping_any_lines_is_found() {
        let (lines, last) = export();
        for place in 0..lines.len() {
            let mut fewer = lines.clone();
            fewer.remove(place);
            assert!(verify(&fewer, &last).is_err(), "line {place} removed");
            let mut more = lines.clone();
            more.insert(place, lines[place].clone());
            assert!(verify(&more, &last).is_err(), "line {place} doubled");
            for other in place + 1..lines.len() {
                let mut swapped = lines.clone();
                swapped.swap(place, other);
                assert!(verify(&swapped, &last).is_err(), "lines {place} and {other} swapped");
            }
        }
        let cut = |kept: usize| verify(&lines[..kept], &last).is_err();
        assert!((0..lines.len()).all(cut), "the end cut off");
    }

    #[test]
    fn changing_any_entry_is_found_also_when_it_is_sealed_anew() {
        let (lines, last) = export();
        for place in 0..lines.len() {
            let mut changed = lines.clone();
            match &mut changed[place] {
                ExportLine::Checkpoint(checkpoint) => {
                    checkpoint.at = Timestamp::from_millis(5);
                    assert!(verify(&changed, &last).is_err());
                    let ExportLine::Checkpoint(checkpoint) = &mut changed[place] else { continue };
                    checkpoint.hash = checkpoint.computed_hash().unwrap();
                }
                ExportLine::Entry(entry) => {
                    entry.actor = "somebody else".to_owned();
                    assert!(verify(&changed, &last).is_err());
                    let ExportLine::Entry(entry) = &mut changed[place] else { continue };
                    entry.hash = entry.computed_hash().unwrap();
                }
            }
            assert!(verify(&changed, &last).is_err(), "line {place} changed and sealed anew");
        }
    }

    #[test]
    fn entries_that_nobody_sealed_are_found() {
        let (lines, last) = export();
        let Some(ExportLine::Entry(end)) = lines.last() else { panic!("entries come last") };
        let head = LedgerHead { length: end.sequence, hash: end.hash.clone() };
        let new = |chain| NewEntry { chain, action: "publish", ..NewEntry::default() };
        for entry in [head.append(new(&end.chain)).unwrap().1, LedgerHead::default().append(new("d")).unwrap().1] {
            let more: Vec<_> = lines.iter().cloned().chain([ExportLine::Entry(entry)]).collect();
            assert!(matches!(verify(&more, &last), Err(ExportFault::Stray { .. })));
        }
    }
}
