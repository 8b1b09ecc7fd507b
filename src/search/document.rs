//! From a resource to an index document, and what the index keeps of it for a hit to show.

use super::analysis::lexicon::Lexicon;
use super::analysis::pinyin::LONGEST;
use super::analysis::sounds::{Edge, Sounds, terms as sound_terms};
use super::schema::{Facet, Fields};
use super::{durations, offline, spelling, suggest};
use crate::domain::change::Position;
use crate::domain::codes::{CodeList, CodeLists, Kind};
use crate::domain::inspection::Locator;
use crate::domain::metadata::{FileRole, Metadata};
use crate::domain::record::Stored;
use crate::domain::resource::{Provenance, Resource};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;
use std::hash::Hasher;
use tantivy::schema::document::{DeserializeError, DocumentDeserialize, DocumentDeserializer};
use tantivy::{TantivyDocument, TantivyError};

/// Bytes of text kept beside the card; longer texts are opened where they lie, for the hits that are shown.
const KEPT_TEXT: usize = 12_000;
/// Parts of text kept beside the card.
const KEPT_PARTS: usize = 400;
/// Bytes of text of one resource that are indexed; a book of 500,000 characters has 1.5 million.
const INDEXED_TEXT: usize = 6_000_000;
/// Names of one resource that are found by their sound and serve as corrections.
const NAMES: usize = 40;
/// Characters of the description that a card keeps.
const DESCRIPTION: usize = 400;

/// A piece of a resource's text and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyPart {
    /// Path of the file, or `None` for text that has no file.
    pub file: Option<String>,
    /// Place in the file.
    pub locator: Locator,
    /// The text.
    pub text: String,
}

/// What a hit shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Resource id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Titles in other languages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_titles: Vec<String>,
    /// Kind.
    pub kind: Kind,
    /// Educational category.
    pub category: String,
    /// Owning institution.
    pub institution: String,
    /// The beginning of the description.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Subjects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<String>,
    /// Ethnic groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ethnic_groups: Vec<String>,
    /// Class of intangible heritage.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub heritage_class: String,
    /// Languages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub language: Vec<String>,
    /// Divisions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub region: Vec<String>,
    /// Keywords.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Names of those who made it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<String>,
    /// Minutes of learning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// Path of the file whose thumbnail stands for the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<String>,
    /// First publication.
    pub published: Timestamp,
    /// Where each kept text stands, in their order; one without a file has no place, nor have those behind the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// Store version of the resource it was made from.
    pub version: u64,
    /// The text is too long to be kept here and must be opened where it lies.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub text_elsewhere: bool,
}

/// A place in one of a resource's files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Place {
    /// Path of the file, where the text has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Page, slide, sheet, chapter or time.
    #[serde(flatten)]
    pub locator: Locator,
}

/// A resource as the index takes it.
#[derive(Clone, Debug)]
pub struct Document {
    card: Card,
    titles: Vec<String>,
    description: Vec<String>,
    labels: Vec<String>,
    places: Vec<String>,
    terms: Vec<String>,
    facets: Vec<(Facet, String)>,
    grants: Vec<String>,
    mark: Option<u32>,
    added: Timestamp,
    body: Vec<BodyPart>,
}

impl Document {
    /// Describes a resource with the text of its files (or its body row) for the index.
    pub fn of(stored: &Stored<Resource>, body: Vec<BodyPart>, codes: &CodeLists) -> Self {
        let resource = &stored.value;
        let metadata = &resource.metadata;
        let titles = std::iter::once(metadata.title.main()).chain(metadata.title.others()).map(str::to_owned).collect();
        let description = std::iter::once(metadata.description.main()).chain(metadata.description.others()).map(str::to_owned).collect();
        Self {
            card: card_of(resource, stored.version),
            titles,
            description,
            labels: metadata.series.iter().chain(&metadata.source_id).cloned().collect(),
            places: places_of(metadata, codes),
            terms: terms_of(metadata, codes),
            facets: facets_of(resource, codes),
            grants: resource.grants.iter().cloned().collect(),
            mark: mark_of(&resource.provenance),
            added: resource.added(),
            body,
        }
    }

    /// Resource id.
    pub fn id(&self) -> &str {
        &self.card.id
    }

