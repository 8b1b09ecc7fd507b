//! Numbers and dates that results can be narrowed by: ranges over columns of the index.

use super::document::order_of;
use crate::domain::time::Timestamp;
use std::ops::RangeInclusive;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// When it was first published.
    Published,
    /// When it came into this catalogue.
    Added,
    /// Minutes of learning.
    Minutes,
}

/// A range of a measure, as its column has it.
pub type Span = (Measure, RangeInclusive<u64>);

impl Measure {
    /// Its name in the API and in the index.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Added => "added",
            Self::Minutes => "minutes",
        }
    }

    /// Reads `FROM..TO`, either of which may be left out. Days are those of Shanghai, from their beginning, or to their end;
    /// instants are RFC 3339; minutes are whole numbers. What is `TO` belongs to the range. `None` when it is none.
    pub fn read(self, text: &str) -> Option<Span> {
        let (from, to) = text.trim().split_once("..")?;
        let least = if from.trim().is_empty() { 0 } else { self.bound(from.trim(), false)? };
        let most = if to.trim().is_empty() { u64::MAX } else { self.bound(to.trim(), true)? };
        (least <= most).then_some((self, least..=most))
    }

    fn bound(self, text: &str, is_end: bool) -> Option<u64> {
        if self == Self::Minutes {
            return text.parse::<u32>().ok().map(u64::from);
        }
        let day = Timestamp::end_of_shanghai_date(text).map(|end| end.plus_millis(if is_end { -1 } else { -crate::domain::time::DAY_MS }));
        day.or_else(|| Timestamp::parse(text)).map(order_of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_their_ends() {
        let at = |text: &str| order_of(Timestamp::parse(text).unwrap());
        let (_, days) = Measure::Published.read("2026-05-01..2026-05-02").unwrap();
        assert_eq!(days, at("2026-05-01T00:00:00+08:00")..=at("2026-05-02T23:59:59.999+08:00"));
        assert_eq!(Measure::Added.read("2026-05-01T08:00:00Z..").unwrap().1, at("2026-05-01T08:00:00Z")..=u64::MAX);
        assert_eq!(Measure::Minutes.read(" ..30").unwrap().1, 0..=30);
        for wrong in ["", "5", "2026", "9..3", "a..b", "-1..3", "2026-05-02..2026-05-01"] {
            assert_eq!((Measure::Minutes.read(wrong), Measure::Published.read(wrong)), (None, None), "{wrong}");
        }
    }
}
