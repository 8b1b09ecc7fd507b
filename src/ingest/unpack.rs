//! Unpacking a deposit: each row becomes a submission, is unchanged, or is refused with its findings.
//!
//! Rows are written in stretches, each one change that guards the deposit; a second run skips the rows that have their
//! outcome. The last change gives the deposit its end, lets go of the package and keeps the manifest.

use super::Ingest;
use super::outcome::Prepared;
use super::receive::refused;
use super::unpacked::{Refusal, Unpacked, local_file};
use crate::domain::blob_ref::{self, BlobClaim};
use crate::domain::change::ChangeSet;
use crate::domain::deposit::{Deposit, DepositRow, DepositState, ManifestFile};
use crate::domain::finding::Finding;
use crate::domain::job::Job;
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::package::{Package, PackageFault, ResourceRow, read_rows, rows::form_of};
use crate::store::StoreError;
use std::collections::BTreeSet;

/// Most rows of one change.
const STRETCH: usize = 50;
/// Most files of one change, whose references it writes.
const STRETCH_FILES: usize = 400;
/// How often a change that missed a guard is tried again.
const ATTEMPTS: u32 = 5;

/// What opening a package gave.
type Opened = Result<(Unpacked, Vec<ResourceRow>, ManifestFile), Vec<PackageFault>>;

impl Ingest {
    /// Does an [`crate::domain::job::JobKind::Unpack`] job.
    ///
    /// # Errors
    /// Those of store and blobs; a package that cannot be read is no error, but a refused deposit.
    pub async fn unpack(&self, job: &Job) -> Result<ChangeSet, Problem> {
        let nothing = || ChangeSet::new(self.clock.fresh_id());
        let Some(mut deposit) = self.store.get::<Deposit>(&Key::from(job.subject.as_str())).await? else { return Ok(nothing()) };
        if deposit.value.state != DepositState::Received {
            return Ok(nothing());
        }
        let (unpacked, rows, manifest) = match self.open(&deposit.value).await? {
            Ok(opened) => opened,
            Err(faults) => return self.refuse(&deposit, &faults),
        };
        let mut unpacked = Some(unpacked);
        let mut waiting: Vec<Prepared> = Vec::new();
        for row in self.not_done(&deposit.value.id, rows).await? {
            let files = row.metadata.as_ref().map_or(0, |metadata| metadata.files.len());
            let before: usize = waiting.iter().map(Prepared::files).sum();
            if waiting.len() >= STRETCH || (before > 0 && before + files > STRETCH_FILES) {
                settle(&mut unpacked).await?;
                deposit = self.write(deposit, std::mem::take(&mut waiting)).await?;
            }
            let (prepared, back) = prepare(unpacked.take().ok_or_else(Problem::internal)?, row).await?;
            unpacked = Some(back);
            waiting.push(prepared);
        }
        settle(&mut unpacked).await?;
        if !waiting.is_empty() {
            deposit = self.write(deposit, waiting).await?;
        }
        self.finish(&deposit, manifest).await
    }

    /// Opens the package, reads its rows and keeps its manifest.
    async fn open(&self, deposit: &Deposit) -> Result<Opened, Problem> {
        let (path, copy) = local_file(&self.blobs, &deposit.package).await?;
        let (blobs, codes, limits) = (self.blobs.clone(), self.codes.clone(), self.limits);
        let opening = move || -> Result<Opened, Problem> {
            let package = match Package::open(&path, limits) {
                Ok(package) => package,
                Err(faults) => return Ok(Err(faults)),
            };
            let mut unpacked = Unpacked::new(package, blobs, copy);
            let rows = match read_rows(unpacked.package(), &codes) {
                Ok(rows) => rows,
                Err(faults) => return Ok(Err(faults)),
            };
            let name = match form_of(unpacked.package()) {
                Ok(name) => name.to_owned(),
                Err(fault) => return Ok(Err(vec![fault])),
            };
            match unpacked.take(&name) {
                Ok((digest, _)) => Ok(Ok((unpacked, rows, ManifestFile { name, digest }))),
                Err(Refusal::Package(fault)) => Ok(Err(vec![fault])),
                Err(Refusal::Ours(problem)) => Err(problem),
            }
        };
        tokio::task::spawn_blocking(opening).await.unwrap_or_else(|error| {
            // A reader that panics on a package will do so again: that is the package's fault.
            tracing::error!(%error, deposit = deposit.id, "opening a package panicked");
            Ok(Err(vec![PackageFault::whole("PKG-OPEN", "资源包内容异常，无法读取。", "The package cannot be read.")]))
        })
    }

