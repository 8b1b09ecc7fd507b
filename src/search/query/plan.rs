//! From a query to the terms that are looked up: pieces for candidates, words for rescoring, what must and must not be.

use super::cut::Cut;
use super::origin::Origin;
use super::parse::{Named, Parsed, Wanted};
use super::spelled::{Spelled, spelled};
use crate::search::analysis::lexicon::Lexicon;
use crate::search::analysis::numerals::Number;
use crate::search::analysis::pieces::Shape;
use crate::search::analysis::sounds::{Edge, terms as sound_terms};
use crate::search::document::exact_key;
use crate::search::highlight::Marker;
use crate::search::schema::{Facet, Fields};
use crate::search::synonyms::Tuning;
use crate::search::weights::{TERMS, Weights};
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
    /// Whether it belongs to what a query could score (see `floor` of the weights).
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

/// Documents that score as a whole, where all of these phrases stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// The phrases.
    pub all: Vec<Phrase>,
    /// What it counts.
    pub worth: Worth,
    /// Why it counts.
    pub origin: Origin,
    /// What was looked up, for people.
    pub said: String,
}

/// What documents that score as a whole are given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Worth {
    /// A share of what the query itself could score.
    Share(f32),
    /// What the terms of the first phrase score by their rarity, as if they had been typed.
    AsTyped(f32),
}

/// The pieces of a query in their order.
#[derive(Clone, Debug, Default)]
pub struct Sequence {
    /// The query.
    pub said: String,
    /// Its pieces with their places, which are apart as they are in any text that holds the query.
    pub pieces: Vec<(u32, String)>,
}

/// What a query looks up.
#[derive(Debug, Default)]
pub struct Plan {
    /// Terms that make candidates.
    pub candidates: Vec<Clause>,
    /// A lone ideograph, found wherever a piece begins with it.
    pub lone: Option<String>,
    /// What else is found: synonyms, numbers written otherwise, names that sound so, words that begin so.
    pub scored: Vec<Scored>,
    /// The query as a phrase.
    pub sequence: Sequence,
    /// Terms that rescore the best candidates.
    pub rescore: Vec<Clause>,
    /// Phrases that must be there, one of each group.
    pub required: Vec<Vec<Phrase>>,
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
        self.candidates.is_empty() && self.lone.is_none() && self.scored.is_empty()
    }
}

/// Plans a query.
pub fn plan(parsed: &Parsed, fields: &Fields, lexicon: &Lexicon, tuning: &Tuning) -> Plan {
    let weights = &tuning.weights;
    let text = parsed.ranking_text();
    let cut = Cut::of(lexicon, &text);
    let mut plan = Plan::default();
    candidates(&mut plan, &cut, &text, fields, lexicon, weights);
    for word in &cut.words {
        push(&mut plan.rescore, fields.words, cut.word(word), weights.words);
    }
    let mut whole = others(&mut plan, &cut, fields, lexicon, tuning);
    let spelled = spelled(&cut.folded.text, &lexicon.readings);
    if let Some(spelled) = &spelled {
        add_sounds(&mut plan, spelled, fields, lexicon, weights);
    }
    let requiring = |wanted: &Wanted| phrases_of(wanted, fields, lexicon);
    plan.required =
        parsed.required.iter().map(|any| any.iter().flat_map(requiring).collect()).filter(|any: &Vec<_>| !any.is_empty()).collect();
    plan.without = parsed.without.iter().flat_map(requiring).collect();
    for (facet, value) in &parsed.facets {
        plan.facets.entry(*facet).or_default().insert(value.clone());
    }
    let words = cut.words.iter().map(|word| cut.word(word)).chain(cut.seams());
    let named = parsed.required.iter().flatten().filter(|wanted| wanted.field.is_some()).map(|wanted| lexicon.fold(&wanted.text).text);
    whole.extend(parsed.beginnings.iter().map(|beginning| lexicon.fold(beginning).text));
    plan.marker = Marker::of(words, cut.asked(weights.part).map(|(piece, _)| piece), named, whole);
    plan.marker.hear(spelled);
    for beginning in &parsed.beginnings {
        let phrase = Phrase { field: fields.pieces, terms: vec![lexicon.fold(beginning).text], prefix: true };
        let (worth, said) = (Worth::Share(weights.beginning), beginning.clone());
        plan.scored.push(Scored { all: vec![phrase], worth, origin: Origin::Beginning, said });
    }
    plan
}

