//! Looks terms up once in every segment: their postings, and how rare they are in all of them.

use super::bm25::{Saturation, idf};
use crate::search::query::plan::Clause;
use std::sync::Arc;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::TermInfo;
use tantivy::schema::{Field, FieldType};
use tantivy::{InvertedIndexReader, Searcher, Term};

/// One clause over all segments.
pub struct Found {
    /// Where the term stands in each segment.
    pub infos: Vec<Option<TermInfo>>,
    /// Weight with rarity.
    pub weight: f32,
    /// Place of its field in [`Terms::fields`].
    pub field: usize,
}

/// What the clauses of one field share.
pub struct FieldTerms {
    /// The field.
    pub field: Field,
    /// Its postings in each segment.
    pub inverted: Vec<Arc<InvertedIndexReader>>,
    /// Its lengths in each segment; `None` when the field does not keep any.
    pub norms: Vec<Option<FieldNormReader>>,
    /// Length and frequency.
    pub saturation: Saturation,
}

/// Clauses looked up.
pub struct Terms {
    /// Fields that the clauses are of.
    pub fields: Vec<FieldTerms>,
    /// Clauses that stand in any segment.
    pub found: Vec<Found>,
    /// What a document could score that holds every clause at usual length once.
    pub possible: f32,
}

/// Looks clauses up.
///
/// # Errors
/// When the index cannot be read.
pub fn look_up(searcher: &Searcher, clauses: &[Clause]) -> tantivy::Result<Terms> {
    let all: u64 = searcher.segment_readers().iter().map(|segment| u64::from(segment.max_doc())).sum();
    let mut terms = Terms { fields: Vec::new(), found: Vec::new(), possible: 0.0 };
    for clause in clauses {
        let field = match terms.fields.iter().position(|known| known.field == clause.field) {
            Some(known) => known,
            None => {
                terms.fields.push(open_field(searcher, clause.field, all)?);
                terms.fields.len() - 1
            }
        };
        let Some(opened) = terms.fields.get(field) else { continue };
        let term = Term::from_field_text(clause.field, &clause.text);
        let mut infos = Vec::with_capacity(opened.inverted.len());
        let mut holding = 0;
        for inverted in &opened.inverted {
            let info = inverted.get_term_info(&term)?;
            holding += info.as_ref().map_or(0, |info| u64::from(info.doc_freq));
            infos.push(info);
        }
        let weight = clause.weight * idf(holding, all);
        if holding > 0 {
            terms.found.push(Found { infos, weight, field });
        }
        if clause.counts && holding > 0 {
            terms.possible += weight;
        }
    }
    Ok(terms)
}

fn open_field(searcher: &Searcher, field: Field, all: u64) -> tantivy::Result<FieldTerms> {
    let has_norms = match searcher.schema().get_field_entry(field).field_type() {
        FieldType::Str(options) => options.get_indexing_options().is_some_and(|indexing| indexing.fieldnorms()),
        _ => false,
    };
    let mut inverted = Vec::new();
    let mut norms = Vec::new();
    let mut tokens = 0;
    for segment in searcher.segment_readers() {
        let reader = segment.inverted_index(field)?;
        tokens += reader.total_num_tokens();
        inverted.push(reader);
        norms.push(if has_norms { Some(segment.get_fieldnorms_reader(field)?) } else { None });
    }
    let saturation = Saturation::new(tokens as f32 / all.max(1) as f32);
    Ok(FieldTerms { field, inverted, norms, saturation })
}
