//! What a viewer may know of how terms stand: a term that stands only in documents that may not be seen does not stand at all.
//! Else the words beside it would weigh less, and totals would tell what lies hidden.

use super::filter::{allowed, visible};
use super::terms::{FieldTerms, Standing};
use crate::search::generation::{Generation, Passing};
use std::collections::BTreeSet;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet as _, Searcher, TERMINATED};

/// A viewer's sight of a searcher.
pub struct Sight<'a> {
    searcher: &'a Searcher,
    /// What may be seen, by place of the segment.
    passing: Vec<Passing>,
    /// Documents that may not be seen, at most.
    hidden: u64,
}

impl<'a> Sight<'a> {
    /// Of a viewer with these tokens.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn of(generation: &Generation, searcher: &'a Searcher, tokens: &BTreeSet<String>) -> tantivy::Result<Self> {
        let (mut passing, mut hidden) = (Vec::new(), 0);
        for segment in searcher.segment_readers() {
            let seen = visible(generation, segment, tokens)?;
            let unseen = seen.as_ref().map_or(0, |set| u64::from(segment.max_doc()).saturating_sub(set.len() as u64));
            hidden += unseen + u64::from(segment.num_deleted_docs());
            passing.push(seen);
        }
        Ok(Self { searcher, passing, hidden })
    }

    /// How many documents hold a term; 0 where none of them may be seen.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn holding(&self, field: &FieldTerms, standing: &Standing) -> tantivy::Result<u64> {
        // More than are hidden cannot all be hidden: true of all terms but rare ones, and of all where everything may be seen.
        if standing.holding > self.hidden {
            return Ok(standing.holding);
        }
        let segments = self.searcher.segment_readers().iter().zip(&self.passing).zip(&field.inverted);
        for (((segment, passing), inverted), info) in segments.zip(&standing.infos) {
            let Some(info) = info else { continue };
            let mut postings = inverted.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
            while postings.doc() != TERMINATED {
                if allowed(segment, passing.as_deref(), postings.doc()) {
                    return Ok(standing.holding);
                }
                postings.advance();
            }
        }
        Ok(0)
    }
}
