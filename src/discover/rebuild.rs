//! Builds the index anew beside the present one, which serves and is kept up meanwhile; then they are swapped.
//!
//! All of it is analysed again, also for one new word of the dictionary: a word changes how every text is cut that holds it, and
//! the frequencies by which the other cuts are weighed; which texts those are cannot be told from an index cut without it. The cost
//! is processor time in the background, not a gap: what is published or taken down while it lasts bites at once in the present
//! index, and is in the next one before that is swapped in. An index of another schema cannot be read by this program at all, so a
//! node that was brought up to a new schema answers `search-not-ready` until its index is built; others serve meanwhile.

use super::index_fault;
use super::indexer::{BATCH, BETWEEN_COMMITS, CHUNK, Indexer, blocking, put_all, resources_of};
use crate::domain::change::Position;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::resource::Resource;
use crate::domain::time::Timestamp;
use crate::search::writer::Writer;
use crate::store::PageRequest;
use std::sync::Arc;
use std::time::Instant;

/// Hears that the present index covers a position, and everything that was there at an instant.
pub type Hearer<'a> = &'a (dyn Fn(Position, Timestamp) + Send + Sync);

impl Indexer {
    /// Builds the index anew and swaps; answers the position that it covers. `heard` is told how the present index keeps up.
    ///
    /// # Errors
    /// When store or index fail; the present index is then as before.
    pub async fn rebuild(&mut self, heard: Hearer<'_>) -> Result<Position, Problem> {
        let mut covered = self.store.head();
        self.discover.learn_words().await?;
        self.discover.learn_dictionary().await?;
        self.writer = None;
        let index = self.index.clone();
        let mut next = blocking(move || Writer::on_next(&index)).await?;
        let (mut cursor, mut keeping) = (None, self.index.applied().ready);
        loop {
            let page = self.store.list::<Resource>(&Key::default(), PageRequest::first(CHUNK).after(cursor)).await?;
            let reads = self.with_bodies(page.items).await?;
            next = put_all(next, reads, Arc::clone(&self.codes)).await?;
            keeping = keeping && self.keep_up(heard).await;
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        // What happened since reading began; the present index stays where it is, so the next one is never behind it.
        loop {
            let told = self.store.facts_after(covered, BATCH).await?;
            let Some(last) = told.last() else { break };
            covered = last.position;
            next = self.put(next, &resources_of(told.iter())).await?;
        }
        self.writer = None;
        let mark = self.index.next_mark_at(self.store.epoch(), covered);
        self.writer = Some(blocking(move || next.finish(&mark)).await?);
        self.committed = Some(Instant::now());
        self.kept = covered;
        self.index.set_ready(covered, true);
        Ok(covered)
    }

    /// Takes what is new into the present index; whether that goes on. An index that fails is no reason not to build the next.
    async fn keep_up(&mut self, heard: Hearer<'_>) -> bool {
        if self.committed.is_some_and(|at| at.elapsed() < BETWEEN_COMMITS) {
            return true;
        }
        let kept = self.try_keep_up(heard).await;
        if kept.is_err() {
            tracing::warn!("the present search index does not keep up while the next one is built");
            self.writer = None;
        }
        kept.is_ok()
    }

    async fn try_keep_up(&mut self, heard: Hearer<'_>) -> Result<(), Problem> {
        loop {
            let (head, seen) = (self.store.head(), self.discover.clock.now());
            let told = self.store.facts_after(self.index.applied().position, BATCH).await.map_err(|error| index_fault(&error))?;
            if let Some(last) = told.last() {
                self.try_apply(&told, last.position).await?;
            }
            if told.len() < BATCH {
                heard(head.max(self.index.applied().position), seen);
                return Ok(());
            }
        }
    }
}
