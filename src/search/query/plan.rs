//! From a query to the terms that are looked up: pieces for candidates, words for rescoring, what must and must not be.

use super::parse::{Named, Parsed};
use crate::search::analysis::fold::Folded;
use crate::search::analysis::lexicon::Lexicon;
use crate::search::analysis::pieces::{Piece, Run, Shape, pieces, runs};
use crate::search::analysis::words::Word;
use crate::search::document::exact_key;
use crate::search::highlight::Marker;
use crate::search::schema::{Facet, Fields};
use crate::search::weights;
use std::collections::{BTreeMap, BTreeSet};
use tantivy::schema::Field;

/// Synonyms of one query that are looked up.
const SYNONYMS: usize = 4;

/// A term that scores.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// Where.
    pub field: Field,
    /// What.
    pub text: String,
    /// How much it counts, before its rarity.
    pub weight: f32,
    /// Whether it belongs to what a query could score (see `weights::FLOOR`).
    pub counts: bool,
}

/// Terms that must stand beside each other in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// Where.
    pub field: Field,
    /// What, in order.
    pub terms: Vec<String>,
    /// The one term stands for all that begin with it.
    pub prefix: bool,
}

/// What a query looks up.
#[derive(Debug, Default)]
pub struct Plan {
    /// Terms that make candidates.
    pub candidates: Vec<Clause>,
    /// A lone ideograph, found wherever a piece begins with it.
    pub lone: Option<String>,
    /// Other words for what was typed: a text that holds one of them whole is found too.
    pub synonyms: Vec<Phrase>,
    /// Terms that rescore the best candidates.
    pub rescore: Vec<Clause>,
    /// Phrases that must be there.
    pub required: Vec<Phrase>,
    /// Phrases that must not.
    pub without: Vec<Phrase>,
    /// Facets named in the query.
    pub facets: BTreeMap<Facet, BTreeSet<String>>,
    /// What is marked in the hits.
    pub marker: Marker,
}

impl Plan {
    /// Whether there is nothing to rank by.
    pub fn is_browse(&self) -> bool {
        self.candidates.is_empty() && self.lone.is_none()
    }
}

/// A text cut both ways.
struct Cut {
    folded: Folded,
    pieces: Vec<Piece>,
    words: Vec<Word>,
}

impl Cut {
    fn of(lexicon: &Lexicon, text: &str) -> Self {
        let folded = lexicon.fold(text);
        let (mut all, mut found, mut words): (Vec<Run>, Vec<Piece>, Vec<Word>) = (Vec::new(), Vec::new(), Vec::new());
        runs(&folded, &mut all);
        pieces(&folded, &all, &mut found);
        lexicon.words.words(&folded, &all, &mut words);
        Self { folded, pieces: found, words }
    }

    fn text(&self, piece: &Piece) -> &str {
        self.folded.part(piece.start as usize, piece.end as usize)
    }

    fn word(&self, word: &Word) -> &str {
        self.folded.text.get(word.start as usize..word.end as usize).unwrap_or_default()
    }

    /// Pairs between words of which one is a single ideograph: a name the dictionary does not know falls into such.
    fn seams(&self) -> impl Iterator<Item = &str> {
        let beside = self.words.windows(2).filter_map(|pair| match pair {
            [left, right] if left.end == right.start => Some((left, right)),
            _ => None,
        });
        beside.filter_map(|(left, right)| {
            let before = self.word(left).char_indices().next_back()?;
            let after = self.word(right).chars().next()?;
            let single = before.0 == 0 || after.len_utf8() == self.word(right).len();
            let (start, end) = (left.start as usize + before.0, right.start as usize + after.len_utf8());
            single.then(|| self.folded.text.get(start..end)).flatten()
        })
    }

    /// Pieces that a query looks up: the last ideograph of a run counts only where it is all there is.
    fn asked(&self) -> impl Iterator<Item = (&str, f32)> {
        self.pieces.iter().filter_map(|piece| match piece.shape {
            Shape::Last { alone: false } => None,
            Shape::Part => Some((self.text(piece), weights::PART)),
            _ => Some((self.text(piece), 1.0)),
        })
    }
}

/// Plans a query.
pub fn plan(parsed: &Parsed, fields: &Fields, lexicon: &Lexicon) -> Plan {
    let mut text = parsed.text.clone();
    for phrase in &parsed.phrases {
        text.push(' ');
        text.push_str(phrase);
    }
    let cut = Cut::of(lexicon, &text);
    let mut plan = Plan::default();
    candidates(&mut plan, &cut, &text, fields, lexicon);
    for word in &cut.words {
        push(&mut plan.rescore, fields.words, cut.word(word), weights::WORDS);
    }
    let synonyms = lexicon.synonyms_in(&cut.folded.text, SYNONYMS);
    plan.synonyms = synonyms.iter().filter_map(|word| phrase_in(fields.pieces, &Cut::of(lexicon, word))).collect();
    plan.required = parsed.phrases.iter().filter_map(|phrase| phrase_in(fields.pieces, &Cut::of(lexicon, phrase))).collect();
    plan.without = parsed.without.iter().filter_map(|phrase| phrase_in(fields.pieces, &Cut::of(lexicon, phrase))).collect();
    for (named, value) in &parsed.fields {
        let mut require = |field: Field| plan.required.extend(phrase_in(field, &Cut::of(lexicon, value)));
        match named {
            Named::Title => require(fields.title),
            Named::People => require(fields.people),
            Named::Keywords => require(fields.keywords),
            Named::Facet(facet) => {
                plan.facets.entry(*facet).or_default().insert(value.clone());
            }
        }
    }
    let words = cut.words.iter().map(|word| cut.word(word)).chain(cut.seams());
    let named = parsed.fields.iter().filter(|(named, _)| !matches!(named, Named::Facet(_))).map(|(_, value)| lexicon.fold(value).text);
    let whole = synonyms.iter().map(|word| (*word).to_owned()).collect();
    plan.marker = Marker::of(words, cut.asked().map(|(piece, _)| piece), named, whole);
    plan
}

