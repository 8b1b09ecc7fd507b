//! The index as the rest of the program holds it: one present generation, swapped when another has been built.

use super::analysis::lexicon::Lexicon;
use super::folder::FolderError;
use super::generation::{Generation, Mark};
use super::schema;
use crate::domain::change::Position;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

/// File that names the present generation.
const CURRENT: &str = "CURRENT";

/// Why the index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Tantivy said no.
    #[error("search index: {0}")]
    Tantivy(#[from] tantivy::TantivyError),
    /// The folder cannot be read or written.
    #[error("search index: {0}")]
    Folder(#[from] std::io::Error),
}

/// How far the index has got, for those who wait for a publication to be found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Position whose facts, and all before, can be found.
    pub position: Position,
    /// Whether what is found is the store's truth: false before the first catching up and while the index is of another
    /// epoch.
    pub ready: bool,
}

/// Memory and threads of writing.
#[derive(Clone, Copy, Debug)]
pub struct WriteOptions {
    /// Threads that analyse while much is to be written.
    pub threads: usize,
    /// Bytes that each of them may hold before it writes a segment.
    pub memory_per_thread: usize,
}

impl Default for WriteOptions {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { threads: cores.clamp(1, 4), memory_per_thread: 80_000_000 }
    }
}

/// The search index. Cloning gives another handle to the same one.
#[derive(Clone)]
pub struct SearchIndex {
    shared: Arc<Shared>,
}

struct Shared {
    root: PathBuf,
    lexicon: RwLock<Arc<Lexicon>>,
    options: WriteOptions,
    present: RwLock<Arc<Generation>>,
    applied: watch::Sender<Applied>,
}

