//! A text cut both ways: into pieces and into words.

use crate::search::analysis::fold::Folded;
use crate::search::analysis::lexicon::Lexicon;
use crate::search::analysis::pieces::{Piece, Run, Shape, pieces, runs};
use crate::search::analysis::words::Word;

/// A text cut both ways.
pub struct Cut {
    /// The folded text.
    pub folded: Folded,
    /// Its pieces.
    pub pieces: Vec<Piece>,
    /// Its words that tell something.
    pub words: Vec<Word>,
}

impl Cut {
    /// Cuts a text.
    pub fn of(lexicon: &Lexicon, text: &str) -> Self {
        let folded = lexicon.fold(text);
        let (mut all, mut found, mut words): (Vec<Run>, Vec<Piece>, Vec<Word>) = (Vec::new(), Vec::new(), Vec::new());
        runs(&folded, &mut all);
        pieces(&folded, &all, &mut found);
        lexicon.words.words(&folded, &all, &mut words);
        Self { folded, pieces: found, words }
    }

    /// The text of a piece.
    pub fn text(&self, piece: &Piece) -> &str {
        self.folded.part(piece.start as usize, piece.end as usize)
    }

    /// The text of a word.
    pub fn word(&self, word: &Word) -> &str {
        self.folded.text.get(word.start as usize..word.end as usize).unwrap_or_default()
    }

    /// Pairs between words of which one is a single ideograph: a name the dictionary does not know falls into such.
    pub fn seams(&self) -> impl Iterator<Item = &str> {
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
    pub fn asked(&self, part: f32) -> impl Iterator<Item = (&str, f32)> {
        self.pieces.iter().filter_map(move |piece| match piece.shape {
            Shape::Last { alone: false } => None,
            Shape::Part => Some((self.text(piece), part)),
            _ => Some((self.text(piece), 1.0)),
        })
    }
}
