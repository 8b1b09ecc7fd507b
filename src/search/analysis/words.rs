//! Dictionary words: jieba without its guessing model, which glues names to their neighbours, on folded text with the
//! domain dictionary added.

use super::fold::{FoldTable, Folded};
use super::pieces::Run;
use crate::search::folder::{Folder, FolderError};
use jieba_rs::Jieba;
use std::collections::HashSet;

/// The words and the words that tell nothing.
pub struct WordList {
    jieba: Jieba,
    stop: HashSet<String>,
    domain: Vec<String>,
}

/// A word, by its bytes in the folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// First byte.
    pub start: u32,
    /// After the last byte.
    pub end: u32,
}

impl WordList {
    /// Reads `dictionary.txt` and `stop.txt`; the words of editors come on top.
    ///
    /// # Errors
    /// When a file cannot be read or a frequency is not a number.
    pub fn load(folder: Folder<'_>, folds: &FoldTable, taught: &[String]) -> Result<Self, FolderError> {
        const DICTIONARY: &str = "dictionary.txt";
        let mut jieba = Jieba::new();
        let mut domain = Vec::new();
        for (line, text) in folder.lines(DICTIONARY)? {
            let (word, frequency) = text.split_once('\t').map_or((text.as_str(), None), |(word, rest)| (word, Some(rest)));
            let frequency = frequency.map(|digits| digits.trim().parse::<usize>()).transpose().map_err(|_| FolderError::Line {
                file: DICTIONARY.to_owned(),
                line,
                reason: "the frequency is not a whole number".to_owned(),
            })?;
            let word = word.trim();
            // Without a frequency of its own a word gets the one that just makes it a word.
            jieba.add_word(&folds.fold(word).text, frequency, None);
            domain.push(word.to_owned());
        }
        for word in taught {
            jieba.add_word(&folds.fold(word).text, None, None);
        }
        let stop = folder.lines("stop.txt")?.into_iter().map(|(_, word)| folds.fold(word.trim()).text).collect();
        Ok(Self { jieba, stop, domain })
    }

    /// The domain words as they are written, in the order of the file.
    pub fn domain(&self) -> &[String] {
        &self.domain
    }

    /// Whether a folded word tells nothing.
    pub fn is_stop(&self, word: &str) -> bool {
        self.stop.contains(word)
    }

    /// All words of a run of ideographs, as characters of the folded text.
    pub fn cut(&self, folded: &Folded, run: Run) -> Vec<(usize, usize)> {
        let mut place = run.start;
        let words = self.jieba.cut(folded.part(run.start, run.end), false).into_iter();
        let lengths = words.map(|token| token.word.chars().count());
        lengths
            .map(|length| {
                place += length;
                (place - length, place)
            })
            .collect()
    }

    /// The words of the runs of a text that tell something.
    pub fn words(&self, folded: &Folded, runs: &[Run], found: &mut Vec<Word>) {
        found.clear();
        for run in runs {
            let text = folded.part(run.start, run.end);
            let base = folded.at.get(run.start).copied().unwrap_or_default();
            if run.ideographs {
                for token in self.jieba.cut(text, false) {
                    if !self.is_stop(token.word) {
                        found.push(Word { start: base + token.byte_start as u32, end: base + token.byte_end as u32 });
                    }
                }
            } else if !self.is_stop(text) {
                found.push(Word { start: base, end: base + text.len() as u32 });
            }
        }
    }
}
