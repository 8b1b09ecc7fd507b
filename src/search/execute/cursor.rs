//! Where a page ended: a key and a tie, which mean the same in an index that has changed since.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The end of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The page ended among those that are not rescored any more.
    pub beyond: bool,
    /// The list is one of text and meaning.
    pub fused: bool,
    /// Key of the last hit; in the first part of a fused list, how many hits came before.
    pub key: u64,
    /// Its tie.
    pub tie: u64,
    /// Hash of query, filters and order it belongs to.
    pub of: u32,
}

impl Cursor {
    /// As opaque text.
    pub fn encode(&self) -> String {
        let mut bytes = vec![u8::from(self.beyond) | u8::from(self.fused) << 1];
        bytes.extend(self.key.to_be_bytes());
        bytes.extend(self.tie.to_be_bytes());
        bytes.extend(self.of.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor of the request with this hash; `None` when it is not one.
    pub fn decode(text: &str, of: u32) -> Option<Self> {
        if text.len() > 64 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (stage, rest) = bytes.split_first()?;
        let (key, rest) = rest.split_first_chunk::<8>()?;
        let (tie, rest) = rest.split_first_chunk::<8>()?;
        let cursor = Self {
            beyond: *stage & 1 == 1,
            fused: *stage & 2 == 2,
            key: u64::from_be_bytes(*key),
            tie: u64::from_be_bytes(*tie),
            of: u32::from_be_bytes(rest.try_into().ok()?),
        };
        (cursor.of == of && *stage <= 3).then_some(cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(beyond in any::<bool>(), fused in any::<bool>(), key in any::<u64>(), tie in any::<u64>(), of in any::<u32>()) {
            let cursor = Cursor { beyond, fused, key, tie, of };
            prop_assert_eq!(Cursor::decode(&cursor.encode(), of), Some(cursor));
            prop_assert_eq!(Cursor::decode(&cursor.encode(), of.wrapping_add(1)), None);
        }

        #[test]
        fn any_text_is_refused_or_read(text in any::<String>()) {
            let _ = Cursor::decode(&text, 0);
        }
    }
}
