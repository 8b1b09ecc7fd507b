//! Work on folders that no house has open: restoring a backup, moving a store into another engine, writing it anew, checking a
//! rule folder.
//!
//! There is no actor: who may write the folder may do it. Each takes the lock of the data directory it changes, so that a
//! served one is refused.

use crate::rules;
use crate::store::upkeep::{self, CompactReport, MoveReport, Progress, RestoreOptions, RestoreReport};
use crate::store::{EngineKind, StoreError};
use std::path::{Path, PathBuf};

pub use crate::rules::RuleProblem;

/// Is told how far it is: the stage, how much is done, of how much where that is known.
pub type Told<'a> = &'a mut (dyn FnMut(&'static str, u64, Option<u64>) + Send);

/// The engines that a store can be kept in on disk.
pub const ENGINES: [&str; 2] = ["sled", "redb"];

/// What is restored where.
#[derive(Clone, Debug)]
pub struct Restore {
    /// The backup's folder.
    pub backup: PathBuf,
    /// A data directory that holds no store.
    pub data_dir: PathBuf,
    /// One of [`ENGINES`]; that of the backup where nothing is said.
    pub engine: Option<String>,
    /// Hard links for blobs where the disk can.
    pub link_blobs: bool,
}

/// Restores a backup into a data directory that holds no store.
///
/// # Errors
/// When the backup is not whole, the directory holds a store, or another process has it open.
pub async fn restore(wanted: Restore, told: Told<'_>) -> Result<RestoreReport, StoreError> {
    let Restore { backup, data_dir, engine, link_blobs } = wanted;
    let engine = engine.as_deref().map(engine_named).transpose()?;
    let mut progress = |step: Progress| told(step.stage, step.done, step.total);
    upkeep::restore(&RestoreOptions { backup, data_dir, engine, link_blobs }, &mut progress).await
}

/// Moves the store of a data directory into another engine; the old one stays in force until both are the same.
///
/// # Errors
/// When there is nothing to move, another process has the directory open, or the copy is not the same.
pub async fn move_store(data_dir: &Path, engine: &str, told: Told<'_>) -> Result<MoveReport, StoreError> {
    let engine = engine_named(engine)?;
    let mut progress = |step: Progress| told(step.stage, step.done, step.total);
    upkeep::move_store(data_dir, engine, &mut progress).await
}

/// Writes the store of a data directory anew, so that nothing of what was deleted stays in its files.
///
/// # Errors
/// When there is no store, another process has the directory open, or the copy is not the same.
pub async fn compact_store(data_dir: &Path, told: Told<'_>) -> Result<CompactReport, StoreError> {
    let mut progress = |step: Progress| told(step.stage, step.done, step.total);
    upkeep::compact_store(data_dir, &mut progress).await
}

/// Everything that is wrong with a rule folder; empty when it may be used.
pub fn check_rules(folder: &Path) -> Vec<RuleProblem> {
    rules::check_folder(folder)
}

/// The files of a rule folder by name, as they are written.
///
/// # Errors
/// Which file cannot be read.
pub fn rule_files(folder: &Path) -> Result<rules::Files, Vec<RuleProblem>> {
    rules::read_folder(folder)
}

fn engine_named(name: &str) -> Result<EngineKind, StoreError> {
    match name {
        "sled" => Ok(EngineKind::Sled),
        "redb" => Ok(EngineKind::Redb),
        other => Err(StoreError::Open(format!("{other} is no engine that a store can be kept in; known are: {}", ENGINES.join(", ")))),
    }
}
