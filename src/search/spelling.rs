//! The vocabulary that corrections come from: names and the words of names, each with how it sounds to a loose ear.
//!
//! Each document brings its own words as terms, so a word exists only as long as a document brings it, and whether a viewer
//! may see one such document is asked of its postings. A term is `w` and the word, or `s`, the sound, U+0000 and the word.

use super::analysis::lexicon::Lexicon;
use super::analysis::looseness::loose;
use super::analysis::script::{Kind, is_ideograph, kind};
use std::collections::BTreeSet;

/// Characters of the longest word.
pub const LONGEST: usize = 12;
/// Words of one document.
const MOST: usize = 80;

/// The terms of names.
pub fn terms_of<'a>(names: impl Iterator<Item = &'a str>, lexicon: &Lexicon) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for name in names {
        let folded = lexicon.fold(name).text;
        let whole: String = folded.chars().filter(|letter| kind(*letter) != Kind::Gap).collect();
        words.extend(is_word(&whole).then_some(whole));
        words.extend(lexicon.words_of(name).into_iter().filter(|word| is_word(word)));
    }
    let mut terms = BTreeSet::new();
    for word in words.iter().take(MOST) {
        terms.insert(word_key(word));
        terms.extend(sound_of(word, lexicon).map(|sound| format!("{}{word}", sound_start(&sound))));
    }
    terms
}

fn is_word(text: &str) -> bool {
    let length = text.chars().count();
    let least = if text.chars().any(is_ideograph) { 2 } else { 4 };
    (least..=LONGEST).contains(&length) && !text.chars().all(|letter| letter.is_numeric())
}

/// The term of a word.
pub fn word_key(word: &str) -> String {
    format!("w{word}")
}

/// The word of such a term.
pub fn word_of(term: &[u8]) -> Option<&str> {
    std::str::from_utf8(term.strip_prefix(b"w")?).ok()
}

/// What the terms of all words of a sound begin with.
pub fn sound_start(sound: &str) -> String {
    format!("s{sound}\0")
}

/// How a word of ideographs sounds to a loose ear; other words have no sound.
pub fn sound_of(word: &str, lexicon: &Lexicon) -> Option<String> {
    word.chars().all(is_ideograph).then(|| lexicon.readings.spell(word).iter().map(|syllable| loose(&syllable.text)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::analysis::lexicon::tests::LEXICON;

    #[test]
    fn names_bring_themselves_and_their_words() {
        let terms = terms_of(["土家族毛古斯舞：入门", "MOOC", "13"].into_iter(), &LEXICON);
        for wanted in ["w毛古斯舞", "wmooc", "w土家族", "smaogusiwu\0毛古斯舞"] {
            assert!(terms.contains(wanted), "{wanted}: {terms:?}");
        }
        assert!(!terms.contains("w13"));
    }

    #[test]
    fn words_that_sound_alike_have_one_sound() {
        assert_eq!(sound_of("毛姑丝", &LEXICON), sound_of("毛古斯", &LEXICON));
        assert_eq!(sound_of("侗族", &LEXICON), sound_of("洞族", &LEXICON));
        assert_eq!(sound_of("c语言", &LEXICON), None);
    }
}
