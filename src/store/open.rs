//! Opening a store: the directory's lock, the engine in force, and what happens when it will not open.

use super::committer::{Committer, Now};
use super::data_dir::{self, DataDirLock, Marker};
use super::embedded::{Embedded, memory::MemoryRows, redb::RedbRows, sled::SledRows};
use super::engine::{Engine, EngineError, EngineKind};
use super::error::StoreError;
use super::{Inner, Store, keyspace};
use crate::clock::Clock;
use crate::domain::change::Position;
use crate::domain::time::Timestamp;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a store is and what it is made with.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The data directory.
    pub dir: PathBuf,
    /// The engine of a new store; one that exists keeps its own.
    pub engine: EngineKind,
}

impl Store {
    /// Opens the store of a data directory, or makes one where there is none. Holds the directory's lock until it closes.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has the directory; [`StoreError::Open`] with what to do otherwise. Files
    /// that the engine finds damaged are set aside under another name first, so that starting again does not meet them again.
    pub async fn open(options: StoreOptions) -> Result<Self, StoreError> {
        Self::open_at(options, Arc::new(wall_clock)).await
    }

    /// [`Store::open`] with the instants that `now` gives.
    pub(super) async fn open_at(options: StoreOptions, now: Now) -> Result<Self, StoreError> {
        let opening = tokio::task::spawn_blocking(move || open_files(&options));
        let (engine, lock) = opening.await.map_err(|error| StoreError::Open(format!("the store could not be opened: {error}")))??;
        Self::over(engine, now, Box::new(lock)).await
    }

    /// A store over an engine; `keep` lives as long as its committer.
    pub(super) async fn over(engine: Arc<dyn Engine>, now: Now, keep: Box<dyn Send>) -> Result<Self, StoreError> {
        let head = engine.head().await?;
        let known = engine.get(vec![keyspace::EPOCH.to_vec()]).await?.into_iter().flatten().next();
        let committer = Committer::start(Arc::clone(&engine), head, now, keep)?;
        let epoch = match known.map(String::from_utf8) {
            Some(Ok(epoch)) => epoch,
            _ => {
                let epoch = fresh_epoch();
                committer.write(vec![(keyspace::EPOCH.to_vec(), Some(epoch.clone().into_bytes()))]).await?;
                epoch
            }
        };
        Ok(Self { inner: Arc::new(Inner { engine, committer, epoch }) })
    }

    /// A store in memory, for tests and for checks of files that nobody sends in.
    pub fn memory() -> Self {
        let engine: Arc<dyn Engine> = Arc::new(Embedded::new(MemoryRows::default()));
        let committer = Committer::start(Arc::clone(&engine), Position(0), Arc::new(wall_clock), Box::new(()));
        #[expect(clippy::expect_used, reason = "a process that cannot start a thread runs nothing")]
        let committer = committer.expect("the committer's thread starts");
        Self { inner: Arc::new(Inner { engine, committer, epoch: fresh_epoch() }) }
    }
}

type Opened = (Arc<dyn Engine>, DataDirLock);

fn open_files(options: &StoreOptions) -> Result<Opened, StoreError> {
    let dir = options.dir.as_path();
    let lock = DataDirLock::take(dir)?;
    data_dir::empty_tmp(dir).map_err(|error| cannot(dir, "tmp", &error))?;
    let marker = data_dir::read_marker(dir)?;
    let kind = marker.as_ref().map_or(options.engine, |marker| marker.engine);
    let files = data_dir::engine_dir(dir, kind);
    if marker.as_ref().is_some_and(|marker| marker.unfinished) {
        let advice = "a restore into it was interrupted; empty the directory and restore again";
        return Err(StoreError::Open(format!("{} is not a whole store: {advice}", dir.display())));
    }
    if marker.is_some() && kind != EngineKind::Memory && !files.is_dir() {
        let advice = "run `yuelu store compact` again where that was interrupted; else put the directory back, or restore a backup with \
                      `yuelu restore` into an empty data directory";
        return Err(StoreError::Open(format!("the store's files are not at {}: {advice}", files.display())));
    }
    let engine = open_engine(dir, kind)?;
    if marker.is_none() {
        data_dir::write_marker(dir, Marker { engine: kind, unfinished: false }).map_err(|error| cannot(dir, "engine.toml", &error))?;
    }
    Ok((engine, lock))
}

