//! What keeps queries from being suggested: words of abuse in the language data, words that editors keep out, queries that they
//! hide; in whatever characters, by whatever characters of the same sound, and in pinyin.

use crate::search::analysis::lexicon::Lexicon;
use crate::search::analysis::pinyin::plain;
use crate::search::analysis::script::{Kind, kind};
use std::collections::BTreeSet;

/// Fewest letters that a word must have in pinyin for a query in letters to be taken for it: `chi` stands in many words.
const LETTERS: usize = 5;

/// What is kept out.
#[derive(Clone, Debug, Default)]
pub struct KeptOut {
    words: Vec<Form>,
    hidden: BTreeSet<String>,
    hidden_sounds: BTreeSet<String>,
}

/// A text as it is compared: folded without gaps, its syllables, the words of letters in it.
#[derive(Clone, Debug, Default)]
struct Form {
    key: String,
    sounds: Vec<String>,
    words: Vec<String>,
}

impl Form {
    fn of(text: &str, lexicon: &Lexicon) -> Self {
        let folded = lexicon.fold(text).text;
        let gap = |letter: char| kind(letter) == Kind::Gap;
        let sounds = lexicon.readings.spell(&folded).into_iter().map(|syllable| plain(&syllable.text)).collect();
        let words = folded.split(|letter| gap(letter) || !letter.is_ascii()).filter(|word| !word.is_empty()).map(str::to_owned).collect();
        Self { key: folded.chars().filter(|letter| !gap(*letter)).collect(), sounds, words }
    }

    /// All of it as it sounds.
    fn sound(&self) -> String {
        self.sounds.concat()
    }

    /// Whether a word stands in it, written or as it sounds. One of letters must stand there as a word of its own. A word of two
    /// characters sounds like too many others: it must be all that is asked to be known by its sound; one of a single character is
    /// not known by it at all.
    fn holds(&self, word: &Self) -> bool {
        if word.key.is_ascii() {
            return self.words.contains(&word.key) || self.key == word.key;
        }
        let length = word.key.chars().count();
        let heard = || match length {
            2 => self.sounds == word.sounds,
            _ => self.sounds.windows(length).any(|window| window == word.sounds),
        };
        let spelled = || Some(word.sound()).is_some_and(|sound| sound.len() >= LETTERS && plain(&self.words.concat()).contains(&sound));
        self.key.contains(&word.key) || (length > 1 && word.sounds.len() == length && (heard() || spelled()))
    }
}

impl KeptOut {
    /// Of words that no suggested query may hold, and of queries that are hidden.
    pub fn of<'a>(words: impl Iterator<Item = &'a str>, hidden: impl Iterator<Item = &'a str>, lexicon: &Lexicon) -> Self {
        let words = words.map(|word| Form::of(word, lexicon)).filter(|form| !form.key.is_empty()).collect();
        let mut kept_out = Self { words, ..Self::default() };
        for form in hidden.map(|query| Form::of(query, lexicon)).filter(|form| !form.key.is_empty()) {
            kept_out.hidden_sounds.extend(Some(form.sound()).filter(|sound| sound.len() >= LETTERS));
            kept_out.hidden.insert(form.key);
        }
        kept_out
    }

    /// Whether a query is not to be suggested.
    pub fn holds(&self, query: &str, lexicon: &Lexicon) -> bool {
        let form = Form::of(query, lexicon);
        self.hidden.contains(&form.key) || self.hidden_sounds.contains(&form.sound()) || self.words.iter().any(|word| form.holds(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::LazyLock;

    static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::load(None).unwrap());

    #[test]
    fn words_are_known_in_every_writing() {
        let kept_out = KeptOut::of(["赌球", "骗局", "av"].into_iter(), std::iter::empty(), &LEXICON);
        for query in ["网上赌球", "網上賭 球", "读秋", "du qiu", "duqiu网", "某某骗局", "AV", "看 av"] {
            assert!(kept_out.holds(query, &LEXICON), "{query}");
        }
        for query in ["球赛", "java入门", "骗", "局域网", "dq", "广场舞", "读秋技巧"] {
            assert!(!kept_out.holds(query, &LEXICON), "{query}");
        }
    }

    #[test]
    fn a_hidden_query_is_hidden_alone() {
        let kept_out = KeptOut::of(std::iter::empty(), ["广场舞 教程"].into_iter(), &LEXICON);
        for query in ["广场舞教程", "廣場舞 教程", "guangchangwu jiaocheng", "广场舞教呈"] {
            assert!(kept_out.holds(query, &LEXICON), "{query}");
        }
        assert!(!kept_out.holds("广场舞", &LEXICON) && !kept_out.holds("广场舞教程视频", &LEXICON));
    }

    #[test]
    fn the_words_of_the_data_keep_no_name_out() {
        let kept_out = KeptOut::of(LEXICON.blocked.iter().map(String::as_str), std::iter::empty(), &LEXICON);
        assert!(LEXICON.blocked.len() > 30 && kept_out.holds("网络赌博", &LEXICON) && kept_out.holds("傻逼", &LEXICON));
        let names = include_str!("../../tests/it/finding/names.tsv").lines().filter(|line| !line.starts_with('#'));
        let names: Vec<&str> = names.filter_map(|line| line.split('\t').next()).collect();
        let lost: Vec<&&str> = names.iter().filter(|name| kept_out.holds(name, &LEXICON)).collect();
        assert!(names.len() > 200 && lost.is_empty(), "{lost:?}");
        for query in ["预防电信诈骗", "禁毒知识", "艾滋病预防", "性教育", "反赌防骗", "防范非法集资"] {
            assert!(!kept_out.holds(query, &LEXICON), "{query}");
        }
    }
}
