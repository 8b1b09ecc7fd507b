//! Measures: what can be said of a submission or of one of its files, as whole numbers, texts, flags or lists.
//!
//! A measure judges nothing and answers `None` where it makes no sense (the frame rate of a PDF): the rule is then not looked at.
//! Names are `area.what` with the unit where it is not obvious; the registry is what the rule files may name. Numbers are whole: what
//! has decimal places is told in hundredths or thousandths, in rule files too, and shown to people with its point.

mod described;
mod file;
pub(super) mod levels;
mod media;
mod package;
mod text;

pub(super) use described::field_label;

use super::scan::words::WordList;
use super::subject::Subject;
use super::text_pool::{Seen, TextPool};
use crate::domain::inspection::Locator;
use crate::domain::submission::SubmittedFile;
use std::cell::OnceCell;

/// One item of a list: a hit in a text, a missing field, a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// The item as people read it; personal data is masked.
    pub text: String,
    /// File it was found in.
    pub file: Option<String>,
    /// Place in the file.
    pub locator: Option<Locator>,
    /// Field of the manifest.
    pub field: Option<String>,
}

impl Item {
    /// An item about a field of the manifest.
    pub fn field(text: impl Into<String>, field: &str) -> Self {
        Self { text: text.into(), field: Some(field.to_owned()), ..Self::default() }
    }

    /// An item about a file.
    pub fn file(path: &str) -> Self {
        Self { text: path.to_owned(), file: Some(path.to_owned()), ..Self::default() }
    }
}

/// A measured value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A whole number in the measure's unit.
    Number(i64),
    /// A text.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// Items.
    List(Vec<Item>),
}

impl Value {
    pub(super) fn number(value: impl TryInto<i64>) -> Self {
        Self::Number(value.try_into().unwrap_or(i64::MAX))
    }

    /// The value as people read it.
    pub fn shown(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Flag(true) => "是".to_owned(),
            Self::Flag(false) => "否".to_owned(),
            Self::List(items) => {
                let shown: Vec<&str> = items.iter().take(10).map(|item| item.text.as_str()).collect();
                let more = if items.len() > 10 { format!("等{}项", items.len()) } else { String::new() };
                format!("{}{more}", shown.join("、"))
            }
        }
    }
}

/// What a measure may look at.
pub(super) struct View<'a> {
    pub subject: &'a Subject<'a>,
    texts: &'a TextPool<'a>,
    words: &'a WordList,
    seen: OnceCell<Vec<Seen<'a>>>,
}

impl<'a> View<'a> {
    pub fn new(subject: &'a Subject<'a>, texts: &'a TextPool<'a>, words: &'a WordList) -> Self {
        Self { subject, texts, words, seen: OnceCell::new() }
    }

    /// What the texts hold; they are looked through when the first measure asks.
    fn seen(&self) -> &[Seen<'a>] {
        self.seen.get_or_init(|| self.texts.look(self.words))
    }
}

/// The shape of a measure's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Whole numbers.
    Number,
    /// Texts.
    Text,
    /// Yes or no.
    Flag,
    /// Lists.
    List,
}

/// How a value is taken.
#[derive(Clone, Copy)]
pub(super) enum Take {
    /// Once a submission.
    Whole(fn(&View<'_>) -> Option<Value>),
    /// Once a file.
    Each(fn(&View<'_>, &SubmittedFile) -> Option<Value>),
}

/// A measure.
pub struct Measure {
    /// Name the rule files use.
    pub name: &'static str,
    /// Shape of its values.
    pub shape: Shape,
    /// Unit, where it has one.
    pub unit: &'static str,
    /// What it is, in Chinese.
    pub about: &'static str,
    /// Decimal places of its whole numbers: a measure in hundredths has two.
    pub places: u32,
    /// It is told by decoding a recording, which a site may lack the program for.
    pub decoded: bool,
    /// Where in the file what it tells of begins.
    pub(super) locate: Option<fn(&SubmittedFile) -> Option<Locator>>,
    pub(super) take: Take,
}

impl std::fmt::Debug for Measure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name)
    }
}

impl Measure {
    /// Whether it is taken of each file rather than of the whole.
    pub fn is_per_file(&self) -> bool {
        matches!(self.take, Take::Each(_))
    }

    /// Of whole numbers with so many decimal places.
    const fn places(self, places: u32) -> Self {
        Self { places, ..self }
    }

    /// Told by decoding.
    const fn decoded(self) -> Self {
        Self { decoded: true, ..self }
    }

    /// Of something that begins at a place in the file.
    const fn located(self, locate: fn(&SubmittedFile) -> Option<Locator>) -> Self {
        Self { locate: Some(locate), ..self }
    }

    /// A value of it as people read it, without its unit.
    pub fn shown(&self, value: &Value) -> String {
        match value {
            Value::Number(number) => decimal(*number, self.places),
            other => other.shown(),
        }
    }

    /// The measure of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        MEASURES.iter().flat_map(|group| group.iter()).find(|measure| measure.name == name)
    }

    /// Takes it of the whole, or of `file`; `None` where it makes no sense.
    pub(super) fn take(&self, view: &View<'_>, file: Option<&SubmittedFile>) -> Option<Value> {
        match (self.take, file) {
            (Take::Whole(take), _) => take(view),
            (Take::Each(take), Some(file)) => take(view, file),
            (Take::Each(_), None) => None,
        }
    }
}

/// A whole number with so many of its digits behind the point, without zeros at its end.
pub(super) fn decimal(number: i64, places: u32) -> String {
    let one = 10_u64.saturating_pow(places);
    let (whole, part) = (number.unsigned_abs() / one, number.unsigned_abs() % one);
    let sign = if number < 0 { "-" } else { "" };
    if part == 0 {
        return format!("{sign}{whole}");
    }
    let part = format!("{part:0width$}", width = places as usize);
    format!("{sign}{whole}.{}", part.trim_end_matches('0'))
}

const fn whole(name: &'static str, shape: Shape, unit: &'static str, about: &'static str, take: fn(&View<'_>) -> Option<Value>) -> Measure {
    Measure { name, shape, unit, about, places: 0, decoded: false, locate: None, take: Take::Whole(take) }
}

const fn each(
    name: &'static str,
    shape: Shape,
    unit: &'static str,
    about: &'static str,
    take: fn(&View<'_>, &SubmittedFile) -> Option<Value>,
) -> Measure {
    Measure { name, shape, unit, about, places: 0, decoded: false, locate: None, take: Take::Each(take) }
}

/// Every measure, by room.
pub const MEASURES: &[&[Measure]] =
    &[described::MEASURES, package::MEASURES, file::MEASURES, media::MEASURES, levels::MEASURES, text::MEASURES];

/// Measures that look for a file which the description names.
const LOOKING_FOR_FILES: [&str; 2] = ["rights.absent_evidence", "culture.absent_consent"];

/// Whether a measure says something of a work whose files are elsewhere: of its description, or of a text.
pub(super) fn needs_no_package(measure: &Measure) -> bool {
    let rooms = [described::MEASURES, text::MEASURES];
    let here = rooms.iter().any(|room| room.iter().any(|one| one.name == measure.name));
    here && !LOOKING_FOR_FILES.contains(&measure.name)
}
