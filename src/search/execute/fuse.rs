//! Two rankings become one: that by text and that by meaning, by reciprocal rank.
//!
//! A document scores 1 / (k + its rank) in each list that holds it, the list of meaning weighted (Cormack, Clarke and Büttcher,
//! "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods", SIGIR 2009; k = 60). Fused are the
//! candidates that passed both stages and the nearest in meaning. What text alone found beyond them follows in the order of the
//! candidates, with scores below all of theirs.

use super::cursor::{Cursor, hash_of};
use super::explain::{Part, Scoring};
use super::nearby::Near;
use super::pages::{Listed, in_order};
use super::run::Request;
use super::top::{Entry, score_of};
use crate::search::query::origin::Origin;
use tantivy::DocAddress;

/// A hit of a fused list.
#[derive(Clone, Copy, Debug)]
struct Fused {
    /// The document; its key is what its text scores, 0 where that was not asked.
    entry: Entry,
    /// Whether its text passed both stages.
    rescored: bool,
    /// What it scores by its text's rank.
    by_text: f32,
    /// What it scores by its meaning's rank, and its cosine.
    by_meaning: Option<(f32, f32)>,
}

impl Fused {
    fn score(&self) -> f32 {
        self.by_text + self.by_meaning.map_or(0.0, |(score, _)| score)
    }
}

/// A page of a fused list.
struct FusedPage {
    hits: Vec<Fused>,
    next: Option<Cursor>,
}

/// What is fused.
pub struct Fusion<'a> {
    /// What scored by text.
    pub scoring: &'a Scoring<'a>,
    /// What was asked for.
    pub request: &'a Request,
    /// What the query could score by its text.
    pub possible: f32,
    /// The nearest in meaning, best first.
    pub near: &'a [Near],
}

impl Fusion<'_> {
    /// What the page that begins at a cursor lists, from what its first part still holds by text and the best by text besides.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn list(&self, begin: Cursor, first: Vec<Entry>, rest: Vec<Entry>) -> tantivy::Result<Listed> {
        let page = self.page(begin, first, rest)?;
        let why = if self.request.explain { Some(explain(self.scoring, &page.hits)?) } else { None };
        let hits = page.hits.iter().map(|hit| (DocAddress::new(hit.entry.segment, hit.entry.doc), hit.score())).collect();
        let by_meaning = self.near.iter().filter(|near| !near.typed).map(Near::address).collect();
        Ok(Listed { hits, why, next: page.next, by_meaning })
    }

    fn page(&self, mut begin: Cursor, mut entries: Vec<Entry>, mut rest: Vec<Entry>) -> tantivy::Result<FusedPage> {
        let limit = self.request.limit;
        let mut hits = if self.request.cursor.is_none() {
            begin.fused = true;
            entries = begin.split_first(&mut rest, self.scoring.weights.rescored);
            self.scoring.again(&mut entries)?;
            self.fused(&entries)
        } else if begin.left.is_empty() {
            Vec::new()
        } else {
            self.scoring.again(&mut entries)?;
            in_order(&begin.left, self.fused(&entries), |hit| hit.entry.tie)
        };
        // What the meaning brought may stand further down by its text as well.
        rest.retain(|entry| !hits.iter().any(|hit| (hit.entry.segment, hit.entry.doc) == (entry.segment, entry.doc)));
        let left = hits.split_off(hits.len().min(limit));
        let room = limit - hits.len();
        let more = !left.is_empty() || rest.len() > room;
        rest.truncate(room);
        let tie = |hit: &Fused| hit.entry.tie;
        let next = more.then(|| self.keeping_near(begin.turned(hits.iter().map(tie), &rest, left.iter().map(tie))).fitted());
        hits.extend(self.rest(rest));
        Ok(FusedPage { hits, next })
    }

    /// What the meaning brought is remembered longest: its place by text may be far below those that were reached.
    fn keeping_near(&self, mut cursor: Cursor) -> Cursor {
        let near: Vec<u32> = self.near.iter().map(|near| hash_of(near.tie)).collect();
        cursor.shown.sort_by_key(|hash| near.contains(hash));
        cursor
    }

    /// Both lists as one, best first.
    fn fused(&self, entries: &[Entry]) -> Vec<Fused> {
        let by_rank = |place: usize| 1.0 / (self.scoring.weights.fusion + place as f32 + 1.0);
        let mut all: Vec<Fused> = Vec::with_capacity(entries.len() + self.near.len());
        all.extend(entries.iter().enumerate().map(|(place, entry)| Fused {
            entry: *entry,
            rescored: true,
            by_text: by_rank(place),
            by_meaning: None,
        }));
        for (place, near) in self.near.iter().enumerate() {
            let by_meaning = Some((self.scoring.weights.meaning * by_rank(place), near.cosine));
            match all.iter_mut().find(|fused| near.is(&fused.entry)) {
                Some(known) => known.by_meaning = by_meaning,
                None => {
                    let entry = Entry { key: 0, tie: near.tie, segment: near.segment, doc: near.doc };
                    all.push(Fused { entry, rescored: false, by_text: 0.0, by_meaning });
                }
            }
        }
        // Stable: among equals what the text found better comes first.
        all.sort_by(|left, right| right.score().total_cmp(&left.score()));
        all
    }

    /// What the text alone found beyond the first part.
    fn rest(&self, entries: Vec<Entry>) -> impl Iterator<Item = Fused> {
        let weights = self.scoring.weights;
        let fused = weights.rescored.max(weights.meaning_most) as f32;
        let least = weights.meaning.min(1.0) / (weights.fusion + fused + 1.0);
        let possible = self.possible.max(f32::MIN_POSITIVE);
        let scored = move |entry: &Entry| least * (score_of(entry.key) / possible).min(1.0);
        entries.into_iter().map(move |entry| Fused { entry, rescored: false, by_text: scored(&entry), by_meaning: None })
    }
}

/// The parts of each hit's score: what its text's rank gave, shared out over what made the text score, and what its meaning's
/// rank gave. The greatest comes first.
fn explain(scoring: &Scoring<'_>, hits: &[Fused]) -> tantivy::Result<Vec<Vec<Part>>> {
    let one = |hit: &Fused| -> tantivy::Result<Vec<Part>> {
        let mut parts = match hit.entry.key {
            0 => Vec::new(),
            _ => scoring.explain(std::slice::from_ref(&hit.entry), usize::from(hit.rescored))?.pop().unwrap_or_default(),
        };
        let share = hit.by_text / score_of(hit.entry.key).max(f32::MIN_POSITIVE);
        parts.iter_mut().for_each(|part| part.score *= share);
        parts.extend(hit.by_meaning.map(|(score, cosine)| Part::new(Origin::Meaning, "resource", &format!("{cosine:.2}"), score)));
        parts.sort_by(|left, right| right.score.total_cmp(&left.score));
        Ok(parts)
    };
    hits.iter().map(one).collect()
}
