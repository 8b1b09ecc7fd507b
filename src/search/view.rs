//! What a generation shows between two commits, with what searches keep asking of it.
//!
//! A view is replaced whole by the next commit, so nothing in it has to be forgotten by itself.

use super::execute::terms::{FieldTerms, Standing};
use super::sketch::Sketch;
use moka::sync::Cache;
use std::sync::Arc;
use tantivy::Searcher;
use tantivy::columnar::Column;
use tantivy::schema::Field;

/// Terms whose places are kept: people ask for the same words again and again, and looking a word up in every segment
/// costs as much as scoring a rare one.
const TERMS: u64 = 20_000;
/// Columns that are kept open: a few of each segment. To find one by its name takes longer than to read a hundred values.
const COLUMNS: u64 = 1_000;

/// A searcher and what is kept for it.
pub struct View {
    searcher: Searcher,
    documents: u64,
    fields: Cache<u32, Arc<FieldTerms>>,
    terms: Cache<(u32, String), Arc<Standing>>,
    columns: Cache<(u32, &'static str), Column<u64>>,
    vocabulary: Arc<Sketch>,
}

impl View {
    /// Over a searcher, whose words are in the field `spelling`; `before` is the view that this one replaces.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn of(searcher: Searcher, spelling: Field, before: Option<&Self>) -> tantivy::Result<Self> {
        let documents = searcher.segment_readers().iter().map(|segment| u64::from(segment.max_doc())).sum();
        let vocabulary = Sketch::of(&searcher, spelling, before.map(|view| (&view.searcher, &view.vocabulary)))?;
        let (fields, terms, columns) = (Cache::new(64), Cache::new(TERMS), Cache::new(COLUMNS));
        Ok(Self { searcher, documents, fields, terms, columns, vocabulary })
    }

    /// What its vocabulary could hold.
    pub fn vocabulary(&self) -> &Sketch {
        &self.vocabulary
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

    /// A column of numbers of a segment.
    ///
    /// # Errors
    /// When there is no such column.
    pub fn column(&self, segment: u32, name: &'static str) -> tantivy::Result<Column<u64>> {
        if let Some(known) = self.columns.get(&(segment, name)) {
            return Ok(known);
        }
        let opened = self.searcher.segment_reader(segment).fast_fields().u64(name)?;
        self.columns.insert((segment, name), opened.clone());
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
