//! Which documents of a segment may be seen or are asked for: sets made from postings, kept as long as the segment.

use crate::search::generation::{Generation, Passing};
use crate::search::measures::Span;
use crate::search::schema::Facet;
use std::collections::BTreeSet;
use std::sync::Arc;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, SegmentReader, Term};

/// What the viewer may see. Where every document of the segment carries one of the viewer's tokens there is nothing to
/// check, which is the common case of the anonymous visitor.
///
/// # Errors
/// When the index cannot be read.
pub fn visible(generation: &Generation, segment: &SegmentReader, tokens: &BTreeSet<String>) -> tantivy::Result<Passing> {
    any_of(generation, segment, generation.fields().grants, tokens)
}

/// What carries one of the values of a facet.
///
/// # Errors
/// When the index cannot be read.
pub fn facet(generation: &Generation, segment: &SegmentReader, facet: Facet, values: &BTreeSet<String>) -> tantivy::Result<Passing> {
    any_of(generation, segment, generation.fields().facet(facet), values)
}

/// What lies within a range of a column. Kept nowhere: hardly two requests ask for the same one.
///
/// # Errors
/// When the column cannot be read.
pub fn within(segment: &SegmentReader, (measure, range): &Span) -> tantivy::Result<Passing> {
    let column = segment.fast_fields().u64(measure.name())?;
    let mut docs = Vec::new();
    column.get_docids_for_value_range(range.clone(), 0..segment.max_doc(), &mut docs);
    // A range that ends before the least value of the segment is answered with that value.
    docs.retain(|doc| column.values_for_doc(*doc).any(|value| range.contains(&value)));
    let mut set = BitSet::with_max_value(segment.max_doc());
    for doc in docs {
        set.insert(doc);
    }
    Ok(Some(Arc::new(set)))
}

/// Whether a document lives and passes.
pub fn allowed(segment: &SegmentReader, passing: Option<&BitSet>, doc: u32) -> bool {
    passing.is_none_or(|set| set.contains(doc)) && segment.alive_bitset().is_none_or(|alive| alive.is_alive(doc))
}

fn any_of(generation: &Generation, segment: &SegmentReader, field: Field, values: &BTreeSet<String>) -> tantivy::Result<Passing> {
    let joined = values.iter().map(String::as_str).collect::<Vec<_>>().join("\0");
    let key = (segment.segment_id(), field.field_id(), joined);
    if let Some(known) = generation.filters().get(&key) {
        return Ok(known);
    }
    let inverted = segment.inverted_index(field)?;
    let mut set = BitSet::with_max_value(segment.max_doc());
    for value in values {
        let Some(info) = inverted.get_term_info(&Term::from_field_text(field, value))? else { continue };
        let mut postings = inverted.read_block_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
        while !postings.docs().is_empty() {
            for doc in postings.docs() {
                set.insert(*doc);
            }
            postings.advance();
        }
    }
    let passing = (set.len() < segment.max_doc() as usize).then(|| Arc::new(set));
    generation.filters().insert(key, passing.clone());
    Ok(passing)
}
