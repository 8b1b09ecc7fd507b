//! The wrapping of a record's value: version (8 bytes) ‖ schema (2) ‖ CRC-32 (4) ‖ canonical JSON.
//!
//! The checksum covers version, schema and JSON: an engine that gives back other bytes than it took is found out.

use crate::domain::change::Position;

const HEADER: usize = 14;

/// A record's value as it lies in an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// Position of the commit that wrote it.
    pub version: Position,
    /// Schema of the JSON.
    pub schema: u16,
    /// Canonical JSON.
    pub json: &'a [u8],
}

/// Wraps.
pub fn seal(version: Position, schema: u16, json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + json.len());
    out.extend_from_slice(&version.0.to_be_bytes());
    out.extend_from_slice(&schema.to_be_bytes());
    out.extend_from_slice(&checksum(version, schema, json).to_be_bytes());
    out.extend_from_slice(json);
    out
}

/// Unwraps; `None` when the checksum does not hold.
pub fn open(bytes: &[u8]) -> Option<Envelope<'_>> {
    let (version, rest) = bytes.split_first_chunk::<8>()?;
    let (schema, rest) = rest.split_first_chunk::<2>()?;
    let (crc, json) = rest.split_first_chunk::<4>()?;
    let (version, schema) = (Position(u64::from_be_bytes(*version)), u16::from_be_bytes(*schema));
    (checksum(version, schema, json) == u32::from_be_bytes(*crc)).then_some(Envelope { version, schema, json })
}

fn checksum(version: Position, schema: u16, json: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&version.0.to_be_bytes());
    hasher.update(&schema.to_be_bytes());
    hasher.update(json);
    hasher.finalize()
}
