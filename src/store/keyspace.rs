//! Where what lies: one ordered key space, cut into families by the first byte.
//!
//! | family | key | value |
//! |---|---|---|
//! | `c` | position | change row: instant, id and touched keys of a commit |
//! | `f` | position | facts of a commit |
//! | `i` | table 0 index 0 index key 0 record key, length of the record key (2 bytes) | empty |
//! | `m` | name | position counter, epoch, pruning marks |
//! | `n` | id of a change | its position |
//! | `r` | table 0 record key | envelope of a record |
//!
//! Positions are eight bytes, big end first, so that byte order is their order. `x` is left to engines.

use crate::domain::change::Position;
use crate::domain::record::{IndexRow, Key};

/// Change rows.
pub const CHANGES: u8 = b'c';
/// Facts.
pub const FACTS: u8 = b'f';
/// Index rows.
pub const INDEX: u8 = b'i';
/// Names with one value each.
pub const META: u8 = b'm';
/// Ids of changes.
pub const IDS: u8 = b'n';
/// Records.
pub const RECORDS: u8 = b'r';

/// All families, in byte order.
pub const FAMILIES: [u8; 6] = [CHANGES, FACTS, INDEX, META, IDS, RECORDS];

/// The position counter.
pub const HEAD: &[u8] = b"mhead";
/// The epoch of the store.
pub const EPOCH: &[u8] = b"mepoch";
/// The highest position whose facts have been pruned.
pub const FACTS_PRUNED: &[u8] = b"mfacts_pruned";
/// The highest position whose change row has been pruned.
pub const CHANGES_PRUNED: &[u8] = b"mchanges_pruned";

/// Longest key of a record, and longest key of an index row with the record key behind it, in bytes.
pub const MAX_KEY: usize = 1024;

/// Key of a record.
pub fn record(table: &str, key: &Key) -> Vec<u8> {
    join(RECORDS, &[table.as_bytes(), key.as_bytes()])
}

/// Everything before a record's own key.
pub fn table(table: &str) -> Vec<u8> {
    join(RECORDS, &[table.as_bytes(), b""])
}

/// Everything before the index key of an index row.
pub fn index(table: &str, index: &str) -> Vec<u8> {
    join(INDEX, &[table.as_bytes(), index.as_bytes(), b""])
}

/// Key of an index row.
pub fn index_row(table: &str, row: &IndexRow, record: &Key) -> Vec<u8> {
    let mut key = join(INDEX, &[table.as_bytes(), row.index.as_bytes(), row.key.as_bytes(), record.as_bytes()]);
    // The length makes (index key, record key) unambiguous although both may hold 0x00.
    let length = u16::try_from(record.as_bytes().len()).unwrap_or(u16::MAX);
    key.extend_from_slice(&length.to_be_bytes());
    key
}

/// Takes what follows [`index`] in an index row apart: (index key, record key).
pub fn split_index_row(rest: &[u8]) -> Option<(Key, Key)> {
    let (body, length) = rest.split_last_chunk::<2>()?;
    let start = body.len().checked_sub(usize::from(u16::from_be_bytes(*length)))?;
    let (front, record) = body.split_at_checked(start)?;
    let (separator, index_key) = front.split_last()?;
    (*separator == 0).then(|| (Key(index_key.to_vec()), Key(record.to_vec())))
}

/// Key of a row that is found by its position.
pub fn at(family: u8, position: Position) -> Vec<u8> {
    let mut key = vec![family];
    key.extend_from_slice(&position.0.to_be_bytes());
    key
}

/// The position in a key made by [`at`].
pub fn position_of(key: &[u8]) -> Option<Position> {
    position(key.get(1..)?)
}

/// Reads eight bytes.
pub fn position(bytes: &[u8]) -> Option<Position> {
    let (first, _) = bytes.split_first_chunk::<8>()?;
    Some(Position(u64::from_be_bytes(*first)))
}

/// Key of the row that remembers the id of a change.
pub fn change_id(id: &str) -> Vec<u8> {
    join(IDS, &[id.as_bytes()])
}

fn join(family: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = Vec::with_capacity(2 + parts.iter().map(|part| part.len() + 1).sum::<usize>());
    key.push(family);
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            key.push(0);
        }
        key.extend_from_slice(part);
    }
    key
}
