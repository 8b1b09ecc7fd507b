//! Reading records: by key, in key order, by an index.

use super::engine::{RANGE_BYTES, Span, after_prefix};
use super::error::StoreError;
use super::page::{Page, PageRequest, read_cursor, write_cursor};
use super::{Store, envelope, keyspace};
use crate::domain::record::{IndexRow, Key, Record, Stored, decode};

impl Store {
    /// The record under `key`.
    pub async fn get<R: Record>(&self, key: &Key) -> Result<Option<Stored<R>>, StoreError> {
        Ok(self.get_many(std::slice::from_ref(key)).await?.into_iter().next().flatten())
    }

    /// The records under `keys`, in their order.
    pub async fn get_many<R: Record>(&self, keys: &[Key]) -> Result<Vec<Option<Stored<R>>>, StoreError> {
        let rows = self.engine().get(keys.iter().map(|key| keyspace::record(R::TABLE, key)).collect()).await?;
        rows.into_iter().zip(keys).map(|(row, key)| row.map(|bytes| unwrap(key, &bytes)).transpose()).collect()
    }

    /// The records whose keys begin with `prefix` (empty = all), in key order.
    pub async fn list<R: Record>(&self, prefix: &Key, request: PageRequest) -> Result<Page<Stored<R>>, StoreError> {
        let base = keyspace::table(R::TABLE);
        let (rows, next) = self.stretch(&base, prefix, &request).await?;
        let items = rows.iter().map(|(key, value)| unwrap(&Key(key.clone()), value)).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }

    /// The records that `index` finds under index keys that begin with `prefix`, in index order.
    ///
    /// [`Key::prefix`] of all parts of an index key finds exactly that key.
    pub async fn list_by<R: Record>(&self, index: &'static str, prefix: &Key, request: PageRequest) -> Result<Page<Stored<R>>, StoreError> {
        let base = keyspace::index(R::TABLE, index);
        let (rows, next) = self.stretch(&base, prefix, &request).await?;
        let damaged = |key: &[u8]| StoreError::Damaged { table: R::TABLE, key: readable(key) };
        let split = rows.iter().map(|(row, _)| keyspace::split_index_row(row).ok_or_else(|| damaged(row)));
        let (index_keys, keys): (Vec<Key>, Vec<Key>) = split.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        let found = self.get_many::<R>(&keys).await?;
        // The record may have moved on between the two reads: then it no longer belongs to this list.
        let items = index_keys.into_iter().zip(found).filter_map(|(key, found)| {
            let row = IndexRow { index, key };
            found.filter(|stored| stored.value.indexes().contains(&row))
        });
        Ok(Page { items: items.collect(), next })
    }

    /// Rows below `base` whose rest begins with `prefix`, keys without `base`; and the cursor to go on with.
    async fn stretch(
        &self,
        base: &[u8],
        prefix: &Key,
        request: &PageRequest,
    ) -> Result<(Vec<super::engine::Row>, Option<String>), StoreError> {
        let whole = [base, prefix.as_bytes()].concat();
        let mut span = Span { reverse: request.reverse, max_bytes: RANGE_BYTES, ..Span::prefix(&whole, request.size()) };
        if let Some(cursor) = &request.cursor {
            let rest = read_cursor(cursor)?;
            if !rest.starts_with(prefix.as_bytes()) {
                return Err(StoreError::BadCursor);
            }
            let mut last = [base, &rest].concat();
            if request.reverse {
                span.to = Some(last);
            } else {
                last.push(0);
                span.from = last;
            }
        }
        debug_assert!(request.cursor.is_some() || span.to == after_prefix(&whole));
        let found = self.engine().range(span).await?;
        let strip = |key: Vec<u8>| key.get(base.len()..).unwrap_or_default().to_vec();
        let rows: Vec<_> = found.rows.into_iter().map(|(key, value)| (strip(key), value)).collect();
        let next = rows.last().filter(|_| found.more).map(|(key, _)| write_cursor(key));
        Ok((rows, next))
    }
}

fn unwrap<R: Record>(key: &Key, bytes: &[u8]) -> Result<Stored<R>, StoreError> {
    let sealed = envelope::open(bytes).ok_or_else(|| StoreError::Damaged { table: R::TABLE, key: readable(key.as_bytes()) })?;
    Ok(Stored { value: decode(sealed.schema, sealed.json)?, version: sealed.version })
}

/// A key for people: parts joined by `/`.
pub(super) fn readable(key: &[u8]) -> String {
    String::from_utf8_lossy(key).replace('\0', "/")
}
