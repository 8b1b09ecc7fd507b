//! Care of what is kept, while it is served: backup, verification, a fresh index.

use super::{Operations, pulse};
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::problem::{Problem, ProblemKind};
use crate::store::events::EventLog;
use crate::store::upkeep::{AuditCheck, BackupOptions, BackupReport, Progress, VerifyOptions, VerifyReport};
use crate::store::{KINDS, StoreError};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What upkeep works on beside the store.
#[derive(Clone)]
pub struct Upkeep {
    /// The data directory.
    pub data_dir: PathBuf,
    /// The event log.
    pub events: EventLog,
    /// The check of the audit chains.
    pub audit: AuditCheck,
}

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct BackupView {
    /// The folder.
    pub target: String,
    /// The store is in it as it was at this position.
    pub position: crate::domain::change::Position,
    /// Rows.
    pub rows: u64,
    /// Blobs.
    pub blobs: u64,
    /// Bytes of blobs.
    pub blob_bytes: u64,
    /// Files of the event log.
    pub event_files: u64,
}

impl Operations {
    /// Copies the whole store with blobs and event log into a folder on this machine, while it serves.
    ///
    /// # Errors
    /// Forbidden but for commands on the data directory itself: the folder is named by the caller. `backup-failed`.
    pub async fn backup(&self, actor: &Actor, target: &str, link_blobs: bool) -> Result<BackupView, Problem> {
        if *actor != Actor::system() {
            return Err(Problem::forbidden());
        }
        if !Path::new(target).is_absolute() {
            return Err(Problem::field("bad-target", "target", "请给出绝对路径。", "The target must be an absolute path."));
        }
        let upkeep = &self.upkeep;
        let (data_dir, events) = (upkeep.data_dir.clone(), Some(upkeep.events.clone()));
        let options = BackupOptions { data_dir, target: PathBuf::from(target), link_blobs, events };
        let report = self.store.backup(&options, &mut tell).await.map_err(|error| failed("backup-failed", "备份", &error))?;
        let BackupReport { position, rows, blobs, events, .. } = report;
        let target = target.to_owned();
        Ok(BackupView { target, position, rows, blobs: blobs.files, blob_bytes: blobs.bytes, event_files: events.files })
    }

    /// Reads everything that is kept and reports what is not as it was written. `blobs`: also hash all blobs.
    ///
    /// # Errors
    /// Forbidden but for administrators and auditors of the whole site; `verify-failed` when it could not be read at all.
    pub async fn verify(&self, actor: &Actor, blobs: bool) -> Result<VerifyReport, Problem> {
        if !actor.has(&[Role::Administrator, Role::Auditor], &OrgPath::root()) {
            return Err(Problem::forbidden());
        }
        let upkeep = &self.upkeep;
        let options = VerifyOptions { kinds: KINDS, blobs: blobs.then(|| upkeep.data_dir.clone()), audit: Some(upkeep.audit) };
        self.store.verify(&options, &mut tell).await.map_err(|error| failed("verify-failed", "检查", &error))
    }

    /// Has the search index built anew beside the present one, which serves meanwhile, and waits for it.
    ///
    /// # Errors
    /// Forbidden but for administrators of the whole site.
    pub async fn reindex(&self, actor: &Actor) -> Result<(), Problem> {
        if !actor.has(&[Role::Administrator], &OrgPath::root()) {
            return Err(Problem::forbidden());
        }
        self.pulse.rebuild(pulse::SEARCH).await;
        Ok(())
    }
}

fn tell(progress: Progress) {
    tracing::debug!(stage = progress.stage, done = progress.done, total = progress.total, "upkeep");
}

/// These words are for those who run the site: they say what to do, so they are handed on.
fn failed(code: &'static str, what_zh: &str, error: &StoreError) -> Problem {
    tracing::error!(%error, code, "upkeep failed");
    Problem::new(ProblemKind::Unprocessable, code, format!("{what_zh}未完成：{error}"), format!("It was not completed: {error}"))
}
