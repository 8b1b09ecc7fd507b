//! A whole store into another engine, in its data directory, which nobody serves meanwhile.
//!
//! Rows are copied, then both sides are read from end to end and must have the same counts and digests; only then does the
//! directory's marker name the new engine. The old files stay beside it under another name.

use super::restore::write;
use super::{OnProgress, Progress, Walk, blocking, failed};
use crate::domain::change::Position;
use crate::domain::digest::Digest;
use crate::store::data_dir::{self, DataDirLock, Marker};
use crate::store::engine::{Engine, EngineKind};
use crate::store::error::StoreError;
use crate::store::keyspace::{self, FAMILIES};
use crate::store::open::{fresh_epoch, open_engine, wall_clock};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows of one family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FamilyCount {
    /// `records`, `indexes`, `facts`, `changes`, `ids` or `names`.
    pub family: &'static str,
    /// Rows.
    pub rows: u64,
    /// SHA-256 over keys and values in order; the epoch, which is new, left out.
    pub digest: Digest,
}

/// What was moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MoveReport {
    /// Engine before.
    pub from: EngineKind,
    /// Engine now.
    pub to: EngineKind,
    /// Position of the last commit.
    pub position: Position,
    /// The new epoch.
    pub epoch: String,
    /// What both sides hold.
    pub families: Vec<FamilyCount>,
    /// Where the old files are now; delete them when all is well.
    pub old_files: PathBuf,
}

/// Moves the store of a data directory into another engine.
///
/// # Errors
/// [`StoreError::InUse`] when the directory is served; [`StoreError::Upkeep`] when there is nothing to move or the copy is not
/// the same: then the old engine stays in force.
pub async fn move_store(data_dir: &Path, to: EngineKind, progress: OnProgress<'_>) -> Result<MoveReport, StoreError> {
    let dir = data_dir.to_owned();
    let (lock, source, target) = blocking(move || begin(&dir, to)).await?;
    let from = source.kind();
    copy(source.as_ref(), &target, progress).await?;
    let epoch = fresh_epoch();
    write(Arc::clone(&target), vec![(keyspace::EPOCH.to_vec(), Some(epoch.clone().into_bytes()))]).await?;
    let families = compare(data_dir, source.as_ref(), target.as_ref(), progress).await?;
    let position = target.head().await?;
    target.close().await?;
    source.close().await?;
    let dir = data_dir.to_owned();
    let old_files = blocking(move || {
        let renamed = finish(&dir, from, to).map_err(|error| failed("cannot finish the move in", &dir, error));
        drop(lock);
        renamed
    });
    Ok(MoveReport { from, to, position, epoch, families, old_files: old_files.await? })
}

type Sides = (DataDirLock, Arc<dyn Engine>, Arc<dyn Engine>);

fn begin(dir: &Path, to: EngineKind) -> Result<Sides, StoreError> {
    let lock = DataDirLock::take(dir)?;
    let marker = data_dir::read_marker(dir)?.filter(|marker| !marker.unfinished);
    let from = marker.ok_or_else(|| failed("there is no store in", dir, "no engine.toml"))?.engine;
    if from == to || to == EngineKind::Memory {
        return Err(failed("cannot move the store in", dir, format!("from {from} to {to}")));
    }
    let leftover = data_dir::engine_dir(dir, to);
    if leftover.exists() {
        // The marker names another engine: these are files of a move that was interrupted.
        std::fs::remove_dir_all(&leftover).map_err(|error| failed("cannot remove", &leftover, error))?;
    }
    let source = open_engine(dir, from)?;
    let target = open_engine(dir, to)?;
    Ok((lock, source, target))
}

fn finish(dir: &Path, from: EngineKind, to: EngineKind) -> std::io::Result<PathBuf> {
    data_dir::write_marker(dir, Marker { engine: to, unfinished: false })?;
    let files = data_dir::engine_dir(dir, from);
    let aside = files.with_file_name(format!("{from}.moved-{}", wall_clock().millis()));
    std::fs::rename(&files, &aside)?;
    data_dir::sync_dir(&dir.join("store"))?;
    Ok(aside)
}

/// Copies all rows of an engine into an empty one.
pub(super) async fn copy(source: &dyn Engine, target: &Arc<dyn Engine>, progress: OnProgress<'_>) -> Result<(), StoreError> {
    let mut done = 0;
    for family in FAMILIES {
        let mut walk = Walk::family(family);
        while let Some(page) = walk.page(source).await? {
            done += page.rows.len() as u64;
            let edits = page.rows.into_iter().map(|(key, value)| (key, Some(value))).collect();
            write(Arc::clone(target), edits).await?;
            progress(Progress { stage: "rows", done, total: None });
        }
    }
    Ok(())
}

/// Reads both sides from end to end: what they hold, when it is the same.
pub(super) async fn compare(
    data_dir: &Path,
    source: &dyn Engine,
    target: &dyn Engine,
    progress: OnProgress<'_>,
) -> Result<Vec<FamilyCount>, StoreError> {
    let families = count(source, None, progress).await?;
    let total = families.iter().map(|family| family.rows).sum();
    let copied = count(target, Some(total), progress).await?;
    if families == copied {
        return Ok(families);
    }
    Err(failed("the copy is not the same; nothing was changed in", data_dir, format!("{families:?} became {copied:?}")))
}

async fn count(engine: &dyn Engine, total: Option<u64>, progress: OnProgress<'_>) -> Result<Vec<FamilyCount>, StoreError> {
    let mut counts = Vec::new();
    let mut done = 0;
    for family in FAMILIES {
        let (mut hasher, mut rows, mut walk) = (Sha256::new(), 0, Walk::family(family));
        while let Some(page) = walk.page(engine).await? {
            for (key, value) in page.rows.iter().filter(|(key, _)| key != keyspace::EPOCH) {
                for bytes in [key, value] {
                    hasher.update((bytes.len() as u64).to_be_bytes());
                    hasher.update(bytes);
                }
                rows += 1;
            }
            done += page.rows.len() as u64;
            progress(Progress { stage: "check", done, total });
        }
        let name = match family {
            keyspace::RECORDS => "records",
            keyspace::INDEX => "indexes",
            keyspace::FACTS => "facts",
            keyspace::CHANGES => "changes",
            keyspace::IDS => "ids",
            _ => "names",
        };
        counts.push(FamilyCount { family: name, rows, digest: Digest::from_bytes(&hasher.finalize().into()) });
    }
    Ok(counts)
}
