//! Writes documents into a generation and commits them together with how far it has got.

use super::document::Document;
use super::generation::{Generation, Mark};
use super::index::{IndexError, SearchIndex};
use super::view::View;
use std::collections::HashSet;
use std::sync::Arc;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::{IndexWriter, TantivyDocument, Term};

/// Share of deleted documents at which a segment is written anew.
const DELETED_SHARE: f32 = 0.25;
/// Segments of like size that are merged into one.
const MERGED_AT_ONCE: usize = 6;
/// Bytes that the one thread of calm times may hold; Tantivy asks for 15 million.
const CALM_MEMORY: usize = 20_000_000;

/// How much there is to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// A change now and then: one thread, one small segment a commit.
    Calm,
    /// A catalogue: all threads that the options allow.
    Bulk,
}

/// The one writer of a generation.
pub struct Writer {
    index: SearchIndex,
    generation: Arc<Generation>,
    present: bool,
    writer: Option<IndexWriter<TantivyDocument>>,
    pace: Pace,
    known: Arc<View>,
    pending: HashSet<String>,
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
        let known = generation.view();
        let mut writer = Self {
            index: index.clone(),
            generation,
            present,
            writer: None,
            pace: Pace::Calm,
            known,
            pending: HashSet::new(),
            changed: false,
        };
        writer.open(Pace::Calm)?;
        Ok(writer)
    }

    /// Sets how much is to be written from here on. What has been added and not committed stays.
    ///
    /// # Errors
    /// When the writer cannot be opened again.
    pub fn set_pace(&mut self, pace: Pace, mark: &Mark) -> Result<(), IndexError> {
        if pace != self.pace {
            self.commit(mark)?;
            self.open(pace)?;
        }
        Ok(())
    }

    fn open(&mut self, pace: Pace) -> Result<(), IndexError> {
        if let Some(old) = self.writer.take() {
            old.wait_merging_threads()?;
        }
        let options = self.index.options();
        let (threads, memory) = match pace {
            Pace::Calm => (1, CALM_MEMORY),
            Pace::Bulk => (options.threads, options.memory_per_thread),
        };
        let chosen =
            IndexWriterOptions::builder().num_worker_threads(threads).memory_budget_per_thread(memory).num_merge_threads(1).build();
        let writer: IndexWriter<TantivyDocument> = self.generation.index().writer_with_options(chosen)?;
        let mut policy = LogMergePolicy::default();
        policy.set_min_num_segments(MERGED_AT_ONCE);
        policy.set_del_docs_ratio_before_merge(DELETED_SHARE);
        writer.set_merge_policy(Box::new(policy));
        self.writer = Some(writer);
        self.pace = pace;
        Ok(())
    }

    /// Adds a document, in place of any of the same id.
    ///
    /// # Errors
    /// When a writing thread has failed.
    pub fn put(&mut self, document: Document) -> Result<(), IndexError> {
        self.drop_old(document.id())?;
        self.pending.insert(document.id().to_owned());
        let made = document.into_tantivy(self.generation.fields(), self.generation.lexicon());
        self.writer.as_ref().ok_or(IndexError::Closed)?.add_document(made)?;
        self.changed = true;
        Ok(())
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
            self.writer.as_ref().ok_or(IndexError::Closed)?.delete_term(term);
            self.changed = true;
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
        let mut prepared = self.writer.as_mut().ok_or(IndexError::Closed)?.prepare_commit()?;
        // A mark is made of strings and numbers alone, which always serialise.
        prepared.set_payload(&serde_json::to_string(mark).unwrap_or_default());
        prepared.commit()?;
        self.generation.reload()?;
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
}
