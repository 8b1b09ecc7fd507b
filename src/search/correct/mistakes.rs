//! The words that a part of a query could have been, by the kind of mistake.

use super::Mistake;
use crate::search::analysis::lexicon::Lexicon;
use crate::search::analysis::looseness::loose;
use crate::search::analysis::pinyin::plain;
use crate::search::vocabulary::Vocabulary;

/// Words of one sound that are looked at.
const OF_ONE_SOUND: usize = 16;
/// Words with one beginning that are looked at for a missing character.
const OF_ONE_BEGINNING: usize = 300;
/// Characters of the longest part that is edited.
const LONGEST_EDITED: usize = 8;
/// Letters of the longest word that is edited.
const LONGEST_LETTERS: usize = 24;

type Guesses = Vec<(String, Mistake)>;

/// Words that sound the same, or nearly.
pub fn same_sound(vocabulary: &Vocabulary<'_>, lexicon: &Lexicon, typed: &str, sound: &str) -> tantivy::Result<Guesses> {
    let exact = |text: &str| lexicon.readings.spell(text).iter().map(|syllable| plain(&syllable.text)).collect::<Vec<_>>();
    let (own, length) = (exact(typed), typed.chars().count());
    let words = vocabulary.of_sound(sound, OF_ONE_SOUND)?;
    let alike = words.into_iter().filter(|word| word.chars().count() == length);
    Ok(alike.map(|word| if exact(&word) == own { (word, Mistake::SameSound) } else { (word, Mistake::NearSound) }).collect())
}

/// The part with one character in place of one that looks like it.
pub fn reshaped(typed: &str, lexicon: &Lexicon) -> Guesses {
    let letters: Vec<char> = typed.chars().take(LONGEST_EDITED).collect();
    let at = |place: usize| {
        let (letters, own) = (&letters, letters.get(place).copied().unwrap_or(' '));
        lexicon.lookalikes.of(own).iter().map(move |other| replaced(letters, place, *other))
    };
    (0..letters.len()).flat_map(at).map(|word| (word, Mistake::LikeShape)).collect()
}

fn replaced(letters: &[char], place: usize, other: char) -> String {
    letters.iter().enumerate().map(|(at, letter)| if at == place { other } else { *letter }).collect()
}

/// The part with two characters in the other order, with one less, with one more.
pub fn edited(vocabulary: &Vocabulary<'_>, typed: &str) -> tantivy::Result<Guesses> {
    let letters: Vec<char> = typed.chars().collect();
    if letters.len() > if typed.is_ascii() { LONGEST_LETTERS } else { LONGEST_EDITED } {
        return Ok(Vec::new());
    }
    let mut guesses: Guesses = swapped(&letters).map(|word| (word, Mistake::Order)).collect();
    if letters.len() > 2 {
        guesses.extend(shortened(&letters).map(|word| (word, Mistake::Extra)));
    }
    if !vocabulary.may_lack_one(typed) {
        return Ok(guesses);
    }
    for known in 1..letters.len() {
        let beginning: String = letters.iter().take(known).collect();
        let rest: String = letters.iter().skip(known).collect();
        for word in vocabulary.beginning_with(&beginning, OF_ONE_BEGINNING)? {
            let tail: Option<&str> = word.strip_prefix(&beginning).and_then(|tail| tail.get(tail.chars().next()?.len_utf8()..));
            if tail == Some(rest.as_str()) {
                guesses.push((word, Mistake::Missing));
            }
        }
    }
    Ok(guesses)
}

fn swapped(letters: &[char]) -> impl Iterator<Item = String> {
    (1..letters.len()).filter(|place| letters.get(*place) != letters.get(*place - 1)).map(|place| {
        let mut other = letters.to_vec();
        other.swap(place - 1, place);
        other.into_iter().collect()
    })
}

fn shortened(letters: &[char]) -> impl Iterator<Item = String> {
    (0..letters.len()).map(|place| letters.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, letter)| *letter).collect())
}

/// Words that pinyin could have meant: as it is by a loose ear, with two letters in the other order, with one less.
pub fn misspelled(vocabulary: &Vocabulary<'_>, lexicon: &Lexicon, typed: &str) -> tantivy::Result<Guesses> {
    let letters: Vec<char> = plain(typed).chars().collect();
    if letters.len() > LONGEST_LETTERS || !letters.iter().all(char::is_ascii_lowercase) {
        return Ok(Vec::new());
    }
    let mut guesses = Guesses::new();
    let as_typed: String = letters.iter().collect();
    for variant in std::iter::once(as_typed).chain(swapped(&letters)).chain(shortened(&letters)) {
        for way in lexicon.readings.split(&variant).into_iter().filter(|way| way.len() > 1) {
            let sound: String = way.iter().map(|syllable| loose(syllable)).collect();
            guesses.extend(vocabulary.of_sound(&sound, OF_ONE_SOUND)?.into_iter().map(|word| (word, Mistake::Pinyin)));
        }
    }
    Ok(guesses)
}
