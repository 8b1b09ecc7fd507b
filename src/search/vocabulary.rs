//! Looks into the words of the index that a viewer may see (see `spelling`).

use super::analysis::lexicon::Lexicon;
use super::execute::filter::{allowed, visible};
use super::execute::matching::{members, phrase};
use super::generation::{Generation, Passing};
use super::query::cut::Cut;
use super::query::plan::phrase_in;
use super::spelling::{sound_start, word_key};
use super::view::View;
use std::collections::BTreeSet;
use std::sync::Arc;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED, Term};

/// Documents of one word that are looked at in a segment.
const TRIED: u32 = 200;

/// The words of a generation as a viewer sees them.
pub struct Vocabulary<'a> {
    generation: &'a Generation,
    view: Arc<View>,
    /// What may be seen, by place of the segment.
    passing: Vec<Passing>,
}

impl<'a> Vocabulary<'a> {
    /// Opens the words for a viewer with these tokens.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn open(generation: &'a Generation, tokens: &BTreeSet<String>) -> tantivy::Result<Self> {
        let view = generation.view();
        let segments = view.searcher().segment_readers().iter();
        let passing = segments.map(|segment| visible(generation, segment, tokens)).collect::<tantivy::Result<_>>()?;
        Ok(Self { generation, view, passing })
    }

    fn lexicon(&self) -> &Lexicon {
        self.generation.lexicon()
    }

    /// Documents that bring a word and may be seen, of the first [`TRIED`] of each segment.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn seen(&self, word: &str) -> tantivy::Result<u32> {
        let (field, key) = (self.generation.fields().spelling, word_key(word));
        if !self.view.vocabulary().may_hold(&key) {
            return Ok(0);
        }
        let term = Term::from_field_text(field, &key);
        let mut seen = 0;
        for (segment, passing) in self.view.searcher().segment_readers().iter().zip(&self.passing) {
            let inverted = segment.inverted_index(field)?;
            let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::Basic)? else { continue };
            let mut tried = 0;
            while postings.doc() != TERMINATED && tried < TRIED {
                seen += u32::from(allowed(segment, passing.as_deref(), postings.doc()));
                postings.advance();
                tried += 1;
            }
        }
        Ok(seen)
    }

    /// Documents that may be seen and in which a text stands, up to `enough`.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn standing(&self, text: &str, enough: u32) -> tantivy::Result<u32> {
        let Some(wanted) = phrase_in(self.generation.fields().pieces, &Cut::of(self.lexicon(), text)) else { return Ok(0) };
        let searcher = self.view.searcher();
        let mut standing = 0;
        for (segment, passing) in searcher.segment_readers().iter().zip(&self.passing) {
            let set = phrase(searcher, segment, &wanted)?;
            let found = members(&set, 0..segment.max_doc()).filter(|doc| allowed(segment, passing.as_deref(), *doc));
            standing += found.take(enough as usize).count() as u32;
            if standing >= enough {
                break;
            }
        }
        Ok(standing)
    }

    /// Words of a sound, whoever may see them: ask [`Vocabulary::seen`] before one is told.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn of_sound(&self, sound: &str, most: usize) -> tantivy::Result<Vec<String>> {
        let start = sound_start(sound);
        if !self.view.vocabulary().may_hold(&start) {
            return Ok(Vec::new());
        }
        self.terms_from(&start, most)
    }

    /// Whether a word could become this by losing one character that is neither its first nor its last.
    pub fn may_lack_one(&self, typed: &str) -> bool {
        self.view.vocabulary().may_lack_one(typed)
    }

    /// Words that begin so, whoever may see them.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn beginning_with(&self, beginning: &str, most: usize) -> tantivy::Result<Vec<String>> {
        let rests = self.terms_from(&word_key(beginning), most)?;
        Ok(rests.into_iter().map(|rest| format!("{beginning}{rest}")).collect())
    }

    /// What follows a beginning in the terms, each once.
    fn terms_from(&self, start: &str, most: usize) -> tantivy::Result<Vec<String>> {
        let mut end = start.as_bytes().to_vec();
        end.push(0xff);
        let mut found = BTreeSet::new();
        for segment in self.view.searcher().segment_readers() {
            let inverted = segment.inverted_index(self.generation.fields().spelling)?;
            let mut stream = inverted.terms().range().ge(start.as_bytes()).lt(&end).into_stream()?;
            let mut looked_at = 0;
            while looked_at < most && stream.advance() {
                looked_at += 1;
                let rest = stream.key().get(start.len()..).unwrap_or_default();
                found.insert(String::from_utf8_lossy(rest).into_owned());
            }
        }
        Ok(found.into_iter().collect())
    }
}
