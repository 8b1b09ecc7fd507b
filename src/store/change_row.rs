//! The row that each commit leaves behind: when, under which id, and which keys it touched.
//!
//! A backup copies what changed since it began by these rows; pruning finds the ids to forget in them. Keys are sorted and
//! each is stored as what it shares with the one before and what it adds.

use crate::domain::time::Timestamp;

/// What a commit touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeRow {
    /// When the change was handed in.
    pub at: Timestamp,
    /// Id of the change.
    pub id: String,
    /// Engine keys written or deleted, sorted.
    pub keys: Vec<Vec<u8>>,
}

impl ChangeRow {
    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + self.id.len() + self.keys.len() * 16);
        out.extend_from_slice(&self.at.millis().to_be_bytes());
        put_bytes(&mut out, self.id.as_bytes());
        put_number(&mut out, self.keys.len());
        let mut last: &[u8] = &[];
        for key in &self.keys {
            let shared = last.iter().zip(key).take_while(|(left, right)| left == right).count();
            put_number(&mut out, shared);
            put_bytes(&mut out, key.get(shared..).unwrap_or_default());
            last = key;
        }
        out
    }

    /// From bytes; `None` when they are not a change row.
    pub fn decode(mut bytes: &[u8]) -> Option<Self> {
        let (millis, rest) = bytes.split_first_chunk::<8>()?;
        bytes = rest;
        let id = String::from_utf8(take_bytes(&mut bytes)?.to_vec()).ok()?;
        let count = take_number(&mut bytes)?;
        let mut keys: Vec<Vec<u8>> = Vec::with_capacity(count.min(4096));
        for _ in 0..count {
            let shared = take_number(&mut bytes)?;
            let mut key = keys.last().map_or(Some(&[] as &[u8]), |last| last.get(..shared))?.to_vec();
            key.extend_from_slice(take_bytes(&mut bytes)?);
            keys.push(key);
        }
        bytes.is_empty().then_some(Self { at: Timestamp::from_millis(i64::from_be_bytes(*millis)), id, keys })
    }
}

fn put_number(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn take_number(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0usize;
    for shift in (0..usize::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn take_bytes<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = take_number(bytes)?;
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}
