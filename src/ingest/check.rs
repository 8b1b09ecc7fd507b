//! The machine checks of a submission: every file is looked into, then the rules judge what was found.

use super::Ingest;
use super::unpacked::local_file;
use crate::domain::blob_ref;
use crate::domain::change::ChangeSet;
use crate::domain::digest::Digest;
use crate::domain::inspection::ExtractedText;
use crate::domain::job::Job;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
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
        self.rules.after_checks(checked, now)?.write(&mut change, Some(&old))?;
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

    /// Applies the rules, off the async threads: they read whole texts.
    async fn judge(&self, submission: &Submission, files: Vec<SubmittedFile>) -> Result<(Vec<SubmittedFile>, Report), Problem> {
        let (rules, blobs, at) = (self.rules.clone(), self.blobs.clone(), self.clock.now());
        let (metadata, row) = (submission.metadata.clone(), submission.row);
        let work = move || {
            let runtime = tokio::runtime::Handle::current();
            let text = |file: &SubmittedFile| -> Option<ExtractedText> {
                let bytes = runtime.block_on(blobs.read(file.text.as_ref()?)).ok()?;
                ExtractedText::unpack(&bytes)
            };
            let report = rules.check(&Subject { metadata: &metadata, files: &files, row, at, text: &text });
            (files, report)
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            tracing::error!(%error, submission = submission.id, "the rules panicked");
            Problem::internal()
        })
    }
}
