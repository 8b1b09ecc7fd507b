//! Rows in sled: one tree, with what sled leaves undone for durability done here.
//!
//! - sled's `flush` writes but does not make the device keep what it wrote, so every group is followed by `sync_all` on our
//!   own handle of `<dir>/db`; `conf` and the directory are synced once.
//! - sled moves a node over 128 KiB into a file of its own under `<dir>/blobs` and never syncs it. A leaf holds up to 19
//!   values, so values over [`PART`] bytes are cut into parts (rows of family `x`): nodes then stay in `db`. Should a node
//!   of long keys go there all the same, its file is synced before the answer.
//! - sled writes a snapshot of its page table as it opens, under a name that ends in `.generating`, and renames it. What a start
//!   that was killed meanwhile leaves there it takes for the latest snapshot, and will not open. It is removed first: the
//!   snapshot before it is there until the rename. The first start writes `conf` likewise, before there is a `db`.
//! - A row's value begins with a tag: 0 = the value follows, 1 = number of parts, length and CRC-32 of the whole follow,
//!   preceded by the first eight bytes of the value (a record's version).

use super::{KeepsRows, Reader, Stamp, Write, Writes};
use crate::store::data_dir::{remove_if_there, sync_dir};
use crate::store::engine::{EngineError, EngineKind, Row, Rows, Span};
use crate::store::keyspace;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Bytes of a value that lie in one row at most.
pub(super) const PART: usize = 6 << 10;
/// Bytes of cache asked for; resident memory is 2.5 to 4 times that.
const CACHE: u64 = 20 << 20;
const PARTS: u8 = b'x';
const WHOLE: u8 = 0;
const CUT: u8 = 1;
/// How often a value that is rewritten while it is put together is read anew.
const ATTEMPTS: usize = 16;

/// Rows in sled.
pub struct SledRows {
    tree: sled::Db,
    file: File,
    blobs: PathBuf,
    /// Node files that are on disk for certain.
    synced: Mutex<BTreeSet<OsString>>,
}

impl SledRows {
    /// Opens or makes the tree in `dir`.
    pub fn open(dir: &Path) -> Result<Self, EngineError> {
        remove_half_written(dir).map_err(EngineError::failed)?;
        // Every group is flushed before its answer; sled's own flusher would write at any moment, also to a full disk that the
        // committer keeps away from, and one failed write ends the engine.
        let config = sled::Config::new().path(dir).cache_capacity(CACHE).mode(sled::Mode::HighThroughput).flush_every_ms(None);
        let tree = config.open().map_err(why_not)?;
        let file = File::open(dir.join("db")).map_err(EngineError::failed)?;
        let rows = Self { tree, file, blobs: dir.join("blobs"), synced: Mutex::default() };
        File::open(dir.join("conf")).and_then(|conf| conf.sync_all()).map_err(EngineError::failed)?;
        rows.sync()?;
        sync_dir(dir).map_err(EngineError::failed)?;
        Ok(rows)
    }

    fn sync(&self) -> Result<(), EngineError> {
        self.tree.flush().map_err(EngineError::failed)?;
        self.sync_node_files().map_err(EngineError::failed)?;
        self.file.sync_all().map_err(EngineError::failed)
    }

    fn sync_node_files(&self) -> std::io::Result<()> {
        let entries = match std::fs::read_dir(&self.blobs) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        let mut synced = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        let mut here = BTreeSet::new();
        let mut fresh = false;
        for entry in entries {
            let name = entry?.file_name();
            if !synced.contains(&name) {
                // sled may delete a node file it no longer needs between the listing and this.
                match File::open(self.blobs.join(&name)).and_then(|file| file.sync_all()) {
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                    other => other?,
                }
                fresh = true;
            }
            here.insert(name);
        }
        *synced = here;
        if fresh { sync_dir(&self.blobs) } else { Ok(()) }
    }

    fn stage(&self, batch: &mut sled::Batch, key: Vec<u8>, write: Write) -> Result<(), EngineError> {
        let before = match write.parts_before {
            Some(parts) => parts,
            None => self.stamp(&key)?.map_or(0, |stamp| stamp.parts),
        };
        let mut after = 0u32;
        match write.value {
            None => batch.remove(key.as_slice()),
            Some(value) if value.len() <= PART => batch.insert(key.as_slice(), [&[WHOLE], value.as_slice()].concat()),
            Some(value) => {
                for part in value.chunks(PART) {
                    batch.insert(part_key(&key, after), part);
                    after += 1;
                }
                batch.insert(key.as_slice(), Cut::of(&value, after).encode());
            }
        }
        for part in after..before {
            batch.remove(part_key(&key, part));
        }
        Ok(())
    }

    /// The value of a row as it lies in the tree, put together. What cannot be put together is given empty, so that the
    /// checksum above finds it.
    fn whole(&self, key: &[u8], stored: sled::IVec) -> Result<Option<Vec<u8>>, EngineError> {
        let mut stored = stored;
        for _ in 0..ATTEMPTS {
            let cut = match stored.split_first() {
                Some((&WHOLE, value)) => return Ok(Some(value.to_vec())),
                Some((&CUT, rest)) => Cut::decode(rest),
                _ => None,
            };
            let Some(cut) = cut else { return Ok(Some(Vec::new())) };
            let mut value = Vec::with_capacity(usize::try_from(cut.length).unwrap_or(0).min(64 << 20));
            for part in 0..cut.parts {
                let Some(bytes) = self.tree.get(part_key(key, part)).map_err(EngineError::failed)? else { break };
                value.extend_from_slice(&bytes);
            }
            if u64::try_from(value.len()) == Ok(cut.length) && crc32fast::hash(&value) == cut.crc {
                return Ok(Some(value));
            }
            match self.tree.get(key).map_err(EngineError::failed)? {
                None => return Ok(None),
                Some(again) if again == stored => return Ok(Some(Vec::new())),
                Some(again) => stored = again,
            }
        }
        Err(EngineError::Failed("a value is rewritten faster than it can be read".to_owned()))
    }
}

