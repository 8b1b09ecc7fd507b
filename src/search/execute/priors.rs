//! What counts for a document whatever was asked: the mark of its vetting, how new it is, and how much it is used.
//!
//! They are small shares of what the query itself could score, given to the best candidates alone: they decide between what
//! fits about as well, and carry nothing into the list that does not fit.

use super::top::{Entry, key_of, score_of};
use crate::search::document::published_of;
use crate::search::query::origin::Origin;
use crate::search::usage::Usage;
use crate::search::view::View;
use crate::search::weights::Weights;
use tantivy::columnar::Column;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// Hundredths of a point of a full mark.
const FULL: f32 = 10_000.0;
/// The mark, as a share of a full one, that counts for what was never marked: that of a work which just passed.
const UNMARKED: f32 = 0.6;

/// The columns of one segment.
struct Columns {
    marks: Column<u64>,
    published: Column<u64>,
}

impl Columns {
    fn open(view: &View, segment: u32) -> tantivy::Result<Self> {
        Ok(Self { marks: view.column(segment, "mark")?, published: view.column(segment, "published")? })
    }
}

/// What counts whatever was asked.
#[derive(Clone, Copy, Debug)]
pub struct Priors<'a> {
    quality: f32,
    usage: &'a Usage,
    used: f32,
    freshness: f32,
    half_life: f32,
    today: i64,
}

/// What a document is given, and for what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Given {
    /// Why.
    pub origin: Origin,
    /// The mark in hundredths of a point, or the milliseconds of the first publication, or the learners it reached at least;
    /// none where it was never marked.
    pub value: Option<i64>,
    /// What it adds.
    pub score: f32,
}

impl<'a> Priors<'a> {
    /// For a query that could score `possible`, on a day counted from 1970.
    pub fn new(weights: &Weights, possible: f32, today: i64, usage: &'a Usage) -> Self {
        let possible = possible.max(1.0);
        let half_life = weights.freshness_days.max(1.0);
        let [quality, freshness, used] = [weights.quality, weights.freshness, weights.used].map(|share| share * possible);
        Self { quality, usage, used, freshness, half_life, today }
    }

    /// What a document is given.
    ///
    /// # Errors
    /// When a column cannot be read.
    pub fn of(&self, view: &View, entry: &Entry) -> tantivy::Result<[Option<Given>; 3]> {
        Ok(self.given(&Columns::open(view, entry.segment)?, entry))
    }

    fn given(&self, columns: &Columns, entry: &Entry) -> [Option<Given>; 3] {
        let mark = columns.marks.first(entry.doc);
        let share = mark.map_or(UNMARKED, |mark| (mark as f32 / FULL).min(1.0));
        let published = columns.published.first(entry.doc).map(published_of);
        let age = published.map_or(i64::MAX, |millis| self.today.saturating_sub(millis.div_euclid(DAY)).max(0));
        let freshness = (-(age as f32) / self.half_life).exp2();
        let reached = self.usage.reached(entry.tie);
        [
            Some(Given { origin: Origin::Quality, value: mark.and_then(|mark| i64::try_from(mark).ok()), score: self.quality * share }),
            Some(Given { origin: Origin::Freshness, value: published, score: self.freshness * freshness }),
            reached.map(|(learners, share)| Given { origin: Origin::Use, value: Some(learners), score: self.used * share }),
        ]
    }

    /// Adds what they are given to the entries and sorts them anew.
    ///
    /// # Errors
    /// When a column cannot be read.
    pub fn add(&self, view: &View, entries: &mut [Entry]) -> tantivy::Result<()> {
        entries.sort_unstable_by_key(|entry| (entry.segment, entry.doc));
        for group in entries.chunk_by_mut(|left, right| left.segment == right.segment) {
            let Some(segment) = group.first().map(|entry| entry.segment) else { continue };
            let columns = Columns::open(view, segment)?;
            for entry in group.iter_mut() {
                let given: f32 = self.given(&columns, entry).iter().flatten().map(|given| given.score).sum();
                entry.key = key_of(score_of(entry.key) + given);
            }
        }
        entries.sort_unstable_by_key(Entry::order);
        Ok(())
    }
}
