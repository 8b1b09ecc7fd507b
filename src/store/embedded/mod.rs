//! Engines inside this process: one plan of what a group writes, and three small adapters that keep rows.
//!
//! An adapter knows rows only. What guards, positions, index rows, change rows and facts are is said once, in [`group`]. To
//! add an embedded engine: implement [`KeepsRows`], name it in `open.rs`, run the conformance suite on it.

mod group;
pub mod memory;
pub mod redb;
pub mod sled;

use super::engine::{Engine, EngineError, EngineKind, Outcome, Row, Rows, Span, Stamped};
use super::keyspace;
use crate::domain::change::Position;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// What is written under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The new value; `None` deletes.
    pub value: Option<Vec<u8>>,
    /// How many parts the value now there lies in besides its row (see [`Stamp::parts`]); `None` = not known.
    pub parts_before: Option<u32>,
}

/// Rows to write, in key order.
pub type Writes = BTreeMap<Vec<u8>, Write>;

/// What a guard needs to know of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The first eight bytes of the value: a record's version.
    pub version: Position,
    /// In how many parts besides its row the value lies; 0 in engines that do not cut values.
    pub parts: u32,
}

/// A look at the rows: of one instant where the engine can do that.
pub trait Reader {
    /// The value under a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError>;

    /// The rows of a stretch.
    fn range(&self, span: &Span) -> Result<Rows, EngineError>;

    /// Version and parts of the value under a key.
    fn stamp(&self, key: &[u8]) -> Result<Option<Stamp>, EngineError> {
        let Some(value) = self.get(key)? else { return Ok(None) };
        let version = keyspace::position(&value).ok_or_else(|| EngineError::Damaged("a value without a version".to_owned()))?;
        Ok(Some(Stamp { version, parts: 0 }))
    }
}

/// Something that keeps rows in key order.
pub trait KeepsRows: Send + Sync + Sized + 'static {
    /// Which one it is.
    const KIND: EngineKind;

    /// A look at the rows as they are now.
    fn reader(&self) -> Result<Box<dyn Reader + '_>, EngineError>;

    /// Writes all of it or nothing; on disk when this returns.
    fn apply(&self, writes: Writes) -> Result<(), EngineError>;

    /// Finishes and gives the files free.
    fn close(self) -> Result<(), EngineError>;
}

/// Takes rows until the limit of the stretch is reached, and sees whether there are more.
fn collect(rows: impl Iterator<Item = Result<Row, EngineError>>, span: &Span) -> Result<Rows, EngineError> {
    let (mut taken, mut bytes) = (Rows::default(), 0usize);
    for row in rows {
        if taken.rows.len() >= span.limit || (bytes >= span.max_bytes && !taken.rows.is_empty()) {
            // A row that cannot be read is met again, as an error, by whoever goes on from here.
            taken.more = true;
            break;
        }
        let (key, value) = row?;
        bytes = bytes.saturating_add(key.len()).saturating_add(value.len());
        taken.rows.push((key, value));
    }
    Ok(taken)
}

/// An engine made of rows in this process.
pub struct Embedded<R> {
    rows: Arc<RwLock<Option<R>>>,
}

impl<R: KeepsRows> Embedded<R> {
    /// Takes the rows over.
    pub fn new(rows: R) -> Self {
        Self { rows: Arc::new(RwLock::new(Some(rows))) }
    }

    fn with<T>(rows: &RwLock<Option<R>>, work: impl FnOnce(&R) -> Result<T, EngineError>) -> Result<T, EngineError> {
        let held = rows.read().unwrap_or_else(PoisonError::into_inner);
        work(held.as_ref().ok_or(EngineError::Closed)?)
    }

    /// Runs `work` where it may block: memory does not, the others leave the async threads.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Reader) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        if R::KIND == EngineKind::Memory {
            return Self::with(&self.rows, |rows| work(rows.reader()?.as_ref()));
        }
        let rows = Arc::clone(&self.rows);
        let task = tokio::task::spawn_blocking(move || Self::with(&rows, |rows| work(rows.reader()?.as_ref())));
        task.await.map_err(|error| EngineError::Failed(format!("the engine panicked while reading: {error}")))?
    }
}

#[async_trait::async_trait]
impl<R: KeepsRows> Engine for Embedded<R> {
    fn kind(&self) -> EngineKind {
        R::KIND
    }

    async fn get(&self, keys: Vec<Vec<u8>>) -> Result<Vec<Option<Vec<u8>>>, EngineError> {
        self.read(move |reader| keys.iter().map(|key| reader.get(key)).collect()).await
    }

    async fn range(&self, span: Span) -> Result<Rows, EngineError> {
        self.read(move |reader| reader.range(&span)).await
    }

    async fn commit(&self, group: Vec<Stamped>) -> Result<Vec<Outcome>, EngineError> {
        Self::with(&self.rows, |rows| {
            let plan = group::plan(rows.reader()?.as_ref(), group)?;
            if !plan.writes.is_empty() {
                rows.apply(plan.writes)?;
            }
            Ok(plan.outcomes)
        })
    }

    async fn write(&self, rows: Vec<(Vec<u8>, Option<Vec<u8>>)>) -> Result<(), EngineError> {
        let writes = rows.into_iter().map(|(key, value)| (key, Write { value, parts_before: None })).collect();
        Self::with(&self.rows, |rows| rows.apply(writes))
    }

    async fn head(&self) -> Result<Position, EngineError> {
        self.read(group::head).await
    }

    async fn close(&self) -> Result<(), EngineError> {
        let taken = self.rows.write().unwrap_or_else(PoisonError::into_inner).take();
        taken.map_or(Ok(()), KeepsRows::close)
    }
}