impl SearchIndex {
    /// Opens the index below `root`, or begins an empty one where there is none that this version can read.
    ///
    /// # Errors
    /// When files cannot be read or made.
    pub fn open(root: &Path, lexicon: Arc<Lexicon>, options: WriteOptions) -> Result<Self, IndexError> {
        std::fs::create_dir_all(root)?;
        let named = std::fs::read_to_string(root.join(CURRENT)).unwrap_or_default();
        let known = match named.trim() {
            "" => None,
            name => open_or_report(root, name, &lexicon),
        };
        let present = match known {
            Some(generation) => generation,
            None => {
                let name = next_name(root)?;
                let generation = Generation::create(root, &name, &lexicon)?;
                write_current(root, &name)?;
                generation
            }
        };
        sweep(root, present.name());
        let shared = Shared {
            root: root.to_owned(),
            lexicon: RwLock::new(lexicon),
            options,
            present: RwLock::new(Arc::new(present)),
            applied: watch::Sender::new(Applied::default()),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The present generation.
    pub fn generation(&self) -> Arc<Generation> {
        Arc::clone(&self.shared.present.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The language data that the next building of the index goes by; mostly those of the present one.
    pub fn lexicon(&self) -> Arc<Lexicon> {
        Arc::clone(&self.shared.lexicon.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets the next building of the index know these words besides. Takes about 0.2 s where they are others than before.
    ///
    /// # Errors
    /// When the language data cannot be read.
    pub fn learn(&self, words: &[String]) -> Result<(), FolderError> {
        if let Some(taught) = self.lexicon().taught(words)? {
            *self.shared.lexicon.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(taught);
        }
        Ok(())
    }

    /// Memory and threads of writing.
    pub fn options(&self) -> WriteOptions {
        self.shared.options
    }

    /// Hears how far the index has got.
    pub fn watch(&self) -> watch::Receiver<Applied> {
        self.shared.applied.subscribe()
    }

    /// How far the index has got.
    pub fn applied(&self) -> Applied {
        self.shared.applied.borrow().clone()
    }

    /// Waits until what was committed at `position` can be found.
    pub async fn wait_for(&self, position: Position) {
        let mut applied = self.watch();
        // The sender lives as long as this handle, so waiting ends only by reaching the position.
        let _ = applied.wait_for(|applied| applied.ready && applied.position >= position).await;
    }

    /// How far the present generation has got, if it was made from this epoch by this version with these language data.
    ///
    /// # Errors
    /// When the index's own description cannot be read.
    pub fn mark(&self, epoch: &str) -> Result<Option<Mark>, IndexError> {
        let lexicon = self.lexicon();
        Ok(self.readable_mark(epoch)?.filter(|mark| mark.lexicon == lexicon.digest()))
    }

    /// The same where it was made with other language data: it can be searched and kept up while the next one is built.
    ///
    /// # Errors
    /// As [`SearchIndex::mark`].
    pub fn readable_mark(&self, epoch: &str) -> Result<Option<Mark>, IndexError> {
        let mark = self.generation().mark()?;
        Ok(mark.filter(|mark| mark.epoch == epoch && mark.schema == schema::VERSION))
    }

    /// A mark of the present generation at a position.
    pub fn mark_at(&self, epoch: &str, position: Position) -> Mark {
        mark_of(self.generation().made_with(), epoch, position)
    }

    /// A mark of the generation that is built next.
    pub fn next_mark_at(&self, epoch: &str, position: Position) -> Mark {
        mark_of(self.lexicon().digest(), epoch, position)
    }

    /// Says how far the index has got and whether what is found is the store's truth.
    pub fn set_ready(&self, position: Position, ready: bool) {
        let applied = Applied { position, ready };
        self.shared.applied.send_if_modified(|known| {
            let changed = *known != applied;
            *known = applied;
            changed
        });
    }

    /// Begins an empty generation beside the present one.
    ///
    /// # Errors
    /// When files cannot be made.
    pub(super) fn begin_next(&self) -> Result<Generation, IndexError> {
        let name = next_name(&self.shared.root)?;
        Ok(Generation::create(&self.shared.root, &name, &self.lexicon())?)
    }

    /// Makes another generation the present one. Searches under way end on the old one.
    ///
    /// # Errors
    /// When the name cannot be written.
    pub(super) fn swap(&self, generation: Arc<Generation>) -> Result<(), IndexError> {
        write_current(&self.shared.root, generation.name())?;
        let name = generation.name().to_owned();
        *self.shared.present.write().unwrap_or_else(PoisonError::into_inner) = generation;
        sweep(&self.shared.root, &name);
        Ok(())
    }
}

fn mark_of(lexicon: &str, epoch: &str, position: Position) -> Mark {
    Mark { epoch: epoch.to_owned(), position, schema: schema::VERSION, lexicon: lexicon.to_owned() }
}

/// An index that will not open is not repaired but made anew from the store; its bytes say nothing that the store does not.
fn open_or_report(root: &Path, name: &str, lexicon: &Arc<Lexicon>) -> Option<Generation> {
    match Generation::open(root, name, lexicon) {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(generation = name, %error, "the search index does not open and will be built anew");
            None
        }
    }
}

fn next_name(root: &Path) -> Result<String, IndexError> {
    let mut highest = 0_u32;
    for entry in std::fs::read_dir(root)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("generation-")).and_then(|digits| digits.parse().ok());
        highest = highest.max(number.unwrap_or(0));
    }
    Ok(format!("generation-{:06}", highest + 1))
}

fn write_current(root: &Path, name: &str) -> Result<(), IndexError> {
    let new = root.join("CURRENT.new");
    let mut file = std::fs::File::create(&new)?;
    std::io::Write::write_all(&mut file, name.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, root.join(CURRENT))?;
    // The new name must survive a power cut before the old generation goes.
    std::fs::File::open(root)?.sync_all()?;
    Ok(())
}

/// Removes generations that are not the present one; what cannot be removed now is removed at the next start.
fn sweep(root: &Path, present: &str) {
    let Ok(entries) = std::fs::read_dir(root) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let old = name.to_str().is_some_and(|name| name.starts_with("generation-") && name != present);
        if old && let Err(error) = std::fs::remove_dir_all(entry.path()) {
            tracing::warn!(?name, %error, "an old search index could not be removed");
        }
    }
}
