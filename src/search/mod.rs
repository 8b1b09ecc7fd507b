//! The Tantivy index and how it speaks Chinese.
//!
//! This room turns text into terms, terms into an index, and a query into hits; it knows nothing of services and decides
//! nothing about who may see what: it is handed viewer tokens and applies them. It never opens the store: what is to be
//! indexed is handed to it as a [`document::Document`].
//!
//! A new step of analysis goes into `analysis/` with tests of its own; a new field is declared once in `schema.rs`, filled
//! in `document.rs`, and raises [`schema::VERSION`], upon which every node rebuilds its index beside the old one. Numbers
//! of ranking are in `index/weights.toml` alone. Word lists and code lists are data in `index/`, read by `folder.rs`. What can
//! change without building the index anew (numbers, synonyms) is a [`synonyms::Tuning`], which a request may bring along.

pub mod analysis;
pub mod codes;
pub mod correct;
pub mod directory;
pub mod document;
pub mod durations;
pub mod execute;
pub mod folder;
pub mod generation;
pub mod highlight;
pub mod index;
pub mod likeness;
pub mod meaning;
pub mod measures;
pub mod offline;
pub mod query;
pub mod schema;
pub mod sketch;
pub mod spelling;
pub mod suggest;
pub mod synonyms;
pub mod usage;
pub mod view;
pub mod vocabulary;
pub mod weights;
pub mod writer;
