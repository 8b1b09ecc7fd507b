//! Turns a group of changes into rows to write, checking each change's guards against what the ones before it left.

use super::{Reader, Stamp, Write, Writes};
use crate::domain::change::{ChangeSet, Expect, Position};
use crate::domain::record::{IndexRow, Key};
use crate::store::change_row::ChangeRow;
use crate::store::engine::{EngineError, Outcome, Stamped};
use crate::store::{envelope, feed, keyspace};
use std::collections::{BTreeMap, HashMap};

/// What a group comes to.
pub(super) struct Plan {
    /// What to write.
    pub writes: Writes,
    /// What to answer, in the order of the group.
    pub outcomes: Vec<Outcome>,
}

/// The position counter.
pub(super) fn head(reader: &dyn Reader) -> Result<Position, EngineError> {
    match reader.get(keyspace::HEAD)? {
        None => Ok(Position(0)),
        Some(bytes) => keyspace::position(&bytes).ok_or_else(|| EngineError::Damaged("position counter".to_owned())),
    }
}

/// Plans a group.
pub(super) fn plan(reader: &dyn Reader, group: Vec<Stamped>) -> Result<Plan, EngineError> {
    let before = head(reader)?;
    let mut planner = Planner { reader, head: before, writes: Writes::new(), stamps: HashMap::new(), ids: HashMap::new() };
    let outcomes = group.into_iter().map(|stamped| planner.add(stamped)).collect::<Result<_, _>>()?;
    let Planner { head, mut writes, .. } = planner;
    if head > before {
        writes.insert(keyspace::HEAD.to_vec(), fresh(head.0.to_be_bytes().to_vec()));
    }
    Ok(Plan { writes, outcomes })
}

struct Planner<'a> {
    reader: &'a dyn Reader,
    head: Position,
    writes: Writes,
    /// What is known of records: as read, then as planned. `parts` stays that of the row in the engine.
    stamps: HashMap<Vec<u8>, Known>,
    ids: HashMap<String, Position>,
}

#[derive(Clone, Copy)]
struct Known {
    version: Option<Position>,
    parts: u32,
}

impl Planner<'_> {
    fn add(&mut self, Stamped { change, at }: Stamped) -> Result<Outcome, EngineError> {
        if let Some(position) = self.seen(&change.id)? {
            return Ok(Outcome::Repeated(position));
        }
        for guard in &change.guards {
            let version = self.version(&keyspace::record(guard.table, &guard.key))?;
            let holds = match guard.expect {
                Expect::Absent => version.is_none(),
                Expect::Version(expected) => version == Some(expected),
            };
            if !holds {
                return Ok(Outcome::Missed { table: guard.table, key: guard.key.clone() });
            }
        }
        self.head = Position(self.head.0 + 1);
        let position = self.head;
        let mut touched = BTreeMap::new();
        let ChangeSet { id, puts, deletes, facts, guards: _ } = change;
        for delete in deletes {
            drop_index(&mut touched, delete.table, &delete.key, &delete.drop);
            touched.insert(keyspace::record(delete.table, &delete.key), None);
        }
        for put in puts {
            drop_index(&mut touched, put.table, &put.key, &put.drop);
            for row in &put.add {
                touched.insert(keyspace::index_row(put.table, row, &put.key), Some(Vec::new()));
            }
            let key = keyspace::record(put.table, &put.key);
            touched.insert(key, Some(envelope::seal(position, put.schema, &put.json)));
        }
        if !facts.is_empty() {
            self.writes.insert(keyspace::at(keyspace::FACTS, position), fresh(feed::encode(&facts)));
        }
        if !id.is_empty() {
            self.writes.insert(keyspace::change_id(&id), fresh(position.0.to_be_bytes().to_vec()));
            self.ids.insert(id.clone(), position);
        }
        let keys = touched.keys().cloned().collect();
        let row = ChangeRow { at, id, keys };
        self.writes.insert(keyspace::at(keyspace::CHANGES, position), fresh(row.encode()));
        self.take(position, touched);
        Ok(Outcome::Done(position))
    }

    fn take(&mut self, position: Position, touched: BTreeMap<Vec<u8>, Option<Vec<u8>>>) {
        for (key, value) in touched {
            let parts_before = if key.first() == Some(&keyspace::RECORDS) {
                let known = self.stamps.get(&key).copied();
                let parts = known.map(|known| known.parts);
                // An unguarded write leaves the parts unknown; the version it makes is known all the same.
                if let Some(parts) = parts {
                    let version = value.is_some().then_some(position);
                    self.stamps.insert(key.clone(), Known { version, parts });
                }
                parts
            } else {
                Some(0)
            };
            self.writes.insert(key, Write { value, parts_before });
        }
    }

    fn seen(&self, id: &str) -> Result<Option<Position>, EngineError> {
        if id.is_empty() {
            return Ok(None);
        }
        if let Some(position) = self.ids.get(id) {
            return Ok(Some(*position));
        }
        Ok(self.reader.get(&keyspace::change_id(id))?.as_deref().and_then(keyspace::position))
    }

    fn version(&mut self, key: &[u8]) -> Result<Option<Position>, EngineError> {
        if let Some(known) = self.stamps.get(key) {
            return Ok(known.version);
        }
        let stamp = self.reader.stamp(key)?;
        let planned = self.writes.get(key).map(|write| write.value.as_deref().and_then(keyspace::position));
        let version = planned.unwrap_or_else(|| stamp.map(|stamp: Stamp| stamp.version));
        self.stamps.insert(key.to_vec(), Known { version, parts: stamp.map_or(0, |stamp| stamp.parts) });
        Ok(version)
    }
}

fn drop_index(touched: &mut BTreeMap<Vec<u8>, Option<Vec<u8>>>, table: &str, key: &Key, rows: &[IndexRow]) {
    for row in rows {
        touched.insert(keyspace::index_row(table, row, key), None);
    }
}

fn fresh(value: Vec<u8>) -> Write {
    Write { value: Some(value), parts_before: Some(0) }
}
