//! Writes documents into a generation and commits them together with how far it has got.

use super::document::Document;
use super::generation::{Generation, Mark};
use super::index::{IndexError, SearchIndex};
use super::view::View;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy, UserOperation};
use tantivy::{IndexWriter, TantivyDocument, Term};

/// Share of deleted documents at which a segment is written anew.
const DELETED_SHARE: f32 = 0.25;
/// Segments of like size that are merged into one.
const MERGED_AT_ONCE: usize = 6;
/// Documents below which segments count as of like size: a merge of the smallest rewrites no more than some thousand documents,
/// though one is made every second while much is published.
const SMALL_SEGMENT: u32 = 1_000;
/// Merges at once: small ones go on while a large one lasts.
const MERGE_THREADS: usize = 2;
/// Operations handed over together. One thread takes them all, so the few documents of a quiet day make one segment and not one
/// for each thread.
const TOGETHER: usize = 64;

/// The one writer of a generation.
pub struct Writer {
    index: SearchIndex,
    generation: Arc<Generation>,
    present: bool,
    writer: IndexWriter<TantivyDocument>,
    known: Arc<View>,
    pending: HashSet<String>,
    waiting: Vec<UserOperation<TantivyDocument>>,
    changed: bool,
}

impl Writer {
    /// Writes into the present generation.
    ///
    /// # Errors
    /// When another writer holds it.
    pub fn on_present(index: &SearchIndex) -> Result<Self, IndexError> {
        Self::of(index, index.generation(), true)
    }

    /// Writes into an empty generation beside the present one, until [`Writer::finish`].
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn on_next(index: &SearchIndex) -> Result<Self, IndexError> {
        let generation = Arc::new(index.begin_next()?);
        Self::of(index, generation, false)
    }

    fn of(index: &SearchIndex, generation: Arc<Generation>, present: bool) -> Result<Self, IndexError> {
        let options = index.options();
        let chosen = IndexWriterOptions::builder()
            .num_worker_threads(options.threads)
            .memory_budget_per_thread(options.memory_per_thread)
            .num_merge_threads(MERGE_THREADS)
            .build();
        let writer: IndexWriter<TantivyDocument> = generation.index().writer_with_options(chosen)?;
        let mut policy = LogMergePolicy::default();
        policy.set_min_num_segments(MERGED_AT_ONCE);
        policy.set_min_layer_size(SMALL_SEGMENT);
        policy.set_del_docs_ratio_before_merge(DELETED_SHARE);
        writer.set_merge_policy(Box::new(policy));
        let known = generation.view();
        Ok(Self {
            index: index.clone(),
            generation,
            present,
            writer,
            known,
            pending: HashSet::new(),
            waiting: Vec::with_capacity(TOGETHER),
            changed: false,
        })
    }

    /// Adds a document, in place of any of the same id.
    ///
    /// # Errors
    /// When a writing thread has failed.
    pub fn put(&mut self, document: Document) -> Result<(), IndexError> {
        self.drop_old(document.id())?;
        self.pending.insert(document.id().to_owned());
        let made = document.into_tantivy(self.generation.fields(), self.generation.lexicon());
        self.take(UserOperation::Add(made))
    }

    /// Removes the document of an id, where there is one.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn remove(&mut self, id: &str) -> Result<(), IndexError> {
        self.drop_old(id)
    }

    /// A deletion costs every segment a look at each commit, so none is made for what is not there.
    fn drop_old(&mut self, id: &str) -> Result<(), IndexError> {
        let term = Term::from_field_text(self.generation.fields().id, id);
        if self.pending.remove(id) || self.known.searcher().doc_freq(&term)? > 0 {
            self.take(UserOperation::Delete(term))?;
        }
        Ok(())
    }

    fn take(&mut self, operation: UserOperation<TantivyDocument>) -> Result<(), IndexError> {
        self.waiting.push(operation);
        self.changed = true;
        if self.waiting.len() >= TOGETHER {
            self.writer.run(self.waiting.drain(..))?;
        }
        Ok(())
    }

    /// Commits what was put and removed together with the mark, and makes it visible. Nothing is written when nothing
    /// changed and `mark` is not asked to be kept by [`Writer::keep`].
    ///
    /// # Errors
    /// When the commit fails; what was not committed is then replayed from the mark before.
    pub fn commit(&mut self, mark: &Mark) -> Result<(), IndexError> {
        if self.changed {
            self.keep(mark)?;
        }
        Ok(())
    }

    /// Commits the mark, also when nothing else changed.
    ///
    /// # Errors
    /// As [`Writer::commit`].
    pub fn keep(&mut self, mark: &Mark) -> Result<(), IndexError> {
        let began = Instant::now();
        self.writer.run(self.waiting.drain(..))?;
        let mut prepared = self.writer.prepare_commit()?;
        // A mark is made of strings and numbers alone, which always serialise.
        prepared.set_payload(&serde_json::to_string(mark).unwrap_or_default());
        let written = began.elapsed();
        prepared.commit()?;
        let committed = began.elapsed();
        self.generation.reload()?;
        tracing::debug!(?written, ?committed, shown = ?began.elapsed(), "committed a generation");
        self.known = self.generation.view();
        self.pending.clear();
        self.changed = false;
        Ok(())
    }

    /// Commits and makes this generation the present one.
    ///
    /// # Errors
    /// As [`Writer::commit`].
    pub fn finish(mut self, mark: &Mark) -> Result<Self, IndexError> {
        self.keep(mark)?;
        if !self.present {
            self.index.swap(Arc::clone(&self.generation))?;
            self.present = true;
        }
        Ok(self)
    }

    /// Closes it when the merges under way have ended; one that is dropped gives them up.
    ///
    /// # Errors
    /// When a merge failed.
    pub fn end(self) -> Result<(), IndexError> {
        Ok(self.writer.wait_merging_threads()?)
    }
}
