//! The whole of a short query as a phrase, among the candidates that are scored again.

use super::top::{Entry, key_of, score_of};
use crate::search::query::plan::Plan;
use crate::search::schema::Fields;
use crate::search::view::View;
use crate::search::weights::Weights;
use tantivy::postings::Postings as _;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet as _, TERMINATED};

/// What the phrase of a query gives where it stands; nothing is looked up for what can be none.
#[derive(Clone, Copy)]
pub struct WholePhrase<'a> {
    /// Where it is looked for.
    view: &'a View,
    fields: &'a Fields,
    plan: &'a Plan,
    /// What it gives.
    worth: f32,
}

impl<'a> WholePhrase<'a> {
    /// Of a query that could score `possible`; `None` where it is too long for a name or a topic, or is one piece.
    pub fn of(view: &'a View, fields: &'a Fields, plan: &'a Plan, weights: &Weights, possible: f32) -> Option<Self> {
        let worth = weights.phrase * possible.max(1.0);
        let is_short = (2..=weights.short_query).contains(&plan.sequence.pieces.len());
        (is_short && worth > 0.0).then_some(Self { view, fields, plan, worth })
    }

    /// The phrase.
    pub fn said(&self) -> &'a str {
        &self.plan.sequence.said
    }

    /// What an entry is given.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn worth_of(&self, entry: &Entry) -> tantivy::Result<f32> {
        Ok(if self.stands_in(std::slice::from_ref(entry))?.contains(&true) { self.worth } else { 0.0 })
    }

    /// Adds it to the entries in which the phrase stands.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn add(&self, entries: &mut [Entry]) -> tantivy::Result<()> {
        entries.sort_unstable_by_key(|entry| (entry.segment, entry.doc));
        for group in entries.chunk_by_mut(|left, right| left.segment == right.segment) {
            let stands = self.stands_in(group)?;
            for (entry, _) in group.iter_mut().zip(stands).filter(|(_, stands)| *stands) {
                entry.key = key_of(score_of(entry.key) + self.worth);
            }
        }
        Ok(())
    }

    /// In which entries of one segment, in the order of their documents, the phrase stands.
    fn stands_in(&self, group: &[Entry]) -> tantivy::Result<Vec<bool>> {
        let field = self.view.field(self.fields.pieces)?;
        let place = group.first().map_or(0, |entry| entry.segment as usize);
        // Where the phrase may begin, so far.
        let mut beginnings: Option<Vec<Vec<u32>>> = None;
        for (at, text) in &self.plan.sequence.pieces {
            let standing = self.view.term(&field, self.fields.pieces, text)?;
            let (Some(Some(info)), Some(inverted)) = (standing.infos.get(place), field.inverted.get(place)) else {
                return Ok(vec![false; group.len()]);
            };
            let mut postings = inverted.read_postings_from_terminfo(info, IndexRecordOption::WithFreqsAndPositions)?;
            let mut places: Vec<Vec<u32>> = vec![Vec::new(); group.len()];
            for (entry, places) in group.iter().zip(&mut places) {
                if postings.doc() < entry.doc && postings.seek(entry.doc) == TERMINATED {
                    break;
                }
                if postings.doc() == entry.doc {
                    postings.positions(places);
                }
            }
            match &mut beginnings {
                None => beginnings = Some(places),
                Some(beginnings) => {
                    let first = self.plan.sequence.pieces.first().map_or(0, |(first, _)| *first);
                    for (begin, here) in beginnings.iter_mut().zip(&places) {
                        begin.retain(|begin| here.binary_search(&(begin + at - first)).is_ok());
                    }
                }
            }
        }
        Ok(beginnings.unwrap_or_default().iter().map(|begin| !begin.is_empty()).collect())
    }
}