    /// The document as Tantivy takes it.
    pub fn into_tantivy(self, fields: &Fields, lexicon: &Lexicon) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_text(fields.id, &self.card.id);
        let mut everything = |text: &str| {
            if !text.is_empty() {
                document.add_text(fields.pieces, text);
                document.add_text(fields.words, text);
            }
        };
        let card = &self.card;
        self.titles.iter().chain(&self.description).chain(&card.keywords).chain(&card.people).for_each(|text| everything(text));
        self.labels.iter().chain(&self.places).chain(&self.terms).for_each(|text| everything(text));
        everything(&card.institution);
        let mut left = INDEXED_TEXT;
        for part in &self.body {
            let text = cut_at(&part.text, left);
            everything(text);
            left -= text.len();
        }
        self.titles.iter().for_each(|title| document.add_text(fields.title, title));
        card.keywords.iter().for_each(|word| document.add_text(fields.keywords, word));
        card.people.iter().for_each(|name| document.add_text(fields.people, name));
        self.titles.iter().for_each(|title| document.add_text(fields.title_exact, exact_key(lexicon, title)));
        for term in suggest::terms_of(card, &self.places, &self.terms, lexicon) {
            document.add_text(fields.suggest, term);
        }
        let names = || self.titles.iter().chain(&card.keywords).chain(&card.people).chain(&self.places).chain(&self.terms).take(NAMES);
        spelling::terms_of(names().map(String::as_str), lexicon).iter().for_each(|term| document.add_text(fields.spelling, term));
        for (place, name) in names().enumerate() {
            let edge = if place < self.titles.len() { Edge::Title } else { Edge::Name };
            add_sounds(&mut document, fields, lexicon, name, edge);
        }
        self.facets.iter().for_each(|(facet, value)| document.add_text(fields.facet(*facet), value));
        self.grants.iter().for_each(|token| document.add_text(fields.grants, token));
        document.add_u64(fields.published, order_of(card.published));
        document.add_u64(fields.added, order_of(self.added));
        card.minutes.iter().for_each(|minutes| document.add_u64(fields.minutes, u64::from(*minutes)));
        if let Some(mark) = self.mark {
            document.add_u64(fields.mark, u64::from(mark));
        }
        document.add_u64(fields.version, self.card.version);
        document.add_u64(fields.tie, tie_of(&card.id));
        document.add_u64(fields.title_order, title_order(lexicon, &card.title));
        self.keep_text(fields, &mut document);
        document
    }

    fn keep_text(mut self, fields: &Fields, document: &mut TantivyDocument) {
        let bytes: usize = self.body.iter().map(|part| part.text.len()).sum();
        self.card.text_elsewhere = bytes > KEPT_TEXT || self.body.len() > KEPT_PARTS;
        let kept = if self.card.text_elsewhere { Vec::new() } else { self.body };
        let placed = kept.iter().rposition(|part| part.file.is_some()).map_or(0, |last| last + 1);
        let place = |part: &BodyPart| Place { file: part.file.clone(), locator: part.locator.clone() };
        self.card.places = kept.iter().take(placed).map(place).collect();
        // A card is made of strings and numbers alone, which always serialise. It stands before the texts: see [`Kept`].
        document.add_text(fields.card, serde_json::to_string(&self.card).unwrap_or_default());
        kept.iter().for_each(|part| document.add_text(fields.text, &part.text));
    }
}

/// What the index keeps of a document: its card as JSON, which is stored first, and its texts.
#[derive(Debug, Default)]
pub struct Kept {
    /// The card.
    pub card: String,
    /// Text, part by part.
    pub texts: Vec<String>,
}

impl Kept {
    /// The card, read.
    ///
    /// # Errors
    /// When it was stored by something else.
    pub fn read_card(&self) -> tantivy::Result<Card> {
        serde_json::from_str(&self.card).map_err(|error| TantivyError::InvalidArgument(format!("a stored card: {error}")))
    }
}

impl DocumentDeserialize for Kept {
    fn deserialize<'de, D: DocumentDeserializer<'de>>(mut stored: D) -> Result<Self, DeserializeError> {
        let mut kept = Self::default();
        if let Some((_, card)) = stored.next_field::<String>()? {
            kept.card = card;
        }
        while let Some((_, text)) = stored.next_field::<String>()? {
            kept.texts.push(text);
        }
        Ok(kept)
    }
}

/// A time as a number that orders like it.
pub fn order_of(at: Timestamp) -> u64 {
    (at.millis() as u64) ^ (1 << 63)
}

/// The time of such a number, in milliseconds.
pub fn published_of(order: u64) -> i64 {
    (order ^ (1 << 63)) as i64
}

/// The mark of its vetting in hundredths of a point, where it was marked.
fn mark_of(provenance: &Provenance) -> Option<u32> {
    match provenance {
        Provenance::Vetted { score, .. } => *score,
        Provenance::Admitted { .. } => None,
    }
}

/// The order among equals: a hash of the id that stays the same in every index.
pub fn tie_of(id: &str) -> u64 {
    let mut hash = SipHasher13::new();
    hash.write(id.as_bytes());
    hash.finish()
}

/// A title without spaces and punctuation, folded, numbers in digits: equal titles have equal keys.
pub fn exact_key(lexicon: &Lexicon, title: &str) -> String {
    let folded = lexicon.numerals.in_digits(&lexicon.fold(title).text);
    folded.chars().filter(|letter| super::analysis::script::kind(*letter) != super::analysis::script::Kind::Gap).take(200).collect()
}

/// The first twelve letters of the title's pinyin at five bits each: titles in other scripts come last.
fn title_order(lexicon: &Lexicon, title: &str) -> u64 {
    let reading = lexicon.readings.read(&lexicon.fold(title).text);
    let code = |letter: u8| match letter {
        b'0'..=b'9' => 1,
        b'a'..=b'z' => u64::from(letter - b'a') + 2,
        _ => 30,
    };
    if reading.is_empty() {
        return u64::MAX;
    }
    let letters = reading.full.bytes().chain(std::iter::repeat(0)).take(12);
    letters.fold(0, |packed, letter| (packed << 5) | if letter == 0 { 0 } else { code(letter) })
}

