//! Suggestions while typing: beginnings of titles, keywords, people, places and terms, by characters, pinyin and initials.
//!
//! Each document brings its own beginnings as terms, so a suggestion exists only as long as a document that the viewer may
//! see brings it. A term is what is typed, U+0000, a letter for where it comes from, and what is shown.

use super::analysis::lexicon::Lexicon;
use super::analysis::pieces::{Run, runs};
use super::analysis::script::{Kind, kind};
use super::analysis::words::Word;
use super::document::Card;
use super::execute::filter::{allowed, visible};
use super::generation::Generation;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use tantivy::{DocSet, SegmentReader, TERMINATED};

/// Characters of a title that are shown and typed.
const LONGEST: usize = 40;
/// Words of a title at which typing may begin.
const STARTS: usize = 6;
/// Keywords and names of one resource that are suggested.
const NAMES: usize = 12;
/// Terms of one segment that one request looks at.
const LOOKED_AT: usize = 1_500;
/// Documents of one term that are tried for one the viewer may see.
const TRIED: usize = 200;

/// Bytes still to be typed from which on more of them make no difference.
const FAR: usize = 8;

/// Where a suggestion comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A query that many people asked.
    Query,
    /// A keyword.
    Keyword,
    /// What a code stands for: a subject, an ethnic group, a heritage item.
    Term,
    /// A division.
    Place,
    /// A person.
    Person,
    /// A title.
    Title,
}

impl Source {
    const fn letter(self) -> char {
        match self {
            Self::Query => 'q',
            Self::Keyword => 'k',
            Self::Term => 'c',
            Self::Place => 'r',
            Self::Person => 'p',
            Self::Title => 't',
        }
    }

    const fn of(letter: u8) -> Self {
        match letter {
            b'q' => Self::Query,
            b'k' => Self::Keyword,
            b'p' => Self::Person,
            b'c' => Self::Term,
            b'r' => Self::Place,
            _ => Self::Title,
        }
    }
}

/// A suggestion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Suggestion {
    /// What to search for.
    pub text: String,
    /// Where it comes from.
    pub source: Source,
}

/// The terms that a document brings: `places` and `names` are what its codes stand for.
pub fn terms_of(card: &Card, places: &[String], names: &[String], lexicon: &Lexicon) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    for title in std::iter::once(&card.title).chain(&card.other_titles) {
        add(title, Source::Title, lexicon, &mut terms);
    }
    card.keywords.iter().take(NAMES).for_each(|word| add(word, Source::Keyword, lexicon, &mut terms));
    places.iter().take(NAMES).for_each(|name| add(name, Source::Place, lexicon, &mut terms));
    names.iter().take(NAMES).for_each(|name| add(name, Source::Term, lexicon, &mut terms));
    card.people.iter().take(NAMES).for_each(|name| add(name, Source::Person, lexicon, &mut terms));
    terms
}

fn add(text: &str, source: Source, lexicon: &Lexicon, terms: &mut BTreeSet<String>) {
    let shown: String = text.trim().chars().take(LONGEST).collect();
    let folded = lexicon.fold(&shown);
    let mut term = |typed: &str| {
        if !typed.is_empty() && !shown.contains('\0') {
            terms.insert(format!("{typed}\0{}{shown}", source.letter()));
        }
    };
    keys(&folded.text, lexicon).iter().for_each(|key| term(key));
    if source == Source::Title {
        let (mut all, mut words): (Vec<Run>, Vec<Word>) = (Vec::new(), Vec::new());
        runs(&folded, &mut all);
        lexicon.words.words(&folded, &all, &mut words);
        for word in words.iter().filter(|word| word.start > 0 && word.end - word.start > 3).take(STARTS) {
            term(&key_of(folded.text.get(word.start as usize..).unwrap_or_default()));
        }
    }
}

/// What may be typed for a text: itself, its pinyin, its initials.
pub fn keys_of(text: &str, lexicon: &Lexicon) -> Vec<String> {
    keys(&lexicon.fold(text).text, lexicon)
}

fn keys(folded: &str, lexicon: &Lexicon) -> Vec<String> {
    let mut keys = vec![key_of(folded)];
    let reading = lexicon.readings.read(folded);
    if !reading.is_empty() {
        let plain = reading.full.contains('v').then(|| reading.full.replace('v', "u"));
        keys.extend([reading.full, reading.initials]);
        keys.extend(plain);
    }
    keys
}

/// What was typed, as it is compared with keys.
pub fn typed_key(lexicon: &Lexicon, typed: &str) -> String {
    let start: String = typed.chars().take(LONGEST).collect();
    key_of(&lexicon.fold(&start).text).replace('ü', "v")
}

/// What is typed, folded, without spaces and punctuation.
fn key_of(folded: &str) -> String {
    folded.chars().filter(|letter| kind(*letter) != Kind::Gap).collect()
}

/// What could be meant, best first: shorter before longer, keywords and names before titles, frequent before rare.
///
/// # Errors
/// When the index cannot be read.
pub fn suggest(generation: &Generation, typed: &str, tokens: &BTreeSet<String>, limit: usize) -> tantivy::Result<Vec<Suggestion>> {
    let prefix = typed_key(generation.lexicon(), typed);
    if prefix.is_empty() {
        return Ok(Vec::new());
    }
    let view = generation.view();
    let mut found: BTreeMap<(String, Source), (usize, u32)> = BTreeMap::new();
    for segment in view.searcher().segment_readers() {
        collect(generation, segment, &prefix, tokens, &mut found)?;
    }
    let mut ranked: Vec<_> = found.into_iter().collect();
    ranked.sort_by_cached_key(|((text, source), (untyped, count))| {
        (*untyped.min(&FAR), *source, std::cmp::Reverse(*count), text.chars().count(), text.clone())
    });
    let mut shown = BTreeSet::new();
    let distinct = ranked.into_iter().filter(|((text, _), _)| shown.insert(text.clone()));
    Ok(distinct.map(|((text, source), _)| Suggestion { text, source }).take(limit).collect())
}

fn collect(
    generation: &Generation,
    segment: &SegmentReader,
    prefix: &str,
    tokens: &BTreeSet<String>,
    found: &mut BTreeMap<(String, Source), (usize, u32)>,
) -> tantivy::Result<()> {
    let inverted = segment.inverted_index(generation.fields().suggest)?;
    let visible = visible(generation, segment, tokens)?;
    let mut end = prefix.as_bytes().to_vec();
    end.push(0xff);
    let mut stream = inverted.terms().range().ge(prefix.as_bytes()).lt(&end).into_stream()?;
    let mut looked_at = 0;
    while looked_at < LOOKED_AT && stream.advance() {
        looked_at += 1;
        let Some(gap) = stream.key().iter().position(|byte| *byte == 0) else { continue };
        let (Some(letter), Some(text)) = (stream.key().get(gap + 1), stream.key().get(gap + 2..)) else { continue };
        let mut postings = inverted.read_postings_from_terminfo(stream.value(), tantivy::schema::IndexRecordOption::Basic)?;
        let mut tried = 0;
        while postings.doc() != TERMINATED && tried < TRIED && !allowed(segment, visible.as_deref(), postings.doc()) {
            postings.advance();
            tried += 1;
        }
        if postings.doc() == TERMINATED || tried == TRIED {
            continue;
        }
        let text = String::from_utf8_lossy(text).into_owned();
        let entry = found.entry((text, Source::of(*letter))).or_insert((usize::MAX, 0));
        entry.0 = entry.0.min(gap - prefix.len().min(gap));
        entry.1 += stream.value().doc_freq;
    }
    Ok(())
}
