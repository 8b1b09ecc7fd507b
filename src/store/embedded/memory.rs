//! Rows in memory: for tests.

use super::{KeepsRows, Reader, Writes};
use crate::store::engine::{EngineError, EngineKind, Rows, Span};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

/// Rows in memory.
#[derive(Default)]
pub struct MemoryRows(RwLock<Map>);

struct MemoryReader<'a>(RwLockReadGuard<'a, Map>);

impl Reader for MemoryReader<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.0.get(key).cloned())
    }

    fn range(&self, span: &Span) -> Result<Rows, EngineError> {
        if span.to.as_ref().is_some_and(|to| *to <= span.from) {
            return Ok(Rows::default());
        }
        let to = span.to.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let stretch = self.0.range::<[u8], _>((Bound::Included(span.from.as_slice()), to));
        let rows = stretch.map(|(key, value)| Ok((key.clone(), value.clone())));
        if span.reverse { super::collect(rows.rev(), span) } else { super::collect(rows, span) }
    }
}

impl KeepsRows for MemoryRows {
    const KIND: EngineKind = EngineKind::Memory;

    fn reader(&self) -> Result<Box<dyn Reader + '_>, EngineError> {
        Ok(Box::new(MemoryReader(self.0.read().unwrap_or_else(PoisonError::into_inner))))
    }

    fn apply(&self, writes: Writes) -> Result<(), EngineError> {
        let mut rows = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (key, write) in writes {
            match write.value {
                Some(value) => rows.insert(key, value),
                None => rows.remove(&key),
            };
        }
        Ok(())
    }

    fn close(self) -> Result<(), EngineError> {
        Ok(())
    }
}
