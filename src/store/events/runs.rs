//! Sorted runs of event keys with the number of the event that used each first: derived from the log, so written without a
//! sync and checked when read; a damaged run only means that all are built again.
//!
//! File: magic, entries, first and end number covered (40 bytes with the checksum of the entries), then entries of 24 bytes
//! (key big endian, number little endian), sorted by key.

use super::EventLogError;
use super::filter::Filter;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

const MAGIC: [u8; 8] = *b"YEKEYS01";
const HEADER: u64 = 40;
const ENTRY: usize = 24;

/// A key and the number of the event that used it first.
pub type Entry = (u128, u64);

/// One run on disk, with its filter in memory.
#[derive(Debug)]
pub struct Run {
    /// Numbers of events it covers: from here
    pub from: u64,
    /// to before here.
    pub to: u64,
    /// Entries.
    pub count: u64,
    path: PathBuf,
    file: File,
    filter: Filter,
}

impl Run {
    /// Writes entries, which must be sorted by key, as the run covering `from..to`.
    pub fn write(dir: &Path, from: u64, to: u64, entries: impl Iterator<Item = Entry>, most: usize) -> Result<Self, EventLogError> {
        let doing = || EventLogError::io("write keys");
        let path = dir.join(format!("{from:016}-{to:016}.keys"));
        let draft = path.with_extension("new");
        let mut options = std::fs::OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(true).open(&draft).map_err(doing())?;
        let mut out = BufWriter::with_capacity(1 << 16, &file);
        out.write_all(&[0; HEADER as usize]).map_err(doing())?;
        let (mut filter, mut count, mut checksum) = (Filter::with_capacity(most), 0_u64, crc32fast::Hasher::new());
        for (key, seq) in entries {
            let mut bytes = [0; ENTRY];
            let (left, right) = bytes.split_at_mut(16);
            left.copy_from_slice(&key.to_be_bytes());
            right.copy_from_slice(&seq.to_le_bytes());
            checksum.update(&bytes);
            out.write_all(&bytes).map_err(doing())?;
            filter.insert(key);
            count += 1;
        }
        out.flush().map_err(doing())?;
        drop(out);
        let head = head(count, from, to, checksum.finalize());
        file.write_all_at(&head, 0).map_err(doing())?;
        std::fs::rename(&draft, &path).map_err(doing())?;
        Ok(Self { from, to, count, path, file, filter })
    }

    /// Opens a run and builds its filter; `None` when it is not whole.
    pub fn open(path: &Path) -> Option<Self> {
        let mut file = File::open(path).ok()?;
        let mut bytes = [0; HEADER as usize];
        file.read_exact(&mut bytes).ok()?;
        let count = u64::from_le_bytes(bytes.get(8..16)?.try_into().ok()?);
        let from = u64::from_le_bytes(bytes.get(16..24)?.try_into().ok()?);
        let to = u64::from_le_bytes(bytes.get(24..32)?.try_into().ok()?);
        let checksum = u32::from_le_bytes(bytes.get(32..36)?.try_into().ok()?);
        if bytes != head(count, from, to, checksum) || file.metadata().ok()?.len() != HEADER + count * ENTRY as u64 {
            return None;
        }
        let (mut filter, mut found) = (Filter::with_capacity(usize::try_from(count).ok()?), crc32fast::Hasher::new());
        let mut reader = BufReader::with_capacity(ENTRY << 12, &file);
        let mut entry = [0; ENTRY];
        for _ in 0..count {
            reader.read_exact(&mut entry).ok()?;
            found.update(&entry);
            filter.insert(split(&entry).0);
        }
        drop(reader);
        (found.finalize() == checksum).then(|| Self { from, to, count, path: path.to_owned(), file, filter })
    }

    /// The number of the event that used this key first.
    pub fn find(&self, key: u128) -> Result<Option<u64>, EventLogError> {
        if !self.filter.may_hold(key) {
            return Ok(None);
        }
        // Keys are uniform: interpolation finds the page in one or two reads, halving guards against bad luck.
        let (mut low, mut high) = (0_u64, self.count);
        let (mut least, mut most) = (0_u128, u128::MAX);
        let mut page = [0; ENTRY * 128];
        let mut turn = 0;
        while low < high {
            let share = ((key - least) >> 64) as f64 / (((most - least) >> 64) as f64 + 1.0);
            let width = (high - low) as f64;
            let guess = if turn % 3 == 2 { low + (high - low) / 2 } else { low + (share * width) as u64 };
            let start = guess.saturating_sub(64).clamp(low, high - 1);
            let length = usize::try_from((high - start).min(128)).unwrap_or(128);
            let Some(bytes) = page.get_mut(..length * ENTRY) else { break };
            self.file.read_exact_at(bytes, HEADER + start * ENTRY as u64).map_err(EventLogError::io("read keys"))?;
            let mut keys = bytes.chunks_exact(ENTRY).map(split);
            let (Some(head), last) = (keys.next(), bytes.chunks_exact(ENTRY).next_back().map(split)) else { break };
            let last = last.unwrap_or(head);
            if key < head.0 {
                (high, most) = (start, head.0);
            } else if key > last.0 {
                (low, least) = (start + length as u64, last.0);
            } else {
                return Ok(bytes.chunks_exact(ENTRY).map(split).find(|entry| entry.0 == key).map(|entry| entry.1));
            }
            turn += 1;
        }
        Ok(None)
    }

    /// All entries in order.
    pub fn entries(&self) -> Result<impl Iterator<Item = Entry> + use<>, EventLogError> {
        let mut file = File::open(&self.path).map_err(EventLogError::io("read keys"))?;
        file.seek(SeekFrom::Start(HEADER)).map_err(EventLogError::io("read keys"))?;
        let mut reader = BufReader::with_capacity(ENTRY << 11, file);
        let mut entry = [0; ENTRY];
        Ok(std::iter::from_fn(move || reader.read_exact(&mut entry).ok().map(|()| split(&entry))))
    }

    /// Its folder lies elsewhere now.
    pub fn moved(&mut self, dir: &Path) {
        if let Some(name) = self.path.file_name() {
            self.path = dir.join(name);
        }
    }

    /// Removes the file.
    pub fn remove(self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(%error, "an old run of event keys stays behind");
        }
    }
}

fn split(entry: &[u8]) -> Entry {
    let key = entry.first_chunk::<16>().copied().map_or(0, u128::from_be_bytes);
    let seq = entry.last_chunk::<8>().copied().map_or(0, u64::from_le_bytes);
    (key, seq)
}

fn head(count: u64, from: u64, to: u64, checksum: u32) -> [u8; HEADER as usize] {
    let mut head = Vec::with_capacity(HEADER as usize);
    head.extend_from_slice(&MAGIC);
    for number in [count, from, to] {
        head.extend_from_slice(&number.to_le_bytes());
    }
    head.extend_from_slice(&checksum.to_le_bytes());
    let own = crc32fast::hash(&head);
    head.extend_from_slice(&own.to_le_bytes());
    head.try_into().unwrap_or([0; HEADER as usize])
}