/// Adds what says the same in other words or in other numerals; gives these texts.
fn others(plan: &mut Plan, cut: &Cut, fields: &Fields, lexicon: &Lexicon, tuning: &Tuning) -> Vec<String> {
    let folded = &cut.folded.text;
    let mut whole: Vec<String> = Vec::new();
    let mut add = |text: &str, worth: Worth, origin: Origin| {
        if let Some(phrase) = phrase_in(fields.pieces, &Cut::of(lexicon, text)) {
            plan.scored.push(Scored { all: vec![phrase], worth, origin, said: text.to_owned() });
            whole.push(text.to_owned());
        }
    };
    for word in tuning.synonyms.in_text(folded, SYNONYMS) {
        add(word, Worth::Share(tuning.weights.synonym), Origin::Synonym);
    }
    for Number { others, .. } in lexicon.numerals.numbers(folded) {
        others.iter().for_each(|text| add(text, Worth::AsTyped(tuning.weights.number), Origin::Number));
    }
    whole
}

/// Adds names that sound as the letters of the query could be read: whole names count more than beginnings, and those more
/// than what stands inside.
fn add_sounds(plan: &mut Plan, spelled: &Spelled, fields: &Fields, lexicon: &Lexicon, weights: &Weights) {
    let written: Vec<Phrase> = spelled.written.iter().filter_map(|run| phrase_in(fields.pieces, &Cut::of(lexicon, run))).collect();
    let mut add = |origin: Origin, row: &[String], from: Option<Edge>, to: Option<Edge>, share: f32| {
        let (field, between) = if origin == Origin::Initials { (fields.initials, "") } else { (fields.sounds, " ") };
        let mut all = vec![Phrase { field, terms: sound_terms(row, from, to), prefix: false }];
        all.extend(written.iter().cloned());
        plan.scored.push(Scored { all, worth: Worth::Share(share), origin, said: row.join(between) });
    };
    for way in &spelled.ways {
        add(Origin::Sound, way, None, None, weights.sound);
        for edge in Edge::ALL {
            add(Origin::Sound, way, Some(edge), None, weights.sound_beginning);
            let title = if edge == Edge::Title { weights.sound_title } else { 0.0 };
            add(Origin::Sound, way, Some(edge), Some(edge), weights.sound_whole + title);
        }
    }
    if let Some(initials) = &spelled.initials {
        for edge in Edge::ALL {
            add(Origin::Initials, initials, Some(edge), None, weights.initials);
            add(Origin::Initials, initials, Some(edge), Some(edge), weights.initials_whole);
        }
    }
}

/// The phrases that any one of satisfies what is wanted: as it is written, and with its numbers written otherwise.
fn phrases_of(wanted: &Wanted, fields: &Fields, lexicon: &Lexicon) -> Vec<Phrase> {
    let field = match wanted.field {
        Some(Named::Title) => fields.title,
        Some(Named::People) => fields.people,
        Some(Named::Keywords) => fields.keywords,
        Some(Named::Facet(_)) | None => fields.pieces,
    };
    let folded = lexicon.fold(&wanted.text).text;
    let mut texts = vec![folded.clone()];
    for Number { start, end, others } in lexicon.numerals.numbers(&folded) {
        let (head, tail) = (folded.get(..start).unwrap_or_default(), folded.get(end..).unwrap_or_default());
        texts.extend(others.iter().map(|other| format!("{head}{other}{tail}")));
    }
    texts.iter().filter_map(|text| phrase_in(field, &Cut::of(lexicon, text))).collect()
}

