//! Looks terms up once in every segment: their postings, and how rare they are in all of them.

use super::bm25::{Saturation, idf};
use super::scale::{Scale, fields_of};
use super::sight::Sight;
use crate::search::query::plan::Clause;
use crate::search::view::View;
use std::sync::Arc;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::TermInfo;
use tantivy::schema::{Field, FieldType};
use tantivy::{InvertedIndexReader, Searcher, Term};

/// Where a term stands in each segment.
pub struct Standing {
    /// Its postings, by place of the segment.
    pub infos: Vec<Option<TermInfo>>,
    /// Documents that hold it.
    pub holding: u64,
}

/// One clause over all segments.
#[derive(Clone)]
pub struct Found {
    /// Its place among the clauses.
    pub clause: usize,
    /// Where the term stands.
    pub standing: Arc<Standing>,
    /// Weight with rarity.
    pub weight: f32,
    /// Length and frequency.
    pub saturation: Arc<Saturation>,
    /// Its field.
    pub field: Arc<FieldTerms>,
}

/// What the terms of one field share.
pub struct FieldTerms {
    /// Postings, by place of the segment.
    pub inverted: Vec<Arc<InvertedIndexReader>>,
    /// Lengths, by place of the segment; `None` when the field does not keep any.
    pub norms: Vec<Option<FieldNormReader>>,
    /// Length and frequency, as they are now.
    pub saturation: Arc<Saturation>,
}

/// Clauses looked up.
#[derive(Default)]
pub struct Terms {
    /// Clauses that stand in any segment.
    pub found: Vec<Found>,
    /// What a document could score that holds every clause that counts once, at usual length.
    pub possible: f32,
}

/// Looks clauses up.
///
/// # Errors
/// When the index cannot be read.
pub fn look_up(view: &View, clauses: &[Clause]) -> tantivy::Result<Terms> {
    weighed(view, clauses, None, |_, standing| Ok(standing.holding))
}

/// Looks clauses up that are weighed by a scale made for them, or else by how they stand now in a viewer's sight.
///
/// # Errors
/// When the index cannot be read.
pub fn look_up_by(view: &View, clauses: &[Clause], scale: Option<&Scale>, sight: &Sight<'_>) -> tantivy::Result<Terms> {
    weighed(view, clauses, scale, |field, standing| sight.holding(field, standing))
}

fn weighed(
    view: &View,
    clauses: &[Clause],
    scale: Option<&Scale>,
    holding: impl Fn(&FieldTerms, &Standing) -> tantivy::Result<u64>,
) -> tantivy::Result<Terms> {
    let mut terms = Terms::default();
    let mut saturations = Vec::new();
    for (place, field) in fields_of(clauses).into_iter().enumerate() {
        let present = &view.field(field)?.saturation;
        let kept = scale.and_then(|scale| scale.length(place)).filter(|length| *length != present.mean());
        saturations.push((field, kept.map_or_else(|| Arc::clone(present), |length| Arc::new(Saturation::new(length)))));
    }
    for (place, clause) in clauses.iter().enumerate() {
        let field = view.field(clause.field)?;
        let standing = view.term(&field, clause.field, &clause.text)?;
        let weight = match scale {
            Some(scale) => scale.weight(place),
            None => match holding(&field, &standing)? {
                0 => 0.0,
                holding => clause.weight * idf(holding, view.documents()),
            },
        };
        let saturation = saturations.iter().find(|(of, _)| *of == clause.field).map(|(_, saturation)| Arc::clone(saturation));
        if let Some(saturation) = saturation.filter(|_| weight > 0.0) {
            terms.possible += if clause.counts { weight } else { 0.0 };
            terms.found.push(Found { clause: place, standing, weight, saturation, field });
        }
    }
    Ok(terms)
}

impl Standing {
    /// Looks one term up.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn read(field: &FieldTerms, of: Field, text: &str) -> tantivy::Result<Self> {
        let term = Term::from_field_text(of, text);
        let mut standing = Self { infos: Vec::with_capacity(field.inverted.len()), holding: 0 };
        for inverted in &field.inverted {
            let info = inverted.get_term_info(&term)?;
            standing.holding += info.as_ref().map_or(0, |info| u64::from(info.doc_freq));
            standing.infos.push(info);
        }
        Ok(standing)
    }
}

impl FieldTerms {
    /// Opens a field.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn open(searcher: &Searcher, field: Field, documents: u64) -> tantivy::Result<Self> {
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
        let saturation = Arc::new(Saturation::new(tokens as f32 / documents.max(1) as f32));
        Ok(Self { inverted, norms, saturation })
    }
}
