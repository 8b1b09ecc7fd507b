//! The Tantivy index and how it speaks Chinese.
//!
//! This room turns text into terms, terms into an index, and a query into hits; it knows nothing of services and decides
//! nothing about who may see what: it is handed viewer tokens and applies them. It never opens the store: what is to be
//! indexed is handed to it as a document.
//!
//! A new step of analysis goes into `analysis/` with tests of its own; a new field is declared once in `schema.rs`, filled
//! in `document.rs`, and raises the schema version, upon which every node rebuilds its index beside the old one. Word
//! lists and code lists are data in `index/`, read by `folder.rs`.

pub mod analysis;
pub mod codes;
pub mod folder;
