//! Takes what scores in one segment: drops what may not be seen or is not asked for, counts, keeps the best.

use super::run::Order;
use super::top::{Entry, Top, key_of, score_of};
use crate::search::generation::Passing;
use crate::search::schema::Facet;
use crate::search::view::View;
use tantivy::BitSet;
use tantivy::columnar::Column;
use tantivy::fastfield::AliveBitSet;

/// Scores that are looked at together.
const TOGETHER: usize = 32;

/// What a document of one segment must pass.
#[derive(Default)]
pub struct Gate {
    /// Sets that it must be in: what may be seen.
    pub passing: Vec<Passing>,
    /// Phrases that must stand in it.
    pub required: Vec<BitSet>,
    /// Phrases that must not.
    pub without: Vec<BitSet>,
    /// Filters by facet.
    pub by_facet: Vec<(Facet, Passing)>,
}

/// Takes the documents of one segment that score.
pub struct Taking<'a> {
    /// What orders them.
    pub keys: Keys,
    /// Order among equals.
    pub ties: Column<u64>,
    /// Which are not deleted.
    pub alive: Option<&'a AliveBitSet>,
    /// What they must pass.
    pub gate: &'a Gate,
    /// Least score of a hit, above 0.
    pub floor: f32,
    /// Place of the segment.
    pub place: u32,
    /// The best so far.
    pub top: &'a mut Top,
    /// Hits.
    pub total: u64,
    /// Whether hits are listed for facets.
    pub counting: bool,
    /// Hits, where they are listed.
    pub hits: Vec<u32>,
    /// What only the filter of one facet drops, where hits are listed.
    pub near: Vec<(Facet, Vec<u32>)>,
}

impl Taking<'_> {
    /// Takes a window of scores. Where everything may be seen, only numbers are asked for and the order is by score, most
    /// documents are passed over many at a time: they count, and are too weak for the page.
    pub fn window(&mut self, start: u32, sums: &[f32]) {
        let by_score = matches!(self.keys, Keys::Score);
        let floor = self.floor;
        if !by_score || self.counting || self.alive.is_some() || !self.gate.is_open() {
            for (doc, sum) in (start..).zip(sums).filter(|(_, sum)| **sum >= floor) {
                self.one(doc, *sum);
            }
            return;
        }
        self.total += u64::from(sums.iter().map(|sum| u32::from(*sum >= floor)).sum::<u32>());
        for (first, together) in (start..).step_by(TOGETHER).zip(sums.chunks(TOGETHER)) {
            let least = score_of(self.top.least()).max(floor);
            // Counting without a branch lets the compiler compare several at once.
            if together.iter().map(|sum| u32::from(*sum >= least)).sum::<u32>() > 0 {
                for (doc, sum) in (first..).zip(together).filter(|(_, sum)| **sum >= least) {
                    self.keep(doc, key_of(*sum));
                }
            }
        }
    }

    /// Takes one document.
    pub fn one(&mut self, doc: u32, score: f32) {
        if self.alive.is_some_and(|alive| !alive.is_alive(doc)) || !self.gate.lets(doc) {
            return;
        }
        match self.gate.failed(doc) {
            Failed::None => {}
            Failed::Only(place) => {
                if let Some((_, docs)) = self.near.get_mut(place).filter(|_| self.counting) {
                    docs.push(doc);
                }
                return;
            }
            Failed::Several => return,
        }
        self.total += 1;
        if self.counting {
            self.hits.push(doc);
        }
        let key = self.keys.of(doc, score);
        self.keep(doc, key);
    }

    fn keep(&mut self, doc: u32, key: u64) {
        if self.top.may_take(key) {
            self.top.push(Entry { key, tie: self.ties.first(doc).unwrap_or(0), segment: self.place, doc });
        }
    }
}

/// Which facets a document fails.
pub enum Failed {
    /// None.
    None,
    /// This one alone, by its place.
    Only(usize),
    /// More than one.
    Several,
}

impl Gate {
    fn is_open(&self) -> bool {
        self.passing.is_empty()
            && self.required.is_empty()
            && self.without.is_empty()
            && self.by_facet.iter().all(|(_, passing)| passing.is_none())
    }

    /// Whether a document passes all but the filters by facet.
    pub fn lets(&self, doc: u32) -> bool {
        self.passing.iter().flatten().all(|set| set.contains(doc))
            && self.required.iter().all(|set| set.contains(doc))
            && !self.without.iter().any(|set| set.contains(doc))
    }

    /// Which filters by facet a document fails.
    pub fn failed(&self, doc: u32) -> Failed {
        let mut fails = self.by_facet.iter().enumerate().filter(|(_, (_, passing))| passing.as_ref().is_some_and(|set| !set.contains(doc)));
        match (fails.next(), fails.next()) {
            (None, _) => Failed::None,
            (Some((place, _)), None) => Failed::Only(place),
            _ => Failed::Several,
        }
    }
}

/// What orders the documents of one segment.
pub enum Keys {
    /// The score.
    Score,
    /// The greatest number first.
    Greatest(Column<u64>),
    /// The least number first.
    Least(Column<u64>),
}

impl Keys {
    /// Opens what an order needs.
    ///
    /// # Errors
    /// When a column cannot be read.
    pub fn open(view: &View, segment: u32, order: Order, ranked: bool) -> tantivy::Result<Self> {
        Ok(match order {
            _ if ranked => Self::Score,
            Order::Title => Self::Least(view.column(segment, "title_order")?),
            Order::Relevance | Order::Newest => Self::Greatest(view.column(segment, "published")?),
        })
    }

    fn of(&self, doc: u32, score: f32) -> u64 {
        match self {
            Self::Score => key_of(score),
            Self::Greatest(column) => column.first(doc).unwrap_or(0),
            Self::Least(column) => u64::MAX - column.first(doc).unwrap_or(u64::MAX),
        }
    }
}
