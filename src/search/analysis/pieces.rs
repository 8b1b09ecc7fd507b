//! Cuts folded text into pieces that are found whatever the dictionary knows: bigrams of ideographs, words of letters,
//! and the seams between them (`c语`, `第1`), so that C语言, T恤 and 第13讲 are found as they are written.
//!
//! Pieces are parts of the folded text; their order is their position, and both sides of a search cut alike.

use super::fold::Folded;
use super::script::{Kind, kind};

/// Longest word of letters; longer ones are cut, which keeps terms and hostile input small.
const LONGEST_WORD: usize = 48;
/// Longest word of letters that makes a seam.
const LONGEST_SEAM: usize = 12;

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Two ideographs that stand beside each other.
    Pair,
    /// The last ideograph of a run; alone when the run is one character.
    Last {
        /// Whether the run is this one character, without letters at its side.
        alone: bool,
    },
    /// A word of letters and digits, with the signs inside it (`node.js`, `1+x`, `c++`).
    Word,
    /// A part of a word with signs.
    Part,
    /// A word of letters with the ideograph beside it.
    Seam,
}

/// A piece, by its characters in the folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// First character.
    pub start: u32,
    /// After the last character.
    pub end: u32,
    /// What it is.
    pub shape: Shape,
}

/// A run of one kind of character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// First character.
    pub start: usize,
    /// After the last character.
    pub end: usize,
    /// Ideographs, or a word of letters.
    pub ideographs: bool,
}

/// The runs of ideographs and the words of letters, in order.
pub fn runs(folded: &Folded, found: &mut Vec<Run>) {
    found.clear();
    let mut letters = folded.text.chars().map(|letter| (letter, kind(letter))).enumerate().peekable();
    while let Some((start, (_, first))) = letters.next() {
        let mut end = start + 1;
        match first {
            Kind::Gap => continue,
            Kind::Ideograph => {
                while letters.next_if(|(_, (_, kind))| *kind == Kind::Ideograph).is_some() {
                    end += 1;
                }
            }
            Kind::Letter => {
                while end - start < LONGEST_WORD {
                    if letters.next_if(|(_, (_, kind))| *kind == Kind::Letter).is_some() {
                        end += 1;
                        continue;
                    }
                    let mut ahead = letters.clone();
                    let sign = ahead.next().map(|(_, (sign, _))| sign);
                    let joins = sign.is_some_and(is_joiner) && ahead.next().is_some_and(|(_, (_, kind))| kind == Kind::Letter);
                    if !joins && !sign.is_some_and(is_trailer) {
                        break;
                    }
                    letters.next();
                    end += 1;
                }
            }
        }
        found.push(Run { start, end, ideographs: first == Kind::Ideograph });
    }
}

/// The pieces of the runs of a text.
pub fn pieces(folded: &Folded, runs: &[Run], found: &mut Vec<Piece>) {
    found.clear();
    let mut before: Option<Run> = None;
    for (place, run) in runs.iter().enumerate() {
        let touches_before = before.filter(|other| other.end == run.start);
        let touches_after = runs.get(place + 1).filter(|other| other.start == run.end);
        if run.ideographs {
            if let Some(word) = touches_before.filter(|word| word.end - word.start <= LONGEST_SEAM) {
                found.push(piece(word.start, run.start + 1, Shape::Seam));
            }
            for start in run.start..run.end.saturating_sub(1) {
                found.push(piece(start, start + 2, Shape::Pair));
            }
            let alone = run.end - run.start == 1 && touches_before.is_none() && touches_after.is_none();
            found.push(piece(run.end - 1, run.end, Shape::Last { alone }));
        } else {
            if touches_before.is_some_and(|other| other.ideographs) && run.end - run.start <= LONGEST_SEAM {
                found.push(piece(run.start - 1, run.end, Shape::Seam));
            }
            found.push(piece(run.start, run.end, Shape::Word));
            push_parts(folded, *run, found);
        }
        before = Some(*run);
    }
}

fn push_parts(folded: &Folded, run: Run, found: &mut Vec<Piece>) {
    let text = folded.part(run.start, run.end);
    if text.chars().all(|letter| kind(letter) == Kind::Letter) {
        let stem = stem_length(text);
        if stem < run.end - run.start {
            found.push(piece(run.start, run.start + stem, Shape::Part));
        }
        return;
    }
    let mut start = run.start;
    for (place, letter) in text.chars().chain(std::iter::once(' ')).enumerate() {
        let here = run.start + place;
        if kind(letter) != Kind::Letter {
            if here > start {
                found.push(piece(start, here, Shape::Part));
            }
            start = here + 1;
        }
    }
}

