//! Everything that analysis needs to know, loaded once per process.

use super::fold::{FoldTable, Folded};
use super::pieces::runs;
use super::pinyin::Readings;
use super::words::WordList;
use crate::search::folder::{Folder, FolderError};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Files whose content changes what is indexed.
const INDEXED: [&str; 4] = ["dictionary.txt", "stop.txt", "variants.tsv", "pinyin.txt"];

/// The language data of the index.
pub struct Lexicon {
    /// Folding.
    pub folds: FoldTable,
    /// Words.
    pub words: WordList,
    /// Pinyin.
    pub readings: Readings,
    synonyms: Vec<(String, Vec<String>)>,
    digest: String,
}

impl Lexicon {
    /// Loads the data compiled in, each file replaced by the one in `folder` where there is one. Takes about 0.2 s and
    /// 60 MB: once per process.
    ///
    /// # Errors
    /// When a file cannot be read or a line is not what it should be.
    pub fn load(folder: Option<&Path>) -> Result<Self, FolderError> {
        let folder = Folder::new(folder);
        let folds = FoldTable::load(folder)?;
        let words = WordList::load(folder, &folds)?;
        let readings = Readings::load(folder)?;
        let synonyms = read_synonyms(folder, &folds)?;
        let mut hash = Sha256::new();
        for file in INDEXED {
            hash.update(folder.text(file)?.as_bytes());
            hash.update([0]);
        }
        let digest = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { folds, words, readings, synonyms, digest })
    }

    /// A digest of the data that decide what is indexed; another one means that the index must be built anew.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Folds a text.
    pub fn fold(&self, text: &str) -> Folded {
        self.folds.fold(text)
    }

    /// The words of a text that tell something, folded, each once.
    pub fn words_of(&self, text: &str) -> Vec<String> {
        let folded = self.fold(text);
        let (mut all, mut words) = (Vec::new(), Vec::new());
        runs(&folded, &mut all);
        self.words.words(&folded, &all, &mut words);
        let mut found: Vec<String> = Vec::with_capacity(words.len());
        for word in words.iter().filter_map(|word| folded.text.get(word.start as usize..word.end as usize)) {
            if !found.iter().any(|known| known == word) {
                found.push(word.to_owned());
            }
        }
        found
    }

    /// Other words for what stands in a folded query, folded, at most `limit`.
    pub fn synonyms_in(&self, folded: &str, limit: usize) -> Vec<&str> {
        let present = self.synonyms.iter().filter(|(word, _)| contains_word(folded, word));
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

fn read_synonyms(folder: Folder<'_>, folds: &FoldTable) -> Result<Vec<(String, Vec<String>)>, FolderError> {
    const FILE: &str = "synonyms.txt";
    let mut synonyms: Vec<(String, Vec<String>)> = Vec::new();
    let fold = |word: &str| folds.fold(word.trim()).text;
    for (line, text) in folder.lines(FILE)? {
        let one_way = text.contains('>');
        let words: Vec<String> = text.split(['=', '>']).map(fold).collect();
        if words.len() < 2 || words.iter().any(String::is_empty) || (one_way && text.contains('=')) {
            let reason = "expected `a = b = c` or `a > b`".to_owned();
            return Err(FolderError::Line { file: FILE.to_owned(), line, reason });
        }
        let sources = if one_way { 1 } else { words.len() };
        for (place, word) in words.iter().enumerate().take(sources) {
            let others = words.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, other)| other.clone());
            synonyms.push((word.clone(), others.collect()));
        }
    }
    Ok(synonyms)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::sync::{Arc, LazyLock};

    /// The lexicon of all tests of this room.
    pub(crate) static LEXICON: LazyLock<Arc<Lexicon>> = LazyLock::new(|| Arc::new(Lexicon::load(None).unwrap()));

    pub(crate) fn cut(text: &str) -> Vec<String> {
        let folded = LEXICON.fold(text);
        let (mut all, mut words) = (Vec::new(), Vec::new());
        runs(&folded, &mut all);
        LEXICON.words.words(&folded, &all, &mut words);
        words.iter().map(|word| folded.text.get(word.start as usize..word.end as usize).unwrap().to_owned()).collect()
    }

    #[test]
    fn domain_words_are_words() {
        assert_eq!(cut("土家族西兰卡普"), ["土家族", "西兰卡普"]);
        assert_eq!(cut("侗族的歌鼟"), ["侗族", "歌鼟"]);
        assert_eq!(cut("學分銀行"), ["学分银行"]);
        assert!(cut("怎么预防诈骗").contains(&"诈骗".to_owned()) || cut("怎么预防诈骗").contains(&"防诈骗".to_owned()));
    }

    #[test]
    fn synonyms_work_in_the_ways_they_are_written() {
        assert_eq!(LEXICON.synonyms_in("mooc制作", 4), ["慕课", "大规模在线开放课程"]);
        assert_eq!(LEXICON.synonyms_in("银龄", 4), ["老年"]);
        assert!(LEXICON.synonyms_in("老年", 4).is_empty());
        assert!(LEXICON.synonyms_in("main", 4).is_empty());
        assert!(LEXICON.synonyms_in("西兰卡普", 4).contains(&"土家织锦"));
    }
}
