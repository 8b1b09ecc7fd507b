//! A consistent copy while the store serves.
//!
//! First all rows as they are met, then what commits changed meanwhile, again until little is left, and the last of it with the
//! committer held: the copy is the store at one position. Blobs come after the rows, so that none that a row needs is missing
//! (bytes are put before the rows that name them and stay for a day after the last one goes); the event log comes last.

use super::files::{Copied, CopiedFile, copy_blobs, copy_folder};
use super::rows_file::{Edit, RowsWriter};
use super::{OnProgress, Progress, Walk, blocking, failed};
use crate::domain::change::Position;
use crate::domain::digest::Digest;
use crate::store::change_row::ChangeRow;
use crate::store::data_dir::{make_private, replace_file, sync_dir};
use crate::store::engine::EngineKind;
use crate::store::error::StoreError;
use crate::store::events::EventLog;
use crate::store::{Store, keyspace};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub(super) const MANIFEST: &str = "backup.json";
pub(super) const ROWS: &str = "rows.yl";
const FORMAT: u32 = 1;
/// So few commits left that the committer may be held for them.
const LITTLE: u64 = 64;
/// Rounds of catching up before the committer is held in any case.
const ROUNDS: usize = 20;

/// What a backup is made of.
#[derive(Clone)]
pub struct BackupOptions {
    /// The data directory that is served.
    pub data_dir: PathBuf,
    /// A folder that is not there yet, or is empty.
    pub target: PathBuf,
    /// Hard links for blobs where the disk can: quick and without room, but on the same disk.
    pub link_blobs: bool,
    /// The event log, where one is open: its files are copied to the length that was acknowledged.
    pub events: Option<EventLog>,
}

/// What a backup holds; also its manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupReport {
    /// Format of the folder.
    pub format: u32,
    /// Engine it was taken from.
    pub engine: EngineKind,
    /// Epoch it was taken from.
    pub epoch: String,
    /// The store is as it was at this position.
    pub position: Position,
    /// Rows in `rows.yl`, repeated ones included.
    pub rows: u64,
    /// SHA-256 of `rows.yl`.
    pub rows_sha256: Digest,
    /// Blobs.
    pub blobs: Copied,
    /// Event log.
    pub events: Copied,
    /// Its files.
    pub(super) event_files: Vec<CopiedFile>,
}

impl BackupReport {
    /// Reads the manifest of a backup.
    ///
    /// # Errors
    /// [`StoreError::Upkeep`] when the folder is not a whole backup of a format this program reads.
    pub fn read(backup: &Path) -> Result<Self, StoreError> {
        let path = backup.join(MANIFEST);
        let bytes = std::fs::read(&path).map_err(|error| failed("not a whole backup:", &path, error))?;
        let report: Self = serde_json::from_slice(&bytes).map_err(|error| failed("not a manifest of a backup:", &path, error))?;
        if report.format == FORMAT { Ok(report) } else { Err(failed("a backup of another format:", &path, report.format)) }
    }
}

impl Store {
    /// Copies the whole store with blobs and event log into a folder while it goes on serving.
    ///
    /// # Errors
    /// [`StoreError::Upkeep`] when the folder cannot be written or bytes are damaged: then there is no manifest in it.
    pub async fn backup(&self, options: &BackupOptions, progress: OnProgress<'_>) -> Result<BackupReport, StoreError> {
        let target = options.target.clone();
        let writer = blocking(move || {
            make_private(&target).map_err(|error| failed("cannot make", &target, error))?;
            let mut there = std::fs::read_dir(&target).map_err(|error| failed("cannot list", &target, error))?;
            if there.next().is_some() {
                return Err(failed("cannot back up into", &target, "it is not empty"));
            }
            RowsWriter::create(&target.join(ROWS))
        });
        let mut copy = RowsCopy { store: self, writer: Some(writer.await?), done: 0 };
        let position = copy.everything(progress).await?;
        let writer = copy.writer.take().ok_or_else(|| failed("cannot write", &options.target, "the file was lost"))?;
        let (rows, rows_sha256) = blocking(move || writer.finish()).await?;
        let blobs = copy_blobs(&options.data_dir, &options.target, options.link_blobs, progress).await?;
        let event_files = copy_events(options).await?;
        let bytes = event_files.iter().map(|file| file.length).sum();
        let events = Copied { files: event_files.len() as u64, bytes };
        progress(Progress { stage: "events", done: events.files, total: Some(events.files) });
        let (engine, epoch) = (self.engine_kind(), self.epoch().to_owned());
        let report = BackupReport { format: FORMAT, engine, epoch, position, rows, rows_sha256, blobs, events, event_files };
        let (target, manifest) = (options.target.clone(), report.clone());
        blocking(move || {
            let text = serde_json::to_vec_pretty(&manifest).map_err(|error| failed("cannot write", &target, error))?;
            let written = replace_file(&target.join(MANIFEST), &text).and_then(|()| target.parent().map_or(Ok(()), sync_parent));
            written.map_err(|error| failed("cannot write", &target, error))
        })
        .await?;
        Ok(report)
    }
}

