//! All numbers of ranking, from `index/weights.toml`: one file, replaced whole by the site's own where there is one.

use super::execute::cursor::Cursor;
use super::folder::{Folder, FolderError};
use serde::Deserialize;

/// Terms of one query that are looked up; further ones are left out. A bound on cost and no weight.
pub const TERMS: usize = 64;

const FILE: &str = "weights.toml";

/// The numbers. Their meaning is said in the file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Candidates that are rescored.
    pub rescored: usize,
    /// Most pieces of a query that is taken for a name or a topic.
    pub short_query: usize,
    /// Pieces in any text.
    pub pieces: f32,
    /// A part of a word with signs.
    pub part: f32,
    /// Dictionary words in any text.
    pub words: f32,
    /// Pieces of a short query in a title.
    pub title: f32,
    /// Pieces of a short query in the keywords.
    pub keywords: f32,
    /// Pieces of a short query in names of people.
    pub people: f32,
    /// The whole of a short query as a phrase.
    pub phrase: f32,
    /// The whole query is the whole title.
    pub title_exact: f32,
    /// A query of one ideograph.
    pub lone: f32,
    /// A synonym, as a share of what the query could score.
    pub synonym: f32,
    /// What letters spell, inside a name.
    pub sound: f32,
    /// The same at its beginning.
    pub sound_beginning: f32,
    /// The same as the whole of it.
    pub sound_whole: f32,
    /// The same as the whole of a title.
    pub sound_title: f32,
    /// Initials at the beginning of a name.
    pub initials: f32,
    /// Initials of the whole of it.
    pub initials_whole: f32,
    /// A number written otherwise.
    pub number: f32,
    /// Words that begin as one with a star does.
    pub beginning: f32,
    /// A full mark of the vetting.
    pub quality: f32,
    /// A first publication today.
    pub freshness: f32,
    /// Days after which it counts half.
    pub freshness_days: f32,
    /// The fullest use.
    pub used: f32,
    /// What the ranking by meaning counts beside that by text.
    pub meaning: f32,
    /// Most resources that are found by their meaning.
    pub meaning_most: usize,
    /// k of reciprocal rank fusion.
    pub fusion: f32,
    /// Least share of what a query could score.
    pub floor: f32,
    /// The same where the order is not by relevance.
    pub floor_unranked: f32,
}

impl Weights {
    /// Reads the file of the folder.
    ///
    /// # Errors
    /// When it cannot be read or holds what no weight is.
    pub fn load(folder: Folder<'_>) -> Result<Self, FolderError> {
        Self::parse(&folder.text(FILE)?)
    }

    /// Reads the text of such a file.
    ///
    /// # Errors
    /// The line that is not what it should be, and why.
    pub fn parse(text: &str) -> Result<Self, FolderError> {
        let fault = |line: usize, reason: String| FolderError::Line { file: FILE.to_owned(), line, reason };
        let weights: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            fault(before.matches('\n').count() + 1, error.message().to_owned())
        })?;
        let names = |line: &str, name: &str| line.split('=').next().is_some_and(|key| key.trim() == name);
        let line_of = |name: &str| text.lines().position(|line| names(line, name)).map_or(1, |place| place + 1);
        if !(10..=200).contains(&weights.rescored) {
            return Err(fault(line_of("rescored"), "rescored must be from 10 to 200".to_owned()));
        }
        if !(1..=200).contains(&weights.meaning_most) {
            return Err(fault(line_of("meaning_most"), "meaning_most must be from 1 to 200".to_owned()));
        }
        if weights.rescored + weights.meaning_most > Cursor::FIRST {
            let reason = format!("rescored and meaning_most together must be at most {}", Cursor::FIRST);
            return Err(fault(line_of("meaning_most"), reason));
        }
        for (name, value, most) in weights.shares() {
            if !(0.0..=most).contains(&value) {
                return Err(fault(line_of(name), format!("{name} must be from 0 to {most}")));
            }
        }
        Ok(weights)
    }

    fn shares(&self) -> [(&'static str, f32, f32); 26] {
        const MOST: f32 = 100.0;
        [
            ("pieces", self.pieces, MOST),
            ("part", self.part, MOST),
            ("words", self.words, MOST),
            ("title", self.title, MOST),
            ("keywords", self.keywords, MOST),
            ("people", self.people, MOST),
            ("title_exact", self.title_exact, MOST),
            ("phrase", self.phrase, 1.0),
            ("lone", self.lone, MOST),
            ("synonym", self.synonym, MOST),
            ("sound", self.sound, MOST),
            ("sound_beginning", self.sound_beginning, MOST),
            ("sound_whole", self.sound_whole, MOST),
            ("sound_title", self.sound_title, MOST),
            ("initials", self.initials, MOST),
            ("initials_whole", self.initials_whole, MOST),
            ("number", self.number, MOST),
            ("beginning", self.beginning, MOST),
            ("quality", self.quality, 1.0),
            ("freshness", self.freshness, 1.0),
            ("freshness_days", self.freshness_days, 36_500.0),
            ("used", self.used, 1.0),
            ("meaning", self.meaning, MOST),
            ("fusion", self.fusion, 1_000.0),
            ("floor", self.floor, 1.0),
            ("floor_unranked", self.floor_unranked, 1.0),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built_in() -> String {
        Folder::default().text(FILE).unwrap().into_owned()
    }

    #[test]
    fn the_file_compiled_in_is_whole() {
        assert_eq!(Weights::load(Folder::default()).unwrap().rescored, 100);
    }

    #[test]
    fn a_fault_names_its_line() {
        for (from, to, told) in [
            ("part = 0.3", "part = nan", "part must be from 0 to 100"),
            ("floor = 0.08", "floor = 1.5", "floor must be from 0 to 1"),
            ("rescored = 100", "rescored = 5", "rescored must be from 10 to 200"),
            ("meaning_most = 50", "meaning_most = 150", "together must be at most 240"),
            ("words = 1.0", "words = 1.0\ncolour = 1.0", "unknown field"),
        ] {
            let text = built_in().replacen(from, to, 1);
            let FolderError::Line { line, reason, .. } = Weights::parse(&text).unwrap_err() else { panic!("{to}") };
            assert!(reason.contains(told), "{reason}");
            let wanted = text.lines().position(|line| line == to.lines().last().unwrap()).unwrap() + 1;
            assert_eq!(line, wanted, "{to}");
        }
    }
}
