//! From what was typed to what is looked up. A query never fails: what is not syntax is text.

pub mod cut;
pub mod origin;
pub mod parse;
pub mod plan;
pub mod spelled;
