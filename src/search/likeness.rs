//! Likeness of content: the words of a resource's title, keywords and description, and what it is classed as.

use super::document::{Card, Kept};
use super::execute::filter::{allowed, visible};
use super::execute::run::read_id;
use super::execute::scoring::score;
use super::execute::terms::look_up;
use super::execute::top::{Entry, Top, key_of, score_of};
use super::generation::Generation;
use super::query::plan::Clause;
use super::schema::Facet;
use std::collections::BTreeSet;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, Term};

/// Terms that likeness is measured by: the rarest of those that describe a resource.
const TERMS: usize = 16;
/// Characters of the description that are read.
const DESCRIPTION: usize = 120;

/// Resources like the one of this id among those that carry one of the tokens, best first.
///
/// # Errors
/// When the index cannot be read.
pub fn like(generation: &Generation, id: &str, tokens: &BTreeSet<String>, limit: usize) -> tantivy::Result<Vec<(String, f32)>> {
    let view = generation.view();
    let searcher = view.searcher();
    let Some((itself, card)) = find(generation, searcher, id)? else { return Ok(Vec::new()) };
    let mut terms = look_up(&view, &clauses(generation, &card))?;
    terms.found.sort_by(|left, right| right.weight.total_cmp(&left.weight));
    terms.found.truncate(TERMS);
    let mut top = Top::new(limit);
    for (place, segment) in searcher.segment_readers().iter().enumerate() {
        let seen = visible(generation, segment, tokens)?;
        let ties = segment.fast_fields().u64("tie")?;
        score(segment, place, &terms, &[], |start, sums| {
            for (doc, sum) in (start..).zip(sums).filter(|(_, sum)| **sum > 0.0) {
                let key = key_of(*sum);
                let other = itself != DocAddress::new(place as u32, doc);
                if top.may_take(key) && other && allowed(segment, seen.as_deref(), doc) {
                    top.push(Entry { key, tie: ties.first(doc).unwrap_or(0), segment: place as u32, doc });
                }
            }
        })?;
    }
    let mut found = Vec::new();
    for entry in top.into_sorted() {
        found.extend(read_id(searcher, DocAddress::new(entry.segment, entry.doc))?.map(|id| (id, score_of(entry.key))));
    }
    Ok(found)
}

fn find(generation: &Generation, searcher: &Searcher, id: &str) -> tantivy::Result<Option<(DocAddress, Card)>> {
    let field = generation.fields().id;
    for (place, segment) in searcher.segment_readers().iter().enumerate() {
        let inverted = segment.inverted_index(field)?;
        let Some(mut postings) = inverted.read_postings(&Term::from_field_text(field, id), IndexRecordOption::Basic)? else { continue };
        while postings.doc() != TERMINATED {
            if !segment.is_deleted(postings.doc()) {
                let address = DocAddress::new(place as u32, postings.doc());
                return Ok(Some((address, read_card(searcher, address)?)));
            }
            postings.advance();
        }
    }
    Ok(None)
}

fn read_card(searcher: &Searcher, address: DocAddress) -> tantivy::Result<Card> {
    searcher.doc::<Kept>(address)?.read_card()
}

fn clauses(generation: &Generation, card: &Card) -> Vec<Clause> {
    let fields = generation.fields();
    let mut clauses: Vec<Clause> = Vec::new();
    let mut add = |field, text: &str, weight| {
        if !text.is_empty() && !clauses.iter().any(|known| known.field == field && known.text == text) {
            clauses.push(Clause { field, text: text.to_owned(), weight, counts: false });
        }
    };
    let lexicon = generation.lexicon();
    card.keywords.iter().flat_map(|word| lexicon.words_of(word)).for_each(|word| add(fields.words, &word, 1.5));
    lexicon.words_of(&card.title).iter().for_each(|word| add(fields.words, word, 1.5));
    let beginning: String = card.description.chars().take(DESCRIPTION).collect();
    lexicon.words_of(&beginning).iter().for_each(|word| add(fields.words, word, 0.5));
    card.subjects.iter().for_each(|code| add(fields.facet(Facet::Subject), code, 1.0));
    card.ethnic_groups.iter().for_each(|code| add(fields.facet(Facet::EthnicGroup), code, 1.0));
    add(fields.facet(Facet::HeritageClass), &card.heritage_class, 0.5);
    add(fields.facet(Facet::Category), &card.category, 0.3);
    clauses
}
