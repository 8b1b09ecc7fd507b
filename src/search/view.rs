//! What a generation shows between two commits, with what searches keep asking of it.
//!
//! A view is replaced whole by the next commit, so nothing in it has to be forgotten by itself.

use super::execute::terms::{FieldTerms, Standing};
use moka::sync::Cache;
use std::sync::Arc;
use tantivy::Searcher;
use tantivy::schema::Field;

/// Terms whose places are kept: people ask for the same words again and again, and looking a word up in every segment
/// costs as much as scoring a rare one.
const TERMS: u64 = 20_000;

/// A searcher and what is kept for it.
pub struct View {
    searcher: Searcher,
    documents: u64,
    fields: Cache<u32, Arc<FieldTerms>>,
    terms: Cache<(u32, String), Arc<Standing>>,
}

impl View {
    /// Over a searcher.
    pub fn of(searcher: Searcher) -> Self {
        let documents = searcher.segment_readers().iter().map(|segment| u64::from(segment.max_doc())).sum();
        Self { searcher, documents, fields: Cache::new(64), terms: Cache::new(TERMS) }
    }

    /// The searcher.
    pub fn searcher(&self) -> &Searcher {
        &self.searcher
    }

    /// Documents of all segments, deleted ones that are not merged away yet included.
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// What the terms of a field share.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn field(&self, field: Field) -> tantivy::Result<Arc<FieldTerms>> {
        if let Some(known) = self.fields.get(&field.field_id()) {
            return Ok(known);
        }
        let opened = Arc::new(FieldTerms::open(&self.searcher, field, self.documents)?);
        self.fields.insert(field.field_id(), Arc::clone(&opened));
        Ok(opened)
    }

    /// Where a term stands.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn term(&self, terms: &FieldTerms, field: Field, text: &str) -> tantivy::Result<Arc<Standing>> {
        let key = (field.field_id(), text.to_owned());
        if let Some(known) = self.terms.get(&key) {
            return Ok(known);
        }
        let standing = Arc::new(Standing::read(terms, field, text)?);
        self.terms.insert(key, Arc::clone(&standing));
        Ok(standing)
    }
}
