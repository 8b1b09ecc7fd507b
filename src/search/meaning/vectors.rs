//! The vectors as the rest of the program holds them: many look, one keeps.

use super::log::{self, Log, Mark};
use super::{Known, Packed, Table};
use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A resource with its vector.
#[derive(Clone, Debug)]
pub struct Row {
    /// Hash of its id, as the index has it.
    pub tie: u64,
    /// Store version of it.
    pub version: u64,
    /// Digest of the text.
    pub digest: u128,
    /// The vector; none where the service makes none of this text.
    pub vector: Option<Packed>,
}

/// The vectors of one model. What is written is on disk after [`Vectors::set_mark`]; its calls wait for the disk.
pub struct Vectors {
    table: RwLock<Table>,
    log: Mutex<Log>,
    mark: Mutex<Option<Mark>>,
}

impl Vectors {
    /// Opens the file with the vectors of this model, or begins one where there is none or it holds another model's.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn open(path: &Path, model: &str) -> io::Result<Self> {
        let (log, held) = Log::open(path, model)?;
        Ok(Self { table: RwLock::new(held.table), log: Mutex::new(log), mark: Mutex::new(held.mark) })
    }

    /// The table, to look into for a moment.
    pub fn table(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of a resource.
    pub fn known(&self, tie: u64) -> Option<Known> {
        self.table().known(tie)
    }

    /// How far the vectors have got.
    pub fn mark(&self) -> Option<Mark> {
        self.mark.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps rows; `false`, and none is kept, when a vector has another length than those there are.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn put(&self, rows: &[Row]) -> io::Result<bool> {
        let mut length = self.table().length();
        for vector in rows.iter().filter_map(|row| row.vector.as_ref()) {
            if length != 0 && vector.numbers.len() != length {
                return Ok(false);
            }
            length = vector.numbers.len();
        }
        let mut bytes = Vec::new();
        for row in rows {
            let vector = row.vector.as_ref().map(|vector| (vector.scale, &*vector.numbers));
            log::row(&mut bytes, row.tie, row.version, row.digest, vector);
        }
        self.log().append(&bytes)?;
        let mut table = self.write();
        Ok(rows.iter().all(|row| table.put(row.tie, row.version, row.digest, row.vector.as_ref())))
    }

    /// Says that the texts of these resources are the same at another store version.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn renew(&self, same: &[(u64, u64)]) -> io::Result<()> {
        let mut bytes = Vec::new();
        let mut table = self.write();
        for (tie, version) in same {
            if table.renew(*tie, *version) {
                log::same(&mut bytes, *tie, *version);
            }
        }
        drop(table);
        self.log().append(&bytes)
    }

    /// Forgets resources.
    ///
    /// # Errors
    /// When the disk refuses; they are forgotten until the next start all the same.
    pub fn remove(&self, ties: &[u64]) -> io::Result<()> {
        let mut bytes = Vec::new();
        let mut table = self.write();
        for tie in ties {
            if table.remove(*tie) {
                log::gone(&mut bytes, *tie);
            }
        }
        drop(table);
        self.log().append(&bytes)
    }

    /// Forgets all resources but these.
    ///
    /// # Errors
    /// As [`Vectors::remove`].
    pub fn keep_only(&self, ties: &HashSet<u64>) -> io::Result<()> {
        let others = self.table().others(ties);
        self.remove(&others)
    }

    /// Says how far the vectors have got, and waits until all is on disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn set_mark(&self, mark: Mark) -> io::Result<()> {
        let mut bytes = Vec::new();
        log::mark(&mut bytes, &mark);
        let mut log = self.log();
        log.append(&bytes)?;
        log.sync()?;
        *self.mark.lock().unwrap_or_else(PoisonError::into_inner) = Some(mark);
        Ok(())
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::Position;

    fn row(tie: u64, vector: &[f32]) -> Row {
        Row { tie, version: 1, digest: u128::from(tie), vector: Packed::of(vector) }
    }

    fn toward(vectors: &Vectors, tie: u64, query: &[f32]) -> Option<f32> {
        vectors.table().cosine(tie, &Packed::of(query).unwrap())
    }

    #[test]
    fn what_was_kept_is_there_at_the_next_start_and_torn_ends_are_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("meaning").join("vectors");
        let vectors = Vectors::open(&path, "model").unwrap();
        assert!(vectors.put(&[row(1, &[1.0, 0.0]), row(2, &[0.0, 3.0]), row(3, &[])]).unwrap());
        assert!(vectors.put(&[row(1, &[1.0, 1.0])]).unwrap());
        assert!(!vectors.put(&[row(4, &[1.0, 0.0]), row(5, &[1.0])]).unwrap(), "of another length");
        vectors.remove(&[2]).unwrap();
        vectors.set_mark(("epoch".to_owned(), Position(7))).unwrap();
        drop(vectors);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&whole[..], &[9, 0, 0, 0, 1, 2, 3]].concat()).unwrap();
        for _ in 0..2 {
            let vectors = Vectors::open(&path, "model").unwrap();
            assert_eq!(vectors.mark(), Some(("epoch".to_owned(), Position(7))));
            assert_eq!((vectors.table().len(), vectors.known(2), vectors.known(4)), (2, None, None));
            assert!((toward(&vectors, 1, &[1.0, 1.0]).unwrap() - 1.0).abs() < 0.01);
            assert_eq!((toward(&vectors, 3, &[1.0, 1.0]), vectors.known(3).map(|known| known.digest)), (None, Some(3)));
        }
        assert_eq!(std::fs::read(&path).unwrap(), whole);
        let other = Vectors::open(&path, "another").unwrap();
        assert!(other.table().is_empty() && other.mark().is_none());
    }

    #[test]
    fn a_file_of_much_in_vain_is_written_anew() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vectors");
        let vectors = Vectors::open(&path, "model").unwrap();
        for turn in 0..1_200_u64 {
            assert!(vectors.put(&[row(turn % 3, &[1.0, turn as f32])]).unwrap());
        }
        vectors.keep_only(&HashSet::from([0, 1])).unwrap();
        vectors.set_mark(("epoch".to_owned(), Position(1))).unwrap();
        let before = std::fs::metadata(&path).unwrap().len();
        drop(vectors);
        let vectors = Vectors::open(&path, "model").unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() * 100 < before);
        vectors.set_mark(("epoch".to_owned(), Position(2))).unwrap();
        drop(vectors);
        let vectors = Vectors::open(&path, "model").unwrap();
        assert_eq!((vectors.table().len(), vectors.mark().unwrap().1), (2, Position(2)));
        assert!((toward(&vectors, 1, &[1.0, 1_198.0]).unwrap() - 1.0).abs() < 0.01);
    }
}
