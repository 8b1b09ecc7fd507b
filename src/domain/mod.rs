//! The ground floor: pure values, states and transitions.
//!
//! No I/O, no async, no clock and no randomness of its own: instants and ids are arguments. Imports nothing of ours.
//! A new record kind goes into the file of its noun, with its [`record::Record`] beside it.

pub mod access;
pub mod account;
pub mod address;
pub mod admitted;
pub mod blob_ref;
pub mod calendar;
pub mod change;
pub mod checkpoint;
pub mod codes;
pub mod deposit;
pub mod digest;
pub mod encoding;
pub mod event;
pub mod finding;
pub mod inspection;
pub mod job;
pub mod learner;
pub mod ledger;
pub mod likeness;
pub mod metadata;
pub mod notice;
pub mod page;
pub mod petition;
pub mod problem;
pub mod record;
pub mod relevance;
pub mod rendition;
pub mod resource;
pub mod review;
pub mod reviewer;
pub mod saved_search;
pub mod search_word;
pub mod signature;
pub mod space;
pub mod spot_check;
pub mod stamped_pledge;
pub mod study;
pub mod submission;
pub mod text;
pub mod time;
pub mod vocabulary;
