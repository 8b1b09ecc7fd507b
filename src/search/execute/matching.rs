//! Sets of documents in which a phrase stands, and those in which something begins with a lone ideograph.

use crate::search::query::plan::Phrase;
use tantivy::query::{EnableScoring, PhraseQuery, Query};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocSet, Searcher, SegmentReader, TERMINATED, Term};

/// Terms with one beginning that are looked at: all pairs of a frequent ideograph.
const MOST_TERMS: usize = 12_000;

/// The documents of a segment in which a phrase stands.
///
/// # Errors
/// When the index cannot be read.
pub fn phrase(searcher: &Searcher, segment: &SegmentReader, phrase: &Phrase) -> tantivy::Result<BitSet> {
    let mut set = BitSet::with_max_value(segment.max_doc());
    match phrase.terms.as_slice() {
        [] => {}
        [only] if phrase.prefix => return beginning_with(segment, phrase.field, only),
        [only] => add_term(segment, phrase.field, only, &mut set)?,
        several => {
            let terms = several.iter().map(|text| Term::from_field_text(phrase.field, text)).collect();
            let weight = PhraseQuery::new(terms).weight(EnableScoring::disabled_from_searcher(searcher))?;
            let mut scorer = weight.scorer(segment, 1.0)?;
            let mut doc = scorer.doc();
            while doc != TERMINATED {
                set.insert(doc);
                doc = scorer.advance();
            }
        }
    }
    Ok(set)
}

/// The documents of a segment with a term that begins so.
///
/// # Errors
/// When the index cannot be read.
pub fn beginning_with(segment: &SegmentReader, field: Field, prefix: &str) -> tantivy::Result<BitSet> {
    let mut set = BitSet::with_max_value(segment.max_doc());
    let inverted = segment.inverted_index(field)?;
    let mut end = prefix.as_bytes().to_vec();
    end.push(0xff);
    let mut stream = inverted.terms().range().ge(prefix.as_bytes()).lt(&end).into_stream()?;
    let mut looked_at = 0;
    while looked_at < MOST_TERMS && stream.advance() {
        let mut postings = inverted.read_block_postings_from_terminfo(stream.value(), IndexRecordOption::Basic)?;
        while !postings.docs().is_empty() {
            for doc in postings.docs() {
                set.insert(*doc);
            }
            postings.advance();
        }
        looked_at += 1;
    }
    Ok(set)
}

fn add_term(segment: &SegmentReader, field: Field, text: &str, set: &mut BitSet) -> tantivy::Result<()> {
    let inverted = segment.inverted_index(field)?;
    if let Some(mut postings) = inverted.read_block_postings(&Term::from_field_text(field, text), IndexRecordOption::Basic)? {
        while !postings.docs().is_empty() {
            for doc in postings.docs() {
                set.insert(*doc);
            }
            postings.advance();
        }
    }
    Ok(())
}