fn candidates(plan: &mut Plan, cut: &Cut, text: &str, fields: &Fields, lexicon: &Lexicon, weights: &Weights) {
    let asked: Vec<(&str, f32)> = cut.asked(weights.part).collect();
    for (piece, weight) in &asked {
        push(&mut plan.candidates, fields.pieces, piece, weights.pieces * weight);
    }
    plan.candidates.iter_mut().for_each(|clause| clause.counts = true);
    let standing = (0_u32..).zip(&cut.pieces).filter(|(_, piece)| !matches!(piece.shape, Shape::Last { alone: false } | Shape::Part));
    let pieces = standing.map(|(place, piece)| (place, cut.text(piece).to_owned())).take(TERMS).collect();
    plan.sequence = Sequence { said: text.trim().to_owned(), pieces };
    if asked.len() <= weights.short_query {
        for (piece, weight) in &asked {
            push(&mut plan.candidates, fields.title, piece, weights.title * weight);
            push(&mut plan.rescore, fields.keywords, piece, weights.keywords * weight);
            push(&mut plan.rescore, fields.people, piece, weights.people * weight);
        }
    }
    if let ([piece], true) = (cut.pieces.as_slice(), asked.len() == 1)
        && matches!(piece.shape, Shape::Last { alone: true })
    {
        plan.lone = Some(cut.text(piece).to_owned());
        push(&mut plan.candidates, fields.words, cut.text(piece), weights.words);
    }
    if !asked.is_empty() {
        let key = exact_key(lexicon, text);
        push(&mut plan.candidates, fields.title_exact, &key, weights.title_exact);
    }
}

/// Adds a term once; a second time it counts no more.
fn push(clauses: &mut Vec<Clause>, field: Field, text: &str, weight: f32) {
    let known = clauses.iter().any(|clause| clause.field == field && clause.text == text);
    if !known && !text.is_empty() && clauses.len() < TERMS {
        clauses.push(Clause { field, text: text.to_owned(), weight, counts: false });
    }
}

/// A text as a phrase: its last ideograph is left open, so that it is found inside longer words. `None` when nothing of it can
/// be looked up.
pub fn phrase_in(field: Field, cut: &Cut) -> Option<Phrase> {
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
    let terms = found.iter().map(|piece| cut.text(piece).to_owned()).take(TERMS).collect();
    Some(Phrase { field, terms, prefix: false })
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;
    use crate::search::analysis::lexicon::tests::LEXICON;

    fn planned(query: &str) -> (Plan, Fields) {
        let fields = Fields::declare();
        (plan(&parse(query), &fields, &LEXICON, &LEXICON.tuning), fields)
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
        assert_eq!(plan.required, [[Phrase { field: fields.pieces, terms: terms(&["土家", "家织", "织锦"]), prefix: false }]]);
        assert_eq!(plan.without, [Phrase { field: fields.pieces, terms: terms(&["c", "c语", "语言"]), prefix: false }]);
    }

    #[test]
    fn numbers_are_looked_for_as_they_could_be_written() {
        let (plan, fields) = planned("第十三讲");
        let pieces: Vec<&str> = plan.scored[0].all[0].terms.iter().map(String::as_str).collect();
        assert_eq!((pieces, plan.scored[0].worth), (vec!["第", "第13", "13", "13讲"], Worth::AsTyped(1.0)));
        assert_eq!(texts(&plan.candidates, fields.title_exact), ["第13讲"]);
        assert_eq!(planned("\"第13讲\"").0.required[0].len(), 2);
    }

    #[test]
    fn letters_are_looked_for_as_they_sound() {
        let (plan, fields) = planned("tujiazu");
        let inside = &plan.scored[0].all;
        assert_eq!((inside[0].field, inside[0].terms.join(" ")), (fields.sounds, "tu_jia jia_zu".to_owned()));
        let mixed = planned("土家zhijin").0;
        let all: Vec<String> = mixed.scored[0].all.iter().map(|phrase| phrase.terms.join(" ")).collect();
        assert_eq!(all, ["tu_jia jia_zhi zhi_jin", "土家"]);
        assert!(planned("土家族织锦").0.scored.iter().all(|scored| scored.all[0].field != fields.sounds), "what is written is not heard");
    }

    #[test]
    fn a_long_query_is_bounded() {
        let query: String = ('\u{4e00}'..'\u{4fff}').collect();
        assert!(planned(&query).0.candidates.len() <= TERMS);
    }
}
