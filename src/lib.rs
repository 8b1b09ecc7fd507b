//! Yuelu 岳麓: a province's digital learning-resource repository in one program.

pub mod accounts;
pub mod app;
pub mod blob;
pub mod catalog;
pub mod cli;
pub mod clock;
pub mod config;
pub mod discover;
pub mod domain;
pub mod edge;
pub mod http;
pub mod ingest;
pub mod learning;
pub mod media;
pub mod package;
pub mod recommend;
pub mod rules;
pub mod search;
pub mod store;
pub mod telemetry;
pub mod vetting;
pub mod worker;
