//! What people type is found: names by characters, pinyin and parts; mistakes are understood and told; the query language.

mod cursors;
mod feeds;
mod inside;
mod mistakes;
mod names;
mod narrowing;
mod popular;
mod queries;
mod ranking;
mod saved;
mod stock;
mod workbench;
