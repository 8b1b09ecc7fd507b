//! The codec of blocks: a batch of rows as columns, compressed with lz4, under two checksums (CRC-32).
//!
//! Header, 48 bytes, little endian: magic, length of the body, length unpacked, rows, number of the first row and after the
//! last, time of receipt, checksum of the body, checksum of the header. Body: the dictionary of resource and list ids, then one column after
//! another. The last sign of the magic is the version: blocks of version 1 end after the values, those of version 2 after the marks, and
//! are read as if the rest were empty.
//! Numbers of rows are kept as gaps, so that rows can be taken out later without renumbering the rest.

use crate::domain::event::Verb;
use crate::domain::time::Timestamp;
use std::collections::HashMap;

/// What a row tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The learner did this.
    Did(Verb),
    /// Everything of the learner before this row is forgotten.
    Forget,
}

/// One row of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number; grows through the whole log.
    pub seq: u64,
    /// Hash of (source, id); 0 for a forgetting.
    pub key: u128,
    /// Surrogate of the learner.
    pub learner: u64,
    /// What it tells.
    pub act: Act,
    /// Place of the resource id in the batch's dictionary.
    pub resource: u32,
    /// When, by the learner's clock, in milliseconds since 1970.
    pub at: i64,
    /// Value, as in `domain::event::Event`.
    pub value: i32,
    /// How far, in seconds.
    pub position: Option<u32>,
    /// Place of an impression's list in the batch's dictionary.
    pub list: Option<u32>,
    /// Where the learner was, GB/T 2260.
    pub region: Option<u32>,
    /// It came as no person learns.
    pub marked: bool,
}

impl Row {
    /// A row of which nothing is told but its number, learner and act.
    pub const fn blank(seq: u64, learner: u64, act: Act) -> Self {
        Self { seq, key: 0, learner, act, resource: 0, at: 0, value: 0, position: None, list: None, region: None, marked: false }
    }
}

/// Rows that were received together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// When they were received.
    pub received: Timestamp,
    /// Resource ids, and ids of lists.
    pub resources: Vec<String>,
    /// Rows in log order.
    pub rows: Vec<Row>,
}

/// Bytes of a header.
pub const HEADER: usize = 48;
/// A block's rows never unpack to more than this.
const MOST_BYTES: usize = 64 << 20;
/// What every block begins with, whatever its version.
pub const MAGIC: [u8; 3] = *b"YEB";
/// The version that is written.
const VERSION: u8 = b'3';
/// The oldest that is read: without positions, lists and marks.
const OLDEST: u8 = b'1';
/// The first with regions.
const WITH_REGIONS: u8 = b'3';
const FORGET: u8 = 255;

/// What a block's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Bytes of the body.
    pub body: usize,
    /// Number of the first row.
    pub first: u64,
    /// Number after the last row.
    pub end: u64,
    /// Time of receipt.
    pub received: Timestamp,
    version: u8,
    raw: usize,
    rows: usize,
    checksum: u32,
}

/// Builds a batch's dictionary while rows are added.
#[derive(Debug, Default)]
pub struct BatchBuilder {
    batch: Batch,
    places: HashMap<String, u32>,
}

impl BatchBuilder {
    /// An empty batch received at this instant.
    pub fn new(received: Timestamp) -> Self {
        Self { batch: Batch { received, ..Batch::default() }, places: HashMap::new() }
    }

    /// Adds a row about a resource, in a list where it was shown in one; `row.resource` and `row.list` are set here.
    pub fn push(&mut self, mut row: Row, resource: String, list: Option<String>) {
        row.resource = self.place(resource);
        row.list = list.map(|list| self.place(list));
        self.batch.rows.push(row);
    }

    fn place(&mut self, name: String) -> u32 {
        if let Some(place) = self.places.get(&name) {
            return *place;
        }
        let place = u32::try_from(self.batch.resources.len()).unwrap_or(u32::MAX);
        self.places.insert(name.clone(), place);
        self.batch.resources.push(name);
        place
    }

    /// The batch.
    pub fn finish(self) -> Batch {
        self.batch
    }
}

/// Header and body of a batch. `None` for an empty one.
pub fn encode(batch: &Batch) -> Option<Vec<u8>> {
    let first = batch.rows.first()?.seq;
    let raw = columns(batch, first);
    let body = lz4_flex::block::compress(&raw);
    let mut block = Vec::with_capacity(HEADER + body.len());
    block.extend_from_slice(&MAGIC);
    block.push(VERSION);
    for number in [body.len(), raw.len(), batch.rows.len()] {
        block.extend_from_slice(&u32::try_from(number).ok()?.to_le_bytes());
    }
    block.extend_from_slice(&first.to_le_bytes());
    block.extend_from_slice(&(batch.rows.last()?.seq + 1).to_le_bytes());
    block.extend_from_slice(&batch.received.millis().to_le_bytes());
    block.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
    let own = crc32fast::hash(&block);
    block.extend_from_slice(&own.to_le_bytes());
    block.extend_from_slice(&body);
    Some(block)
}

