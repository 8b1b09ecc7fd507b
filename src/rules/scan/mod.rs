//! Looking through texts: pure functions over strings, no regular expressions, one pass each.

mod letters;
pub mod personal;
pub mod script;
pub mod words;
