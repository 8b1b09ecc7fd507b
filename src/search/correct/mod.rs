//! Did you mean: words of the index that sound or look like a part of a query, or differ from it by one character.
//!
//! Corrections are told and never searched for by themselves. A word counts only as far as the viewer may see documents that
//! bring it; nothing is corrected that stands in what the viewer finds, unless the other word is far more frequent.

use super::analysis::fold::Folded;
use super::analysis::lexicon::Lexicon;
use super::analysis::pieces::{Run, runs};
use super::analysis::script::is_ideograph;
use super::generation::Generation;
use super::spelling::{LONGEST, sound_of};
use super::vocabulary::Vocabulary;
use mistakes::{edited, misspelled, reshaped, same_sound};
use serde::Serialize;
use std::collections::BTreeSet;

mod mistakes;

/// Corrections of one answer.
const GIVEN: usize = 3;
/// Characters of the longest query that is looked at.
const LONGEST_QUERY: usize = 30;
/// Parts of a query that are looked at.
const SPANS: usize = 40;
/// How many times more frequent a word must be than what was typed and stands somewhere too.
const FAR: u32 = 20;
/// Hits up to which letters are taken for a mistake.
const FEW: u64 = 2;

/// What kind of mistake it would have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mistake {
    /// Other characters of the same sound (同音).
    SameSound,
    /// A character that looks like the right one (形近).
    LikeShape,
    /// A sound that the province does not tell apart (模糊音).
    NearSound,
    /// Two characters in the wrong order.
    Order,
    /// A character too many.
    Extra,
    /// A character too few.
    Missing,
    /// Pinyin with a letter too many or two in the wrong order, or of a near sound.
    Pinyin,
}

/// What could have been meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Correction {
    /// The whole query, corrected.
    pub query: String,
    /// The part that is corrected, as it was typed.
    pub from: String,
    /// What it is corrected to.
    pub to: String,
    /// What kind of mistake it would have been.
    pub mistake: Mistake,
}

/// A part of the query.
#[derive(Clone, Copy, Debug)]
struct Span {
    /// First character, after the last one.
    start: usize,
    end: usize,
    /// The dictionary knows no word of several characters in a part of it.
    odd: bool,
    /// It is one word of the dictionary, and not all of a query.
    one_word: bool,
    /// It is all of a query.
    alone: bool,
}

impl Span {
    /// Characters.
    fn len(&self) -> usize {
        self.end - self.start
    }
}

/// A word that a part could have meant.
struct Guess {
    span: Span,
    word: String,
    mistake: Mistake,
    seen: u32,
}

/// What could have been meant by a query that found `total` documents, best first.
///
/// # Errors
/// When the index cannot be read.
pub fn corrections(generation: &Generation, query: &str, total: u64, tokens: &BTreeSet<String>) -> tantivy::Result<Vec<Correction>> {
    let lexicon = generation.lexicon();
    let folded = lexicon.folds.fold_with_origin(query);
    if folded.is_empty() || folded.len() > LONGEST_QUERY {
        return Ok(Vec::new());
    }
    let vocabulary = Vocabulary::open(generation, tokens)?;
    let mut guesses = Vec::new();
    for span in spans(&folded, lexicon) {
        guess(&vocabulary, lexicon, &folded, span, total, &mut guesses)?;
    }
    guesses.sort_by_key(|guess| (guess.mistake, std::cmp::Reverse(guess.span.len()), std::cmp::Reverse(guess.seen)));
    let mut given: Vec<Correction> = Vec::new();
    let mut covered: Vec<Span> = Vec::new();
    for guess in guesses {
        let within = |other: &Span| other.start <= guess.span.start && guess.span.end <= other.end && other.len() > guess.span.len();
        if covered.iter().any(within) {
            continue;
        }
        let typed = folded.part(guess.span.start, guess.span.end);
        let standing = vocabulary.standing(typed, guess.seen.div_ceil(FAR) + 1)?;
        if standing > 0 && guess.seen < standing.saturating_mul(FAR) {
            continue;
        }
        if let Some(made) = corrected(query, &folded, &guess).filter(|made| !given.iter().any(|known| known.query == made.query)) {
            given.push(made);
            covered.push(guess.span);
        }
        if given.len() == GIVEN {
            break;
        }
    }
    Ok(given)
}

