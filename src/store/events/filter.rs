//! A blocked Bloom filter over 128-bit hashes: one cache line per question.

/// Bits per key: about one false answer in a hundred.
const BITS_PER_KEY: usize = 12;
/// Bits set per key.
const PROBES: u32 = 6;
const WORDS: usize = 8;

/// Says "certainly not" or "perhaps".
#[derive(Debug)]
pub struct Filter {
    lines: Vec<[u64; WORDS]>,
}

impl Filter {
    /// For about this many keys.
    pub fn with_capacity(keys: usize) -> Self {
        Self { lines: vec![[0; WORDS]; (keys * BITS_PER_KEY).div_ceil(512).max(1)] }
    }

    /// Adds a key.
    pub fn insert(&mut self, key: u128) {
        let (line, mut bits) = self.place(key);
        if let Some(words) = self.lines.get_mut(line) {
            for _ in 0..PROBES {
                if let Some(word) = words.get_mut((bits >> 6 & 7) as usize) {
                    *word |= 1 << (bits & 63);
                }
                bits >>= 9;
            }
        }
    }

    /// Whether the key may have been added.
    pub fn may_hold(&self, key: u128) -> bool {
        let (line, mut bits) = self.place(key);
        let Some(words) = self.lines.get(line) else { return true };
        (0..PROBES).all(|_| {
            let set = words.get((bits >> 6 & 7) as usize).is_some_and(|word| word >> (bits & 63) & 1 == 1);
            bits >>= 9;
            set
        })
    }

    fn place(&self, key: u128) -> (usize, u64) {
        // The low half picks the line, the high half the bits; keys are hashes already.
        let line = (u128::from(key as u64) * self.lines.len() as u128) >> 64;
        (line as usize, (key >> 64) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_and_strangers_rarely() {
        let mut random = fastrand::Rng::with_seed(7);
        let keys: Vec<u128> = (0..20_000).map(|_| random.u128(..)).collect();
        let mut filter = Filter::with_capacity(keys.len());
        keys.iter().for_each(|key| filter.insert(*key));
        assert!(keys.iter().all(|key| filter.may_hold(*key)));
        let wrong = (0..20_000).filter(|_| filter.may_hold(random.u128(..))).count();
        assert!(wrong < 600, "{wrong} false answers of 20,000");
    }
}
