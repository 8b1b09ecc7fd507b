//! What the store keeps: records with a table, a key, a schema version and declared indexes.
//!
//! To add a record kind: write the type in the domain file it belongs to, derive serde, implement [`Record`] beside it.
//! No engine is touched. Values are canonical JSON: keys sorted, no floats, no U+0000.

use super::change::Position;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// An ordered key: parts joined by 0x00, so that a prefix of parts is a prefix of bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub Vec<u8>);

impl Key {
    /// A key of text parts. Parts must not hold U+0000.
    pub fn of(parts: &[&str]) -> Self {
        debug_assert!(parts.iter().all(|part| !part.contains('\0')));
        Self(parts.join("\0").into_bytes())
    }

    /// A prefix that matches the keys which begin with exactly these parts and have at least one more.
    pub fn prefix(parts: &[&str]) -> Self {
        let mut key = Self::of(parts);
        key.0.push(0);
        key
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::of(&[text])
    }
}

/// A row of a secondary index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexRow {
    /// Name of the index, unique within the record's table.
    pub index: &'static str,
    /// What it is found by; the record's own key is appended by the store.
    pub key: Key,
}

/// A kind of record.
pub trait Record: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// Table the kind lives in; also its name in PostgreSQL: `[a-z_]+`.
    const TABLE: &'static str;
    /// Version of the JSON shape; raise it when the shape changes and say in [`Record::upgrade`] how to read the old one.
    const SCHEMA: u16 = 1;

    /// The record's key.
    fn key(&self) -> Key;

    /// Rows of the secondary indexes, all of them, for this value.
    fn indexes(&self) -> Vec<IndexRow> {
        Vec::new()
    }

    /// Turns a value of an older schema into the present one.
    fn upgrade(schema: u16, value: Value) -> Result<Value, RecordError> {
        let _ = value;
        Err(RecordError::Schema { table: Self::TABLE, schema })
    }
}

/// A record as the store gave it, with the version to guard a later change with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<R> {
    /// The value.
    pub value: R,
    /// Position of the commit that wrote it.
    pub version: Position,
}

/// Why bytes are not a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// A schema this program cannot read.
    #[error("table {table}: schema {schema} is not known to this version")]
    Schema {
        /// Table.
        table: &'static str,
        /// Schema found.
        schema: u16,
    },
    /// Not JSON of the right shape.
    #[error("table {table}: {reason}")]
    Shape {
        /// Table.
        table: &'static str,
        /// What serde said.
        reason: String,
    },
    /// A float or U+0000 in a value.
    #[error("table {table}: a value may hold neither floats nor U+0000")]
    NotCanonical {
        /// Table.
        table: &'static str,
    },
}

/// The canonical JSON (RFC 8785) of a record.
pub fn encode<R: Record>(record: &R) -> Result<Vec<u8>, RecordError> {
    let shape = |error: serde_json::Error| RecordError::Shape { table: R::TABLE, reason: error.to_string() };
    let value = serde_json::to_value(record).map_err(shape)?;
    let mut out = Vec::with_capacity(512);
    write_canonical(&value, &mut out).map_err(|()| RecordError::NotCanonical { table: R::TABLE })?;
    Ok(out)
}

/// Reads canonical JSON written under `schema`.
pub fn decode<R: Record>(schema: u16, json: &[u8]) -> Result<R, RecordError> {
    let shape = |error: serde_json::Error| RecordError::Shape { table: R::TABLE, reason: error.to_string() };
    if schema == R::SCHEMA {
        return serde_json::from_slice(json).map_err(shape);
    }
    let old = serde_json::from_slice(json).map_err(shape)?;
    serde_json::from_value(R::upgrade(schema, old)?).map_err(shape)
}

/// Whether `json` is a JSON text in canonical form without floats or U+0000.
pub fn is_canonical(json: &[u8]) -> bool {
    let Ok(value) = serde_json::from_slice::<Value>(json) else { return false };
    let mut out = Vec::with_capacity(json.len());
    write_canonical(&value, &mut out).is_ok() && out == json
}

fn write_canonical(value: &Value, out: &mut Vec<u8>) -> Result<(), ()> {
    match value {
        Value::Array(items) => {
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write_canonical(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(map) => {
            // RFC 8785 orders keys by UTF-16 code units, which differs from byte order beyond the BMP.
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|left, right| left.0.encode_utf16().cmp(right.0.encode_utf16()));
            out.push(b'{');
            for (place, (key, item)) in entries.into_iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write_leaf(&Value::String(key.clone()), out)?;
                out.push(b':');
                write_canonical(item, out)?;
            }
            out.push(b'}');
        }
        leaf => write_leaf(leaf, out)?,
    }
    Ok(())
}

fn write_leaf(value: &Value, out: &mut Vec<u8>) -> Result<(), ()> {
    match value {
        Value::Number(number) if number.is_f64() => return Err(()),
        Value::String(text) if text.contains('\0') => return Err(()),
        _ => {}
    }
    serde_json::to_writer(out, value).map_err(|_| ())
}
