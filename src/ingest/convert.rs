//! Making the rendition that a file needs, once for the same bytes.
//!
//! Bytes first, then the row that names them, guarded by the claim on the source: what is let go of while it is converted gets no
//! rendition. No row of a submission or a resource is written, so nobody who judges or manages one is ever too late because of a
//! conversion.

use super::Ingest;
use super::receive::refused;
use super::unpacked::local_file;
use crate::domain::blob_ref::{self, BlobClaim, ClaimState};
use crate::domain::change::ChangeSet;
use crate::domain::job::Job;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::rendition::{Order, Outcome, Purpose, Rendition, Source, is_due};
use crate::domain::submission::{Submission, SubmittedFile};
use crate::media::{Fault, Made, Task};
use std::time::Duration;

/// How often the disk is looked at while a program writes to it.
const LOOK: Duration = Duration::from_millis(500);

/// What a job is to make, and what is there already.
struct Wanted {
    file: SubmittedFile,
    purpose: Purpose,
    old: Option<Stored<Rendition>>,
}

impl Ingest {
    /// Does a [`crate::domain::job::JobKind::Convert`] job. There is nothing to do where the program for it is not installed.
    ///
    /// # Errors
    /// `conversion-failed` when the file cannot be converted; those of store and blobs.
    pub async fn convert(&self, job: &Job) -> Result<ChangeSet, Problem> {
        let Some(wanted) = self.wanted(job).await? else { return Ok(ChangeSet::new(self.clock.fresh_id())) };
        let folder = self.blobs.workshop()?;
        let (source, _copy) = local_file(&self.blobs, &wanted.file.digest).await?;
        let facts = wanted.file.facts.clone().unwrap_or_default();
        let task = Task { source, facts, purpose: wanted.purpose, folder: folder.path().to_owned() };
        let outcome = tokio::select! {
            outcome = self.media.convert(task) => outcome,
            () = self.until_full() => return Err(Problem::storage_full()),
        };
        match outcome {
            Ok(made) => self.keep(wanted, made).await,
            Err(fault) => Err(self.failed(job, wanted, fault).await?),
        }
    }

    /// The file that the job is about, where it still needs a rendition that can be made.
    async fn wanted(&self, job: &Job) -> Result<Option<Wanted>, Problem> {
        let Some(order) = Order::parse(&job.subject) else { return Ok(None) };
        let Some(submission) = self.store.get::<Submission>(&Key::from(order.submission.as_str())).await? else { return Ok(None) };
        let submission = submission.value;
        let mut files = submission.files.iter().filter(|file| file.digest == order.digest);
        let needy = files.find_map(|file| Some((file.clone(), Source::of(file)?.need()?)));
        let Some((file, purpose)) = needy.filter(|_| is_due(submission.state.code())) else { return Ok(None) };
        if !self.media.tools().makeable().contains(&purpose) {
            return Ok(None);
        }
        let old = self.store.get::<Rendition>(&Rendition::key_of(&file.digest, purpose)).await?;
        let done = old.as_ref().is_some_and(|old| old.value.stands_for(&job.id));
        Ok((!done).then_some(Wanted { file, purpose, old }))
    }

    /// Comes back when the disk has no more room for content: a program that fills the rest of it would stop the whole site.
    async fn until_full(&self) {
        while self.blobs.has_room() {
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn keep(&self, wanted: Wanted, made: Made) -> Result<ChangeSet, Problem> {
        let Wanted { file, purpose, old } = wanted;
        let digest = self.blobs.put_file(&made.path).await?;
        let mut change = ChangeSet::new(self.clock.fresh_id());
        let claims = self.store.get_many::<BlobClaim>(&[BlobClaim::key_of(&file.digest), BlobClaim::key_of(&digest)]).await?;
        let mut claims = claims.into_iter();
        let (source, present) = (claims.next().flatten(), claims.next().flatten());
        let needed = |claim: &Stored<BlobClaim>| matches!(claim.value.state, ClaimState::Referenced | ClaimState::Claimed { .. });
        let Some(source) = source.filter(needed) else { return Ok(change) };
        change.guard(&source);
        let outcome = Outcome::Made { digest: digest.clone(), facts: Box::new(made.facts) };
        let rendition = self.row(&file, purpose, made.tool, outcome);
        let owner = rendition.owner();
        if let Some(gone) = old.as_ref().and_then(|old| old.value.made()).filter(|gone| **gone != digest) {
            blob_ref::release(&mut change, gone, &owner);
        }
        change.upsert(old.as_ref(), &rendition)?;
        blob_ref::refer(&mut change, present.as_ref(), &digest, &owner).map_err(refused)?;
        tracing::info!(source = %file.digest, purpose = purpose.code(), %digest, tool = rendition.tool, "a rendition was made");
        Ok(change)
    }

    /// Notes that a conversion failed, for whoever looks at the file, and gives the problem for whoever looks at the job. A
    /// rendition of an older recipe stays as it is.
    async fn failed(&self, job: &Job, wanted: Wanted, fault: Fault) -> Result<Problem, Problem> {
        let Wanted { file, purpose, old } = wanted;
        tracing::warn!(source = %file.digest, purpose = purpose.code(), detail = fault.detail, "a file could not be converted");
        let (path, label) = (&file.entry.path, purpose.label());
        let zh = format!("“{path}”的{label}没有做成：{}（{}）", fault.reason, fault.detail);
        let en = format!("{} of {} could not be made: {}", purpose.code(), file.digest, fault.detail);
        if old.as_ref().is_none_or(|old| old.value.made().is_none()) {
            let outcome = Outcome::Failed { job: job.id.clone(), reason: fault.reason };
            let mut change = ChangeSet::new(self.clock.fresh_id());
            change.upsert(old.as_ref(), &self.row(&file, purpose, String::new(), outcome))?;
            // Whoever was faster has noted what came of it.
            let _noted = self.store.commit(change).await;
        }
        Ok(Problem::new(ProblemKind::Unavailable, "conversion-failed", zh, en))
    }

    fn row(&self, file: &SubmittedFile, purpose: Purpose, tool: String, outcome: Outcome) -> Rendition {
        let recipe = purpose.recipe().to_owned();
        Rendition { source: file.digest.clone(), purpose, recipe, tool, at: self.clock.now(), outcome }
    }
}
