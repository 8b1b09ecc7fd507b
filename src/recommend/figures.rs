//! What learners reported with a figure (how far, which score), twelve bytes each, ordered by time: resume points and hours
//! are made from it.

use crate::domain::study::Figure;

/// Two bits say what the figure is, one that it came as no person learns.
const KIND: u32 = 30;
const MARKED: u32 = 1 << 29;
const MOST: u32 = MARKED - 1;

/// One report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Number of the resource in the dictionary.
    pub resource: u32,
    /// When, seconds since 1970.
    pub at: u32,
    bits: u32,
}

impl Packed {
    /// Packs a report; a position beyond seventeen years is the last that fits.
    pub fn new(resource: u32, at: u32, figure: Figure, marked: bool) -> Self {
        let (kind, number) = match figure {
            Figure::Position(seconds) => (0, seconds.min(MOST)),
            Figure::Progress(part) => (1, u32::from(part)),
            Figure::Score(part) => (2, u32::from(part)),
        };
        Self { resource, at, bits: kind << KIND | if marked { MARKED } else { 0 } | number }
    }

    /// From its twelve bytes as one number each.
    pub const fn from_parts(resource: u32, at: u32, bits: u32) -> Self {
        Self { resource, at, bits }
    }

    /// Figure and mark as one number.
    pub const fn bits(&self) -> u32 {
        self.bits
    }

    /// The figure.
    pub const fn figure(&self) -> Figure {
        let number = self.bits & MOST;
        match self.bits >> KIND {
            0 => Figure::Position(number),
            1 => Figure::Progress(number as u16),
            _ => Figure::Score(number as u16),
        }
    }

    /// Whether it came as no person learns.
    pub const fn is_marked(&self) -> bool {
        self.bits & MARKED != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_back() {
        for (figure, marked) in [(Figure::Position(7_200), false), (Figure::Progress(1_000), true), (Figure::Score(0), false)] {
            let packed = Packed::new(1, 2, figure, marked);
            assert_eq!((packed.figure(), packed.is_marked()), (figure, marked));
            assert_eq!(Packed::from_parts(1, 2, packed.bits()), packed);
        }
        assert_eq!(Packed::new(1, 2, Figure::Position(u32::MAX), false).figure(), Figure::Position(MOST));
    }
}
