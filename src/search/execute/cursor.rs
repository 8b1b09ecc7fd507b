//! Where a page ended, said so that it means the same in an index that has changed since.
//!
//! Scores shift with every publication, so that "after this score" would show hits again and leave others out. Three things
//! hold a list together while it is turned:
//!
//! - its [`Scale`]: what does not change is weighed on every page as on the first, and keeps its place;
//! - its first part by name: the candidates that were scored again come in the order that they had on the first page, each
//!   known by a hash of its id. One that is no longer a candidate for the first part waits for its place behind it;
//! - what was shown lately, known by the same hashes: it is not shown again, even where a change carried it to a later place.
//!
//! While all that was shown is remembered (about 300 hits) a page takes the best of what was not shown, so works that changed or
//! came since are found too. Further down, a page takes what comes after the last place that was reached.
//!
//! Of 300 remembered hits one hides a given other one with a chance of 7 in 100 million: hashes have 32 bits.

use super::scale::Scale;
use super::top::Entry;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::cmp::Reverse;

/// Most bytes of a cursor: 2,000 characters of an address, of which usual servers take 8,000.
const MOST_BYTES: usize = 1_500;
/// First bits of a cursor of this form. Those of a form before began with 0.
const FORM: u8 = 0x10;
const FUSED: u8 = 1;
const PASSED: u8 = 2;
/// Bytes of a cursor without scale and hashes.
const HEAD: usize = 1 + 4 + 8 + 8 + 2;

/// The end of a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cursor {
    /// Hash of query, filters and order it belongs to.
    pub of: u32,
    /// The list is one of text and meaning.
    pub fused: bool,
    /// What stands no later than `key` and `tie` is passed over: not all of it that was shown is remembered.
    pub passed: bool,
    /// Key of the last place that was reached, among the candidates where the order is by relevance; while something of the
    /// first part is left, of that part's end.
    pub key: u64,
    /// Its tie.
    pub tie: u64,
    /// What the list is weighed by.
    pub scale: Scale,
    /// Hits of the first part that were not shown yet, in their order.
    pub left: Vec<u32>,
    /// Hits that were shown, the last ones last.
    pub shown: Vec<u32>,
}

/// By what a cursor knows a hit.
pub fn hash_of(tie: u64) -> u32 {
    (tie >> 32) as u32
}

impl Cursor {
    /// Most hits of a first part: there is room for their names whatever the scale.
    pub const FIRST: usize = 240;

    /// After what a page begins, if not with the best that was not shown.
    pub fn after(&self) -> Option<(u64, u64)> {
        self.passed.then_some((self.key, self.tie))
    }

    /// Where the first part ends, while something of it is left.
    pub fn end_of_first(&self) -> Option<(u64, u64)> {
        (!self.left.is_empty()).then_some((self.key, self.tie))
    }

    /// Takes the first part of a list, so many candidates, from the best of all, and notes where it ends.
    pub fn split_first(&mut self, candidates: &mut Vec<Entry>, most: usize) -> Vec<Entry> {
        let behind = candidates.split_off(candidates.len().min(most));
        let first = std::mem::replace(candidates, behind);
        (self.key, self.tie) = first.last().map_or((u64::MAX, 0), |last| (last.key, last.tie));
        first
    }

    /// Where the page that began here ended: shown were these of the first part and these of the rest, and these of the first
    /// part are left. Ties stand for hits.
    pub fn turned(mut self, first: impl Iterator<Item = u64>, rest: &[Entry], left: impl Iterator<Item = u64>) -> Self {
        self.shown.extend(first.chain(rest.iter().map(|entry| entry.tie)).map(hash_of));
        self.left = left.map(hash_of).collect();
        for entry in rest {
            if entry.order() > (Reverse(self.key), self.tie) {
                (self.key, self.tie) = (entry.key, entry.tie);
            }
        }
        self
    }

    /// Forgets what was shown first where there is no room for all.
    pub fn fitted(mut self) -> Self {
        let room = (MOST_BYTES.saturating_sub(HEAD + self.scale.bytes())) / 4;
        let too_many = (self.left.len() + self.shown.len()).saturating_sub(room).min(self.shown.len());
        self.shown.drain(..too_many);
        self.passed |= too_many > 0;
        self
    }

