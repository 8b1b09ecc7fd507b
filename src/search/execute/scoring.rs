//! Candidate scoring of one segment: sums over windows of documents.

use super::matching::members;
use super::terms::{Found, Terms};
use super::wholes::Whole;
use std::cell::RefCell;
use tantivy::SegmentReader;
use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::IndexRecordOption;

/// Documents of one window: 16 kB of sums, half of a processor's nearest cache.
const WINDOW: u32 = 4_096;

thread_local! {
    static SUMS: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

struct Walk<'a> {
    postings: BlockSegmentPostings,
    next: usize,
    found: &'a Found,
}

/// Calls `window` with the first document of each window and the scores from there on, 0 where nothing was found. `wholes`
/// are documents that get a score of their own whatever the terms say.
///
/// # Errors
/// When the index cannot be read.
pub fn score(
    segment: &SegmentReader,
    place: usize,
    terms: &Terms,
    wholes: &[Whole],
    mut window: impl FnMut(u32, &[f32]),
) -> tantivy::Result<()> {
    let mut walks = Vec::with_capacity(terms.found.len());
    for clause in &terms.found {
        let Some(Some(info)) = clause.standing.infos.get(place) else { continue };
        let Some(inverted) = clause.field.inverted.get(place) else { continue };
        let postings = inverted.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?;
        walks.push(Walk { postings, next: 0, found: clause });
    }
    if walks.is_empty() && wholes.is_empty() {
        return Ok(());
    }
    SUMS.with_borrow_mut(|sums| {
        // Cleared: a search that panicked on this thread would leave its sums behind.
        sums.clear();
        sums.resize(WINDOW as usize, 0.0);
        let mut start = 0;
        while start < segment.max_doc() {
            let end = start.saturating_add(WINDOW).min(segment.max_doc());
            let mut touched = !wholes.is_empty();
            for walk in &mut walks {
                touched |= walk.add(place, start, end, sums);
            }
            for whole in wholes {
                for doc in members(&whole.docs, start..end) {
                    if let Some(sum) = sums.get_mut((doc - start) as usize) {
                        *sum += whole.worth;
                    }
                }
            }
            if touched && let Some(sums) = sums.get_mut(..(end - start) as usize) {
                window(start, sums);
                sums.fill(0.0);
            }
            walks.retain(|walk| !walk.postings.docs().is_empty());
            start = end;
        }
    });
    Ok(())
}

impl Walk<'_> {
    /// Adds this term's scores of the documents before `end`; whether there were any.
    fn add(&mut self, place: usize, start: u32, end: u32, sums: &mut [f32]) -> bool {
        let Found { weight, saturation, field, .. } = self.found;
        let weight = *weight;
        let norms = field.norms.get(place).and_then(Option::as_ref);
        let mut touched = false;
        loop {
            let docs = self.postings.docs();
            let Some(last) = docs.last() else { return touched };
            let stop = if *last < end { docs.len() } else { docs.partition_point(|doc| *doc < end) };
            let Some(docs) = docs.get(self.next..stop) else { return touched };
            touched |= !docs.is_empty();
            match norms {
                Some(norms) => {
                    let frequencies = self.postings.freqs().get(self.next..stop).unwrap_or_default();
                    for (doc, frequency) in docs.iter().zip(frequencies) {
                        if let Some(sum) = sums.get_mut((doc - start) as usize) {
                            *sum += weight * saturation.of(*frequency, norms.fieldnorm_id(*doc));
                        }
                    }
                }
                // A field without lengths keeps no frequencies either.
                None => {
                    for doc in docs {
                        if let Some(sum) = sums.get_mut((doc - start) as usize) {
                            *sum += weight;
                        }
                    }
                }
            }
            if stop < self.postings.block_len() {
                self.next = stop;
                return touched;
            }
            self.postings.advance();
            self.next = 0;
        }
    }
}
