//! What each row comes to: a new submission, a returned one sent in again, nothing new, or a refusal.

use super::receive::refused;
use super::{Ingest, fingerprint};
use crate::domain::blob_ref::{self, BlobClaim};
use crate::domain::change::ChangeSet;
use crate::domain::deposit::{Deposit, DepositRow, RowOutcome, SourceHead};
use crate::domain::digest::Digest;
use crate::domain::finding::{Finding, Severity};
use crate::domain::job::{JobKind, NewJob};
use crate::domain::metadata::Metadata;
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::resource::{Alias, Resource};
use crate::domain::submission::intake::{NewSubmission, Resubmission};
use crate::domain::submission::step::Step;
use crate::domain::submission::table::{Party, StateCode};
use crate::domain::submission::{Moved, Submission, SubmittedFile};
use std::collections::{BTreeMap, BTreeSet};

/// A row with its files in blobs, or why it has none.
pub(super) enum Prepared {
    /// A description with its files.
    Read { row: u32, metadata: Box<Metadata>, files: Vec<SubmittedFile>, findings: Vec<Finding> },
    /// Nothing to make a submission of.
    Refused { row: u32, source_id: Option<String>, title: String, findings: Vec<Finding> },
}

impl Prepared {
    pub fn files(&self) -> usize {
        match self {
            Self::Read { files, .. } => files.len(),
            Self::Refused { .. } => 0,
        }
    }
}

/// What one row needs to be judged.
struct Row<'a> {
    number: u32,
    metadata: &'a Metadata,
    files: &'a [SubmittedFile],
    findings: &'a [Finding],
    fingerprint: Digest,
    /// The institution's number; a row without one is known by its content.
    source: String,
}

impl Ingest {
    /// The change that writes the outcomes of these rows, and the deposit as it will be.
    pub(super) async fn outcomes(&self, deposit: &Stored<Deposit>, rows: &[Prepared]) -> Result<(ChangeSet, Deposit), Problem> {
        let mut change = ChangeSet::new(self.clock.fresh_id());
        let mut value = deposit.value.clone();
        // Two rows of one stretch may have the same content and no number: the second one is the first one again.
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for row in rows {
            let outcome = match row {
                Prepared::Refused { row, source_id, title, findings } => DepositRow {
                    deposit: value.id.clone(),
                    row: *row,
                    source_id: source_id.clone(),
                    title: title.clone(),
                    outcome: RowOutcome::Refused,
                    findings: findings.clone(),
                },
                Prepared::Read { row, metadata, files, findings } => {
                    let fingerprint = fingerprint::of(metadata, files);
                    let source = metadata.source_id.clone().unwrap_or_else(|| format!("sha256:{fingerprint}"));
                    let row = Row { number: *row, metadata, files, findings, fingerprint, source };
                    self.outcome(&mut change, &value, &row, &mut seen).await?
                }
            };
            value.counts.add(&outcome.outcome);
            change.insert(&outcome)?;
        }
        self.refer_files(&mut change, rows, &seen).await?;
        change.update(deposit, &value)?;
        Ok((change, value))
    }

    async fn outcome(
        &self,
        change: &mut ChangeSet,
        deposit: &Deposit,
        row: &Row<'_>,
        seen: &mut BTreeMap<String, String>,
    ) -> Result<DepositRow, Problem> {
        let told = |outcome: RowOutcome, findings: Vec<Finding>| DepositRow {
            deposit: deposit.id.clone(),
            row: row.number,
            source_id: row.metadata.source_id.clone(),
            title: row.metadata.title.main().to_owned(),
            outcome,
            findings,
        };
        if let Some(submission) = seen.get(&row.source) {
            return Ok(told(RowOutcome::Unchanged { submission: submission.clone() }, row.findings.to_vec()));
        }
        let head = self.store.get::<SourceHead>(&SourceHead::key_of(&deposit.owner, &row.source)).await?;
        let last = match &head {
            Some(head) => self.store.get::<Submission>(&Key::from(head.value.submission.as_str())).await?,
            None => None,
        };
        let state = last.as_ref().map(|last| last.value.state.code());
        let same = head.as_ref().is_some_and(|head| head.value.fingerprint == row.fingerprint);
        let moved = match (&head, last, state) {
            (Some(head), _, Some(state)) if same && state != StateCode::Withdrawn => {
                let submission = head.value.submission.clone();
                change.guard(head);
                return Ok(told(RowOutcome::Unchanged { submission }, row.findings.to_vec()));
            }
            (_, Some(last), Some(StateCode::Returned)) => self.again(change, deposit, row, &last).await?,
            (_, Some(last), Some(state)) if last.value.is_open() => {
                let finding = in_review(row, state);
                return Ok(told(RowOutcome::Refused, [row.findings.to_vec(), vec![finding]].concat()));
            }
            _ => self.begin(change, deposit, row, head.as_ref()).await?,
        };
        let submission = moved.submission;
        let next = SourceHead {
            owner: deposit.owner.clone(),
            source_id: row.source.clone(),
            fingerprint: row.fingerprint.clone(),
            submission: submission.id.clone(),
            resource: submission.resource,
        };
        change.upsert(head.as_ref(), &next)?;
        seen.insert(row.source.clone(), submission.id.clone());
        let (id, now) = (self.clock.fresh_id(), self.clock.now());
        change.queue(NewJob { id, kind: JobKind::Check, subject: submission.id.clone(), due: now }, now)?;
        Ok(told(RowOutcome::Submitted { submission: submission.id }, row.findings.to_vec()))
    }

