//! Runs a plan over the segments: candidates from the pieces, scored exhaustively with an exact total; then words rescore
//! the best of them.
//!
//! Scoring goes through each term's postings block by block into a window of sums that stays in the processor's cache.
//! That is cheaper than a union of scorers that advance document by document, gives the total and the matching documents
//! for free, and has no bad case for long queries.

pub mod bm25;
pub mod cursor;
pub mod explain;
pub mod facets;
pub mod filter;
pub mod fuse;
pub mod matching;
pub mod nearby;
pub mod pages;
pub mod phrase;
pub mod priors;
pub mod rescore;
pub mod run;
pub mod scale;
pub mod scoring;
pub mod sight;
pub mod taking;
pub mod terms;
pub mod top;
pub mod wholes;
