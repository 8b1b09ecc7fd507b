//! The second stage: dictionary words and names add to the scores of the best candidates, found by seeking in postings.

use super::terms::Terms;
use super::top::{Entry, key_of, score_of};
use tantivy::schema::IndexRecordOption;

/// Adds what the terms score to the entries and sorts them anew.
///
/// # Errors
/// When the index cannot be read.
pub fn rescore(entries: &mut [Entry], terms: &Terms) -> tantivy::Result<()> {
    entries.sort_unstable_by_key(|entry| (entry.segment, entry.doc));
    for group in entries.chunk_by_mut(|left, right| left.segment == right.segment) {
        let place = group.first().map_or(0, |entry| entry.segment as usize);
        for clause in &terms.found {
            let field = &clause.field;
            let Some(Some(info)) = clause.standing.infos.get(place) else { continue };
            let Some(inverted) = field.inverted.get(place) else { continue };
            let norms = field.norms.get(place).and_then(Option::as_ref);
            let mut postings = inverted.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?;
            for entry in group.iter_mut() {
                if postings.docs().is_empty() {
                    break;
                }
                let at = postings.seek(entry.doc);
                if postings.docs().get(at) == Some(&entry.doc) {
                    let frequency = postings.freqs().get(at).copied().unwrap_or(1);
                    let share = norms.map_or(1.0, |norms| clause.saturation.of(frequency, norms.fieldnorm_id(entry.doc)));
                    entry.key = key_of(score_of(entry.key) + clause.weight * share);
                }
            }
        }
    }
    entries.sort_unstable_by_key(Entry::order);
    Ok(())
}
