//! Pinyin of names and titles: full and initials, with the readings of `pinyin.txt` before those of the character table.

use super::script::{Kind, kind};
use crate::search::folder::{Folder, FolderError};
use pinyin::ToPinyin;
use std::collections::HashMap;

/// Longest text that is read, in characters: what people type of a title is its beginning.
const LONGEST: usize = 32;

/// Readings of words that a table by character gets wrong.
pub struct Readings {
    words: HashMap<String, Vec<String>>,
    longest: usize,
}

/// A text read aloud.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// All syllables joined, `ü` as `v`.
    pub full: String,
    /// First letters of the syllables.
    pub initials: String,
}

impl Readings {
    /// Reads `pinyin.txt`.
    ///
    /// # Errors
    /// When it cannot be read, or a word and its syllables differ in number.
    pub fn load(folder: Folder<'_>) -> Result<Self, FolderError> {
        const FILE: &str = "pinyin.txt";
        let mut words = HashMap::new();
        for (line, text) in folder.lines(FILE)? {
            let fault = || FolderError::Line {
                file: FILE.to_owned(),
                line,
                reason: "expected a word, a tab, a syllable for each of its characters".to_owned(),
            };
            let (word, syllables) = text.split_once('\t').ok_or_else(fault)?;
            let syllables: Vec<String> = syllables.split_whitespace().map(str::to_owned).collect();
            if syllables.len() != word.chars().count() || word.is_empty() {
                return Err(fault());
            }
            words.insert(word.to_owned(), syllables);
        }
        let longest = words.keys().map(|word: &String| word.chars().count()).max().unwrap_or(0);
        Ok(Self { words, longest })
    }

    /// Reads a folded text; letters and digits read as themselves, the rest is silent.
    pub fn read(&self, folded: &str) -> Reading {
        let letters: Vec<char> = folded.chars().take(LONGEST).collect();
        let mut reading = Reading::default();
        let mut place = 0;
        let mut in_word = false;
        while let Some(rest) = letters.get(place..).filter(|rest| !rest.is_empty()) {
            if let Some((length, syllables)) = self.known(rest) {
                syllables.iter().for_each(|syllable| reading.push(syllable));
                place += length;
                in_word = false;
                continue;
            }
            let Some(letter) = rest.first() else { break };
            if let Some(syllable) = letter.to_pinyin() {
                reading.push(&syllable.plain().replace('ü', "v"));
                in_word = false;
            } else if kind(*letter) == Kind::Letter {
                reading.full.push(*letter);
                if !in_word || letter.is_numeric() {
                    reading.initials.push(*letter);
                }
                in_word = true;
            } else {
                in_word = false;
            }
            place += 1;
        }
        reading
    }

    fn known(&self, rest: &[char]) -> Option<(usize, &Vec<String>)> {
        let longest = self.longest.min(rest.len());
        (2..=longest).rev().find_map(|length| {
            let word: String = rest.get(..length)?.iter().collect();
            self.words.get(&word).map(|syllables| (length, syllables))
        })
    }
}

impl Reading {
    fn push(&mut self, syllable: &str) {
        self.full.push_str(syllable);
        self.initials.extend(syllable.chars().next());
    }

    /// Whether nothing of the text can be read aloud.
    pub fn is_empty(&self) -> bool {
        self.full.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, String) {
        let reading = Readings::load(Folder::default()).unwrap().read(text);
        (reading.full, reading.initials)
    }

    #[test]
    fn polyphones_of_places_peoples_and_terms() {
        for (text, full) in [
            ("长沙", "changsha"),
            ("藏族", "zangzu"),
            ("重庆", "chongqing"),
            ("耒阳", "leiyang"),
            ("溆浦", "xupu"),
            ("汨罗", "miluo"),
            ("女书", "nvshu"),
            ("土家族织锦", "tujiazuzhijin"),
            ("咚咚喹", "dongdongkui"),
        ] {
            assert_eq!(read(text).0, full);
        }
    }

    #[test]
    fn initials_and_letters() {
        assert_eq!(read("土家族").1, "tjz");
        assert_eq!(read("c语言 13讲"), ("cyuyan13jiang".to_owned(), "cyy13j".to_owned()));
        assert_eq!(read("\u{1b170}，。"), (String::new(), String::new()));
    }
}
