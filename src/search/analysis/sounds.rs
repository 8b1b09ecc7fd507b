//! Names as they sound, as terms of the index: pairs of syllables that stand beside each other, with signs for where a name
//! begins and ends, so that a phrase of such pairs is found inside a name, at its beginning or as the whole of it.
//!
//! Only names are kept so (titles, keywords, people, places, terms): running text is found as it is written.

use super::pinyin::{Readings, initials_of, plain};

/// What a name is to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// A title.
    Title,
    /// Any other name.
    Name,
}

impl Edge {
    /// All edges.
    pub const ALL: [Self; 2] = [Self::Title, Self::Name];

    /// The sign for where it begins.
    pub const fn opening(self) -> &'static str {
        match self {
            Self::Title => "^",
            Self::Name => "<",
        }
    }

    /// The sign for where it ends.
    pub const fn closing(self) -> &'static str {
        match self {
            Self::Title => "$",
            Self::Name => ">",
        }
    }
}

/// The sounds of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sounds {
    /// Syllables, `v` and `ü` as `u`.
    pub full: Vec<String>,
    /// Their initials, one by one.
    pub initials: Vec<String>,
}

impl Sounds {
    /// Of a folded name.
    pub fn of(readings: &Readings, folded: &str) -> Self {
        let spelled = readings.spell(folded);
        let initials = spelled.iter().flat_map(|part| initials_of(&part.text).chars()).map(String::from).collect();
        Self { full: spelled.iter().map(|part| plain(&part.text)).collect(), initials }
    }
}

/// The terms of a row of sounds. Without an opening or a closing sign they are those of a part of a name.
pub fn terms(sounds: &[String], opening: Option<Edge>, closing: Option<Edge>) -> Vec<String> {
    let mut terms = Vec::with_capacity(sounds.len() + 1);
    if let (Some(edge), Some(first)) = (opening, sounds.first()) {
        terms.push(format!("{}{first}", edge.opening()));
    }
    terms.extend(sounds.windows(2).map(|pair| pair.join("_")));
    if let (Some(edge), Some(last)) = (closing, sounds.last()) {
        terms.push(format!("{last}{}", edge.closing()));
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::folder::Folder;

    #[test]
    fn a_part_of_a_name_is_a_part_of_its_terms() {
        let readings = Readings::load(Folder::default()).unwrap();
        let sounds = Sounds::of(&readings, "江永女书");
        assert_eq!(terms(&sounds.full, Some(Edge::Title), Some(Edge::Title)), ["^jiang", "jiang_yong", "yong_nu", "nu_shu", "shu$"]);
        assert_eq!(terms(&sounds.initials, Some(Edge::Name), Some(Edge::Name)), ["<j", "j_y", "y_n", "n_s", "s>"]);
        let part = Sounds::of(&readings, "女书");
        assert_eq!(terms(&part.full, None, None), ["nu_shu"]);
        assert!(terms(&[], Some(Edge::Title), None).is_empty());
    }
}
