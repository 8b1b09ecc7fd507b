//! What people type is found: names by characters, pinyin and parts; mistakes are understood and told; the query language.

mod cursors;
mod feeds;
mod hostile;
pub mod inside;
mod meaning;
mod meanings;
mod mistakes;
mod names;
mod narrowing;
mod popular;
mod queries;
mod ranking;
mod rebuilt;
mod saved;
mod stock;
mod workbench;
