//! Keeps the index at the store's truth: reads facts, re-reads what they name, puts or removes documents, and commits them
//! together with the position they reach. A crash anywhere replays.

use super::bodies::Bodies;
use super::{Discover, index_fault};
use crate::domain::change::{Position, Topic};
use crate::domain::codes::CodeLists;
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::resource::Resource;
use crate::search::document::{BodyPart, Document};
use crate::search::generation::Mark;
use crate::search::index::{IndexError, SearchIndex};
use crate::search::writer::Writer;
use crate::store::{Store, Told};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Resources read and handed to the writer at once.
pub(super) const CHUNK: usize = 500;
/// Resources in one go from which on it is a catalogue and not daily work.
const MANY: usize = 2_000;
/// Documents after which a catalogue is committed in between.
const COMMIT_AFTER: usize = 50_000;
/// Longest time that documents wait for their commit while there are many,
const LONGEST_GROUP: Duration = Duration::from_millis(500);
/// and while a catalogue comes in, of which so many came within that time: each commit leaves segments to be merged.
const LONGEST_OF_CATALOGUE: (usize, Duration) = (1_000, Duration::from_millis(2_500));
/// Longest pause within a catalogue that does not end a group.
const LULL: Duration = Duration::from_millis(100);
/// Least time between two commits of daily work: a few groups a second.
pub(super) const BETWEEN_COMMITS: Duration = Duration::from_millis(150);
/// Commits of the store read at once.
pub(super) const BATCH: usize = 512;
/// Positions after which the mark is kept though no document changed.
const KEEP_AFTER: u64 = 20_000;

/// The one writer of the index.
pub struct Indexer {
    pub(super) discover: Discover,
    pub(super) store: Store,
    pub(super) index: SearchIndex,
    bodies: Bodies,
    pub(super) codes: Arc<CodeLists>,
    pub(super) writer: Option<Writer>,
    pub(super) committed: Option<Instant>,
    pub(super) kept: Position,
}

/// A resource as the store has it now: to index, or to remove.
pub(super) struct Read {
    id: String,
    served: Option<(Stored<Resource>, Vec<BodyPart>)>,
}

impl Discover {
    /// The writer of this index; there must be one alone.
    pub fn indexer(&self) -> Indexer {
        Indexer {
            discover: self.clone(),
            store: self.store.clone(),
            index: self.index.clone(),
            bodies: self.bodies.clone(),
            codes: Arc::clone(&self.codes),
            writer: None,
            committed: None,
            kept: Position::default(),
        }
    }
}

