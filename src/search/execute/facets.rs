//! Counts over the values of facets.

use crate::search::schema::Facet;
use std::collections::BTreeMap;
use tantivy::SegmentReader;
use tantivy::columnar::Cardinality;

/// Values of one facet that are given, most frequent first.
const GIVEN: usize = 60;

/// Documents whose values are read at once.
const BATCH: usize = 1_024;

/// Counts of one facet over all segments.
#[derive(Debug, Default)]
pub struct Counts {
    counts: BTreeMap<String, u64>,
}

impl Counts {
    /// Adds the documents of a segment.
    ///
    /// # Errors
    /// When the column cannot be read.
    pub fn add(&mut self, segment: &SegmentReader, facet: Facet, docs: &[u32]) -> tantivy::Result<()> {
        let Some(column) = segment.fast_fields().str(facet.name())? else { return Ok(()) };
        let mut counts = vec![0_u64; column.num_terms()];
        let ords = column.ords();
        let mut add = |ord: u64| {
            if let Some(count) = counts.get_mut(ord as usize) {
                *count += 1;
            }
        };
        if ords.get_cardinality() == Cardinality::Full {
            let mut values = [0; BATCH];
            for batch in docs.chunks(BATCH) {
                let Some(values) = values.get_mut(..batch.len()) else { continue };
                ords.values.get_vals(batch, values);
                values.iter().for_each(|ord| add(*ord));
            }
        } else {
            docs.iter().for_each(|doc| ords.values_for_doc(*doc).for_each(&mut add));
        }
        let mut value = String::new();
        for (ord, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            if column.ord_to_str(ord as u64, &mut value)? {
                *self.counts.entry(value.clone()).or_default() += count;
            }
        }
        Ok(())
    }

    /// The most frequent values with their counts.
    pub fn into_sorted(self) -> Vec<(String, u64)> {
        let mut all: Vec<(String, u64)> = self.counts.into_iter().collect();
        all.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
        all.truncate(GIVEN);
        all
    }
}
