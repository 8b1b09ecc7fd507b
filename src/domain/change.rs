//! One change: guards, puts, deletes, facts and jobs that hold together or not at all.

use super::job::{Job, NewJob};
use super::record::{IndexRow, Key, Record, RecordError, Stored, encode};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Place of a commit in the order of all commits; 0 is before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Position(pub u64);

impl std::fmt::Display for Position {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

/// What must be so for the change to apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// No record under the key.
    Absent,
    /// The record as written at this position.
    Version(Position),
}

/// A guard on one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Table.
    pub table: &'static str,
    /// Key.
    pub key: Key,
    /// What is expected there.
    pub expect: Expect,
}

/// A row to write: a record (canonical JSON, schema) with its index rows to add and to drop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// Table.
    pub table: &'static str,
    /// Key.
    pub key: Key,
    /// Schema version of `json`.
    pub schema: u16,
    /// Canonical JSON.
    pub json: Vec<u8>,
    /// Index rows of the new value.
    pub add: Vec<IndexRow>,
    /// Index rows of the old value that the new one does not have.
    pub drop: Vec<IndexRow>,
}

/// A row to delete, with its index rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delete {
    /// Table.
    pub table: &'static str,
    /// Key.
    pub key: Key,
    /// Index rows of the value that goes.
    pub drop: Vec<IndexRow>,
}

/// Something everyone may need to know: a topic and an id, never a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is about.
    pub topic: Topic,
    /// Id of the record that changed.
    pub id: String,
}

/// Topics of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A resource was published, changed, suspended or retired.
    Resource,
    /// A submission moved.
    Submission,
    /// An account or its assignments changed.
    Account,
    /// A complaint, an objection or a spot check moved: the id is the name of its ledger chain.
    Petition,
    /// An entry that teaches search was added or removed.
    SearchWord,
}

/// One atomic, durable change. Build it with the methods; hand it to the store's `commit`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeSet {
    /// Given by the maker (UUIDv7), kept with the position: an unknown outcome is looked up by it.
    pub id: String,
    /// What must be so.
    pub guards: Vec<Guard>,
    /// Rows to write.
    pub puts: Vec<Put>,
    /// Rows to delete.
    pub deletes: Vec<Delete>,
    /// What the feed tells.
    pub facts: Vec<Fact>,
}

impl ChangeSet {
    /// An empty change with this id.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// Writes a new record; there must be none under its key.
    pub fn insert<R: Record>(&mut self, record: &R) -> Result<&mut Self, RecordError> {
        self.guards.push(Guard { table: R::TABLE, key: record.key(), expect: Expect::Absent });
        self.put(record, Vec::new())
    }

    /// Writes a record that belongs to a root row which this same change guards: it needs no guard of its own. `old` is the
    /// value it replaces, where there is one.
    pub fn put_under<R: Record>(&mut self, old: Option<&R>, record: &R) -> Result<&mut Self, RecordError> {
        let keep = record.indexes();
        let drop = old.map(Record::indexes).unwrap_or_default().into_iter().filter(|row| !keep.contains(row)).collect();
        self.put(record, drop)
    }

    /// Replaces `old`, which must still be as it was read. The key must be the same.
    pub fn update<R: Record>(&mut self, old: &Stored<R>, new: &R) -> Result<&mut Self, RecordError> {
        debug_assert_eq!(old.value.key(), new.key(), "an update keeps the key");
        self.guards.push(Guard { table: R::TABLE, key: new.key(), expect: Expect::Version(old.version) });
        let keep = new.indexes();
        let drop = old.value.indexes().into_iter().filter(|row| !keep.contains(row)).collect();
        self.put(new, drop)
    }

    /// Inserts when `old` is `None`, else updates it.
    pub fn upsert<R: Record>(&mut self, old: Option<&Stored<R>>, new: &R) -> Result<&mut Self, RecordError> {
        match old {
            Some(old) => self.update(old, new),
            None => self.insert(new),
        }
    }

    /// Deletes a record, which must still be as it was read.
    pub fn remove<R: Record>(&mut self, old: &Stored<R>) -> &mut Self {
        let key = old.value.key();
        self.guards.push(Guard { table: R::TABLE, key: key.clone(), expect: Expect::Version(old.version) });
        self.deletes.push(Delete { table: R::TABLE, key, drop: old.value.indexes() });
        self
    }

    /// Requires a record to be unchanged without writing it (the root row of an invariant).
    pub fn guard<R: Record>(&mut self, read: &Stored<R>) -> &mut Self {
        self.guards.push(Guard { table: R::TABLE, key: read.value.key(), expect: Expect::Version(read.version) });
        self
    }

    /// Requires that there is no record under the key.
    pub fn guard_absent<R: Record>(&mut self, key: Key) -> &mut Self {
        self.guards.push(Guard { table: R::TABLE, key, expect: Expect::Absent });
        self
    }

    /// Tells the feed.
    pub fn tell(&mut self, topic: Topic, id: impl Into<String>) -> &mut Self {
        self.facts.push(Fact { topic, id: id.into() });
        self
    }

    /// Queues a job in the same commit.
    pub fn queue(&mut self, job: NewJob, now: Timestamp) -> Result<&mut Self, RecordError> {
        self.insert(&Job::new(job, now))
    }

    /// Deletes a record whatever is there: only for kinds without index rows.
    pub(super) fn forget<R: Record>(&mut self, record: &R) {
        self.deletes.push(Delete { table: R::TABLE, key: record.key(), drop: Vec::new() });
    }

    /// Writes a record whatever is there: only for kinds without index rows whose value follows from their key.
    pub(super) fn put<R: Record>(&mut self, record: &R, drop: Vec<IndexRow>) -> Result<&mut Self, RecordError> {
        let json = encode(record)?;
        self.puts.push(Put { table: R::TABLE, key: record.key(), schema: R::SCHEMA, json, add: record.indexes(), drop });
        Ok(self)
    }
}