fn candidates(plan: &mut Plan, cut: &Cut, text: &str, fields: &Fields, lexicon: &Lexicon) {
    let asked: Vec<(&str, f32)> = cut.asked().collect();
    for (piece, weight) in &asked {
        push(&mut plan.candidates, fields.pieces, piece, weights::PIECES * weight);
    }
    plan.candidates.iter_mut().for_each(|clause| clause.counts = true);
    if asked.len() <= weights::SHORT_QUERY {
        for (piece, weight) in &asked {
            push(&mut plan.candidates, fields.title, piece, weights::TITLE * weight);
            push(&mut plan.rescore, fields.keywords, piece, weights::KEYWORDS * weight);
            push(&mut plan.rescore, fields.people, piece, weights::PEOPLE * weight);
        }
    }
    if let ([piece], true) = (cut.pieces.as_slice(), asked.len() == 1)
        && matches!(piece.shape, Shape::Last { alone: true })
    {
        plan.lone = Some(cut.text(piece).to_owned());
        push(&mut plan.candidates, fields.words, cut.text(piece), weights::WORDS);
    }
    if !asked.is_empty() {
        let key = exact_key(lexicon, text);
        push(&mut plan.candidates, fields.title_exact, &key, weights::TITLE_EXACT);
    }
}

/// Adds a term once; a second time it counts no more.
fn push(clauses: &mut Vec<Clause>, field: Field, text: &str, weight: f32) {
    let known = clauses.iter().any(|clause| clause.field == field && clause.text == text);
    if !known && !text.is_empty() && clauses.len() < weights::TERMS {
        clauses.push(Clause { field, text: text.to_owned(), weight, counts: false });
    }
}

fn phrase_in(field: Field, cut: &Cut) -> Option<Phrase> {
    let mut found = cut.pieces.as_slice();
    if let ([only], Shape::Last { alone: true }) = (found, found.last()?.shape) {
        return Some(Phrase { field, terms: vec![cut.text(only).to_owned()], prefix: true });
    }
    if let (Some(last), Some(rest)) = (found.last(), found.get(..found.len() - 1))
        && matches!(last.shape, Shape::Last { .. })
        && !rest.is_empty()
    {
        found = rest;
    }
    let terms = found.iter().map(|piece| cut.text(piece).to_owned()).take(weights::TERMS).collect();
    Some(Phrase { field, terms, prefix: false })
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;
    use crate::search::analysis::lexicon::tests::LEXICON;

    fn planned(query: &str) -> (Plan, Fields) {
        let fields = Fields::declare();
        (plan(&parse(query), &fields, &LEXICON), fields)
    }

    fn texts(clauses: &[Clause], field: Field) -> Vec<&str> {
        clauses.iter().filter(|clause| clause.field == field).map(|clause| clause.text.as_str()).collect()
    }

    #[test]
    fn candidates_are_pieces_and_rescoring_is_by_words() {
        let (plan, fields) = planned("土家族的織錦");
        assert_eq!(texts(&plan.candidates, fields.pieces), ["土家", "家族", "族的", "的织", "织锦"]);
        assert_eq!(texts(&plan.rescore, fields.words), ["土家族", "织锦"]);
        assert_eq!(texts(&plan.candidates, fields.title_exact), ["土家族的织锦"]);
    }

    #[test]
    fn one_character_is_looked_for_everywhere() {
        let (plan, fields) = planned("茶");
        assert_eq!(plan.lone.as_deref(), Some("茶"));
        assert_eq!(texts(&plan.candidates, fields.words), ["茶"]);
        assert!(planned("T恤").0.lone.is_none());
    }

    #[test]
    fn phrases_leave_the_last_character_open() {
        let (plan, fields) = planned("\"土家织锦\" -\"C语言\"");
        let terms = |terms: &[&str]| terms.iter().map(|term| (*term).to_owned()).collect::<Vec<_>>();
        assert_eq!(plan.required, [Phrase { field: fields.pieces, terms: terms(&["土家", "家织", "织锦"]), prefix: false }]);
        assert_eq!(plan.without, [Phrase { field: fields.pieces, terms: terms(&["c", "c语", "语言"]), prefix: false }]);
    }

    #[test]
    fn a_long_query_is_bounded() {
        let query: String = ('\u{4e00}'..'\u{4fff}').collect();
        assert!(planned(&query).0.candidates.len() <= weights::TERMS);
    }
}