/// Letters of an English word without the endings of number and tense: learns, learned and learning have the stem of learn.
/// A stem is a beginning of its word, so it needs no text of its own.
fn stem_length(word: &str) -> usize {
    const ENDINGS: [(&str, usize); 10] =
        [("ying", 3), ("ings", 4), ("ing", 4), ("ies", 3), ("ied", 3), ("es", 3), ("ed", 4), ("e", 4), ("y", 3), ("s", 3)];
    if word.len() < 5 || !word.bytes().all(|letter| letter.is_ascii_lowercase()) || word.ends_with("ss") {
        return word.chars().count();
    }
    let cut = |(ending, least): &(&str, usize)| word.strip_suffix(ending).filter(|rest| rest.len() >= *least);
    let stem = ENDINGS.iter().find_map(cut).unwrap_or(word);
    let doubled = stem.len() < word.len() && matches!(stem.as_bytes(), [.., one, other] if one == other && !b"aeioulsz".contains(one));
    stem.len() - usize::from(doubled)
}

fn piece(start: usize, end: usize, shape: Shape) -> Piece {
    Piece { start: start as u32, end: end as u32, shape }
}

fn is_joiner(sign: char) -> bool {
    matches!(sign, '.' | '-' | '_' | '+' | '&' | '\'' | '\u{2019}' | '@')
}

fn is_trailer(sign: char) -> bool {
    matches!(sign, '+' | '#')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::analysis::fold::FoldTable;
    use crate::search::folder::Folder;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static FOLDS: LazyLock<FoldTable> = LazyLock::new(|| FoldTable::load(Folder::default()).unwrap());

    fn cut(text: &str) -> String {
        let folded = FOLDS.fold(text);
        let (mut all, mut found) = (Vec::new(), Vec::new());
        runs(&folded, &mut all);
        pieces(&folded, &all, &mut found);
        found.iter().map(|piece| folded.part(piece.start as usize, piece.end as usize)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ideographs_become_pairs_and_a_last_one() {
        assert_eq!(cut("土家族"), "土家 家族 族");
        assert_eq!(cut("茶，酒"), "茶 酒");
        assert_eq!(cut("\u{1b170}\u{1b171}\u{1b172}"), "\u{1b170}\u{1b171} \u{1b171}\u{1b172} \u{1b172}");
        assert_eq!(cut("𠮷野"), "𠮷野 野");
    }

    #[test]
    fn mixed_runs_have_seams() {
        assert_eq!(cut("C语言"), "c c语 语言 言");
        assert_eq!(cut("T恤"), "t t恤 恤");
        assert_eq!(cut("1+X证书"), "1+x 1 x 1+x证 证书 书");
        assert_eq!(cut("第13讲"), "第 第13 13 13讲 讲");
        assert_eq!(cut("C++ 和 node.js"), "c++ c 和 node.js node js");
    }

    #[test]
    fn words_of_other_scripts_stay_whole() {
        assert_eq!(cut("بىلىم ئېلىش"), "بىلىم ئېلىش");
        assert_eq!(cut("བོད་ཡིག"), "བོད ཡིག");
        assert_eq!(cut("Miaox Xiangxi"), "miaox xiangxi");
    }

    #[test]
    fn english_words_bring_their_stem() {
        assert_eq!(cut("learn learned learning learns"), "learn learned learn learning learn learns learn");
        assert_eq!(cut("study studies studying"), "study stud studies stud studying stud");
        assert_eq!(cut("running courses class string"), "running run courses cours class string");
    }

    proptest! {
        #[test]
        fn any_text_is_cut_in_order(text in any::<String>()) {
            let folded = FOLDS.fold(&text);
            let (mut all, mut found) = (Vec::new(), Vec::new());
            runs(&folded, &mut all);
            pieces(&folded, &all, &mut found);
            for piece in &found {
                prop_assert!(piece.start < piece.end && piece.end as usize <= folded.len());
                prop_assert!(!folded.part(piece.start as usize, piece.end as usize).is_empty());
            }
            prop_assert!(all.windows(2).all(|pair| pair[0].end <= pair[1].start));
        }
    }
}
