//! The file of the vectors: a line that names the model, then entries one behind the other, the later one in force.
//!
//! An entry is its length, its CRC-32 and its bytes: a kind, then for `ROW` the hash of the id, the store version, the digest of
//! the text, the scale and the numbers (none: the service makes no vector of this text), for `SAME`
//! the hash and another store version of the same text, for `GONE` the hash, for `MARK` the
//! position that the file covers and the epoch of the store. Numbers are little endian. A torn end is cut off.

use super::{Packed, Table};
use crate::domain::change::Position;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, Write as _};
use std::path::Path;

/// Raise it when the text that vectors are made from, or the file, becomes another.
const HEAD: &str = "yuelu vectors 1 ";
/// Longest entry.
const LONGEST: usize = 1 << 20;
const ROW: u8 = 1;
const GONE: u8 = 2;
const MARK: u8 = 3;
const SAME: u8 = 4;
/// Entries that a file may hold in vain before it is written anew, beside half of those in force.
const IN_VAIN: usize = 1_000;

/// How far the vectors have got: epoch and position of the store.
pub type Mark = (String, Position);

/// The file, open for more.
pub struct Log {
    file: File,
}

/// What a file holds.
#[derive(Default)]
pub struct Held {
    /// The vectors.
    pub table: Table,
    /// The position they cover.
    pub mark: Option<Mark>,
    entries: usize,
}

impl Log {
    /// Opens the file with the vectors of this model, or begins one where there is none or it holds another model's.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn open(path: &Path, model: &str) -> io::Result<(Self, Held)> {
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir)?;
        }
        let head = format!("{HEAD}{}\n", model.escape_default());
        let mut held = Held::default();
        let end = match File::open(path) {
            Ok(file) => read(BufReader::new(file), &head, &mut held)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let in_vain = held.entries.saturating_sub(held.table.len());
        if let Some(end) = end.filter(|_| in_vain <= held.table.len() / 2 + IN_VAIN) {
            let mut file = File::options().read(true).write(true).open(path)?;
            file.set_len(end)?;
            file.seek(io::SeekFrom::End(0))?;
            return Ok((Self { file }, held));
        }
        Ok((Self { file: write_anew(path, &head, &held)? }, held))
    }

    /// Adds entries in one write.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn append(&mut self, entries: &[u8]) -> io::Result<()> {
        self.file.write_all(entries)
    }

    /// Waits until what was added is on disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Writes an entry of a resource.
pub fn row(out: &mut Vec<u8>, tie: u64, version: u64, digest: u128, vector: Option<(f32, &[i8])>) {
    let (scale, numbers) = vector.unwrap_or((0.0, &[]));
    let mut bytes = vec![ROW];
    bytes.extend(tie.to_le_bytes());
    bytes.extend(version.to_le_bytes());
    bytes.extend(digest.to_le_bytes());
    bytes.extend(scale.to_le_bytes());
    bytes.extend(numbers.iter().map(|number| number.cast_unsigned()));
    entry(out, &bytes);
}

/// Writes that the text of a resource is the same at another store version.
pub fn same(out: &mut Vec<u8>, tie: u64, version: u64) {
    let mut bytes = vec![SAME];
    bytes.extend(tie.to_le_bytes());
    bytes.extend(version.to_le_bytes());
    entry(out, &bytes);
}

/// Writes that a resource is gone.
pub fn gone(out: &mut Vec<u8>, tie: u64) {
    let mut bytes = vec![GONE];
    bytes.extend(tie.to_le_bytes());
    entry(out, &bytes);
}

/// Writes how far the file has got.
pub fn mark(out: &mut Vec<u8>, (epoch, position): &Mark) {
    let mut bytes = vec![MARK];
    bytes.extend(position.0.to_le_bytes());
    bytes.extend(epoch.as_bytes());
    entry(out, &bytes);
}

fn entry(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(crc32fast::hash(bytes).to_le_bytes());
    out.extend(bytes);
}

/// Reads a file; answers where its last whole entry ends, or `None` when it is not of this model.
fn read(mut file: BufReader<File>, head: &str, held: &mut Held) -> io::Result<Option<u64>> {
    let mut first = Vec::new();
    file.by_ref().take(4_096).read_until(b'\n', &mut first)?;
    if first != head.as_bytes() {
        return Ok(None);
    }
    let mut end = first.len() as u64;
    let mut bytes = Vec::new();
    loop {
        let mut lead = [0; 8];
        match file.read_exact(&mut lead) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Some(end)),
            read => read?,
        }
        let [a, b, c, d, e, f, g, h] = lead;
        let (length, sum) = (u32::from_le_bytes([a, b, c, d]) as usize, u32::from_le_bytes([e, f, g, h]));
        if length > LONGEST {
            return Ok(Some(end));
        }
        bytes.resize(length, 0);
        match file.read_exact(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Some(end)),
            read => read?,
        }
        if crc32fast::hash(&bytes) != sum || take(&bytes, held).is_none() {
            return Ok(Some(end));
        }
        end += 8 + length as u64;
        held.entries += 1;
    }
}

/// Takes an entry in; `None` when it is none.
fn take(bytes: &[u8], held: &mut Held) -> Option<()> {
    let (kind, rest) = bytes.split_first()?;
    match *kind {
        ROW => {
            let (tie, rest) = rest.split_first_chunk::<8>()?;
            let (version, rest) = rest.split_first_chunk::<8>()?;
            let (digest, rest) = rest.split_first_chunk::<16>()?;
            let (scale, numbers) = rest.split_first_chunk::<4>()?;
            let numbers: Box<[i8]> = numbers.iter().map(|byte| byte.cast_signed()).collect();
            let vector = (!numbers.is_empty()).then(|| Packed { scale: f32::from_le_bytes(*scale), numbers });
            let (tie, version) = (u64::from_le_bytes(*tie), u64::from_le_bytes(*version));
            held.table.put(tie, version, u128::from_le_bytes(*digest), vector.as_ref()).then_some(())
        }
        SAME => {
            let (tie, version) = rest.split_first_chunk::<8>()?;
            held.table.renew(u64::from_le_bytes(*tie), u64::from_le_bytes(version.try_into().ok()?));
            Some(())
        }
        GONE => {
            held.table.remove(u64::from_le_bytes(rest.try_into().ok()?));
            Some(())
        }
        MARK => {
            let (position, epoch) = rest.split_first_chunk::<8>()?;
            held.mark = Some((String::from_utf8(epoch.to_vec()).ok()?, Position(u64::from_le_bytes(*position))));
            Some(())
        }
        _ => None,
    }
}

/// Writes what is in force into a new file that takes the place of the old one.
fn write_anew(path: &Path, head: &str, held: &Held) -> io::Result<File> {
    let new = path.with_extension("new");
    let mut writer = BufWriter::new(File::options().create(true).truncate(true).read(true).write(true).open(&new)?);
    writer.write_all(head.as_bytes())?;
    let mut bytes = Vec::new();
    for (tie, known, vector) in held.table.iter() {
        bytes.clear();
        row(&mut bytes, tie, known.version, known.digest, vector);
        writer.write_all(&bytes)?;
    }
    bytes.clear();
    held.mark.iter().for_each(|held| mark(&mut bytes, held));
    writer.write_all(&bytes)?;
    let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    Ok(file)
}