/// Opens or makes the files of an engine under a data directory.
pub(super) fn open_engine(dir: &Path, kind: EngineKind) -> Result<Arc<dyn Engine>, StoreError> {
    open_engine_in(dir, &data_dir::engine_dir(dir, kind), kind)
}

/// The same, where its files lie elsewhere under the directory.
pub(super) fn open_engine_in(dir: &Path, files: &Path, kind: EngineKind) -> Result<Arc<dyn Engine>, StoreError> {
    if kind != EngineKind::Memory {
        std::fs::create_dir_all(files).map_err(|error| cannot(dir, "store", &error))?;
        for above in [files, &dir.join("store"), dir] {
            data_dir::sync_dir(above).map_err(|error| cannot(dir, "store", &error))?;
        }
    }
    // An engine that meets damaged files may panic; that must not end the process before it has said what to do.
    let opened = std::panic::catch_unwind(AssertUnwindSafe(|| -> Result<Arc<dyn Engine>, EngineError> {
        Ok(match kind {
            EngineKind::Sled => Arc::new(Embedded::new(SledRows::open(files)?)),
            EngineKind::Redb => Arc::new(Embedded::new(RedbRows::open(files)?)),
            EngineKind::Memory => Arc::new(Embedded::new(MemoryRows::default())),
        })
    }));
    match opened {
        Ok(Ok(engine)) => Ok(engine),
        Ok(Err(EngineError::Damaged(what))) => Err(set_aside(dir, files, &what)),
        Ok(Err(other)) => Err(StoreError::Open(format!("the {kind} store at {} cannot be opened: {other}", files.display()))),
        Err(_) => Err(set_aside(dir, files, "the engine panicked")),
    }
}

/// Renames files that will not open, unless the disk is to blame, and says what to do.
fn set_aside(dir: &Path, files: &Path, what: &str) -> StoreError {
    if let Err(error) = data_dir::try_disk(dir) {
        return StoreError::Open(format!(
            "the store cannot be opened ({what}) and {} takes no writes: {error}; free some space and start again",
            dir.display()
        ));
    }
    let mut name = files.as_os_str().to_owned();
    name.push(format!(".quarantine-{}", wall_clock().millis()));
    let aside = PathBuf::from(name);
    match std::fs::rename(files, &aside).and_then(|()| data_dir::sync_dir(&dir.join("store"))) {
        Ok(()) => StoreError::Open(format!(
            "the store is damaged ({what}). Its files were set aside at {}. Restore the last backup with `yuelu restore` into a new data \
             directory, then copy `events/` and `blobs/` over; to try the old files again, rename them back to {}",
            aside.display(),
            files.display()
        )),
        Err(error) => StoreError::Open(format!("the store at {} is damaged ({what}) and could not be set aside: {error}", files.display())),
    }
}

pub(super) fn cannot(dir: &Path, what: &str, error: &std::io::Error) -> StoreError {
    StoreError::Open(format!("{what} in {} cannot be used: {error}", dir.display()))
}

/// A random name for a history.
pub(super) fn fresh_epoch() -> String {
    let mut bytes = [0u8; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // Without a source of randomness the time-ordered id still differs from every other one of this machine.
        return uuid::Uuid::now_v7().simple().to_string();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The wall clock, for the age of feed rows and the names of files set aside: no record holds what it says.
pub(super) fn wall_clock() -> Timestamp {
    Clock::system().now()
}
