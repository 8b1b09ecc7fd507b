//! Keeps the best of many.

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
    pub fn order(&self) -> (std::cmp::Reverse<u64>, u64) {
        (std::cmp::Reverse(self.key), self.tie)
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
}

impl Top {
    /// Keeps `wanted`; of what comes after a key and a tie only, where they are given.
    pub fn new(wanted: usize, after: Option<(u64, u64)>) -> Self {
        Self { entries: Vec::with_capacity(wanted * 2 + 64), wanted, least: 0, after }
    }

    /// Whether something with this key could still be among them; cheaper than making the entry.
    pub fn may_take(&self, key: u64) -> bool {
        key >= self.least && self.after.is_none_or(|(after, _)| key <= after)
    }

    /// The least key that could still be among them.
    pub fn least(&self) -> u64 {
        self.least
    }

    /// Offers an entry.
    pub fn push(&mut self, entry: Entry) {
        let comes_after = |(key, tie): (u64, u64)| entry.order() > (std::cmp::Reverse(key), tie);
        if self.wanted == 0 || !self.after.is_none_or(comes_after) {
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
    pub fn into_sorted(mut self) -> Vec<Entry> {
        self.shrink();
        self.entries.sort_unstable_by_key(Entry::order);
        self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pages_together_are_the_sorted_whole(keys in proptest::collection::vec(0_u64..50, 0..400), page in 1_usize..40) {
            let all: Vec<Entry> = keys.iter().enumerate().map(|(place, key)| Entry { key: *key, tie: (place as u64 * 7919) % 1009, segment: 0, doc: place as u32 }).collect();
            let mut sorted = all.clone();
            sorted.sort_by_key(|entry| (entry.order(), entry.doc));
            let mut seen = Vec::new();
            let mut after = None;
            loop {
                let mut top = Top::new(page, after);
                for entry in &all {
                    if top.may_take(entry.key) {
                        top.push(*entry);
                    }
                }
                let found = top.into_sorted();
                let Some(last) = found.last() else { break };
                after = Some((last.key, last.tie));
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