fn card_of(resource: &Resource, version: Position) -> Card {
    let metadata = &resource.metadata;
    let culture = metadata.culture.as_ref();
    let mut people: Vec<String> = metadata.creators.iter().map(|creator| creator.name.clone()).collect();
    people.dedup();
    let covers = resource.assets.iter().filter(|asset| asset.thumbnail.is_some());
    let thumbnail = covers.max_by_key(|asset| asset.role == FileRole::Cover).map(|asset| asset.path.clone());
    Card {
        id: resource.id.clone(),
        title: metadata.title.main().to_owned(),
        other_titles: metadata.title.others().map(str::to_owned).collect(),
        kind: metadata.kind,
        category: metadata.category.clone(),
        institution: resource.institution.clone(),
        description: metadata.description.main().chars().take(DESCRIPTION).collect(),
        subjects: metadata.subjects.clone(),
        ethnic_groups: culture.map(|culture| culture.ethnic_groups.clone()).unwrap_or_default(),
        heritage_class: culture.map(|culture| culture.heritage_class.clone()).unwrap_or_default(),
        language: metadata.language.clone(),
        region: metadata.region.clone(),
        keywords: metadata.keywords.clone(),
        people,
        minutes: metadata.minutes,
        thumbnail,
        published: resource.published,
        places: Vec::new(),
        version: version.0,
        text_elsewhere: false,
    }
}

/// What sounds a name has, cut to its beginning where it is long: its end is then none.
fn add_sounds(document: &mut TantivyDocument, fields: &Fields, lexicon: &Lexicon, name: &str, edge: Edge) {
    let beginning: String = name.chars().take(LONGEST).collect();
    let closing = (beginning.len() == name.len()).then_some(edge);
    let sounds = Sounds::of(&lexicon.readings, &lexicon.fold(&beginning).text);
    for (field, row) in [(fields.sounds, &sounds.full), (fields.initials, &sounds.initials)] {
        if !row.is_empty() {
            document.add_text(field, sound_terms(row, Some(edge), closing).join(" "));
        }
    }
}

/// Names of the divisions.
fn places_of(metadata: &Metadata, codes: &CodeLists) -> Vec<String> {
    metadata.region.iter().filter_map(|code| codes.regions.find(code)).map(|row| row.label.clone()).collect()
}

/// Words that say what other codes stand for, so that 苗族 finds what is classed as 06 and says so nowhere else.
fn terms_of(metadata: &Metadata, codes: &CodeLists) -> Vec<String> {
    let mut terms: Vec<String> = Vec::new();
    let mut add = |list: &CodeList, code: &str| terms.extend(list.find(code).map(|row| row.label.clone()));
    metadata.subjects.iter().for_each(|code| add(&codes.subjects, code));
    if let Some(culture) = &metadata.culture {
        culture.ethnic_groups.iter().for_each(|code| add(&codes.ethnic_groups, code));
        add(&codes.heritage_classes, &culture.heritage_class);
        terms.extend((!culture.heritage_item.is_empty()).then(|| culture.heritage_item.clone()));
    }
    terms
}

fn facets_of(resource: &Resource, codes: &CodeLists) -> Vec<(Facet, String)> {
    let metadata = &resource.metadata;
    let mut facets = vec![(Facet::Kind, metadata.kind.code().to_owned())];
    let mut add = |facet: Facet, value: &str| {
        if !value.is_empty() && !facets.iter().any(|(other, known)| *other == facet && known == value) {
            facets.push((facet, value.to_owned()));
        }
    };
    add(Facet::Category, &metadata.category);
    for code in &metadata.subjects {
        lineage(&codes.subjects, code).iter().for_each(|code| add(Facet::Subject, code));
    }
    for code in &metadata.region {
        lineage(&codes.regions, code).iter().for_each(|code| add(Facet::Region, code));
    }
    if let Some(culture) = &metadata.culture {
        culture.ethnic_groups.iter().for_each(|code| add(Facet::EthnicGroup, code));
        add(Facet::HeritageClass, &culture.heritage_class);
    }
    metadata.language.iter().for_each(|tag| add(Facet::Language, tag));
    add(Facet::Institution, &resource.institution);
    add(Facet::Licence, &metadata.rights.licence);
    metadata.audience.iter().for_each(|code| add(Facet::Audience, code));
    metadata.accessibility.iter().for_each(|feature| add(Facet::Accessibility, feature));
    metadata.minutes.iter().for_each(|minutes| add(Facet::Duration, durations::step_of(*minutes)));
    add(Facet::Offline, offline::of(resource));
    facets
}

fn lineage(list: &CodeList, code: &str) -> Vec<String> {
    let codes = list.lineage(code);
    if codes.is_empty() { vec![code.to_owned()] } else { codes }
}

/// The beginning of a text of at most `limit` bytes, at a character's boundary.
fn cut_at(text: &str, limit: usize) -> &str {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
