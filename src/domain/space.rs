//! Room on the disk of the data directory: when no new content is taken in, and when no record is written.
//!
//! An engine that meets a full disk in the middle of a write leaves a fate unknown; so a reserve is kept, and what would eat
//! it is refused before it begins. Content stops first: at the reserve; records, which need little, at a quarter of it.

use std::sync::Arc;

/// How much room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes that are free for this program.
    pub free: u64,
    /// Bytes that are to stay free; 0 keeps none.
    pub reserve: u64,
}

/// Looks how much room there is now; cheap enough for every commit.
pub type LookAtSpace = Arc<dyn Fn() -> Space + Send + Sync>;

impl Space {
    /// Whether deposits, files and events are taken in.
    pub const fn takes_content(self) -> bool {
        self.free >= self.reserve
    }

    /// Whether records are written.
    pub const fn takes_records(self) -> bool {
        self.free >= self.reserve / 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_stops_before_records() {
        let takes = |free| {
            let space = Space { free, reserve: 400 };
            (space.takes_content(), space.takes_records())
        };
        assert_eq!([takes(400), takes(399), takes(100), takes(99)], [(true, true), (false, true), (false, true), (false, false)]);
        assert!(Space { free: 0, reserve: 0 }.takes_content());
    }
}
