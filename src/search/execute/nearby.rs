//! What is near a query in meaning, among what the viewer may see, under the same filters.
//!
//! The nearest few are found by looking at every vector that passes. A facet's own filter does not narrow its counts, so for
//! each facet that is filtered the nearest without its filter are kept besides: its counts are then those of the same request
//! without that filter, exactly.

use super::facets::Counts;
use super::taking::{Failed, Gate};
use super::top::Entry;
use crate::search::meaning::{Table, Toward};
use crate::search::schema::Facet;
use std::collections::BTreeMap;
use std::sync::RwLockReadGuard;
use tantivy::columnar::Column;
use tantivy::{DocAddress, Searcher, SegmentReader};

/// A document that is near.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// Its cosine, above 0.
    pub cosine: f32,
    /// Order among equals.
    pub tie: u64,
    /// Place of the segment.
    pub segment: u32,
    /// Document in the segment.
    pub doc: u32,
    /// Whether it is a hit by its text as well.
    pub typed: bool,
}

impl Near {
    /// Where it stands.
    pub fn address(&self) -> DocAddress {
        DocAddress::new(self.segment, self.doc)
    }

    /// Whether it is the document of an entry.
    pub fn is(&self, entry: &Entry) -> bool {
        (self.segment, self.doc) == (entry.segment, entry.doc)
    }

    fn comes_before(&self, other: &Self) -> bool {
        other.cosine.total_cmp(&self.cosine).then(self.tie.cmp(&other.tie)).is_lt()
    }
}

/// The nearest, best first.
#[derive(Debug, Default)]
struct Nearest {
    list: Vec<Near>,
}

impl Nearest {
    fn may_take(&self, most: usize, near: &Near) -> bool {
        self.list.len() < most || self.list.last().is_some_and(|last| near.comes_before(last))
    }

    fn push(&mut self, most: usize, near: Near) {
        let at = self.list.partition_point(|other| other.comes_before(&near));
        self.list.insert(at, near);
        self.list.truncate(most);
    }
}

/// The search for what is near.
pub struct Nearby<'a> {
    toward: &'a Toward,
    table: RwLockReadGuard<'a, Table>,
    most: usize,
    passing: Nearest,
    without: BTreeMap<Facet, Nearest>,
}

impl<'a> Nearby<'a> {
    /// Looks for at most so many; `None` when vectors and query do not go together.
    pub fn new(toward: &'a Toward, most: usize) -> Option<Self> {
        let table = toward.vectors.table();
        let fits = table.length() == toward.query.numbers.len() && most > 0;
        fits.then(|| Self { toward, table, most, passing: Nearest::default(), without: BTreeMap::new() })
    }

    /// Looks through a segment. `hits` are its hits by text, and `near` what only the filter of a facet drops of these, in
    /// order.
    pub fn segment(
        &mut self,
        place: u32,
        segment: &SegmentReader,
        gate: &Gate,
        ties: &Column<u64>,
        hits: &[u32],
        near: &[(Facet, Vec<u32>)],
    ) {
        let is_in = |docs: &[u32], doc: u32| docs.binary_search(&doc).is_ok();
        let typed_without = |facet: Facet, doc: u32| near.iter().any(|(other, docs)| *other == facet && is_in(docs, doc));
        for (facet, _) in &gate.by_facet {
            self.without.entry(*facet).or_default();
        }
        for doc in segment.doc_ids_alive().filter(|doc| gate.lets(*doc)) {
            let failed = gate.failed(doc);
            let Some(tie) = ties.first(doc).filter(|_| !matches!(failed, Failed::Several)) else { continue };
            let Some(cosine) = self.table.cosine(tie, &self.toward.query).filter(|cosine| *cosine >= self.toward.least) else { continue };
            let mut found = Near { cosine, tie, segment: place, doc, typed: false };
            let only = match failed {
                Failed::Only(at) => gate.by_facet.get(at).map(|(facet, _)| *facet),
                _ => None,
            };
            found.typed = only.map_or_else(|| is_in(hits, doc), |facet| typed_without(facet, doc));
            if only.is_none() && self.passing.may_take(self.most, &found) {
                self.passing.push(self.most, found);
            }
            for (facet, nearest) in &mut self.without {
                if only.is_none_or(|only| only == *facet) && nearest.may_take(self.most, &found) {
                    nearest.push(self.most, found);
                }
            }
        }
    }

    /// Adds to the counts of facets what was found by meaning alone.
    ///
    /// # Errors
    /// When a column cannot be read.
    pub fn count(&self, searcher: &Searcher, counts: &mut [(Facet, Counts)]) -> tantivy::Result<()> {
        for (facet, counts) in counts {
            let nearest = self.without.get(facet).unwrap_or(&self.passing);
            for (place, segment) in searcher.segment_readers().iter().enumerate() {
                let here = nearest.list.iter().filter(|near| !near.typed && near.segment as usize == place);
                let docs: Vec<u32> = here.map(|near| near.doc).collect();
                if !docs.is_empty() {
                    counts.add(segment, *facet, &docs)?;
                }
            }
        }
        Ok(())
    }

    /// The nearest, best first.
    pub fn into_nearest(self) -> Vec<Near> {
        self.passing.list
    }
}