impl Indexer {
    /// The position that the index covers; `None` when it must be built anew. One made with other language data is searched
    /// until then.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn position(&mut self) -> Result<Option<Position>, Problem> {
        self.writer = None;
        let (epoch, head) = (self.store.epoch(), self.store.head());
        let readable = self.index.readable_mark(epoch).map_err(|error| index_fault(&error))?;
        let readable = readable.map(|mark| mark.position).filter(|position| *position <= head);
        self.index.set_ready(readable.unwrap_or_default(), readable.is_some());
        self.kept = readable.unwrap_or_default();
        let mark = self.index.mark(epoch).map_err(|error| index_fault(&error))?;
        Ok(readable.filter(|_| mark.is_some()))
    }

    /// Takes in facts; afterwards everything up to `through` can be found.
    ///
    /// # Errors
    /// When store or index fail; the facts are then to be taken in again.
    pub async fn apply(&mut self, told: &[Told], through: Position) -> Result<(), Problem> {
        let done = self.try_apply(told, through).await;
        if done.is_err() {
            // What was put and not committed is lost with the writer and comes again with the facts.
            self.writer = None;
        }
        done
    }

    pub(super) async fn try_apply(&mut self, told: &[Told], through: Position) -> Result<(), Problem> {
        if told.iter().flat_map(|told| &told.facts).any(|fact| fact.topic == Topic::SearchWord) {
            self.discover.learn_words().await?;
        }
        let mut ids = self.fresh_ids(told);
        let mut reached = through.max(self.kept);
        if ids.is_empty() && reached.0 < self.kept.0 + KEEP_AFTER {
            self.index.set_ready(reached, true);
            return Ok(());
        }
        let began = Instant::now();
        // More than is read at once waits: with a commit for each batch the index would fall behind.
        let many = ids.len() >= MANY || told.len() >= BATCH;
        let mut writer = self.take_writer().await?;
        let mut put = 0;
        loop {
            put += ids.len();
            writer = self.put(writer, &ids).await?;
            // While much comes in, what follows within a moment belongs to the same commit: a commit costs more than the few
            // documents that a batch of the feed may hold.
            let (catalogue, longer) = LONGEST_OF_CATALOGUE;
            let left = (if put >= catalogue { longer } else { LONGEST_GROUP }).saturating_sub(began.elapsed());
            if !many || put >= COMMIT_AFTER || left.is_zero() {
                break;
            }
            let more = self.more_after(reached, left).await?;
            let Some(last) = more.last() else { break };
            reached = last.position;
            ids = self.fresh_ids(&more);
        }
        if let Some(since) = self.committed.map(|at| at.elapsed()).filter(|since| !many && *since < BETWEEN_COMMITS) {
            tokio::time::sleep(BETWEEN_COMMITS - since).await;
        }
        self.commit(writer, self.index.mark_at(self.store.epoch(), reached), put).await
    }

    /// Resources that facts name which the index does not cover yet.
    fn fresh_ids(&self, told: &[Told]) -> BTreeSet<String> {
        resources_of(told.iter().filter(|told| told.position > self.kept))
    }

    /// Facts after a position, waited for a little.
    async fn more_after(&self, position: Position, patience: Duration) -> Result<Vec<Told>, Problem> {
        let mut head = self.store.watch();
        head.borrow_and_update();
        let told = self.store.facts_after(position, BATCH).await?;
        if told.is_empty() && tokio::time::timeout(patience.min(LULL), head.changed()).await.is_ok() {
            return Ok(self.store.facts_after(position, BATCH).await?);
        }
        Ok(told)
    }

    pub(super) async fn put(&self, mut writer: Writer, ids: &BTreeSet<String>) -> Result<Writer, Problem> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut chunks = ids.chunks(CHUNK);
        let mut next = match chunks.next() {
            Some(chunk) => self.read(chunk).await?,
            None => Vec::new(),
        };
        while !next.is_empty() {
            // The next chunk is read while this one is analysed.
            let put = put_all(writer, next, Arc::clone(&self.codes));
            let read = async {
                match chunks.next() {
                    Some(chunk) => self.read(chunk).await,
                    None => Ok(Vec::new()),
                }
            };
            let (put, read) = tokio::join!(put, read);
            writer = put?;
            next = read?;
        }
        Ok(writer)
    }

    async fn commit(&mut self, mut writer: Writer, mark: Mark, put: usize) -> Result<(), Problem> {
        let position = mark.position;
        let committing = blocking(move || {
            let began = Instant::now();
            if put == 0 {
                writer.keep(&mark)?;
            }
            writer.commit(&mark)?;
            tracing::debug!(resources = put, taken = ?began.elapsed(), "committed to the index");
            Ok(writer)
        });
        self.writer = Some(committing.await?);
        self.kept = position;
        self.committed = Some(Instant::now());
        self.index.set_ready(position, true);
        Ok(())
    }

    async fn take_writer(&mut self) -> Result<Writer, Problem> {
        if let Some(known) = self.writer.take() {
            return Ok(known);
        }
        let index = self.index.clone();
        blocking(move || Writer::on_present(&index)).await
    }

    async fn read(&self, ids: &[&str]) -> Result<Vec<Read>, Problem> {
        let began = Instant::now();
        let keys: Vec<Key> = ids.iter().map(|id| Key::from(*id)).collect();
        let found = self.store.get_many::<Resource>(&keys).await?;
        let mut gone = Vec::new();
        let mut present = Vec::new();
        for (id, stored) in ids.iter().zip(found) {
            match stored {
                Some(stored) => present.push(stored),
                None => gone.push(Read { id: (*id).to_owned(), served: None }),
            }
        }
        let mut reads = self.with_bodies(present).await?;
        reads.extend(gone);
        tracing::debug!(resources = reads.len(), taken = ?began.elapsed(), "read for the index");
        Ok(reads)
    }

    pub(super) async fn with_bodies(&self, found: Vec<Stored<Resource>>) -> Result<Vec<Read>, Problem> {
        let served: Vec<&Resource> = found.iter().map(|stored| &stored.value).filter(|resource| resource.is_served()).collect();
        let mut bodies = self.bodies.parts_of_many(&served).await?.into_iter();
        let reads = found.into_iter().map(|stored| {
            let id = stored.value.id.clone();
            let served = stored.value.is_served().then(|| bodies.next().unwrap_or_default());
            Read { id, served: served.map(|body| (stored, body)) }
        });
        Ok(reads.collect())
    }
}

/// Resources that facts name.
pub(super) fn resources_of<'a>(told: impl Iterator<Item = &'a Told>) -> BTreeSet<String> {
    told.flat_map(|told| &told.facts).filter(|fact| fact.topic == Topic::Resource).map(|fact| fact.id.clone()).collect()
}

pub(super) async fn put_all(mut writer: Writer, reads: Vec<Read>, codes: Arc<CodeLists>) -> Result<Writer, Problem> {
    blocking(move || {
        let (began, resources) = (Instant::now(), reads.len());
        for read in reads {
            match read.served {
                Some((stored, body)) => writer.put(Document::of(&stored, body, &codes))?,
                None => writer.remove(&read.id)?,
            }
        }
        tracing::debug!(resources, taken = ?began.elapsed(), "described for the index");
        Ok(writer)
    })
    .await
}

/// Index work waits for disks and keeps processors: never on the threads that serve connections.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, IndexError> + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| index_fault(&error))?.map_err(|error| index_fault(&error))
}
