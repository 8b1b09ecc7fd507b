//! Other words for what was typed: from `synonyms.txt`, and those that editors add while the program runs.

use super::analysis::fold::FoldTable;
use super::folder::{Folder, FolderError};
use super::weights::Weights;

/// What can be changed without building the index anew: numbers of ranking and synonyms.
#[derive(Clone, Debug)]
pub struct Tuning {
    /// Numbers of ranking.
    pub weights: Weights,
    /// Synonyms.
    pub synonyms: Synonyms,
}

/// Words with the others that they also find.
#[derive(Clone, Debug, Default)]
pub struct Synonyms {
    rules: Vec<(String, Vec<String>)>,
}

impl Synonyms {
    /// Reads `synonyms.txt`.
    ///
    /// # Errors
    /// When it cannot be read or a line is neither `a = b = c` nor `a > b`.
    pub fn load(folder: Folder<'_>, folds: &FoldTable) -> Result<Self, FolderError> {
        const FILE: &str = "synonyms.txt";
        let mut synonyms = Self::default();
        for (line, text) in folder.lines(FILE)? {
            let one_way = text.contains('>');
            let words: Vec<String> = text.split(['=', '>']).map(|word| word.trim().to_owned()).collect();
            if words.len() < 2 || words.iter().any(String::is_empty) || (one_way && text.contains('=')) {
                let reason = "expected `a = b = c` or `a > b`".to_owned();
                return Err(FolderError::Line { file: FILE.to_owned(), line, reason });
            }
            synonyms.add(&words, one_way, folds);
        }
        Ok(synonyms)
    }

    /// Adds words that mean the same, or, one way, of which the first also finds the others.
    pub fn add(&mut self, words: &[String], one_way: bool, folds: &FoldTable) {
        let words: Vec<String> = words.iter().map(|word| folds.fold(word).text).collect();
        let sources = if one_way { 1 } else { words.len() };
        for (place, word) in words.iter().enumerate().take(sources).filter(|(_, word)| !word.is_empty()) {
            let others = words.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, other)| other.clone());
            self.rules.push((word.clone(), others.collect()));
        }
    }

    /// Other words for what stands in a folded query, folded, at most `limit`.
    pub fn in_text(&self, folded: &str, limit: usize) -> Vec<&str> {
        let present = self.rules.iter().filter(|(word, _)| contains_word(folded, word));
        let others = present.flat_map(|(_, others)| others.iter().map(String::as_str));
        others.filter(|other| !contains_word(folded, other)).take(limit).collect()
    }
}

/// Whether a word stands in the text; one of letters must stand there as a word of its own.
fn contains_word(text: &str, word: &str) -> bool {
    let is_letter = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    text.match_indices(word).any(|(start, _)| {
        let before = text.get(..start).and_then(|head| head.chars().next_back());
        let after = text.get(start + word.len()..).and_then(|tail| tail.chars().next());
        let begins_within = is_letter(before) && is_letter(word.chars().next());
        let ends_within = is_letter(word.chars().next_back()) && is_letter(after);
        !begins_within && !ends_within
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::analysis::lexicon::tests::LEXICON;

    #[test]
    fn synonyms_work_in_the_ways_they_are_written() {
        let synonyms = &LEXICON.tuning.synonyms;
        assert_eq!(synonyms.in_text("mooc制作", 4), ["慕课", "大规模在线开放课程"]);
        assert_eq!(synonyms.in_text("银龄", 4), ["老年"]);
        assert!(synonyms.in_text("老年", 4).is_empty());
        assert!(synonyms.in_text("main", 4).is_empty());
        assert!(synonyms.in_text("西兰卡普", 4).contains(&"土家织锦"));
    }

    #[test]
    fn added_ones_are_folded_and_keep_their_way() {
        let mut synonyms = Synonyms::default();
        synonyms.add(&["打鐵花".to_owned(), "铁水花".to_owned()], false, &LEXICON.folds);
        synonyms.add(&["广场舞".to_owned(), "健身舞".to_owned()], true, &LEXICON.folds);
        assert_eq!((synonyms.in_text("打铁花", 4), synonyms.in_text("铁水花", 4)), (vec!["铁水花"], vec!["打铁花"]));
        assert_eq!((synonyms.in_text("广场舞", 4).len(), synonyms.in_text("健身舞", 4).len()), (1, 0));
    }
}
