//! The two cuts as Tantivy tokenizers. Buffers are kept from text to text; a token costs no allocation.

use super::fold::Folded;
use super::lexicon::Lexicon;
use super::pieces::{Piece, Run, pieces, runs};
use super::words::Word;
use std::sync::Arc;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Which cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// [`pieces`].
    Pieces,
    /// Dictionary words.
    Words,
}

/// A tokenizer for one of the cuts.
pub struct ChineseTokenizer {
    lexicon: Arc<Lexicon>,
    cut: Cut,
    folded: Folded,
    runs: Vec<Run>,
    pieces: Vec<Piece>,
    words: Vec<Word>,
    token: Token,
}

impl ChineseTokenizer {
    /// A tokenizer with buffers of its own.
    pub fn new(lexicon: Arc<Lexicon>, cut: Cut) -> Self {
        Self { lexicon, cut, folded: Folded::default(), runs: Vec::new(), pieces: Vec::new(), words: Vec::new(), token: Token::default() }
    }
}

impl Clone for ChineseTokenizer {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.lexicon), self.cut)
    }
}

impl Tokenizer for ChineseTokenizer {
    type TokenStream<'a> = ChineseStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> ChineseStream<'a> {
        self.lexicon.folds.fold_into(text, false, &mut self.folded);
        runs(&self.folded, &mut self.runs);
        match self.cut {
            Cut::Pieces => pieces(&self.folded, &self.runs, &mut self.pieces),
            Cut::Words => self.lexicon.words.words(&self.folded, &self.runs, &mut self.words),
        }
        self.token.reset();
        ChineseStream { tokenizer: self, next: 0 }
    }
}

/// The tokens of one text.
pub struct ChineseStream<'a> {
    tokenizer: &'a mut ChineseTokenizer,
    next: usize,
}

impl TokenStream for ChineseStream<'_> {
    fn advance(&mut self) -> bool {
        let ChineseTokenizer { cut, folded, pieces, words, token, .. } = &mut *self.tokenizer;
        let text = match cut {
            Cut::Pieces => pieces.get(self.next).map(|piece| folded.part(piece.start as usize, piece.end as usize)),
            Cut::Words => words.get(self.next).and_then(|word| folded.text.get(word.start as usize..word.end as usize)),
        };
        let Some(text) = text else { return false };
        token.text.clear();
        token.text.push_str(text);
        // Positions are ordinal; offsets are not: highlights are made from the text itself (see `highlight`).
        token.position = self.next;
        token.offset_from = self.next;
        token.offset_to = self.next + 1;
        self.next += 1;
        true
    }

    fn token(&self) -> &Token {
        &self.tokenizer.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokenizer.token
    }
}
