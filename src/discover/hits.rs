//! From a stored card and its text to a hit with snippets.

use super::answer::{Hit, Snippet};
use crate::domain::codes::{CodeList, CodeLists};
use crate::search::analysis::lexicon::Lexicon;
use crate::search::document::{BodyPart, Card, Place};
use crate::search::highlight::{Marker, Passage};
use std::sync::Arc;

/// Passages of the body that are shown.
const BODY_PASSAGES: usize = 2;

/// Text of a resource beside its card.
pub enum Texts {
    /// As the index keeps it, part by part.
    Kept(Vec<String>),
    /// As it was opened where it lies.
    Opened(Arc<Vec<BodyPart>>),
}

impl Texts {
    /// Bytes.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Kept(texts) => texts.iter().map(String::len).sum(),
            Self::Opened(parts) => parts.iter().map(|part| part.text.len()).sum(),
        }
    }
}

/// Makes a hit.
pub fn hit(card: Card, texts: &Texts, score: f32, marker: &Marker, lexicon: &Lexicon, codes: &CodeLists) -> Hit {
    let mut matched = Vec::new();
    let mut snippets = Vec::new();
    let mut take = |field: &'static str, html: Option<String>| {
        if let Some(html) = html {
            matched.push(field);
            snippets.push(Snippet { field, html, locator: None });
        }
    };
    let whole = |text: &str| marker.whole(lexicon, text).map(|passage| passage.html);
    let any = |list: &[String]| {
        let found: Vec<String> = list.iter().filter_map(|text| whole(text)).collect();
        (!found.is_empty()).then(|| found.join("、"))
    };
    take("title", whole(&card.title).or_else(|| any(&card.other_titles)));
    take("people", any(&card.people));
    take("keywords", any(&card.keywords));
    take("description", marker.passage(lexicon, &card.description).map(|passage| passage.html));
    take("institution", whole(&card.institution));
    matched.extend(found_in_labels(&card, marker, lexicon, codes));
    let passages = best_passages(&card, texts, marker, lexicon);
    if !passages.is_empty() {
        matched.push("body");
    }
    snippets.extend(passages);
    Hit {
        id: card.id,
        title: card.title,
        kind: card.kind,
        category: card.category,
        score,
        why: None,
        matched,
        snippets,
        description: card.description,
        institution: card.institution,
        people: card.people,
        keywords: card.keywords,
        subjects: card.subjects,
        ethnic_groups: card.ethnic_groups,
        language: card.language,
        minutes: card.minutes,
        thumbnail: card.thumbnail,
        published: card.published,
    }
}

/// Fields of codes in whose labels something was found.
fn found_in_labels(card: &Card, marker: &Marker, lexicon: &Lexicon, codes: &CodeLists) -> impl Iterator<Item = &'static str> {
    let found = |list: &CodeList, codes: &[String]| {
        let mut labels = codes.iter().filter_map(|code| list.find(code)).map(|row| row.label.as_str());
        labels.any(|label| marker.finds(lexicon, label))
    };
    let fields = [
        ("subject", found(&codes.subjects, &card.subjects)),
        ("ethnic_group", found(&codes.ethnic_groups, &card.ethnic_groups)),
        ("heritage_class", found(&codes.heritage_classes, std::slice::from_ref(&card.heritage_class))),
        ("region", found(&codes.regions, &card.region)),
    ];
    fields.into_iter().filter_map(|(field, found)| found.then_some(field))
}

/// The passages of the body that hold most of the query, best first, each from another part.
fn best_passages(card: &Card, texts: &Texts, marker: &Marker, lexicon: &Lexicon) -> Vec<Snippet> {
    let mut found: Vec<(Passage, Option<Place>)> = Vec::new();
    let mut keep = |passage: Option<Passage>, place: &dyn Fn() -> Option<Place>| {
        let Some(passage) = passage else { return };
        let worth = found.len() < BODY_PASSAGES || found.last().is_some_and(|(worst, _)| passage.found > worst.found);
        if worth {
            let at = found.iter().position(|(other, _)| other.found < passage.found).unwrap_or(found.len());
            found.insert(at, (passage, place()));
            found.truncate(BODY_PASSAGES);
        }
    };
    match texts {
        Texts::Kept(texts) => {
            for (part, text) in texts.iter().enumerate() {
                keep(marker.passage(lexicon, text), &|| card.places.get(part).filter(|place| place.file.is_some()).cloned());
            }
        }
        Texts::Opened(parts) => {
            for part in parts.iter() {
                let place = || part.file.is_some().then(|| Place { file: part.file.clone(), locator: part.locator.clone() });
                keep(marker.passage(lexicon, &part.text), &place);
            }
        }
    }
    found.into_iter().map(|(passage, locator)| Snippet { field: "body", html: passage.html, locator }).collect()
}
