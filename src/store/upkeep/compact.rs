//! A store written anew in the same engine, so that nothing of what was deleted stays in its files.
//!
//! Engines do not wipe: sled and redb free the pages of what was deleted and write over them some day, or never. What is written
//! anew holds the rows there are and nothing else. It is compared with the old files from end to end before it takes their place;
//! then these are removed. What the disk itself keeps of a removed file (or a snapshot of the disk) is the disk's matter. History, positions and
//! epoch stay as they are, so the search index goes on.

use super::move_store::{FamilyCount, compare, copy};
use super::{OnProgress, blocking, failed, files};
use crate::domain::change::Position;
use crate::store::data_dir::{self, DataDirLock};
use crate::store::engine::{Engine, EngineKind};
use crate::store::error::StoreError;
use crate::store::open::{open_engine, open_engine_in};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What was written anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CompactReport {
    /// The engine.
    pub engine: EngineKind,
    /// Position of the last commit.
    pub position: Position,
    /// What it holds.
    pub families: Vec<FamilyCount>,
    /// Bytes of its files before.
    pub bytes_before: u64,
    /// Bytes of its files now.
    pub bytes: u64,
    /// Other files beside them, of a store that was moved or set aside: deleted things may stand in these.
    pub old_files: Vec<PathBuf>,
}

/// Writes the store of a data directory, which nobody serves meanwhile, anew. Needs room for both on the disk.
///
/// # Errors
/// [`StoreError::InUse`] when the directory is served; [`StoreError::Upkeep`] when there is no store, or the copy is not the same:
/// then the old files stay.
pub async fn compact_store(data_dir: &Path, progress: OnProgress<'_>) -> Result<CompactReport, StoreError> {
    let dir = data_dir.to_owned();
    let Sides { lock, places, source, target } = blocking(move || begin(&dir)).await?;
    copy(source.as_ref(), &target, progress).await?;
    let families = compare(data_dir, source.as_ref(), target.as_ref(), progress).await?;
    let (engine, position) = (target.kind(), target.head().await?);
    target.close().await?;
    source.close().await?;
    drop((source, target));
    let dir = data_dir.to_owned();
    blocking(move || {
        let bytes_before = size(&places.old)?;
        finish(&dir, &places).map_err(|error| failed("cannot put the new files in their place in", &dir, error))?;
        drop(lock);
        let old_files = others(&dir, &places).map_err(|error| failed("cannot list", &dir, error))?;
        Ok(CompactReport { engine, position, families, bytes_before, bytes: size(&places.old)?, old_files })
    })
    .await
}

struct Sides {
    lock: DataDirLock,
    places: Places,
    source: Arc<dyn Engine>,
    target: Arc<dyn Engine>,
}

/// Where the files lie: those in force, the new ones, and the old ones for the moment of the exchange.
struct Places {
    old: PathBuf,
    new: PathBuf,
    aside: PathBuf,
}

impl Places {
    fn of(dir: &Path, kind: EngineKind) -> Self {
        let old = data_dir::engine_dir(dir, kind);
        let named = |end: &str| old.with_file_name(format!("{kind}.{end}"));
        Self { new: named("compacting"), aside: named("compacted"), old }
    }
}

fn begin(dir: &Path) -> Result<Sides, StoreError> {
    let lock = DataDirLock::take(dir)?;
    let marker = data_dir::read_marker(dir)?.filter(|marker| !marker.unfinished && marker.engine != EngineKind::Memory);
    let kind = marker.ok_or_else(|| failed("there is no store in", dir, "no engine.toml"))?.engine;
    let places = Places::of(dir, kind);
    tidy(&places).map_err(|error| failed("cannot finish what was interrupted in", dir, error))?;
    if !places.old.is_dir() {
        return Err(failed("the store's files are not at", &places.old, "put the directory back"));
    }
    let source = open_engine(dir, kind)?;
    let target = open_engine_in(dir, &places.new, kind)?;
    Ok(Sides { lock, places, source, target })
}

/// Brings back, or clears away, what an interrupted run left.
fn tidy(places: &Places) -> std::io::Result<()> {
    if !places.old.exists() && places.aside.exists() {
        std::fs::rename(&places.aside, &places.old)?;
    }
    [&places.new, &places.aside].into_iter().try_for_each(|path| remove(path))
}

fn finish(dir: &Path, places: &Places) -> std::io::Result<()> {
    std::fs::rename(&places.old, &places.aside)?;
    std::fs::rename(&places.new, &places.old)?;
    data_dir::sync_dir(&dir.join("store"))?;
    remove(&places.aside)?;
    data_dir::sync_dir(&dir.join("store"))
}

fn remove(path: &Path) -> std::io::Result<()> {
    if path.exists() { std::fs::remove_dir_all(path) } else { Ok(()) }
}

fn others(dir: &Path, places: &Places) -> std::io::Result<Vec<PathBuf>> {
    let entries: Vec<_> = std::fs::read_dir(dir.join("store"))?.collect::<std::io::Result<_>>()?;
    let mut others: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).filter(|path| *path != places.old).collect();
    others.sort();
    Ok(others)
}

fn size(folder: &Path) -> Result<u64, StoreError> {
    let length = |path: PathBuf| Ok(folder.join(path).metadata().map_err(|error| failed("cannot look at", folder, error))?.len());
    files::walk(folder)?.into_iter().map(length).sum()
}
