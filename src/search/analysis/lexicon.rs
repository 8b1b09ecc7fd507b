//! Everything that analysis needs to know, loaded once per process.

use super::fold::{FoldTable, Folded};
use super::looseness::Lookalikes;
use super::numerals::Numerals;
use super::pieces::runs;
use super::pinyin::Readings;
use super::words::WordList;
use crate::search::folder::{Folder, FolderError};
use crate::search::synonyms::{Synonyms, Tuning};
use crate::search::weights::Weights;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Files whose content changes what is indexed.
const INDEXED: [&str; 5] = ["dictionary.txt", "stop.txt", "variants.tsv", "pinyin.txt", "numerals.txt"];

/// The language data of the index.
pub struct Lexicon {
    /// Folding.
    pub folds: FoldTable,
    /// Words.
    pub words: WordList,
    /// Pinyin.
    pub readings: Readings,
    /// Characters that look alike.
    pub lookalikes: Lookalikes,
    /// Numbers.
    pub numerals: Numerals,
    /// Numbers of ranking and synonyms, as they are in the data.
    pub tuning: Tuning,
    /// Words that keep a query from being suggested, as they are in the data.
    pub blocked: Vec<String>,
    folder: Option<PathBuf>,
    digest: String,
}

impl Lexicon {
    /// Loads the data compiled in, each file replaced by the one in `folder` where there is one. Takes about 0.2 s and
    /// 60 MB: once per process.
    ///
    /// # Errors
    /// When a file cannot be read or a line is not what it should be.
    pub fn load(folder: Option<&Path>) -> Result<Self, FolderError> {
        Self::load_with(folder, &[])
    }

    /// The same with further words that segmentation must know.
    ///
    /// # Errors
    /// As [`Lexicon::load`].
    pub fn load_with(folder: Option<&Path>, words: &[String]) -> Result<Self, FolderError> {
        let (named, folder) = (folder.map(Path::to_owned), Folder::new(folder));
        let folds = FoldTable::load(folder)?;
        let list = WordList::load(folder, &folds, words)?;
        let readings = Readings::load(folder)?;
        let numerals = Numerals::load(folder, &folds)?;
        let lookalikes = Lookalikes::load(folder, &folds)?;
        let tuning = Tuning { weights: Weights::load(folder)?, synonyms: Synonyms::load(folder, &folds)? };
        let blocked = folder.lines("blocked.txt")?.into_iter().map(|(_, word)| word).collect();
        let digest = digest_of(folder, words)?;
        Ok(Self { folds, words: list, readings, lookalikes, numerals, tuning, blocked, folder: named, digest })
    }

    /// The same data with these further words in place of those it was loaded with; `None` when they are the same.
    ///
    /// # Errors
    /// As [`Lexicon::load`].
    pub fn taught(&self, words: &[String]) -> Result<Option<Self>, FolderError> {
        // Loading takes long: not where nothing has changed.
        let folder = self.folder.as_deref();
        if digest_of(Folder::new(folder), words)? == self.digest {
            return Ok(None);
        }
        Self::load_with(folder, words).map(Some)
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
}

/// A digest of the files that decide what is indexed, and of further words.
fn digest_of(folder: Folder<'_>, words: &[String]) -> Result<String, FolderError> {
    let mut hash = Sha256::new();
    for file in INDEXED {
        hash.update(folder.text(file)?.as_bytes());
        hash.update([0]);
    }
    for word in words {
        hash.update(word.as_bytes());
        hash.update([0]);
    }
    Ok(hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
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
}
