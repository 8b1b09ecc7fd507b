//! Documents that score as a whole, whatever else of the query they hold: a lone ideograph inside words, and what else the
//! plan finds.

use super::bm25::idf;
use super::matching::{all_of, beginning_with};
use super::sight::Sight;
use crate::search::generation::Generation;
use crate::search::query::plan::{Phrase, Plan, Scored, Worth};
use crate::search::view::View;
use crate::search::weights::Weights;
use tantivy::{BitSet, SegmentReader};

/// Documents of one segment with what each of them is given.
pub struct Whole {
    /// The documents.
    pub docs: BitSet,
    /// What each is given.
    pub worth: f32,
    /// Its place among [`Plan::scored`]; a lone ideograph has none.
    pub place: Option<usize>,
}

/// What documents that score as a whole are given, in the order of the plan; `possible` is what the query itself could score.
///
/// # Errors
/// When the index cannot be read.
pub fn worths(view: &View, plan: &Plan, possible: f32, sight: &Sight<'_>) -> tantivy::Result<Vec<f32>> {
    let rarity = |phrase: &Phrase| -> tantivy::Result<f32> {
        let field = view.field(phrase.field)?;
        let one = |text: &String| -> tantivy::Result<f32> {
            let standing = view.term(&field, phrase.field, text)?;
            Ok(idf(sight.holding(&field, &standing)?, view.documents()))
        };
        phrase.terms.iter().map(one).sum()
    };
    let worth = |scored: &Scored| -> tantivy::Result<f32> {
        match (scored.worth, scored.all.first()) {
            (Worth::Share(share), _) => Ok(share * possible.max(1.0)),
            (Worth::AsTyped(weight), Some(phrase)) => Ok(weight * rarity(phrase)?),
            (Worth::AsTyped(_), None) => Ok(0.0),
        }
    };
    plan.scored.iter().map(worth).collect()
}

/// The documents of a segment that score as a whole.
///
/// # Errors
/// When the index cannot be read.
pub fn wholes(
    generation: &Generation,
    view: &View,
    segment: &SegmentReader,
    plan: &Plan,
    worths: &[f32],
    weights: &Weights,
) -> tantivy::Result<Vec<Whole>> {
    let mut wholes = Vec::new();
    if let Some(prefix) = &plan.lone {
        let docs = beginning_with(segment, generation.fields().pieces, prefix)?;
        wholes.push(Whole { docs, worth: weights.lone, place: None });
    }
    for (place, (scored, worth)) in plan.scored.iter().zip(worths).enumerate() {
        if let Some(docs) = all_of(view.searcher(), segment, &scored.all)? {
            wholes.push(Whole { docs, worth: *worth, place: Some(place) });
        }
    }
    Ok(wholes)
}
