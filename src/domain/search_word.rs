//! What editors teach search while it runs: words that mean the same, and words that segmentation must know.

use super::problem::Problem;
use super::record::{Key, Record};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Entries that a site can have: each is looked for in every query.
pub const MOST: usize = 2_000;
/// Words of one entry.
const MOST_WORDS: usize = 8;
/// Characters of a word.
const LONGEST: usize = 30;

/// What an entry teaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WordKind {
    /// The words mean the same: each finds what holds another (慕课 = MOOC).
    Synonyms,
    /// The first word also finds what holds one of the others, and not the other way round (西兰卡普 → 土家织锦).
    OneWay,
    /// Segmentation knows the word from the next building of the index on.
    Word,
    /// No query that holds the word is suggested while typing.
    KeptOut,
    /// This query is not suggested while typing.
    HiddenQuery,
}

impl WordKind {
    /// Whether an entry of the kind is one word alone.
    pub fn is_single(self) -> bool {
        matches!(self, Self::Word | Self::KeptOut | Self::HiddenQuery)
    }
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchWord {
    /// Id.
    pub id: String,
    /// What it teaches.
    pub kind: WordKind,
    /// The words, as they were written.
    pub words: Vec<String>,
    /// Why, for other editors.
    #[serde(default)]
    pub note: String,
    /// Account that made it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl SearchWord {
    /// The words of an entry, trimmed and checked.
    ///
    /// # Errors
    /// `words`: too few, too many, one that is empty or too long, or the same word twice.
    pub fn checked(kind: WordKind, words: &[String]) -> Result<Vec<String>, Problem> {
        let words: Vec<String> = words.iter().map(|word| word.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let (least, most) = if kind.is_single() { (1, 1) } else { (2, MOST_WORDS) };
        if !(least..=most).contains(&words.len()) {
            let (zh, en) = (
                "同义词写两个至八个，词典词、不提示的词和隐藏的检索词各写一个。",
                "Synonyms are two to eight words, any other entry is one.",
            );
            return Err(Problem::field("words", "words", zh, en));
        }
        let long = |word: &String| word.is_empty() || word.chars().count() > LONGEST || word.chars().any(char::is_control);
        if words.iter().any(long) {
            return Err(Problem::field("words", "words", "每个词须为 1 至 30 个字。", "Each word has 1 to 30 characters."));
        }
        if words.iter().enumerate().any(|(place, word)| words.iter().take(place).any(|other| other == word)) {
            return Err(Problem::field("words", "words", "同一个词写了两次。", "The same word stands there twice."));
        }
        Ok(words)
    }
}

impl Record for SearchWord {
    const TABLE: &'static str = "search_words";
    fn key(&self) -> Key {
        Key::from(self.id.as_str())
    }
}

/// A query that several people asked in a week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedQuery {
    /// The week it was asked in, by its Monday, `YYYY-MM-DD`.
    pub week: String,
    /// The query, folded.
    pub query: String,
    /// At least so many people asked it: a step of [`AskedQuery::STEPS`], never a count.
    pub people: u32,
    /// Resources that visitors found by it when the step was reached.
    pub found: u64,
}

impl AskedQuery {
    /// People that must have asked a query before anybody is told of it, and the steps from there on.
    pub const STEPS: [u32; 6] = [5, 10, 20, 50, 100, 200];
    /// Hits up to which a query found little.
    pub const FEW: u64 = 3;

    /// Whether it found more than a few.
    pub fn found_enough(&self) -> bool {
        self.found > Self::FEW
    }
}

impl Record for AskedQuery {
    const TABLE: &'static str = "asked_queries";
    fn key(&self) -> Key {
        Key::of(&[&self.week, &self.query])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_checked() {
        let checked = |kind, words: &[&str]| SearchWord::checked(kind, &words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(checked(WordKind::Synonyms, &[" 慕课 ", "MOOC"]).unwrap(), ["慕课", "MOOC"]);
        assert!(checked(WordKind::Synonyms, &["慕课"]).is_err() && checked(WordKind::OneWay, &["甲", "甲"]).is_err());
        assert!(checked(WordKind::Word, &["歌鼟"]).is_ok() && checked(WordKind::Word, &["歌鼟", "侗款"]).is_err());
        assert!(checked(WordKind::Synonyms, &["慕课", ""]).is_err() && checked(WordKind::Word, &[&"长".repeat(31)]).is_err());
    }
}
