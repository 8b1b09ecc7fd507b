//! From text to terms, one step per file: [`fold`] (what looks the same becomes the same), [`script`] (what kind of
//! character is this), [`pieces`] (bigrams, Latin words, mixed runs), [`words`] (dictionary words),
//! [`numerals`], [`pinyin`], [`sounds`] (names as they sound), [`looseness`] (what is mistaken for what).
//!
//! A step never panics on any text and never changes the original: every piece knows the characters it came from.
//! A new step is a file of its own with tests, called from [`lexicon::Lexicon`]. If it changes what is indexed, raise
//! `schema::VERSION`.

pub mod fold;
pub mod lexicon;
pub mod looseness;
pub mod numerals;
pub mod pieces;
pub mod pinyin;
pub mod script;
pub mod sounds;
pub mod tokenizer;
pub mod words;
