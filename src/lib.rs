//! Yuelu 岳麓: a province's digital learning-resource repository in one program.
//!
//! Institutions deposit content packages; automatic checks and reviewers vet them against published standards; what passes
//! is found through Chinese search and through recommendations that come from learners' behaviour.
//!
//! # Architecture
//!
//! ## Floors
//!
//! The crate is one house with floors. Imports point down only, neighbours on a floor do not import one another, and
//! `tests/it/floor_plan.rs` fails naming the arrow that breaks this.
//!
//! | floor | modules | what it does |
//! |---|---|---|
//! | composition | `main`, [`app`], [`config`], [`telemetry`] | puts the parts together; `app` alone names adapters |
//! | interfaces | [`http`], [`portal`], [`worker`], [`cli`] | how the outside reaches the services: the JSON API, web pages, jobs and feed, commands |
//! | edge | [`edge`] | who is calling, problem+json, ranges, limits |
//! | services | [`ingest`], [`vetting`], [`catalog`], [`discover`], [`learning`], [`recommend`], [`accounts`], [`notices`], [`operations`] | the use cases; the actor is the first argument, the permission check the first line |
//! | infrastructure | [`store`], [`blob`], [`search`], [`media`], [`package`], [`rules`], [`gateway`], [`clock`] | adapters to disks, formats, the index and other people's servers |
//! | domain | [`domain`] | pure values, states and transitions |
//!
//! Two services that need the same logic share a pure function in `domain`; two services that must act one after the other
//! meet through the feed. What must be atomic across two of them is one `domain::change::ChangeSet`.
//!
//! ## What is true, and what is derived
//!
//! The record store, the blobs and the event log are the truth. The search index and the recommendation state are derived:
//! delete them and they are rebuilt. An answer that says "done" is given after the bytes are synced; a crash at any point
//! loses nothing that was answered.
//!
//! - **Store**: records (canonical JSON under a checksum) in an ordered, transactional engine. All writes go through one
//!   committer per process, which groups changes and syncs once per group. A record's version is the position of the commit
//!   that wrote it; guards on versions are how two actors at the same instant are told apart.
//! - **Blobs**: bytes by SHA-256, written before the records that name them.
//! - **Event log**: learning events in compressed blocks by day of receipt, with learners as surrogates.
//!
//! ## Two belts
//!
//! *Jobs* are things that someone must do once (unpack a deposit, check a submission): queued in the same commit as the
//! change that asks for them, leased to a worker, retried with backoff, then parked where people see them. *The feed* is what
//! everyone may need to know: each follower reads it from its own cursor. Jobs and facts carry ids; whoever reads one reads
//! the truth again, so both may safely be delivered twice.
//!
//! ## Three journeys
//!
//! **A deposit.** `POST /api/v1/deposits` streams a ZIP into a blob and commits a deposit with an `Unpack` job. The job reads
//! the manifest or catalogue and makes one submission per resource with a `Check` job each. The check inspects every file in
//! a child process, extracts text and thumbnails, applies the rules of `review_rules/` and moves the submission to
//! `returned` (with every finding by file, row and rule) or `approval`, where a second person of the institution answers for
//! the batch with a stamped pledge. Reviewers and an approver, all different people, decide; what concerns an office of the state
//! waits for its countersign before. The decision and the resource it publishes are one ChangeSet, whose fact the search follower reads.
//!
//! What no phone opens (old films, GB18030 subtitles, TIFF, Word) gets a rendition by jobs of a queue of their own, beside which
//! everything goes on; see `domain::rendition`.
//!
//! **A search.** The query is folded and cut as the documents were; candidates come from character bigrams with an exact
//! total, the best hundred are scored again with words, names, the mark of the vetting, how new they are and how much they are
//! used, and each score can be explained. Where the site has an embedding service, what is nearest in meaning joins them by
//! reciprocal rank. Names are also found by pinyin; what was probably meant is told and not searched for. Every query carries the
//! viewer's tokens: what a viewer may not see leaves no trace in hits, counts, facets, suggestions or corrections.
//!
//! **A recommendation.** An event is acknowledged when it is on disk and in memory: the learner's next request already
//! reflects it. A request reads the learner's last items and the co-visitation rows they point to, blends in trend and new
//! resources, filters by access, and says for each item why it is there.
//!
//! ## Commands
//!
//! Commands are clients of the same API: against `--server URL` with a token, through a socket in a served data directory,
//! or, when nothing serves the directory, through the router inside the command's own process.

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
pub mod gateway;
pub mod http;
pub mod ingest;
pub mod learning;
pub mod media;
pub mod notices;
pub mod operations;
pub mod package;
pub mod portal;
pub mod recommend;
pub mod rules;
pub mod search;
pub mod store;
pub mod telemetry;
pub mod vetting;
pub mod worker;
