//! Sets of documents in which a phrase stands, and those in which something begins with a lone ideograph.

use crate::search::query::plan::Phrase;
use std::ops::Range;
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
    any_of(searcher, segment, std::slice::from_ref(phrase))
}

/// The documents of a segment in which one of the phrases stands.
///
/// # Errors
/// When the index cannot be read.
pub fn any_of(searcher: &Searcher, segment: &SegmentReader, phrases: &[Phrase]) -> tantivy::Result<BitSet> {
    let mut set = BitSet::with_max_value(segment.max_doc());
    for wanted in phrases {
        add(searcher, segment, wanted, &mut set)?;
    }
    Ok(set)
}

/// The documents of a segment in which all of the phrases stand; `None` when there are none.
///
/// # Errors
/// When the index cannot be read.
pub fn all_of(searcher: &Searcher, segment: &SegmentReader, phrases: &[Phrase]) -> tantivy::Result<Option<BitSet>> {
    let mut found: Option<BitSet> = None;
    for wanted in phrases {
        if !could_stand(segment, wanted)? {
            return Ok(None);
        }
        let set = phrase(searcher, segment, wanted)?;
        let both = match found.take() {
            Some(before) => intersection(&before, &set),
            None => set,
        };
        if both.len() == 0 {
            return Ok(None);
        }
        found = Some(both);
    }
    Ok(found)
}

/// The documents of a set, in order, that lie in `range`; both its ends are multiples of 64 or the end of the segment.
pub fn members(set: &BitSet, range: Range<u32>) -> impl Iterator<Item = u32> + '_ {
    (range.start / 64..range.end.div_ceil(64)).flat_map(|bucket| {
        let mut left = set.tinyset(bucket);
        std::iter::from_fn(move || left.pop_lowest()).map(move |low| bucket * 64 + low)
    })
}

fn intersection(one: &BitSet, other: &BitSet) -> BitSet {
    let mut both = BitSet::with_max_value(one.max_value());
    members(one, 0..one.max_value()).filter(|doc| other.contains(*doc)).for_each(|doc| {
        both.insert(doc);
    });
    both
}

/// Whether the segment knows all terms of a phrase: most of what is looked for by sound is nowhere.
fn could_stand(segment: &SegmentReader, phrase: &Phrase) -> tantivy::Result<bool> {
    if phrase.prefix {
        return Ok(true);
    }
    let inverted = segment.inverted_index(phrase.field)?;
    for text in &phrase.terms {
        if inverted.get_term_info(&Term::from_field_text(phrase.field, text))?.is_none() {
            return Ok(false);
        }
    }
    Ok(!phrase.terms.is_empty())
}

fn add(searcher: &Searcher, segment: &SegmentReader, phrase: &Phrase, set: &mut BitSet) -> tantivy::Result<()> {
    match phrase.terms.as_slice() {
        [] => Ok(()),
        [only] if phrase.prefix => add_beginning(segment, phrase.field, only, set),
        [only] => add_term(segment, phrase.field, only, set),
        several => {
            let terms = several.iter().map(|text| Term::from_field_text(phrase.field, text)).collect();
            let weight = PhraseQuery::new(terms).weight(EnableScoring::disabled_from_searcher(searcher))?;
            let mut scorer = weight.scorer(segment, 1.0)?;
            let mut doc = scorer.doc();
            while doc != TERMINATED {
                set.insert(doc);
                doc = scorer.advance();
            }
            Ok(())
        }
    }
}

/// The documents of a segment with a term that begins so.
///
/// # Errors
/// When the index cannot be read.
pub fn beginning_with(segment: &SegmentReader, field: Field, prefix: &str) -> tantivy::Result<BitSet> {
    let mut set = BitSet::with_max_value(segment.max_doc());
    add_beginning(segment, field, prefix, &mut set)?;
    Ok(set)
}

fn add_beginning(segment: &SegmentReader, field: Field, prefix: &str, set: &mut BitSet) -> tantivy::Result<()> {
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
    Ok(())
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