    /// The rows that have no outcome yet.
    async fn not_done(&self, deposit: &str, rows: Vec<ResourceRow>) -> Result<Vec<ResourceRow>, Problem> {
        let mut done = BTreeSet::new();
        for stretch in rows.chunks(500) {
            let keys: Vec<Key> = stretch.iter().map(|row| DepositRow::key_of(deposit, row.row)).collect();
            done.extend(self.store.get_many::<DepositRow>(&keys).await?.into_iter().flatten().map(|stored| stored.value.row));
        }
        Ok(rows.into_iter().filter(|row| !done.contains(&row.row)).collect())
    }

    /// Writes the outcomes of some rows in one change, again when a guard was missed.
    async fn write(&self, mut deposit: Stored<Deposit>, rows: Vec<Prepared>) -> Result<Stored<Deposit>, Problem> {
        for attempt in 1.. {
            let (change, value) = self.outcomes(&deposit, &rows).await?;
            match self.store.commit(change).await {
                Ok(version) => return Ok(Stored { value, version }),
                Err(StoreError::Conflict { table, .. })
                    if table != <Deposit as crate::domain::record::Record>::TABLE && attempt < ATTEMPTS => {}
                Err(error) => return Err(error.into()),
            }
            deposit = self.store.get::<Deposit>(&Key::from(deposit.value.id.as_str())).await?.ok_or_else(Problem::internal)?;
        }
        Err(Problem::internal())
    }

    async fn finish(&self, deposit: &Stored<Deposit>, manifest: ManifestFile) -> Result<ChangeSet, Problem> {
        let mut change = ChangeSet::new(self.clock.fresh_id());
        let owner = blob_ref::owner::<Deposit>(&deposit.value.id);
        let found = self.store.get::<BlobClaim>(&BlobClaim::key_of(&manifest.digest)).await?;
        blob_ref::refer(&mut change, found.as_ref(), &manifest.digest, &owner).map_err(refused)?;
        blob_ref::release(&mut change, &deposit.value.package, &owner);
        let state = DepositState::Unpacked { at: self.clock.now() };
        let counts = deposit.value.counts;
        change.update(deposit, &Deposit { state, manifest: Some(manifest), ..deposit.value.clone() })?;
        tracing::info!(
            deposit = deposit.value.id,
            counts.rows,
            counts.submitted,
            counts.unchanged,
            counts.refused,
            "a package was unpacked"
        );
        Ok(change)
    }

    fn refuse(&self, deposit: &Stored<Deposit>, faults: &[PackageFault]) -> Result<ChangeSet, Problem> {
        let findings: Vec<Finding> = faults.iter().map(PackageFault::to_finding).collect();
        let mut change = ChangeSet::new(self.clock.fresh_id());
        blob_ref::release(&mut change, &deposit.value.package, &blob_ref::owner::<Deposit>(&deposit.value.id));
        let state = DepositState::Refused { at: self.clock.now() };
        change.update(deposit, &Deposit { state, findings, ..deposit.value.clone() })?;
        tracing::info!(deposit = deposit.value.id, faults = faults.len(), "a package was refused");
        Ok(change)
    }
}

async fn settle(unpacked: &mut Option<Unpacked>) -> Result<(), Problem> {
    match unpacked {
        Some(unpacked) => unpacked.settle().await,
        None => Ok(()),
    }
}

/// Takes the files of a row out of the package, off the async threads.
async fn prepare(mut unpacked: Unpacked, row: ResourceRow) -> Result<(Prepared, Unpacked), Problem> {
    let work = move || {
        let Some(metadata) = row.metadata else {
            return Ok((Prepared::Refused { row: row.row, source_id: row.source_id, title: row.title, findings: row.findings }, unpacked));
        };
        match unpacked.files_of(&metadata) {
            Ok(files) => Ok((Prepared::Read { row: row.row, metadata: Box::new(metadata), files, findings: row.findings }, unpacked)),
            Err(Refusal::Package(fault)) => {
                let finding = Finding { row: (row.row > 0).then_some(row.row), ..fault.to_finding() };
                let findings = [row.findings, vec![finding]].concat();
                Ok((Prepared::Refused { row: row.row, source_id: row.source_id, title: row.title, findings }, unpacked))
            }
            Err(Refusal::Ours(problem)) => Err(problem),
        }
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "unpacking a row panicked");
        Problem::internal()
    })?
}
