//! Keeps the best of many.

use super::cursor::{Cursor, hash_of};
use std::cmp::Reverse;
use std::collections::HashMap;

/// A document with what it is ordered by: greater keys first, then smaller ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is ordered by.
    pub key: u64,
    /// Order among equals.
    pub tie: u64,
    /// Place of the segment.
    pub segment: u32,
    /// Document in the segment.
    pub doc: u32,
}

impl Entry {
    /// What a list is sorted by: first things first.
    pub fn order(&self) -> (Reverse<u64>, u64) {
        (Reverse(self.key), self.tie)
    }
}

/// A positive score as a key that orders like it.
pub fn key_of(score: f32) -> u64 {
    u64::from(score.max(0.0).to_bits())
}

/// The score of a key.
pub fn score_of(key: u64) -> f32 {
    f32::from_bits(u32::try_from(key).unwrap_or(0))
}

/// The best `wanted` of what is pushed.
pub struct Top {
    entries: Vec<Entry>,
    wanted: usize,
    least: u64,
    after: Option<(u64, u64)>,
    /// Hits that a list knows by name, and whether they were shown.
    known: HashMap<u32, bool>,
    /// Where the first part of the list ends, and what of it was found.
    end_of_first: Option<(u64, u64)>,
    first: Vec<Entry>,
}

impl Top {
    /// Keeps `wanted` of what comes first.
    pub fn new(wanted: usize) -> Self {
        Self {
            entries: Vec::with_capacity(wanted * 2 + 64),
            wanted,
            least: 0,
            after: None,
            known: HashMap::new(),
            end_of_first: None,
            first: Vec::new(),
        }
    }

    /// Goes on where a page of a list ended: keeps the best of what was not shown, and apart from it what the list's first part
    /// still holds.
    pub fn going_on(mut self, cursor: &Cursor) -> Self {
        self.known.extend(cursor.left.iter().map(|hash| (*hash, false)));
        self.known.extend(cursor.shown.iter().map(|hash| (*hash, true)));
        (self.after, self.end_of_first) = (cursor.after(), cursor.end_of_first());
        self
    }

    /// Whether something with this key could still be among them; cheaper than making the entry.
    pub fn may_take(&self, key: u64) -> bool {
        let comes_after = self.after.is_none_or(|(after, _)| key <= after);
        key >= self.least && comes_after || self.end_of_first.is_some_and(|(end, _)| key >= end)
    }

    /// The least key that could still be among them.
    pub fn least(&self) -> u64 {
        self.end_of_first.map_or(self.least, |(end, _)| end.min(self.least))
    }

    /// Offers an entry.
    pub fn push(&mut self, entry: Entry) {
        let comes_after = |(key, tie): (u64, u64)| entry.order() > (Reverse(key), tie);
        let known = if self.known.is_empty() { None } else { self.known.get(&hash_of(entry.tie)) };
        if known.is_some() && self.end_of_first.is_some_and(|end| !comes_after(end)) {
            self.first.push(entry);
            return;
        }
        if known == Some(&true) || self.wanted == 0 || !self.after.is_none_or(comes_after) {
            return;
        }
        self.entries.push(entry);
        if self.entries.len() >= self.wanted * 2 + 64 {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        if self.entries.len() > self.wanted {
            self.entries.select_nth_unstable_by_key(self.wanted - 1, Entry::order);
            self.entries.truncate(self.wanted);
            self.least = self.entries.iter().map(|entry| entry.key).min().unwrap_or(0);
        }
    }

    /// The best, first things first.
    pub fn into_sorted(self) -> Vec<Entry> {
        self.into_parts().1
    }

    /// What the first part of a list still holds, shown or not, in no order, and the best of the rest, first things first.
    pub fn into_parts(mut self) -> (Vec<Entry>, Vec<Entry>) {
        self.shrink();
        self.entries.sort_unstable_by_key(Entry::order);
        (self.first, self.entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pages_together_are_the_sorted_whole(keys in proptest::collection::vec(0_u64..50, 0..400), page in 1_usize..40, passed in any::<bool>()) {
            let all: Vec<Entry> = keys.iter().enumerate().map(|(place, key)| Entry { key: *key, tie: ((place as u64 * 7919) % 1009) << 32, segment: 0, doc: place as u32 }).collect();
            let mut sorted = all.clone();
            sorted.sort_by_key(|entry| (entry.order(), entry.doc));
            let mut seen = Vec::new();
            let mut cursor: Option<Cursor> = None;
            loop {
                let mut top = Top::new(page);
                if let Some(cursor) = &cursor {
                    top = top.going_on(cursor);
                }
                for entry in &all {
                    if top.may_take(entry.key) {
                        top.push(*entry);
                    }
                }
                let found = top.into_sorted();
                let Some(last) = found.last() else { break };
                let shown = if passed { Vec::new() } else { seen.iter().chain(&found).map(|entry: &Entry| hash_of(entry.tie)).collect() };
                cursor = Some(Cursor { passed, key: last.key, tie: last.tie, shown, ..Cursor::default() });
                seen.extend(found);
            }
            prop_assert_eq!(seen.iter().map(Entry::order).collect::<Vec<_>>(), sorted.iter().map(Entry::order).collect::<Vec<_>>());
        }

        #[test]
        fn keys_order_like_scores(left in 0.0_f32..1e6, right in 0.0_f32..1e6) {
            prop_assert_eq!(key_of(left).cmp(&key_of(right)), left.total_cmp(&right));
            prop_assert_eq!(score_of(key_of(left)), left);
        }
    }
}
