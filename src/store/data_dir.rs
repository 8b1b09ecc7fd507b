//! The data directory: its lock, the marker of the engine in force, its temporary files.

use super::engine::EngineKind;
use super::error::StoreError;
use super::open::cannot;
use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

const MARKER: &str = "engine.toml";
const LOCK: &str = "yuelu.lock";

/// Held by the one process that may touch a data directory; the system gives it free when the process ends, however it ends.
#[derive(Debug)]
pub struct DataDirLock {
    file: File,
}

impl Drop for DataDirLock {
    fn drop(&mut self) {
        // Closing alone would leave it to a child process that is just being started and still shares the file.
        if let Err(error) = self.file.unlock() {
            tracing::warn!(%error, "the lock of the data directory could not be given free");
        }
    }
}

impl DataDirLock {
    /// Makes the directory where there is none, readable by its owner alone, and takes the lock.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process holds it.
    pub fn take(dir: &Path) -> Result<Self, StoreError> {
        make_private(dir).map_err(|error| cannot(dir, "the directory", &error))?;
        let file = File::options().create(true).truncate(false).read(true).write(true).open(dir.join(LOCK));
        let file = file.map_err(|error| cannot(dir, LOCK, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse(dir.display().to_string())),
            Err(TryLockError::Error(error)) => Err(cannot(dir, LOCK, &error)),
        }
    }
}

/// What `engine.toml` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Marker {
    /// The engine in force.
    pub engine: EngineKind,
    /// A restore into the directory has begun and not ended.
    #[serde(default)]
    pub unfinished: bool,
}

/// The engine that a data directory's store is kept in; `None` where there is no store.
pub fn engine_in_force(dir: &Path) -> Result<Option<EngineKind>, StoreError> {
    Ok(read_marker(dir)?.map(|marker| marker.engine))
}

/// Reads the marker.
pub(super) fn read_marker(dir: &Path) -> Result<Option<Marker>, StoreError> {
    let text = match std::fs::read_to_string(dir.join(MARKER)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|error| cannot(dir, MARKER, &error))?,
    };
    toml::from_str(&text).map(Some).map_err(|error| StoreError::Open(format!("{} cannot be read: {error}", dir.join(MARKER).display())))
}

/// Replaces the marker in one step.
pub(super) fn write_marker(dir: &Path, marker: Marker) -> io::Result<()> {
    let text = toml::to_string(&marker).map_err(io::Error::other)?;
    let text = format!("# Which engine keeps this store. Written by the program: do not edit.\n{text}");
    replace_file(&dir.join(MARKER), text.as_bytes())
}

/// Writes a whole file under another name, syncs it, renames it into place and syncs the directory.
pub(super) fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let mut file = File::create(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// Where an engine's files lie.
pub(super) fn engine_dir(dir: &Path, kind: EngineKind) -> PathBuf {
    dir.join("store").join(kind.name())
}

/// Makes a directory that its owner alone may read, unless it is there.
pub(super) fn make_private(dir: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// Removes a file that may not be there.
pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes the names in a directory durable.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Removes what an earlier process left unfinished. Only under the lock.
pub(super) fn empty_tmp(dir: &Path) -> io::Result<()> {
    let tmp = dir.join("tmp");
    match std::fs::remove_dir_all(&tmp) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    std::fs::create_dir_all(&tmp)
}

/// Whether a megabyte can be written and synced.
pub(super) fn try_disk(dir: &Path) -> io::Result<()> {
    let path = dir.join("tmp").join("disk-check");
    std::fs::create_dir_all(dir.join("tmp"))?;
    let tried = File::create(&path).and_then(|mut file| file.write_all(&vec![0; 1 << 20]).and_then(|()| file.sync_all()));
    let removed = std::fs::remove_file(&path);
    tried.and(removed)
}