    /// As opaque text.
    pub fn encode(&self) -> String {
        let mut bytes = vec![FORM | if self.fused { FUSED } else { 0 } | if self.passed { PASSED } else { 0 }];
        bytes.extend(self.of.to_be_bytes());
        bytes.extend(self.key.to_be_bytes());
        bytes.extend(self.tie.to_be_bytes());
        bytes.extend(u16::try_from(self.left.len()).unwrap_or(u16::MAX).to_be_bytes());
        self.scale.write(&mut bytes);
        self.left.iter().chain(&self.shown).for_each(|hash| bytes.extend(hash.to_be_bytes()));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor of the request with this hash; `None` when it is not one.
    pub fn decode(text: &str, of: u32) -> Option<Self> {
        if text.len() > MOST_BYTES.div_ceil(3) * 4 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (form, rest) = bytes.split_first()?;
        let (named, rest) = rest.split_first_chunk::<4>()?;
        let (key, rest) = rest.split_first_chunk::<8>()?;
        let (tie, rest) = rest.split_first_chunk::<8>()?;
        let (left, rest) = rest.split_first_chunk::<2>()?;
        let (scale, rest) = Scale::read(rest)?;
        let (hashes, []) = rest.as_chunks::<4>() else { return None };
        let mut hashes: Vec<u32> = hashes.iter().map(|hash| u32::from_be_bytes(*hash)).collect();
        let left = usize::from(u16::from_be_bytes(*left));
        if form & !(FUSED | PASSED) != FORM || u32::from_be_bytes(*named) != of || left > hashes.len() {
            return None;
        }
        let shown = hashes.split_off(left);
        let (key, tie) = (u64::from_be_bytes(*key), u64::from_be_bytes(*tie));
        Some(Self { of, fused: form & FUSED != 0, passed: form & PASSED != 0, key, tie, scale, left: hashes, shown })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn scales() -> impl Strategy<Value = Scale> {
        let numbers = |most| vec(0.0_f32..1e6, 0..most);
        (numbers(64), numbers(6), numbers(50)).prop_map(|(weights, lengths, worths)| Scale::made_of(weights, lengths, worths))
    }

    prop_compose! {
        fn cursors()(
            (of, key, tie) in any::<(u32, u64, u64)>(),
            (fused, passed) in any::<(bool, bool)>(),
            scale in scales(),
            left in vec(any::<u32>(), 0..Cursor::FIRST),
            shown in vec(any::<u32>(), 0..500),
        ) -> Cursor {
            Cursor { of, fused, passed, key, tie, scale, left, shown }
        }
    }

    proptest! {
        #[test]
        fn what_fits_is_written_short_and_read(whole in cursors()) {
            let cursor = whole.clone().fitted();
            let text = cursor.encode();
            prop_assert!(text.len() <= 2_000, "{}", text.len());
            prop_assert_eq!(Cursor::decode(&text, cursor.of), Some(cursor.clone()));
            prop_assert_eq!(Cursor::decode(&text, cursor.of.wrapping_add(1)), None);
            // What was shown last and what is left stay; where anything was forgotten, places count.
            prop_assert_eq!(&cursor.left, &whole.left);
            prop_assert!(whole.shown.ends_with(&cursor.shown));
            prop_assert!(cursor.passed == whole.passed || cursor.shown.len() < whole.shown.len());
            prop_assert!(cursor.passed || cursor.shown.len() == whole.shown.len());
        }

        #[test]
        fn any_text_is_refused_or_read(text in any::<String>()) {
            let _ = Cursor::decode(&text, 0);
        }

        #[test]
        fn what_was_cut_or_turned_over_is_refused_or_read(cursor in cursors(), at in any::<proptest::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = URL_SAFE_NO_PAD.decode(cursor.fitted().encode()).unwrap();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = Cursor::decode(&URL_SAFE_NO_PAD.encode(&bytes), 0);
            let _ = Cursor::decode(&URL_SAFE_NO_PAD.encode(&bytes[..at]), 0);
        }
    }

    #[test]
    fn one_of_the_form_before_is_refused() {
        for stage in 0..4_u8 {
            let mut bytes = vec![stage];
            bytes.extend([0; 20]);
            assert_eq!(Cursor::decode(&URL_SAFE_NO_PAD.encode(bytes), 0), None);
        }
    }
}