fn columns(batch: &Batch, first: u64) -> Vec<u8> {
    let rows = &batch.rows;
    let mut out = Vec::with_capacity(rows.len() * 36 + 64);
    put(&mut out, batch.resources.len() as u64);
    for resource in &batch.resources {
        put(&mut out, resource.len() as u64);
        out.extend_from_slice(resource.as_bytes());
    }
    out.extend(rows.iter().map(|row| match row.act {
        Act::Did(verb) => verb as u8,
        Act::Forget => FORGET,
    }));
    let mut expected = first;
    for row in rows {
        put(&mut out, row.seq.wrapping_sub(expected));
        expected = row.seq + 1;
    }
    rows.iter().for_each(|row| out.extend_from_slice(&row.key.to_le_bytes()));
    rows.iter().for_each(|row| out.extend_from_slice(&row.learner.to_le_bytes()));
    rows.iter().for_each(|row| put(&mut out, u64::from(row.resource)));
    rows.iter().for_each(|row| put(&mut out, zigzag(row.at.wrapping_sub(batch.received.millis()))));
    rows.iter().for_each(|row| put(&mut out, zigzag(i64::from(row.value))));
    rows.iter().for_each(|row| put(&mut out, optional(row.position)));
    rows.iter().for_each(|row| put(&mut out, optional(row.list)));
    out.extend(rows.iter().map(|row| u8::from(row.marked)));
    rows.iter().for_each(|row| put(&mut out, optional(row.region)));
    out
}

/// Reads a header; `None` when it is not one.
pub fn header(bytes: &[u8]) -> Option<Header> {
    let bytes = bytes.get(..HEADER)?;
    let (claimed, mut rest) = (bytes.get(..HEADER - 4)?, bytes);
    let magic: [u8; 3] = take(&mut rest)?;
    let [version] = take(&mut rest)?;
    let mut number = || take(&mut rest).map(u32::from_le_bytes);
    let (body, raw, rows) = (number()? as usize, number()? as usize, number()? as usize);
    let first = u64::from_le_bytes(take(&mut rest)?);
    let end = u64::from_le_bytes(take(&mut rest)?);
    let received = Timestamp::from_millis(i64::from_le_bytes(take(&mut rest)?));
    let checksum = u32::from_le_bytes(take(&mut rest)?);
    let own = u32::from_le_bytes(take(&mut rest)?);
    let good = magic == MAGIC
        && (OLDEST..=VERSION).contains(&version)
        && own == crc32fast::hash(claimed)
        && body <= MOST_BYTES
        && raw <= MOST_BYTES
        && rows <= raw;
    good.then_some(Header { body, first, end, received, version, raw, rows, checksum })
}

/// Whether a body is the one its header names.
pub fn is_whole(header: &Header, body: &[u8]) -> bool {
    body.len() == header.body && crc32fast::hash(body) == header.checksum
}

/// Reads a block's body; `None` when it is not what was written.
pub fn decode(header: &Header, body: &[u8]) -> Option<Batch> {
    if !is_whole(header, body) {
        return None;
    }
    let raw = lz4_flex::block::decompress(body, header.raw).ok()?;
    let mut rest = raw.as_slice();
    let count = usize::try_from(get(&mut rest)?).ok()?;
    let mut resources = Vec::with_capacity(count.min(rest.len()));
    for _ in 0..count {
        let length = usize::try_from(get(&mut rest)?).ok()?;
        let (text, after) = rest.split_at_checked(length)?;
        resources.push(std::str::from_utf8(text).ok()?.to_owned());
        rest = after;
    }
    let rows = read_rows(header, &mut rest, resources.len())?;
    rest.is_empty().then_some(Batch { received: header.received, resources, rows })
}

fn read_rows(header: &Header, rest: &mut &[u8], resources: usize) -> Option<Vec<Row>> {
    let (acts, after) = rest.split_at_checked(header.rows)?;
    *rest = after;
    let mut rows = vec![Row::blank(0, 0, Act::Forget); header.rows];
    for (row, act) in rows.iter_mut().zip(acts) {
        row.act = if *act == FORGET { Act::Forget } else { Act::Did(Verb::from_number(*act)?) };
    }
    let mut expected = header.first;
    for row in &mut rows {
        row.seq = expected.checked_add(get(rest)?)?;
        expected = row.seq.checked_add(1)?;
    }
    for row in &mut rows {
        row.key = u128::from_le_bytes(take(rest)?);
    }
    for row in &mut rows {
        row.learner = u64::from_le_bytes(take(rest)?);
    }
    for row in &mut rows {
        row.resource = u32::try_from(get(rest)?).ok()?;
        if row.resource as usize >= resources && row.act != Act::Forget {
            return None;
        }
    }
    for row in &mut rows {
        row.at = header.received.millis().wrapping_add(unzigzag(get(rest)?));
    }
    for row in &mut rows {
        row.value = i32::try_from(unzigzag(get(rest)?)).ok()?;
    }
    if header.version > OLDEST {
        read_more(&mut rows, rest, resources)?;
    }
    if header.version >= WITH_REGIONS {
        for row in &mut rows {
            row.region = get_optional(rest)?;
        }
    }
    Some(rows)
}

