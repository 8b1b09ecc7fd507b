//! Whether everything kept is still what was written: records, indexes both ways, rows of the feed, blobs, audit chains.
//!
//! It may run while the store serves: what looks wrong because it changed between two reads is read again.

use super::files::{Copied, digest_of, hash_file, walk};
use super::{OnProgress, Progress, Walk, blocking};
use crate::domain::blob_ref::BlobRef;
use crate::domain::record::{Key, Record as _, decode};
use crate::store::change_row::ChangeRow;
use crate::store::error::StoreError;
use crate::store::kinds::KindInfo;
use crate::store::read::readable;
use crate::store::{Store, envelope, feed, keyspace};
use futures::future::BoxFuture;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Faults that a report names; the rest is counted.
const NAMED: usize = 1000;

/// A check that another room adds, over the whole store: what is wrong, in one line each.
pub type AuditCheck = fn(Store) -> BoxFuture<'static, Result<Vec<String>, StoreError>>;

/// What is verified.
#[derive(Clone)]
pub struct VerifyOptions {
    /// The kinds of records (`store::KINDS`).
    pub kinds: &'static [KindInfo],
    /// The data directory whose blobs are hashed; `None` = leave them out.
    pub blobs: Option<PathBuf>,
    /// The check of the audit chains.
    pub audit: Option<AuditCheck>,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// `record`, `index`, `feed`, `blob` or `audit`.
    pub area: &'static str,
    /// Table and key, or digest.
    pub place: String,
    /// What is wrong.
    pub what: String,
}

/// What verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Records by table.
    pub records: BTreeMap<String, u64>,
    /// Index rows.
    pub index_rows: u64,
    /// Rows of the feed and of changes.
    pub feed_rows: u64,
    /// Blobs hashed.
    pub blobs: Copied,
    /// What is wrong, the first thousand.
    pub faults: Vec<Fault>,
    /// How much is wrong in all.
    pub fault_count: u64,
}

impl VerifyReport {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.fault_count == 0
    }

    fn fault(&mut self, area: &'static str, place: impl Into<String>, what: impl Into<String>) {
        self.fault_count += 1;
        if self.faults.len() < NAMED {
            self.faults.push(Fault { area, place: place.into(), what: what.into() });
        }
    }
}

impl Store {
    /// Reads everything and reports what is not as it was written.
    pub async fn verify(&self, options: &VerifyOptions, progress: OnProgress<'_>) -> Result<VerifyReport, StoreError> {
        let mut check = Check { store: self, options, report: VerifyReport::default() };
        check.records(progress).await?;
        check.indexes(progress).await?;
        check.feed(progress).await?;
        if let Some(dir) = &options.blobs {
            check.blobs(dir, progress).await?;
        }
        let mut report = check.report;
        if let Some(audit) = options.audit {
            for line in audit(self.clone()).await? {
                report.fault("audit", "", line);
            }
        }
        Ok(report)
    }
}

struct Check<'a> {
    store: &'a Store,
    options: &'a VerifyOptions,
    report: VerifyReport,
}

/// What a record row says of itself: its table, and the engine keys of its index rows.
type Sound = (String, Vec<Vec<u8>>);

