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
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tantivy::postings::TermInfo;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, InvertedIndexReader, SegmentReader, TERMINATED};

/// Characters of a title that are shown and typed.
const LONGEST: usize = 40;
/// Words of a title at which typing may begin.
const STARTS: usize = 6;
/// Keywords and names of one resource that are suggested.
const NAMES: usize = 12;
/// Terms of one segment that one request looks at.
const LOOKED_AT: usize = 1_500;
/// Suggestions of one segment that are kept for what was typed: more than one answer gives, since some may be deleted since.
const KEPT: usize = 24;
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

/// A suggestion that one segment brings.
#[derive(Clone, Debug)]
pub struct Offer {
    text: Box<str>,
    source: Source,
    /// Bytes still to be typed.
    untyped: usize,
    info: TermInfo,
}

impl Offer {
    /// Of a term that begins with what was typed.
    fn of(term: &[u8], prefix: &str, info: &TermInfo) -> Option<Self> {
        let gap = term.iter().position(|byte| *byte == 0)?;
        let (letter, text) = (term.get(gap + 1)?, term.get(gap + 2..)?);
        let text = String::from_utf8_lossy(text).into();
        Some(Self { text, source: Source::of(*letter), untyped: gap.saturating_sub(prefix.len()), info: info.clone() })
    }

    /// Bytes of memory, about.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.text.len()
    }

    fn order(&self) -> impl Ord + '_ {
        order(self.untyped, self.source, self.info.doc_freq, &self.text)
    }
}

/// Shorter before longer, keywords and names before titles, frequent before rare.
fn order(untyped: usize, source: Source, count: u32, text: &str) -> (usize, Source, std::cmp::Reverse<u32>, usize, &str) {
    (untyped.min(FAR), source, std::cmp::Reverse(count), text.len(), text)
}

/// The same suggestion in all segments: where it stands, by place of the segment.
struct Offered<'a> {
    untyped: usize,
    count: u32,
    places: Vec<(usize, &'a TermInfo)>,
}

/// What could be meant, best first.
///
/// # Errors
/// When the index cannot be read.
pub fn suggest(generation: &Generation, typed: &str, tokens: &BTreeSet<String>, limit: usize) -> tantivy::Result<Vec<Suggestion>> {
    let prefix = typed_key(generation.lexicon(), typed);
    if prefix.is_empty() {
        return Ok(Vec::new());
    }
    let view = generation.view();
    let field = view.field(generation.fields().suggest)?;
    let segments = view.searcher().segment_readers().iter().zip(&field.inverted);
    let segments: Vec<Offers<'_>> = segments.map(|(segment, inverted)| Offers { generation, segment, inverted, tokens }).collect();
    let offers: Vec<Arc<Vec<Offer>>> = segments.iter().map(|segment| segment.best(&prefix)).collect::<tantivy::Result<_>>()?;
    let mut merged: BTreeMap<(&str, Source), Offered<'_>> = BTreeMap::new();
    for (place, offer) in offers.iter().enumerate().flat_map(|(place, all)| all.iter().map(move |offer| (place, offer))) {
        let new = || Offered { untyped: usize::MAX, count: 0, places: Vec::new() };
        let entry = merged.entry((&offer.text, offer.source)).or_insert_with(new);
        entry.untyped = entry.untyped.min(offer.untyped);
        entry.count += offer.info.doc_freq;
        entry.places.push((place, &offer.info));
    }
    let mut ranked: Vec<_> = merged.into_iter().collect();
    ranked.sort_by(|((text, source), offered), ((other, of_other), others)| {
        order(offered.untyped, *source, offered.count, text).cmp(&order(others.untyped, *of_other, others.count, other))
    });
    let mut given: Vec<Suggestion> = Vec::new();
    for ((text, source), offered) in ranked {
        if given.len() == limit {
            break;
        }
        if given.iter().any(|known| known.text == text) {
            continue;
        }
        for (place, info) in offered.places {
            if let Some(segment) = segments.get(place)
                && segment.is_seen(info)?
            {
                given.push(Suggestion { text: text.to_owned(), source });
                break;
            }
        }
    }
    Ok(given)
}

/// The suggestions of one segment for a viewer.
struct Offers<'a> {
    generation: &'a Generation,
    segment: &'a SegmentReader,
    inverted: &'a InvertedIndexReader,
    tokens: &'a BTreeSet<String>,
}

impl Offers<'_> {
    /// The best of those that begin with what was typed. They are kept: a segment never changes but for what is deleted from it,
    /// and what many type first (one character, one letter) begins thousands of terms.
    fn best(&self, prefix: &str) -> tantivy::Result<Arc<Vec<Offer>>> {
        let viewer = self.tokens.iter().map(String::as_str).collect::<Vec<_>>().join("\0");
        let key = (self.segment.segment_id(), format!("{prefix}\0{viewer}"));
        if let Some(known) = self.generation.offers().get(&key) {
            return Ok(known);
        }
        let mut end = prefix.as_bytes().to_vec();
        end.push(0xff);
        let mut stream = self.inverted.terms().range().ge(prefix.as_bytes()).lt(&end).into_stream()?;
        let mut all = Vec::new();
        while all.len() < LOOKED_AT && stream.advance() {
            all.extend(Offer::of(stream.key(), prefix, stream.value()));
        }
        all.sort_by(|left, right| left.order().cmp(&right.order()));
        let mut best = Vec::with_capacity(KEPT.min(all.len()));
        for offer in all {
            if best.len() == KEPT {
                break;
            }
            if self.is_seen(&offer.info)? {
                best.push(offer);
            }
        }
        let best = Arc::new(best);
        self.generation.offers().insert(key, Arc::clone(&best));
        Ok(best)
    }

    /// Whether one of the first documents of a term may be seen.
    fn is_seen(&self, info: &TermInfo) -> tantivy::Result<bool> {
        let passing = visible(self.generation, self.segment, self.tokens)?;
        if passing.is_none() && self.segment.alive_bitset().is_none() {
            return Ok(true);
        }
        let mut postings = self.inverted.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
        for _ in 0..TRIED {
            if postings.doc() == TERMINATED {
                break;
            }
            if allowed(self.segment, passing.as_deref(), postings.doc()) {
                return Ok(true);
            }
            postings.advance();
        }
        Ok(false)
    }
}
