//! Rows in redb: one table, one file, immediate durability.

use super::{KeepsRows, Reader, Writes};
use crate::store::data_dir::{remove_if_there, sync_dir};
use crate::store::engine::{EngineError, EngineKind, Rows, Span};
use redb::{
    AccessGuard, Builder, Database, DatabaseError, Durability, ReadOnlyTable, ReadableDatabase, StorageError, TableDefinition, TableError,
};
use std::io::ErrorKind;
use std::ops::Bound;
use std::path::Path;

const ROWS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("rows");
/// Bytes of cache.
const CACHE: usize = 64 << 20;

/// Rows in redb.
pub struct RedbRows(Database);

impl RedbRows {
    /// Opens or makes `<dir>/store.redb`.
    pub fn open(dir: &Path) -> Result<Self, EngineError> {
        std::fs::create_dir_all(dir).map_err(EngineError::failed)?;
        let file = dir.join("store.redb");
        if !std::fs::exists(&file).map_err(EngineError::failed)? {
            make(dir, &file)?;
        }
        builder().open(file).map(Self).map_err(why_not)
    }
}

/// Makes an empty store under another name first: one that was left half-made would be held to be damaged.
fn make(dir: &Path, file: &Path) -> Result<(), EngineError> {
    let half = file.with_extension("half");
    remove_if_there(&half).map_err(EngineError::failed)?;
    let database = builder().create(&half).map_err(why_not)?;
    let transaction = database.begin_write().map_err(EngineError::failed)?;
    transaction.open_table(ROWS).map_err(EngineError::failed)?;
    transaction.commit().map_err(EngineError::failed)?;
    drop(database);
    std::fs::rename(half, file).and_then(|()| sync_dir(dir)).map_err(EngineError::failed)
}

fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE);
    builder
}

/// Tells damaged files from a disk that does not answer.
fn why_not(error: DatabaseError) -> EngineError {
    let damaged = match &error {
        DatabaseError::Storage(StorageError::Corrupted(_)) | DatabaseError::RepairAborted => true,
        DatabaseError::Storage(StorageError::Io(error)) => matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof),
        _ => false,
    };
    if damaged { EngineError::Damaged(error.to_string()) } else { EngineError::failed(error) }
}

type Found<'a> = Result<(AccessGuard<'a, &'static [u8]>, AccessGuard<'a, &'static [u8]>), StorageError>;

struct RedbReader(Option<ReadOnlyTable<&'static [u8], &'static [u8]>>);

impl Reader for RedbReader {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        let Some(table) = &self.0 else { return Ok(None) };
        Ok(table.get(key).map_err(EngineError::failed)?.map(|value| value.value().to_vec()))
    }

    fn range(&self, span: &Span) -> Result<Rows, EngineError> {
        let Some(table) = &self.0 else { return Ok(Rows::default()) };
        if span.to.as_ref().is_some_and(|to| *to <= span.from) {
            return Ok(Rows::default());
        }
        let to = span.to.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let stretch = table.range::<&[u8]>((Bound::Included(span.from.as_slice()), to)).map_err(EngineError::failed)?;
        let own = |row: Found<'_>| {
            let (key, value) = row.map_err(EngineError::failed)?;
            Ok((key.value().to_vec(), value.value().to_vec()))
        };
        if span.reverse { super::collect(stretch.rev().map(own), span) } else { super::collect(stretch.map(own), span) }
    }
}

impl KeepsRows for RedbRows {
    const KIND: EngineKind = EngineKind::Redb;

    fn reader(&self) -> Result<Box<dyn Reader + '_>, EngineError> {
        let transaction = self.0.begin_read().map_err(EngineError::failed)?;
        match transaction.open_table(ROWS) {
            Ok(table) => Ok(Box::new(RedbReader(Some(table)))),
            Err(TableError::TableDoesNotExist(_)) => Ok(Box::new(RedbReader(None))),
            Err(error) => Err(EngineError::failed(error)),
        }
    }

    fn apply(&self, writes: Writes) -> Result<(), EngineError> {
        let mut transaction = self.0.begin_write().map_err(EngineError::failed)?;
        transaction.set_durability(Durability::Immediate).map_err(EngineError::failed)?;
        {
            let mut table = transaction.open_table(ROWS).map_err(EngineError::failed)?;
            for (key, write) in &writes {
                match &write.value {
                    Some(value) => table.insert(key.as_slice(), value.as_slice()).map(drop),
                    None => table.remove(key.as_slice()).map(drop),
                }
                .map_err(EngineError::failed)?;
            }
        }
        transaction.commit().map_err(EngineError::failed)
    }

    fn close(self) -> Result<(), EngineError> {
        // Dropping the database finishes it.
        Ok(())
    }
}