impl Check<'_> {
    fn look(&self, row_key: &[u8], value: &[u8]) -> Result<Sound, String> {
        let (table, key) = split_record(row_key).ok_or("a key without a table")?;
        let kind = self.options.kinds.iter().find(|kind| kind.table == table).ok_or("a table this version does not know")?;
        let sealed = envelope::open(value).ok_or("the checksum does not hold")?;
        let rows = kind.check(&key, sealed.schema, sealed.json)?;
        Ok((table, rows.iter().map(|row| keyspace::index_row(kind.table, row, &key)).collect()))
    }

    async fn one(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.store.engine().get(vec![key.to_vec()]).await?.into_iter().next().flatten())
    }

    async fn records(&mut self, progress: OnProgress<'_>) -> Result<(), StoreError> {
        let mut walk = Walk::family(keyspace::RECORDS);
        let mut done = 0;
        while let Some(page) = walk.page(self.store.engine()).await? {
            let mut owed: Vec<(Vec<u8>, usize)> = Vec::new();
            for (place, (key, value)) in page.rows.iter().enumerate() {
                match self.look(key, value) {
                    Ok((table, rows)) => {
                        owed.extend(rows.into_iter().map(|row| (row, place)));
                        self.blob_there(&table, value);
                        *self.report.records.entry(table).or_default() += 1;
                    }
                    Err(what) => self.report.fault("record", name(key), what),
                }
            }
            let there = self.store.engine().get(owed.iter().map(|(row, _)| row.clone()).collect()).await?;
            for ((row, place), _) in owed.iter().zip(there).filter(|(_, there)| there.is_none()) {
                let Some((key, value)) = page.rows.get(*place) else { continue };
                // The record may have been written again since the page was read.
                if self.one(key).await?.as_ref() == Some(value) && self.one(row).await?.is_none() {
                    self.report.fault("index", name(key), format!("its index row {} is missing", name(row)));
                }
            }
            done += page.rows.len() as u64;
            progress(Progress { stage: "records", done, total: None });
        }
        Ok(())
    }

    /// Bytes that a reference needs must be there.
    fn blob_there(&mut self, table: &str, value: &[u8]) {
        let (Some(dir), true, Some(sealed)) = (&self.options.blobs, table == BlobRef::TABLE, envelope::open(value)) else { return };
        let Ok(reference) = decode::<BlobRef>(sealed.schema, sealed.json) else { return };
        let hex = reference.digest.as_str();
        let place = dir.join("blobs").join(hex.get(..2).unwrap_or_default()).join(hex.get(2..4).unwrap_or_default()).join(hex);
        if !place.is_file() {
            self.report.fault("blob", hex, format!("{} needs these bytes, which are missing", reference.owner));
        }
    }

    async fn indexes(&mut self, progress: OnProgress<'_>) -> Result<(), StoreError> {
        let mut walk = Walk::family(keyspace::INDEX);
        while let Some(page) = walk.page(self.store.engine()).await? {
            let mut rows = Vec::new();
            for (row, _) in &page.rows {
                match record_of(row) {
                    Some(record) => rows.push((row, record)),
                    None => self.report.fault("index", name(row), "not an index row"),
                }
            }
            let records = self.store.engine().get(rows.iter().map(|(_, record)| record.clone()).collect()).await?;
            for ((row, record), value) in rows.into_iter().zip(records) {
                if !self.owns(&record, value, row) && self.one(row).await?.is_some() {
                    let again = self.one(&record).await?;
                    if !self.owns(&record, again, row) {
                        self.report.fault("index", name(row), "no record has this index row");
                    }
                }
            }
            self.report.index_rows += page.rows.len() as u64;
            progress(Progress { stage: "indexes", done: self.report.index_rows, total: None });
        }
        Ok(())
    }

    /// Whether a record has that index row. A damaged record has been reported as such.
    fn owns(&self, record: &[u8], value: Option<Vec<u8>>, row: &Vec<u8>) -> bool {
        value.is_some_and(|value| self.look(record, &value).map_or(true, |(_, rows)| rows.contains(row)))
    }

    async fn feed(&mut self, progress: OnProgress<'_>) -> Result<(), StoreError> {
        for family in [keyspace::FACTS, keyspace::CHANGES] {
            let mut walk = Walk::family(family);
            while let Some(page) = walk.page(self.store.engine()).await? {
                for (key, value) in &page.rows {
                    let sound = if family == keyspace::FACTS { feed::decode(value).is_some() } else { ChangeRow::decode(value).is_some() };
                    if !sound {
                        let position = keyspace::position_of(key).unwrap_or_default();
                        self.report.fault("feed", position.to_string(), "the row cannot be read");
                    }
                }
                self.report.feed_rows += page.rows.len() as u64;
                progress(Progress { stage: "feed", done: self.report.feed_rows, total: None });
            }
        }
        Ok(())
    }

    async fn blobs(&mut self, dir: &Path, progress: OnProgress<'_>) -> Result<(), StoreError> {
        let folder = dir.join("blobs");
        let listed = blocking({
            let folder = folder.clone();
            move || walk(&folder)
        });
        let paths = listed.await?;
        let total = Some(paths.len() as u64);
        for path in paths {
            let whole = folder.join(&path);
            let Some(digest) = digest_of(&path) else {
                self.report.fault("blob", path.display().to_string(), "a file that is not named by a digest");
                continue;
            };
            let hashed = blocking({
                let whole = whole.clone();
                move || hash_file(&whole)
            });
            match hashed.await {
                Ok((found, length)) if found == digest => {
                    self.report.blobs.files += 1;
                    self.report.blobs.bytes += length;
                }
                Ok((found, _)) => self.report.fault("blob", digest.as_str(), format!("the bytes have the digest {found}")),
                // Swept since it was listed.
                Err(_) if !whole.exists() => {}
                Err(error) => self.report.fault("blob", digest.as_str(), error.to_string()),
            }
            progress(Progress { stage: "blobs", done: self.report.blobs.files, total });
        }
        Ok(())
    }
}

fn split_record(row_key: &[u8]) -> Option<(String, Key)> {
    let (_, rest) = row_key.split_first()?;
    let mut parts = rest.splitn(2, |byte| *byte == 0);
    let table = std::str::from_utf8(parts.next()?).ok()?;
    Some((table.to_owned(), Key(parts.next()?.to_vec())))
}

/// The engine key of the record that an index row belongs to.
fn record_of(row: &[u8]) -> Option<Vec<u8>> {
    let (_, rest) = row.split_first()?;
    let mut parts = rest.splitn(3, |byte| *byte == 0);
    let (table, _index) = (std::str::from_utf8(parts.next()?).ok()?, parts.next()?);
    let (_, record) = keyspace::split_index_row(parts.next()?)?;
    Some(keyspace::record(table, &record))
}

fn name(key: &[u8]) -> String {
    readable(key.get(1..).unwrap_or_default())
}
