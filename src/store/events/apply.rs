//! The applier: takes batches in log order, drops duplicates and hands the rest to the consumer.

use super::block::Batch;
use super::dedup::Dedup;
use super::files::{Blocks, Day};
use super::rebuild::Anew;
use super::{Consumer, EventLogError};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Drops duplicates and feeds the consumer.
pub struct Applier {
    dedup: Dedup,
    /// Whom it feeds.
    pub consumer: Arc<dyn Consumer>,
    /// Number of the next row to apply.
    next: u64,
    generation: u64,
    /// The consumer still holds what it learned from rows that are gone: it keeps nothing until it was rebuilt.
    stale: bool,
    /// Keys could not be read: what follows would be applied out of order, so nothing is until the log is opened again.
    broken: Option<EventLogError>,
}

impl Applier {
    /// Brings keys and consumer up to the end of the log.
    pub fn start(dedup: Dedup, consumer: Arc<dyn Consumer>, days: &[Day], generation: u64, end: u64) -> Result<Self, EventLogError> {
        let resume = consumer.resume(generation, end).min(end);
        let mut applier = Self { dedup, consumer, next: resume, generation, stale: false, broken: None };
        if resume == 0 {
            applier.dedup.reset()?;
        }
        let from = resume.min(applier.dedup.covered());
        applier.replay(days, from)?;
        applier.next = end;
        Ok(applier)
    }

    /// Takes one batch; answers, for each row, whether it was new.
    pub fn take(&mut self, batch: Batch) -> Result<Vec<bool>, EventLogError> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        let taken = self.sift_and_apply(batch);
        self.broken = taken.as_ref().err().cloned();
        taken
    }

    fn sift_and_apply(&mut self, mut batch: Batch) -> Result<Vec<bool>, EventLogError> {
        let end = batch.rows.last().map_or(self.next, |row| row.seq + 1);
        let fresh = self.dedup.sift(&mut batch)?;
        if end > self.next {
            batch.rows.retain(|row| row.seq >= self.next);
            self.consumer.apply(&batch, end);
            self.next = end;
        }
        self.dedup.advance(end)?;
        Ok(fresh)
    }

    /// Has the consumer keep what it learned, and writes the keys.
    pub fn checkpoint(&mut self) -> Result<(), EventLogError> {
        self.dedup.flush(self.next)?;
        if !self.stale && self.broken.is_none() {
            self.consumer.checkpoint(self.generation, self.next);
        }
        Ok(())
    }

    /// The log was rewritten; the live state goes on until the next rebuild.
    pub fn rewritten(&mut self, generation: u64) {
        self.generation = generation;
        self.stale = true;
    }

    /// Whether rows that the state was learned from are gone.
    pub fn is_stale(&self) -> bool {
        self.stale
    }

    /// Puts what a rebuild learned in the place of what is there, after it has read what came in meanwhile.
    pub fn replace(&mut self, mut anew: Anew, days: &[Day]) -> Result<(), EventLogError> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        anew.read_on(days, self.next, &AtomicBool::new(false))?;
        let Anew { dedup, model, .. } = anew;
        if let Err(error) = dedup.take_place_of(&mut self.dedup) {
            self.broken = Some(error.clone());
            return Err(error);
        }
        let old = model.finish();
        // A million learners take their time to be freed.
        std::thread::spawn(move || drop(old));
        self.stale = false;
        self.checkpoint()
    }

    fn replay(&mut self, days: &[Day], from: u64) -> Result<(), EventLogError> {
        for batch in Blocks::new(days, from) {
            match batch {
                Ok(batch) => drop(self.take(batch)?),
                Err(error @ EventLogError::Damaged { .. }) => tracing::error!(%error, "a damaged stretch of the event log is left out"),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
