//! What is mistaken for what: sounds that the province does not tell apart, and characters that look alike.

use super::fold::FoldTable;
use super::pinyin::plain;
use crate::search::folder::{Folder, FolderError};
use std::collections::HashMap;

/// A syllable as it sounds to an ear that does not tell n from l, h from f, zh from z, ch from c, sh from s, and a final -ng
/// from -n: equal results are equal to that ear.
pub fn loose(syllable: &str) -> String {
    let plain = plain(syllable);
    let head = plain.strip_prefix("zh").map(|rest| ("z", rest));
    let head = head.or_else(|| plain.strip_prefix("ch").map(|rest| ("c", rest)));
    let head = head.or_else(|| plain.strip_prefix("sh").map(|rest| ("s", rest)));
    let head = head.or_else(|| plain.strip_prefix('n').map(|rest| ("l", rest)));
    // hu- before another vowel is the f- of standard speech (huang, fang); hu itself is fu.
    let head = head.or_else(|| plain.strip_prefix("hu").filter(|rest| !rest.is_empty()).map(|rest| ("f", rest)));
    let (initial, rest) = head.or_else(|| plain.strip_prefix('h').map(|rest| ("f", rest))).unwrap_or(("", plain.as_str()));
    let rest = match rest.strip_suffix('g') {
        Some(nasal) if nasal.ends_with("in") || nasal.ends_with("en") || nasal.ends_with("an") => nasal,
        _ => rest,
    };
    // hui and hun have lost the vowel that fei and fen show.
    let rest = match (initial, rest) {
        ("f", "i") => "ei",
        ("f", "n") => "en",
        _ => rest,
    };
    format!("{initial}{rest}")
}

/// Characters that look alike.
#[derive(Default)]
pub struct Lookalikes {
    of: HashMap<char, Vec<char>>,
}

impl Lookalikes {
    /// Reads `lookalikes.txt`.
    ///
    /// # Errors
    /// When it cannot be read, or a group holds less than two characters.
    pub fn load(folder: Folder<'_>, folds: &FoldTable) -> Result<Self, FolderError> {
        const FILE: &str = "lookalikes.txt";
        let mut alike = Self::default();
        for (line, text) in folder.lines(FILE)? {
            let group: Vec<char> = folds.fold(text.trim()).text.chars().collect();
            if group.len() < 2 {
                return Err(FolderError::Line { file: FILE.to_owned(), line, reason: "expected two characters or more".to_owned() });
            }
            for letter in &group {
                let others = alike.of.entry(*letter).or_default();
                for other in group.iter().filter(|other| *other != letter) {
                    if !others.contains(other) {
                        others.push(*other);
                    }
                }
            }
        }
        Ok(alike)
    }

    /// What a character could be taken for.
    pub fn of(&self, letter: char) -> &[char] {
        self.of.get(&letter).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_ear_does_not_tell_apart_is_equal() {
        for (one, other) in [
            ("nan", "lan"),
            ("nv", "lu"),
            ("hu", "fu"),
            ("hua", "fa"),
            ("huang", "fan"),
            ("hui", "fei"),
            ("hun", "fen"),
            ("zhi", "zi"),
            ("chu", "cu"),
            ("shan", "sang"),
            ("jin", "jing"),
            ("shen", "seng"),
            ("liang", "nian"),
        ] {
            assert_eq!(loose(one), loose(other), "{one} {other}");
        }
        for (one, other) in [("ma", "na"), ("dong", "don"), ("ji", "zi"), ("ban", "pan")] {
            assert_ne!(loose(one), loose(other));
        }
    }

    #[test]
    fn looking_alike_goes_both_ways() {
        let folds = FoldTable::load(Folder::default()).unwrap();
        let alike = Lookalikes::load(Folder::default(), &folds).unwrap();
        assert!(alike.of('傩').contains(&'滩') && alike.of('滩').contains(&'傩'));
        assert!(alike.of('己').contains(&'已') && alike.of('龘').is_empty());
    }
}
