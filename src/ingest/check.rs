//! The machine checks of a submission: every file is looked into, then the rules judge what was found.

use super::Ingest;
use super::likeness;
use super::unpacked::local_file;
use crate::blob::Blobs;
use crate::domain::blob_ref;
use crate::domain::change::ChangeSet;
use crate::domain::digest::Digest;
use crate::domain::inspection::ExtractedText;
use crate::domain::job::Job;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::rendition;
use crate::domain::submission::intake::CheckResult;
use crate::domain::submission::step::Step;
use crate::domain::submission::table::StateCode;
use crate::domain::submission::{Submission, SubmittedFile};
use crate::media::Request;
use crate::rules::{Report, Subject};
use futures::{StreamExt, TryStreamExt};
use std::collections::BTreeSet;

/// Files of one submission that wait for their turn at once; how many are really looked into is for `media` to say.
const AHEAD: usize = 4;

impl Ingest {
    /// Does a [`crate::domain::job::JobKind::Check`] job: the submission is returned with its findings, or goes to the desk or, where
    /// its track needs none, to its reviewers.
    ///
    /// # Errors
    /// Those of store and blobs; a file that cannot be read is no error, but a finding.
    pub async fn check(&self, job: &Job) -> Result<ChangeSet, Problem> {
        let mut change = ChangeSet::new(self.clock.fresh_id());
        let Some(old) = self.store.get::<Submission>(&Key::from(job.subject.as_str())).await? else { return Ok(change) };
        if !matches!(old.value.state.code(), StateCode::Submitted | StateCode::Checking) {
            return Ok(change);
        }
        let looked = futures::stream::iter(old.value.files.clone()).map(|file| self.look(file)).buffered(AHEAD);
        let files: Vec<SubmittedFile> = looked.try_collect().await?;
        let (files, report) = self.judge(&old.value, files).await?;
        let owner = blob_ref::owner::<Submission>(&old.value.id);
        let made = files.iter().flat_map(|file| [&file.text, &file.thumbnail]).flatten();
        let wanted: BTreeSet<(Digest, String)> = made.map(|digest| (digest.clone(), owner.clone())).collect();
        self.refer_all(&mut change, &wanted).await?;
        let Report { findings, flags, rule_set } = report;
        let approval = self.rules.needs_approval(&old.value);
        let result = CheckResult { files, findings, flags, rule_set, approval };
        let now = self.clock.now();
        let checked = old.value.clone().record_checks(result, &Step::program(now))?;
        // Where the track needs no desk the submission goes on to its reviewers in the same change.
        let moved = self.rules.after_checks(checked, now)?;
        moved.write(&mut change, Some(&old))?;
        // Nobody waits for them.
        rendition::queue(&mut change, &moved.submission, || self.clock.fresh_id(), now)?;
        Ok(change)
    }

    /// Looks into one file; its text and thumbnail become blobs.
    pub(super) async fn look(&self, file: SubmittedFile) -> Result<SubmittedFile, Problem> {
        let (path, copy) = local_file(&self.blobs, &file.digest).await?;
        let request = Request { path, name: file.entry.path.clone(), role: file.entry.role, sha256: Some(file.digest.to_string()) };
        let found = self.media.examine(request).await;
        drop(copy);
        let text = match found.text {
            Some(text) => Some(self.blobs.put_bytes(text.pack().into()).await?),
            None => None,
        };
        let thumbnail = match found.thumbnail {
            Some(bytes) => Some(self.blobs.put_bytes(bytes.into()).await?),
            None => None,
        };
        Ok(SubmittedFile { facts: Some(found.facts), text, thumbnail, ..file })
    }

    /// Looks for works that are nearly the same, then applies the rules.
    async fn judge(&self, submission: &Submission, files: Vec<SubmittedFile>) -> Result<(Vec<SubmittedFile>, Report), Problem> {
        let blobs = self.blobs.clone();
        let (files, signature) = aside(&submission.id, move || {
            let signature = likeness::signature(&files, |file| text_of(&blobs, file));
            (files, signature)
        })
        .await?;
        self.keep_likeness(submission, signature.as_ref()).await?;
        let mut neighbours = self.twins(submission, &files).await?;
        if let Some(signature) = &signature {
            neighbours.extend(self.neighbours(submission, signature, self.rules.policy().near_percent).await?);
        }
        let (rules, blobs, at) = (self.rules.clone(), self.blobs.clone(), self.clock.now());
        let (metadata, row) = (submission.metadata.clone(), submission.row);
        aside(&submission.id, move || {
            let text = |file: &SubmittedFile| text_of(&blobs, file);
            let neighbours = Some(neighbours.as_slice());
            let report = rules.check(&Subject { metadata: &metadata, files: &files, row, at, neighbours, text: &text });
            (files, report)
        })
        .await
    }
}

/// Does work off the async threads: it reads whole texts.
async fn aside<T: Send + 'static>(submission: &str, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, submission, "the rules panicked");
        Problem::internal()
    })
}

/// The text of a file; only off the async threads.
fn text_of(blobs: &Blobs, file: &SubmittedFile) -> Option<ExtractedText> {
    let bytes = tokio::runtime::Handle::current().block_on(blobs.read(file.text.as_ref()?)).ok()?;
    ExtractedText::unpack(&bytes)
}
