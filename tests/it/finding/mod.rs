//! What people type is found: names by characters, pinyin and parts; mistakes are understood and told; the query language.

mod feeds;
mod meaning;
mod meanings;
mod mistakes;
mod names;
mod narrowing;
mod popular;
mod queries;
mod ranking;
mod stock;
mod workbench;
