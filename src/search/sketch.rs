//! What the vocabulary of an index (see `spelling`) could hold, told without looking it up.
//!
//! Did-you-mean tries several hundred words for one question, nearly all of which no document brings. Asked of the
//! dictionaries of all segments, that cost several times the search itself; a Bloom filter answers each with one look into
//! memory. It never denies what is there, and what it takes for possible is looked up as before, so corrections are the same.
//!
//! It only grows: words of documents that are gone stay possible. Merged segments add nothing that is not in it.

use super::spelling::{LONGEST, word_of};
use siphasher::sip::SipHasher13;
use std::hash::Hasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tantivy::schema::Field;
use tantivy::{Searcher, SegmentReader};

/// Keys for each 64 bits of the filter; with [`PROBES`] bits a key, about one key in a hundred is taken for possible wrongly.
const KEYS: usize = 4;
/// Bits of one key.
const PROBES: u32 = 4;
/// 64-bit words of the smallest filter: 128 kB.
const LEAST: usize = 1 << 14;

/// The filter.
pub struct Sketch {
    words: Vec<AtomicU64>,
    keys: AtomicUsize,
}

impl Sketch {
    fn sized(words: usize) -> Self {
        Self { words: std::iter::repeat_with(AtomicU64::default).take(words).collect(), keys: AtomicUsize::new(0) }
    }

    /// The filter of a searcher; `before` is that of an earlier searcher of the same index, which then takes in what is new.
    ///
    /// # Errors
    /// When the vocabulary cannot be read.
    pub fn of(searcher: &Searcher, field: Field, before: Option<(&Searcher, &Arc<Self>)>) -> tantivy::Result<Arc<Self>> {
        let known = |segment: &SegmentReader| {
            let mut all = before.iter().flat_map(|(searcher, _)| searcher.segment_readers());
            all.any(|other| other.segment_id() == segment.segment_id())
        };
        let mut sketch = before.map_or_else(|| Arc::new(Self::sized(LEAST)), |(_, sketch)| Arc::clone(sketch));
        let fresh: Vec<&SegmentReader> = searcher.segment_readers().iter().filter(|segment| !known(segment)).collect();
        for segment in fresh {
            sketch.add_segment(segment, field)?;
        }
        while sketch.is_full() {
            sketch = Arc::new(Self::sized(sketch.words.len() * 4));
            for segment in searcher.segment_readers() {
                sketch.add_segment(segment, field)?;
            }
        }
        Ok(sketch)
    }

    /// Whether a term, or the beginning of terms up to their U+0000, could be in the vocabulary.
    pub fn may_hold(&self, term: &str) -> bool {
        self.find(hash(b't', term.as_bytes()))
    }

    /// Whether a word of the vocabulary could become this by losing one character that is neither its first nor its last.
    pub fn may_lack_one(&self, word: &str) -> bool {
        self.find(hash(b'd', word.as_bytes()))
    }

    fn is_full(&self) -> bool {
        self.keys.load(Ordering::Relaxed) > self.words.len() * KEYS
    }

    fn add_segment(&self, segment: &SegmentReader, field: Field) -> tantivy::Result<()> {
        let inverted = segment.inverted_index(field)?;
        let mut terms = inverted.terms().stream()?;
        while !self.is_full() && terms.advance() {
            self.add_term(terms.key());
        }
        Ok(())
    }

    fn add_term(&self, term: &[u8]) {
        let sound = term.iter().position(|byte| *byte == 0);
        let start = sound.and_then(|end| term.get(..=end)).unwrap_or(term);
        self.add(hash(b't', start));
        let Some(word) = word_of(term) else { return };
        let places: Vec<(usize, usize)> =
            word.char_indices().map(|(start, letter)| (start, start + letter.len_utf8())).take(LONGEST).collect();
        let inner = places.get(1..places.len().saturating_sub(1)).unwrap_or_default();
        for (start, end) in inner {
            let halves = [word.get(..*start), word.get(*end..)].map(Option::unwrap_or_default);
            self.add(hash(b'd', halves.concat().as_bytes()));
        }
    }

    fn add(&self, hash: u64) {
        let (word, bits) = self.place(hash);
        // What is added is seen by those who search: the view it belongs to is published after it.
        let before = word.map_or(bits, |word| word.fetch_or(bits, Ordering::Relaxed));
        if before & bits != bits {
            self.keys.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn find(&self, hash: u64) -> bool {
        let (word, bits) = self.place(hash);
        word.is_none_or(|word| word.load(Ordering::Relaxed) & bits == bits)
    }

    /// All bits of a key lie in one word: one look at memory.
    fn place(&self, hash: u64) -> (Option<&AtomicU64>, u64) {
        let word = ((hash >> 32) * self.words.len() as u64) >> 32;
        let bits = (0..PROBES).fold(0, |bits, probe| bits | 1 << (hash >> (6 * probe) & 63));
        (self.words.get(word as usize), bits)
    }
}

fn hash(kind: u8, bytes: &[u8]) -> u64 {
    let mut hash = SipHasher13::new();
    hash.write_u8(kind);
    hash.write(bytes);
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_possible_and_little_else() {
        let sketch = Sketch::sized(LEAST);
        let word = |number: u32| format!("w土{number}织锦");
        (0..15_000).for_each(|number| sketch.add_term(word(number).as_bytes()));
        sketch.add_term("stujia\0土家".as_bytes());
        assert!(!sketch.is_full());
        assert!((0..15_000).all(|number| sketch.may_hold(&word(number))));
        assert!(sketch.may_hold("stujia\0") && !sketch.may_hold("stujia"));
        assert!(sketch.may_lack_one("土7锦") && sketch.may_lack_one("土织锦"), "one within is left out");
        assert!(!sketch.may_lack_one("7织锦"), "the first is not left out");
        let wrong = (20_000..40_000).filter(|number| sketch.may_hold(&word(*number))).count();
        assert!(wrong < 600, "{wrong} of 20,000");
    }
}
