//! Pinyin of names and titles: full and initials, with the readings of `pinyin.txt` before those of the character table; and
//! letters cut into the syllables that they could spell.

use super::script::{Kind, kind};
use crate::search::folder::{Folder, FolderError};
use pinyin::ToPinyin;
use std::collections::{HashMap, HashSet};

/// Longest text that is read, in characters: what people type of a title is its beginning.
pub const LONGEST: usize = 32;
/// Letters of the longest syllable (`zhuang`).
const LONGEST_SYLLABLE: usize = 6;
/// Ways to cut letters into syllables that are given.
const WAYS: usize = 12;

/// Readings of words that a table by character gets wrong, and the syllables there are.
pub struct Readings {
    words: HashMap<String, Vec<String>>,
    longest: usize,
    syllables: HashSet<String>,
}

/// A part of a text as it is read: a character, or a word of letters or of digits, which read as themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Syllable {
    /// First character in the folded text.
    pub start: usize,
    /// After the last character.
    pub end: usize,
    /// Its letters, `ü` as `v`.
    pub text: String,
}

/// A text read aloud.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// All syllables joined, `ü` as `v`.
    pub full: String,
    /// First letters of the syllables; all digits of numbers.
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
        let of_table = ('\u{4e00}'..='\u{9fff}').filter_map(|letter| letter.to_pinyin()).map(|syllable| plain(syllable.plain()));
        let syllables = of_table.chain(words.values().flatten().map(|syllable| plain(syllable)));
        // Interjections such as hm and ng are left out: any word would end in one.
        let usual =
            |syllable: &String| syllable.bytes().all(|letter| letter.is_ascii_lowercase()) && syllable.contains(['a', 'e', 'i', 'o', 'u']);
        let syllables = syllables.filter(usual).collect();
        Ok(Self { words, longest, syllables })
    }

    /// The parts of a folded text that can be read; the rest is silent.
    pub fn spell(&self, folded: &str) -> Vec<Syllable> {
        let letters: Vec<char> = folded.chars().collect();
        let mut spelled = Vec::new();
        let mut place = 0;
        while let Some(rest) = letters.get(place..).filter(|rest| !rest.is_empty()) {
            if let Some((length, syllables)) = self.known(rest) {
                let parts = syllables.iter().zip(place..).map(|(text, at)| Syllable { start: at, end: at + 1, text: text.clone() });
                spelled.extend(parts);
                place += length;
                continue;
            }
            let Some(letter) = rest.first() else { break };
            let length = word_length(rest).max(1);
            if let Some(syllable) = letter.to_pinyin() {
                spelled.push(Syllable { start: place, end: place + 1, text: syllable.plain().replace('ü', "v") });
                place += 1;
                continue;
            }
            if kind(*letter) == Kind::Letter {
                spelled.push(Syllable { start: place, end: place + length, text: rest.iter().take(length).collect() });
            }
            place += length;
        }
        spelled
    }

    /// Reads the beginning of a folded text.
    pub fn read(&self, folded: &str) -> Reading {
        let beginning: String = folded.chars().take(LONGEST).collect();
        let mut reading = Reading::default();
        for syllable in self.spell(&beginning) {
            reading.initials.push_str(initials_of(&syllable.text));
            reading.full.push_str(&syllable.text);
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

    /// The ways in which letters spell whole syllables, `v` and `ü` as `u`, those of fewest syllables first.
    pub fn split(&self, letters: &str) -> Vec<Vec<String>> {
        let letters = plain(letters);
        if letters.is_empty() || letters.len() > LONGEST * LONGEST_SYLLABLE || !letters.bytes().all(|letter| letter.is_ascii_lowercase()) {
            return Vec::new();
        }
        // Whether what stands from here on can be cut at all: no way is begun that ends nowhere.
        let mut ends = vec![false; letters.len() + 1];
        if let Some(last) = ends.last_mut() {
            *last = true;
        }
        let goes_on = |ends: &[bool], start: usize| -> Vec<usize> {
            let stops = (start + 1..=letters.len().min(start + LONGEST_SYLLABLE)).rev();
            let fits = |stop: &usize| letters.get(start..*stop).is_some_and(|part| self.syllables.contains(part));
            stops.filter(|stop| ends.get(*stop) == Some(&true)).filter(fits).collect()
        };
        for start in (0..letters.len()).rev() {
            let can = !goes_on(&ends, start).is_empty();
            if let Some(end) = ends.get_mut(start) {
                *end = can;
            }
        }
        let mut ways: Vec<Vec<String>> = Vec::new();
        let mut open = vec![(0, Vec::new())];
        while let Some((start, way)) = open.pop().filter(|_| ways.len() < WAYS * 4) {
            if start == letters.len() {
                ways.push(way);
                continue;
            }
            for stop in goes_on(&ends, start).into_iter().rev() {
                let mut longer = way.clone();
                longer.push(letters.get(start..stop).unwrap_or_default().to_owned());
                open.push((stop, longer));
            }
        }
        ways.sort_by_key(Vec::len);
        ways.truncate(WAYS);
        ways
    }
}

/// Letters of a syllable as they are compared: nobody can be sure of `ü`, which is typed `v` or `u`.
pub fn plain(syllable: &str) -> String {
    syllable.replace(['ü', 'v'], "u")
}

/// What stands for a syllable among initials: its first letter, or all of a number.
pub fn initials_of(syllable: &str) -> &str {
    let first = syllable.chars().next();
    let length = if first.is_some_and(char::is_numeric) { syllable.len() } else { first.map_or(0, char::len_utf8) };
    syllable.get(..length).unwrap_or_default()
}

/// Characters of the word of letters, or of digits, that stands first.
fn word_length(rest: &[char]) -> usize {
    let digits = rest.first().is_some_and(|letter| letter.is_numeric());
    rest.iter().take_while(|letter| kind(**letter) == Kind::Letter && letter.is_numeric() == digits && letter.to_pinyin().is_none()).count()
}

impl Reading {
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
    fn letters_are_cut_into_syllables() {
        let readings = Readings::load(Folder::default()).unwrap();
        let ways = |letters: &str| readings.split(letters).into_iter().map(|way| way.join(" ")).collect::<Vec<_>>();
        assert_eq!(ways("tujiazu")[0], "tu jia zu");
        assert_eq!(ways("xian"), ["xian", "xi an"]);
        assert_eq!(ways("nvshu"), ways("nushu"));
        assert_eq!(ways("nvshu"), ways("nüshu"));
        assert_eq!(ways("geteng")[0], "ge teng");
        assert!(ways("python").is_empty() && ways("tjz").is_empty() && ways("").is_empty());
        assert!(ways(&"xian".repeat(40)).len() <= WAYS);
    }

    #[test]
    fn every_syllable_says_where_it_stands() {
        let spelled = Readings::load(Folder::default()).unwrap().spell("学c语言，第13讲");
        let parts: Vec<(usize, usize, &str)> = spelled.iter().map(|part| (part.start, part.end, part.text.as_str())).collect();
        let wanted = [(0, 1, "xue"), (1, 2, "c"), (2, 3, "yu"), (3, 4, "yan"), (5, 6, "di"), (6, 8, "13"), (8, 9, "jiang")];
        assert_eq!(parts, wanted);
    }

    #[test]
    fn initials_and_letters() {
        assert_eq!(read("土家族").1, "tjz");
        assert_eq!(read("c语言 13讲"), ("cyuyan13jiang".to_owned(), "cyy13j".to_owned()));
        assert_eq!(read("\u{1b170}，。"), (String::new(), String::new()));
    }
}