fn sync_parent(folder: &Path) -> std::io::Result<()> {
    sync_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
}

/// Copies the event log but for its runs of keys, which blocks rebuild, and files that are being written anew.
async fn copy_events(options: &BackupOptions) -> Result<Vec<CopiedFile>, StoreError> {
    let (from, to) = (options.data_dir.join("events"), options.target.join("events"));
    let days = options.events.as_ref().map(EventLog::files).unwrap_or_default();
    let lengths: BTreeMap<PathBuf, u64> = days.into_iter().collect();
    blocking(move || {
        copy_folder(&from, &to, &|path| {
            let left_out = path.starts_with("keys") || path.extension().is_some_and(|end| end == "new");
            (!left_out).then(|| lengths.get(&from.join(path)).copied().unwrap_or(u64::MAX))
        })
    })
    .await
}

struct RowsCopy<'a> {
    store: &'a Store,
    /// Gone only while a page is being written.
    writer: Option<RowsWriter>,
    done: u64,
}

impl RowsCopy<'_> {
    async fn everything(&mut self, progress: OnProgress<'_>) -> Result<Position, StoreError> {
        let mut copied_to = self.store.head();
        for family in [keyspace::RECORDS, keyspace::INDEX, keyspace::FACTS, keyspace::IDS, keyspace::CHANGES] {
            let mut walk = Walk::family(family);
            while let Some(page) = walk.page(self.store.engine()).await? {
                self.write(page.rows.into_iter().map(|(key, value)| (key, Some(value))).collect()).await?;
                progress(Progress { stage: "rows", done: self.done, total: None });
            }
        }
        for _ in 0..ROUNDS {
            let head = self.store.head();
            self.changes(copied_to, head).await?;
            progress(Progress { stage: "changes", done: self.done, total: None });
            let before = std::mem::replace(&mut copied_to, head);
            if head.0.saturating_sub(before.0) <= LITTLE {
                break;
            }
        }
        let held = self.store.hold().await?;
        let head = self.store.engine().head().await?;
        self.changes(copied_to, head).await?;
        let mut walk = Walk::family(keyspace::META);
        while let Some(page) = walk.page(self.store.engine()).await? {
            self.write(page.rows.into_iter().map(|(key, value)| (key, Some(value))).collect()).await?;
        }
        drop(held);
        Ok(head)
    }

    /// Copies what the commits after `from` up to `to` touched, as it is now.
    async fn changes(&mut self, from: Position, to: Position) -> Result<(), StoreError> {
        let mut walk = Walk::span(
            keyspace::at(keyspace::CHANGES, Position(from.0.saturating_add(1))),
            Some(keyspace::at(keyspace::CHANGES, Position(to.0.saturating_add(1)))),
        );
        let mut seen = 0;
        while let Some(page) = walk.page(self.store.engine()).await? {
            seen += page.rows.len() as u64;
            let mut touched = BTreeSet::new();
            for (key, value) in &page.rows {
                let row = keyspace::position_of(key).zip(ChangeRow::decode(value));
                let (position, row) = row.ok_or_else(|| StoreError::Upkeep("a change row is damaged; run `yuelu verify`".to_owned()))?;
                touched.extend(row.keys);
                touched.insert(keyspace::at(keyspace::FACTS, position));
                touched.insert(keyspace::change_id(&row.id));
            }
            self.write(page.rows.into_iter().map(|(key, value)| (key, Some(value))).collect()).await?;
            let touched: Vec<Vec<u8>> = touched.into_iter().collect();
            for some in touched.chunks(256) {
                let values = self.store.engine().get(some.to_vec()).await?;
                self.write(some.iter().cloned().zip(values).collect()).await?;
            }
        }
        if seen == to.0.saturating_sub(from.0) {
            Ok(())
        } else {
            Err(StoreError::Upkeep("the backup took longer than change rows are kept; start it again".to_owned()))
        }
    }

    async fn write(&mut self, edits: Vec<Edit>) -> Result<(), StoreError> {
        let Some(mut writer) = self.writer.take() else {
            return Err(StoreError::Upkeep("the file of rows was lost".to_owned()));
        };
        self.done += edits.len() as u64;
        let written = blocking(move || writer.add(edits).map(|()| writer)).await?;
        self.writer = Some(written);
        Ok(())
    }
}
