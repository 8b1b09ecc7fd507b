//! The file of rows in a backup: frames of puts and deletes, to be applied in order, the last word counting.
//!
//! `YULU` `1` newline, then frames: length of the compressed bytes (4), CRC-32 of them (4), LZ4 block with its plain length.
//! A frame holds rows: 1 = put, 0 = delete; length of the key (4), key; for a put, length of the value (4), value. A frame of
//! length 0 ends the file.

use super::failed;
use crate::domain::digest::Digest;
use crate::store::error::StoreError;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

const MAGIC: &[u8] = b"YULU1\n";
/// Plain bytes of a frame, the last row excepted.
const FRAME: usize = 1 << 20;
/// Plain bytes that a frame may claim: one row of the largest change and a full frame before it.
const MAX_FRAME: usize = 160 << 20;

/// A row to write (`Some`) or to delete (`None`).
pub(super) type Edit = (Vec<u8>, Option<Vec<u8>>);

/// Writes a file of rows.
pub(super) struct RowsWriter {
    path: PathBuf,
    file: BufWriter<File>,
    plain: Vec<u8>,
    hasher: Sha256,
    rows: u64,
}

impl RowsWriter {
    pub(super) fn create(path: &Path) -> Result<Self, StoreError> {
        let file = File::create_new(path).map_err(|error| failed("cannot make", path, error))?;
        let (path, file) = (path.to_owned(), BufWriter::with_capacity(1 << 20, file));
        let mut writer = Self { path, file, plain: Vec::new(), hasher: Sha256::new(), rows: 0 };
        writer.emit(MAGIC)?;
        Ok(writer)
    }

    pub(super) fn add(&mut self, edits: impl IntoIterator<Item = Edit>) -> Result<(), StoreError> {
        for (key, value) in edits {
            self.plain.push(u8::from(value.is_some()));
            for bytes in std::iter::once(&key).chain(&value) {
                let length = u32::try_from(bytes.len()).map_err(|error| failed("too large a row for", &self.path, error))?;
                self.plain.extend_from_slice(&length.to_be_bytes());
                self.plain.extend_from_slice(bytes);
            }
            self.rows += 1;
            if self.plain.len() >= FRAME {
                self.frame()?;
            }
        }
        Ok(())
    }

    /// Ends the file, on disk when this returns: number of rows and digest.
    pub(super) fn finish(mut self) -> Result<(u64, Digest), StoreError> {
        self.frame()?;
        self.emit(&0u32.to_be_bytes())?;
        let synced = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        synced.map_err(|error| failed("cannot write", &self.path, error))?;
        Ok((self.rows, Digest::from_bytes(&self.hasher.finalize().into())))
    }

    fn frame(&mut self) -> Result<(), StoreError> {
        if self.plain.is_empty() {
            return Ok(());
        }
        let packed = lz4_flex::block::compress_prepend_size(&self.plain);
        self.plain.clear();
        let length = u32::try_from(packed.len()).map_err(|error| failed("too large a row for", &self.path, error))?;
        self.emit(&length.to_be_bytes())?;
        self.emit(&crc32fast::hash(&packed).to_be_bytes())?;
        self.emit(&packed)
    }

    fn emit(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.hasher.update(bytes);
        self.file.write_all(bytes).map_err(|error| failed("cannot write", &self.path, error))
    }
}

/// Reads a file of rows.
pub(super) struct RowsReader {
    path: PathBuf,
    file: BufReader<File>,
    hasher: Sha256,
}

impl RowsReader {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(|error| failed("cannot read", path, error))?;
        let (path, file) = (path.to_owned(), BufReader::with_capacity(1 << 20, file));
        let mut reader = Self { path, file, hasher: Sha256::new() };
        if reader.take(MAGIC.len())? == MAGIC { Ok(reader) } else { Err(reader.damaged("it is not a file of rows")) }
    }

    /// The rows of the next frame; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Vec<Edit>>, StoreError> {
        let length = self.number()?;
        if length == 0 {
            return Ok(None);
        }
        if length > MAX_FRAME {
            return Err(self.damaged("a frame is too large"));
        }
        let crc = self.number()?;
        let packed = self.take(length)?;
        let claimed = packed.first_chunk::<4>().map_or(0, |first| u32::from_le_bytes(*first) as usize);
        if crc32fast::hash(&packed) as usize != crc || claimed > MAX_FRAME {
            return Err(self.damaged("a frame has another checksum"));
        }
        let plain = lz4_flex::block::decompress_size_prepended(&packed).map_err(|error| self.damaged(&error.to_string()))?;
        let mut rest = plain.as_slice();
        let mut edits = Vec::new();
        while !rest.is_empty() {
            edits.push(edit(&mut rest).ok_or_else(|| self.damaged("a row is cut off"))?);
        }
        Ok(Some(edits))
    }

    /// The digest of what was read.
    pub(super) fn digest(self) -> Digest {
        Digest::from_bytes(&self.hasher.finalize().into())
    }

    fn number(&mut self) -> Result<usize, StoreError> {
        let bytes = self.take(4)?;
        Ok(bytes.first_chunk::<4>().map_or(0, |bytes| u32::from_be_bytes(*bytes) as usize))
    }

    fn take(&mut self, length: usize) -> Result<Vec<u8>, StoreError> {
        let mut bytes = vec![0; length];
        self.file.read_exact(&mut bytes).map_err(|error| failed("cannot read", &self.path, error))?;
        self.hasher.update(&bytes);
        Ok(bytes)
    }

    fn damaged(&self, what: &str) -> StoreError {
        failed("damaged:", &self.path, what)
    }
}

fn edit(rest: &mut &[u8]) -> Option<Edit> {
    let (put, after) = rest.split_first()?;
    *rest = after;
    let key = piece(rest)?.to_vec();
    let value = if *put == 1 { Some(piece(rest)?.to_vec()) } else { None };
    Some((key, value))
}

fn piece<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let (piece, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    *rest = after;
    Some(piece)
}
