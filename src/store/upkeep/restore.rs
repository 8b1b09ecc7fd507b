//! A backup into an empty data directory, under a new epoch.

use super::backup::{BackupReport, ROWS};
use super::files::{Copied, copy_blobs, copy_folder};
use super::rows_file::{Edit, RowsReader};
use super::{OnProgress, Progress, blocking, failed};
use crate::domain::change::Position;
use crate::store::data_dir::{self, DataDirLock, Marker};
use crate::store::engine::{Engine, EngineKind};
use crate::store::error::StoreError;
use crate::store::keyspace;
use crate::store::open::{fresh_epoch, open_engine};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is restored where.
#[derive(Clone, Debug)]
pub struct RestoreOptions {
    /// The backup's folder.
    pub backup: PathBuf,
    /// A data directory that holds no store.
    pub data_dir: PathBuf,
    /// The engine to restore into; `None` = the one the backup was taken from.
    pub engine: Option<EngineKind>,
    /// Hard links for blobs where the disk can. Then bit rot in one is bit rot in both.
    pub link_blobs: bool,
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RestoreReport {
    /// Engine in force.
    pub engine: EngineKind,
    /// The new epoch.
    pub epoch: String,
    /// Position of the last commit in the backup.
    pub position: Position,
    /// Rows applied.
    pub rows: u64,
    /// Blobs.
    pub blobs: Copied,
    /// Event log.
    pub events: Copied,
}

/// Restores a backup. The directory counts as a store only when all of it is there and on disk.
///
/// # Errors
/// [`StoreError::Upkeep`] when the backup is not whole or not what its manifest says, or the directory holds a store.
pub async fn restore(options: &RestoreOptions, progress: OnProgress<'_>) -> Result<RestoreReport, StoreError> {
    let (backup, dir) = (options.backup.clone(), options.data_dir.clone());
    let wanted = options.engine;
    let (manifest, lock, engine) = blocking(move || begin(&backup, &dir, wanted)).await?;
    let kind = engine.kind();
    let rows = apply(&options.backup.join(ROWS), &manifest, Arc::clone(&engine), progress).await?;
    let position = engine.head().await?;
    if position != manifest.position {
        return Err(failed("damaged:", &options.backup, "its rows end at another position than its manifest says"));
    }
    let epoch = fresh_epoch();
    write(Arc::clone(&engine), vec![(keyspace::EPOCH.to_vec(), Some(epoch.clone().into_bytes()))]).await?;
    engine.close().await?;
    let blobs = copy_blobs(&options.backup, &options.data_dir, options.link_blobs, progress).await?;
    if blobs != manifest.blobs {
        return Err(failed("damaged:", &options.backup, format!("it holds {} blobs, not {}", blobs.files, manifest.blobs.files)));
    }
    let (from, to) = (options.backup.join("events"), options.data_dir.join("events"));
    let events = blocking(move || copy_folder(&from, &to, &|_| Some(u64::MAX))).await?;
    if events != manifest.event_files {
        return Err(failed("damaged:", &options.backup, "its event log is not what its manifest says"));
    }
    let dir = options.data_dir.clone();
    blocking(move || {
        let marked = data_dir::write_marker(&dir, Marker { engine: kind, unfinished: false });
        drop(lock);
        marked.map_err(|error| failed("cannot write in", &dir, error))
    })
    .await?;
    Ok(RestoreReport { engine: kind, epoch, position, rows, blobs, events: manifest.events })
}

fn begin(backup: &Path, dir: &Path, wanted: Option<EngineKind>) -> Result<(BackupReport, DataDirLock, Arc<dyn Engine>), StoreError> {
    let manifest = BackupReport::read(backup)?;
    let lock = DataDirLock::take(dir)?;
    for holds in ["engine.toml", "store", "blobs", "events"] {
        if dir.join(holds).exists() {
            return Err(failed("cannot restore into", dir, format!("it holds `{holds}` already; name an empty directory")));
        }
    }
    let kind = wanted.unwrap_or(manifest.engine);
    let marked = data_dir::write_marker(dir, Marker { engine: kind, unfinished: true });
    marked.map_err(|error| failed("cannot write in", dir, error))?;
    let engine = open_engine(dir, kind)?;
    Ok((manifest, lock, engine))
}

async fn apply(path: &Path, manifest: &BackupReport, engine: Arc<dyn Engine>, progress: OnProgress<'_>) -> Result<u64, StoreError> {
    let file = path.to_owned();
    let mut reader = blocking(move || RowsReader::open(&file)).await?;
    let mut done = 0;
    loop {
        let (back, frame) = blocking(move || reader.next().map(|frame| (reader, frame))).await?;
        reader = back;
        let Some(edits) = frame else { break };
        done += edits.len() as u64;
        write(Arc::clone(&engine), edits).await?;
        progress(Progress { stage: "rows", done, total: Some(manifest.rows) });
    }
    let digest = reader.digest();
    if done != manifest.rows || digest != manifest.rows_sha256 {
        return Err(failed("damaged:", path, "it is not the file that the manifest describes"));
    }
    Ok(done)
}

/// Writes to an engine that no committer stands before, off the async threads.
pub(super) async fn write(engine: Arc<dyn Engine>, edits: Vec<Edit>) -> Result<(), StoreError> {
    let runtime = tokio::runtime::Handle::current();
    blocking(move || Ok(runtime.block_on(engine.write(edits))?)).await
}
