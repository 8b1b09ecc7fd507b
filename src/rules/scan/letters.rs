//! Sets of letters that are asked for every letter of a text.

/// A set of letters of the basic plane (all others are in no set), one bit each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letters(Box<[u64; 1024]>);

impl Default for Letters {
    fn default() -> Self {
        Self(Box::new([0; 1024]))
    }
}

impl Letters {
    /// The set of these letters.
    pub fn of(letters: impl Iterator<Item = char>) -> Self {
        let mut set = Self::default();
        for letter in letters {
            if let Some((place, bit)) = spot(letter)
                && let Some(word) = set.0.get_mut(place)
            {
                *word |= bit;
            }
        }
        set
    }

    /// Whether the letter is in it.
    #[inline]
    pub fn has(&self, letter: char) -> bool {
        spot(letter).is_some_and(|(place, bit)| self.0.get(place).is_some_and(|word| word & bit != 0))
    }
}

fn spot(letter: char) -> Option<(usize, u64)> {
    let code = u16::try_from(u32::from(letter)).ok()?;
    Some((usize::from(code >> 6), 1 << (code & 63)))
}

#[cfg(test)]
mod tests {
    use super::Letters;

    #[test]
    fn a_set_has_its_letters_alone() {
        let set = Letters::of("a戲\u{ffff}𠮷".chars());
        assert!("a戲\u{ffff}".chars().all(|letter| set.has(letter)));
        assert!("b戏𠮷\0".chars().all(|letter| !set.has(letter)), "what lies beyond the basic plane is in no set");
    }
}