fn corrected(query: &str, folded: &Folded, guess: &Guess) -> Option<Correction> {
    let start = folded.from.get(guess.span.start)?.0 as usize;
    let end = folded.from.get(guess.span.end.checked_sub(1)?)?.1 as usize;
    let (head, from, tail) = (query.get(..start)?, query.get(start..end)?, query.get(end..)?);
    let whole = format!("{head}{}{tail}", guess.word);
    Some(Correction { query: whole, from: from.to_owned(), to: guess.word.clone(), mistake: guess.mistake })
}

/// Words next to one another, up to the length of the longest word; not those that begin or end with a word that tells
/// nothing, unless that is all there is.
fn spans(folded: &Folded, lexicon: &Lexicon) -> Vec<Span> {
    let mut all: Vec<Run> = Vec::new();
    runs(folded, &mut all);
    let mut spans = Vec::new();
    for run in &all {
        if !run.ideographs {
            spans.push(Span { start: run.start, end: run.end, odd: true, one_word: false, alone: all.len() == 1 });
            continue;
        }
        let words = lexicon.words.cut(folded, *run);
        let tells_nothing = |place: usize| words.get(place).is_some_and(|(start, end)| lexicon.words.is_stop(folded.part(*start, *end)));
        for (first, (start, _)) in words.iter().enumerate() {
            for (last, (_, end)) in words.iter().enumerate().skip(first) {
                let whole = first == 0 && last + 1 == words.len();
                if (2..=LONGEST).contains(&(end - start)) && (whole || !tells_nothing(first) && !tells_nothing(last)) {
                    let odd = words.get(first..=last).unwrap_or_default().iter().any(|(start, end)| end - start == 1);
                    let alone = whole && all.len() == 1;
                    spans.push(Span { start: *start, end: *end, odd, one_word: first == last && !alone, alone });
                }
            }
        }
    }
    spans.sort_by_key(|span| std::cmp::Reverse((span.odd, span.len())));
    spans.truncate(SPANS);
    spans
}

fn guess(
    vocabulary: &Vocabulary<'_>,
    lexicon: &Lexicon,
    folded: &Folded,
    span: Span,
    total: u64,
    guesses: &mut Vec<Guess>,
) -> tantivy::Result<()> {
    // A word that the catalogue lacks is no mistake.
    if span.one_word {
        return Ok(());
    }
    let typed = folded.part(span.start, span.end);
    let mut meant = Vec::new();
    if let Some(sound) = sound_of(typed, lexicon) {
        meant.extend(same_sound(vocabulary, lexicon, typed, &sound)?);
        meant.extend(reshaped(typed, lexicon));
    } else if total <= FEW && !typed.chars().any(is_ideograph) && (total == 0 || lexicon.readings.split(typed).is_empty()) {
        // Letters that spell syllables and find something were typed right.
        meant.extend(misspelled(vocabulary, lexicon, typed)?);
    }
    // One character more or less makes another word of most words: only where the dictionary knows none, or nothing is found.
    if (span.odd || total == 0) && (total <= FEW || typed.chars().any(is_ideograph)) {
        meant.extend(edited(vocabulary, typed)?);
    }
    for (word, mistake) in meant {
        // A word that stands in what was typed was typed: its neighbours in the sentence are no mistake.
        if typed.contains(&word) || guesses.iter().any(|guess: &Guess| guess.word == word && guess.span.start == span.start) {
            continue;
        }
        // So many words of two characters are near to any two of a sentence that chance makes most of them.
        if !span.alone && matches!(mistake, Mistake::NearSound | Mistake::Extra) && word.chars().count() == 2 {
            continue;
        }
        let seen = vocabulary.seen(&word)?;
        if seen > 0 {
            guesses.push(Guess { span, word, mistake, seen });
        }
    }
    Ok(())
}
