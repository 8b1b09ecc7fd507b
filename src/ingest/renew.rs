//! Going through the catalogue again when more can be made than before: a program was installed, a recipe changed, or the works
//! are older than conversion.

use super::Ingest;
use crate::domain::change::ChangeSet;
use crate::domain::job::{Job, JobKind, NewJob};
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::rendition::{self, RenditionMark};
use crate::domain::submission::Submission;
use crate::store::{PageRequest, StoreError};

/// Submissions looked at together.
const PAGE: usize = 100;

impl Ingest {
    /// Queues going through the catalogue where its mark says that it was last gone through with other recipes or programs. Called
    /// at the start.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn queue_renewal(&self) -> Result<(), Problem> {
        let mark = RenditionMark::of(&self.media.tools().makeable());
        let old = self.store.get::<RenditionMark>(&RenditionMark::only_key()).await?;
        let empty = self.store.list::<Submission>(&Key::default(), PageRequest::first(1)).await?.items.is_empty();
        if empty || old.as_ref().is_some_and(|old| old.value == mark) {
            return Ok(());
        }
        let (mut change, now) = (ChangeSet::new(self.clock.fresh_id()), self.clock.now());
        change.upsert(old.as_ref(), &mark)?;
        change.queue(NewJob { id: self.clock.fresh_id(), kind: JobKind::RenewRenditions, subject: String::new(), due: now }, now)?;
        match self.store.commit(change).await {
            // Another node has queued it.
            Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Does a [`JobKind::RenewRenditions`] job: queues a conversion for every file that needs one. Those that were done are found done.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn renew(&self, _job: &Job) -> Result<ChangeSet, Problem> {
        let mut page = PageRequest::first(PAGE);
        loop {
            let found = self.store.list::<Submission>(&Key::default(), page.clone()).await?;
            let mut change = ChangeSet::new(self.clock.fresh_id());
            for submission in &found.items {
                rendition::queue(&mut change, &submission.value, || self.clock.fresh_id(), self.clock.now())?;
            }
            if !change.puts.is_empty() {
                self.store.commit(change).await?;
            }
            if found.next.is_none() {
                return Ok(ChangeSet::new(self.clock.fresh_id()));
            }
            page = page.after(found.next);
        }
    }
}
