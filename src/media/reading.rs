//! What a reader found in a file, and the limits that all readers keep.

use crate::domain::inspection::{
    AudioFacts, ExtractedText, ImageFacts, Locator, PictureFacts, SoundFacts, SubtitleFacts, TextFacts, TextPart, VideoFacts,
};

/// Most bytes of text that are taken from one file.
pub(super) const MOST_TEXT: usize = 20 << 20;
/// Most parts of a text.
const MOST_PARTS: usize = 50_000;
/// Rows of one table that are parts of their own; what follows is one more.
const MOST_ROWS: usize = 20_000;

/// A row of a table that holds something.
pub(super) struct Row {
    /// Number as office programs show it, 1 is the first.
    pub number: u32,
    /// Its cells.
    pub text: String,
}

/// What one reader found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// A media type that tells more than the first bytes do.
    pub kind: Option<&'static str>,
    /// Why it does not open, in Chinese.
    pub fault: Option<String>,
    /// Needs a password.
    pub encrypted: bool,
    /// Picture.
    pub image: Option<ImageFacts>,
    /// Moving picture.
    pub video: Option<VideoFacts>,
    /// Sound.
    pub audio: Option<AudioFacts>,
    /// What decoding told of the sound.
    pub sound: Option<SoundFacts>,
    /// What decoding told of the picture.
    pub picture: Option<PictureFacts>,
    /// Why sound or picture was not decoded, in Chinese.
    pub unmeasured: Option<String>,
    /// Why sound or picture cannot be decoded at all, in Chinese.
    pub undecoded: Option<String>,
    /// Measures of the text.
    pub text: Option<TextFacts>,
    /// Cues.
    pub subtitle: Option<SubtitleFacts>,
    /// Why a text that must be there could not be read, in Chinese.
    pub unread: Option<String>,
    /// Addresses on other sites from which a page takes its parts.
    pub remote: Vec<String>,
    /// The text itself.
    pub extracted: Option<ExtractedText>,
    /// A small JPEG.
    pub thumbnail: Option<Vec<u8>>,
}

impl Reading {
    /// A file that does not open.
    pub fn fault(message: impl Into<String>) -> Self {
        Self { fault: Some(message.into()), ..Self::default() }
    }

    /// Without U+0000 in what strangers wrote into their files (names of codecs, of parts in faults): no record can hold it.
    pub fn cleaned(mut self) -> Self {
        let codecs = [self.video.as_mut().map(|video| &mut video.codec), self.audio.as_mut().map(|audio| &mut audio.codec)];
        for text in codecs.into_iter().chain([self.fault.as_mut()]).flatten().chain(&mut self.remote) {
            text.retain(|sign| sign != '\0');
        }
        self
    }

    /// A file that opens, but whose text cannot be read.
    pub fn unread(why: impl Into<String>) -> Self {
        Self { unread: Some(why.into()), ..Self::default() }
    }

    /// A file that needs a password.
    pub fn locked(message: impl Into<String>) -> Self {
        Self { encrypted: true, ..Self::fault(message) }
    }
}

/// Collects the parts of a text under the limits.
#[derive(Debug, Default)]
pub(super) struct Collector {
    parts: Vec<TextPart>,
    bytes: usize,
    counted: u32,
    characters: u64,
    longest: u64,
}

impl Collector {
    /// Adds a part that counts as a page, slide, sheet or chapter. Empty ones count too, but leave no text.
    pub fn part(&mut self, locator: Locator, text: &str) {
        self.counted = self.counted.saturating_add(1);
        let characters = self.push(locator, text);
        self.longest = self.longest.max(characters);
    }

    /// Adds text that belongs to a part already counted (the notes of a slide).
    pub fn aside(&mut self, locator: Locator, text: &str) {
        self.push(locator, text);
    }

    /// Adds a table, which counts as one part: a sheet, or a file that is a table.
    pub fn table(&mut self, sheet: Option<&str>, rows: Vec<Row>) {
        self.counted = self.counted.saturating_add(1);
        let (mut characters, mut rest) = (0_u64, String::new());
        for (place, row) in rows.into_iter().enumerate() {
            if place >= MOST_ROWS {
                rest.push('\n');
                rest.push_str(&row.text);
                continue;
            }
            let locator = Locator::Row { sheet: sheet.map(str::to_owned), row: row.number };
            characters = characters.saturating_add(self.push(locator, &row.text));
        }
        if !rest.is_empty() {
            let locator = sheet.map_or(Locator::Whole, |name| Locator::Sheet { name: name.to_owned() });
            characters = characters.saturating_add(self.push(locator, &rest));
        }
        self.longest = self.longest.max(characters);
    }

    /// Whether no more text is taken.
    pub fn is_full(&self) -> bool {
        self.bytes >= MOST_TEXT || self.parts.len() >= MOST_PARTS
    }

    fn push(&mut self, locator: Locator, text: &str) -> u64 {
        let folded = fold(text);
        let characters = folded.chars().filter(|sign| !sign.is_whitespace()).count() as u64;
        self.characters = self.characters.saturating_add(characters);
        if folded.is_empty() || self.is_full() {
            return characters;
        }
        let kept = cut(&folded, MOST_TEXT - self.bytes);
        self.bytes = self.bytes.saturating_add(kept.len());
        self.parts.push(TextPart { locator: cleaned(locator), text: kept.to_owned() });
        characters
    }

    /// The collected text with its measures.
    pub fn finish(self, encoding: Option<&str>) -> (TextFacts, ExtractedText) {
        let facts = TextFacts {
            characters: self.characters,
            parts: self.counted,
            encoding: encoding.map(str::to_owned),
            longest_part: self.longest,
        };
        (facts, ExtractedText { parts: self.parts })
    }

    /// A reading of this text alone.
    pub fn into_reading(self, encoding: Option<&str>) -> Reading {
        let (facts, text) = self.finish(encoding);
        Reading { text: Some(facts), extracted: Some(text), ..Reading::default() }
    }
}

/// A place without U+0000 in its name; places are kept in findings.
fn cleaned(mut locator: Locator) -> Locator {
    match &mut locator {
        Locator::Sheet { name }
        | Locator::Row { sheet: Some(name), .. }
        | Locator::Chapter { title: Some(name), .. }
        | Locator::Elsewhere { target: name } => name.retain(|sign| sign != '\0'),
        _ => {}
    }
    locator
}

/// Runs of white space become one space, or one line break where they hold one; control characters go, which no text holds.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let (mut space, mut line) = (false, false);
    for sign in text.chars() {
        if sign.is_control() && !sign.is_whitespace() {
            continue;
        }
        if sign.is_whitespace() {
            space = true;
            line |= matches!(sign, '\n' | '\r' | '\u{c}');
            continue;
        }
        if space && !folded.is_empty() {
            folded.push(if line { '\n' } else { ' ' });
        }
        (space, line) = (false, false);
        folded.push(sign);
    }
    folded
}

/// The longest beginning of at most `most` bytes that ends between characters.
pub(super) fn cut(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default()
}