/// Removes what a start that ended while sled opened left half-written; nothing in it is needed.
fn remove_half_written(dir: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with("snap.") && name.ends_with(".generating")) {
            std::fs::remove_file(entry.path())?;
        }
    }
    if std::fs::exists(dir.join("db"))? { Ok(()) } else { remove_if_there(&dir.join("conf")) }
}

/// Tells damaged files from a disk that does not answer.
fn why_not(error: sled::Error) -> EngineError {
    use std::io::ErrorKind::{InvalidData, UnexpectedEof};
    let damaged = match &error {
        sled::Error::Corruption { .. } | sled::Error::ReportableBug(_) | sled::Error::Unsupported(_) => true,
        sled::Error::Io(error) => matches!(error.kind(), InvalidData | UnexpectedEof),
        sled::Error::CollectionNotFound(_) => false,
    };
    if damaged { EngineError::Damaged(error.to_string()) } else { EngineError::failed(error) }
}

/// What the row of a cut value says.
struct Cut {
    front: [u8; 8],
    parts: u32,
    length: u64,
    crc: u32,
}

impl Cut {
    fn of(value: &[u8], parts: u32) -> Self {
        let front = value.first_chunk::<8>().copied().unwrap_or_default();
        Self { front, parts, length: value.len() as u64, crc: crc32fast::hash(value) }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = vec![CUT];
        out.extend_from_slice(&self.front);
        out.extend_from_slice(&self.parts.to_be_bytes());
        out.extend_from_slice(&self.length.to_be_bytes());
        out.extend_from_slice(&self.crc.to_be_bytes());
        out
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (front, rest) = bytes.split_first_chunk::<8>()?;
        let (parts, rest) = rest.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let (crc, rest) = rest.split_first_chunk::<4>()?;
        let cut =
            Self { front: *front, parts: u32::from_be_bytes(*parts), length: u64::from_be_bytes(*length), crc: u32::from_be_bytes(*crc) };
        rest.is_empty().then_some(cut)
    }
}

fn part_key(key: &[u8], part: u32) -> Vec<u8> {
    [&[PARTS], key, &part.to_be_bytes()].concat()
}

impl Reader for SledRows {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        match self.tree.get(key).map_err(EngineError::failed)? {
            None => Ok(None),
            Some(stored) => self.whole(key, stored),
        }
    }

    fn range(&self, span: &Span) -> Result<Rows, EngineError> {
        if span.to.as_ref().is_some_and(|to| *to <= span.from) {
            return Ok(Rows::default());
        }
        let stretch = match &span.to {
            Some(to) => self.tree.range(span.from.as_slice()..to.as_slice()),
            None => self.tree.range(span.from.as_slice()..),
        };
        let own = |row: sled::Result<(sled::IVec, sled::IVec)>| -> Option<Result<Row, EngineError>> {
            let whole =
                row.map_err(EngineError::failed).and_then(|(key, value)| Ok(self.whole(&key, value)?.map(|value| (key.to_vec(), value))));
            whole.transpose()
        };
        if span.reverse { super::collect(stretch.rev().filter_map(own), span) } else { super::collect(stretch.filter_map(own), span) }
    }

    fn stamp(&self, key: &[u8]) -> Result<Option<Stamp>, EngineError> {
        let Some(stored) = self.tree.get(key).map_err(EngineError::failed)? else { return Ok(None) };
        let damaged = || EngineError::Damaged("a value without a version".to_owned());
        let stamp = match stored.split_first() {
            Some((&WHOLE, value)) => Stamp { version: keyspace::position(value).unwrap_or_default(), parts: 0 },
            Some((&CUT, rest)) => {
                let cut = Cut::decode(rest).ok_or_else(damaged)?;
                Stamp { version: keyspace::position(&cut.front).unwrap_or_default(), parts: cut.parts }
            }
            _ => return Err(damaged()),
        };
        Ok(Some(stamp))
    }
}

impl KeepsRows for SledRows {
    const KIND: EngineKind = EngineKind::Sled;

    fn reader(&self) -> Result<Box<dyn Reader + '_>, EngineError> {
        Ok(Box::new(Borrowed(self)))
    }

    fn apply(&self, writes: Writes) -> Result<(), EngineError> {
        let mut batch = sled::Batch::default();
        for (key, write) in writes {
            self.stage(&mut batch, key, write)?;
        }
        // sled makes a batch on one tree atomic, in memory and in its log, as it does a transaction.
        self.tree.apply_batch(batch).map_err(EngineError::failed)?;
        self.sync()
    }

    fn close(self) -> Result<(), EngineError> {
        self.sync()
    }
}

/// sled has no looks at one instant: each read is atomic by itself.
struct Borrowed<'a>(&'a SledRows);

impl Reader for Borrowed<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.0.get(key)
    }

    fn range(&self, span: &Span) -> Result<Rows, EngineError> {
        self.0.range(span)
    }

    fn stamp(&self, key: &[u8]) -> Result<Option<Stamp>, EngineError> {
        self.0.stamp(key)
    }
}