    /// A new submission: of a new resource, or of the one that the number or an earlier submission names.
    async fn begin(
        &self,
        change: &mut ChangeSet,
        deposit: &Deposit,
        row: &Row<'_>,
        head: Option<&Stored<SourceHead>>,
    ) -> Result<Moved, Problem> {
        let resource = match head {
            Some(head) => head.value.resource.clone(),
            None => self.named(deposit, row).await?.unwrap_or_else(|| self.clock.fresh_id()),
        };
        let new = NewSubmission {
            id: self.clock.fresh_id(),
            deposit: deposit.id.clone(),
            row: (row.number > 0).then_some(row.number),
            owner: deposit.owner.clone(),
            institution: deposit.institution.clone(),
            revision_of: self.head_revision(&resource).await?,
            resource,
            metadata: row.metadata.clone(),
            files: row.files.to_vec(),
            track: deposit.track.clone().unwrap_or_default(),
            submitter: deposit.by.clone(),
            fingerprint: row.fingerprint.to_string(),
        };
        let moved = Submission::submit(new, &self.step(deposit))?;
        moved.write(change, None)?;
        Ok(moved)
    }

    /// A returned submission sent in again: its next round.
    async fn again(&self, change: &mut ChangeSet, deposit: &Deposit, row: &Row<'_>, last: &Stored<Submission>) -> Result<Moved, Problem> {
        let again = Resubmission {
            deposit: deposit.id.clone(),
            row: (row.number > 0).then_some(row.number),
            revision_of: self.head_revision(&last.value.resource).await?,
            metadata: row.metadata.clone(),
            files: row.files.to_vec(),
            fingerprint: row.fingerprint.to_string(),
        };
        let (round, moved) = last.value.clone().resubmit(again, &self.step(deposit))?;
        change.insert(&round)?;
        moved.write(change, Some(last))?;
        Ok(moved)
    }

    fn step<'a>(&self, deposit: &'a Deposit) -> Step<'a> {
        Step::person(&deposit.by, Party::Role(deposit.capacity), self.clock.now())
    }

    /// The resource that the institution's number names already (one that was imported).
    async fn named(&self, deposit: &Deposit, row: &Row<'_>) -> Result<Option<String>, Problem> {
        let Some(source) = &row.metadata.source_id else { return Ok(None) };
        let alias = self.store.get::<Alias>(&Alias::key_of("source", deposit.owner.as_str(), source)).await?;
        Ok(alias.map(|stored| stored.value.resource))
    }

    async fn head_revision(&self, resource: &str) -> Result<Option<u32>, Problem> {
        let found = self.store.get::<Resource>(&Key::from(resource)).await?;
        Ok(found.map(|stored| stored.value.revision))
    }

    /// References of the submissions that this change writes to the bytes of their files.
    async fn refer_files(&self, change: &mut ChangeSet, rows: &[Prepared], seen: &BTreeMap<String, String>) -> Result<(), Problem> {
        let mut wanted: BTreeSet<(Digest, String)> = BTreeSet::new();
        for row in rows {
            let Prepared::Read { metadata, files, .. } = row else { continue };
            let source = metadata.source_id.clone().unwrap_or_else(|| format!("sha256:{}", fingerprint::of(metadata, files)));
            let Some(submission) = seen.get(&source) else { continue };
            wanted.extend(files.iter().map(|file| (file.digest.clone(), blob_ref::owner::<Submission>(submission))));
        }
        self.refer_all(change, &wanted).await
    }

    /// Refers to each digest for each owner, reading every claim once.
    pub(super) async fn refer_all(&self, change: &mut ChangeSet, wanted: &BTreeSet<(Digest, String)>) -> Result<(), Problem> {
        let digests: Vec<&Digest> = wanted.iter().map(|(digest, _)| digest).collect();
        let keys: Vec<Key> = digests.iter().map(|digest| BlobClaim::key_of(digest)).collect();
        let claims = self.store.get_many::<BlobClaim>(&keys).await?;
        for ((digest, owner), found) in wanted.iter().zip(claims) {
            blob_ref::refer(change, found.as_ref(), digest, owner).map_err(refused)?;
        }
        Ok(())
    }
}

fn in_review(row: &Row<'_>, state: StateCode) -> Finding {
    Finding {
        rule: "ROW-IN-REVIEW".to_owned(),
        severity: Severity::Must,
        file: None,
        row: (row.number > 0).then_some(row.number),
        field: Some(if row.number > 0 { "编号" } else { "id" }.to_owned()),
        locator: None,
        message: format!("编号“{}”的上一次提交正处于“{}”，内容有变化的新版本须待审核结束、退回或撤回后再提交。", row.source, state.label()),
        measured: None,
        waived: false,
    }
}