/// The columns that came with version 2.
fn read_more(rows: &mut [Row], rest: &mut &[u8], resources: usize) -> Option<()> {
    for row in rows.iter_mut() {
        row.position = get_optional(rest)?;
    }
    for row in rows.iter_mut() {
        row.list = get_optional(rest)?;
        if row.list.is_some_and(|place| place as usize >= resources) {
            return None;
        }
    }
    let (marks, after) = rest.split_at_checked(rows.len())?;
    *rest = after;
    rows.iter_mut().zip(marks).for_each(|(row, mark)| row.marked = *mark != 0);
    Some(())
}

/// Nothing is 0, a number one more than itself.
fn optional(number: Option<u32>) -> u64 {
    number.map_or(0, |number| u64::from(number) + 1)
}

fn get_optional(rest: &mut &[u8]) -> Option<Option<u32>> {
    match get(rest)? {
        0 => Some(None),
        number => u32::try_from(number - 1).ok().map(Some),
    }
}

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number as u8) | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn get(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*bytes)
}

const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

const fn unzigzag(number: u64) -> i64 {
    ((number >> 1) as i64) ^ -((number & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn batches() -> impl Strategy<Value = Batch> {
        let more = (any::<Option<u32>>(), proptest::option::of("[a-z]{1,3}"), proptest::option::of(0_u32..999_999), any::<bool>());
        let row = (any::<u128>(), any::<u64>(), 0_u8..12, "[a-z岳]{1,9}", any::<i64>(), any::<i32>(), 0_u64..3, more);
        (any::<i64>(), 0_u64..1 << 60, proptest::collection::vec(row, 1..40)).prop_map(|(received, first, rows)| {
            let mut builder = BatchBuilder::new(Timestamp::from_millis(received));
            let mut next = first;
            for (key, learner, act, resource, at, value, gap, (position, list, region, marked)) in rows {
                let act = Verb::from_number(act).map_or(Act::Forget, Act::Did);
                let seq = if next == first { first } else { next + gap };
                next = seq + 1;
                builder.push(Row { key, at, value, position, region, marked, ..Row::blank(seq, learner, act) }, resource, list);
            }
            builder.finish()
        })
    }

    proptest! {
        #[test]
        fn what_was_written_reads_back(batch in batches()) {
            let block = encode(&batch).unwrap();
            let found = header(&block).unwrap();
            prop_assert_eq!(decode(&found, &block[HEADER..]), Some(batch));
        }

        /// Blocks as earlier versions wrote them: in the first the columns end after the values, in the second after the marks.
        #[test]
        fn blocks_of_earlier_versions_are_read(batch in batches(), first in any::<bool>()) {
            let mut old = batch;
            old.rows.iter_mut().for_each(|row| row.region = None);
            if first {
                old.rows.iter_mut().for_each(|row| (row.position, row.list, row.marked) = (None, None, false));
            }
            let raw = columns(&old, old.rows[0].seq);
            let raw = &raw[..raw.len() - if first { 4 } else { 1 } * old.rows.len()];
            let body = lz4_flex::block::compress(raw);
            let mut block = if first { b"YEB1" } else { b"YEB2" }.to_vec();
            [body.len(), raw.len(), old.rows.len()].iter().for_each(|number| block.extend_from_slice(&(*number as u32).to_le_bytes()));
            block.extend_from_slice(&old.rows[0].seq.to_le_bytes());
            block.extend_from_slice(&(old.rows.last().unwrap().seq + 1).to_le_bytes());
            block.extend_from_slice(&old.received.millis().to_le_bytes());
            block.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
            block.extend_from_slice(&crc32fast::hash(&block).to_le_bytes());
            block.extend_from_slice(&body);
            let found = header(&block).unwrap();
            prop_assert_eq!(decode(&found, &block[HEADER..]), Some(old));
        }

        #[test]
        fn a_changed_byte_is_noticed(batch in batches(), place in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let mut block = encode(&batch).unwrap();
            let place = place.index(block.len());
            block[place] ^= 1 << bit;
            let read = header(&block).and_then(|found| decode(&found, &block[HEADER..]));
            prop_assert_eq!(read, None);
        }

        #[test]
        fn noise_is_refused_without_harm(noise in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(header(&noise).is_none());
        }
    }
}
