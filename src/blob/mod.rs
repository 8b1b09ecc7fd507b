//! Bytes by their SHA-256: content packages, files, extracted texts, thumbnails, renditions.
//!
//! Bytes are hashed while they stream in, lie under a temporary name until they are whole and synced, and then get the name
//! `blobs/ab/cd/<sha256>`; the same bytes are kept once. No text of a user is part of any path. Which bytes are needed is
//! said by records (`domain::blob_ref`); the order of writing is bytes first, then the records that name them.
//!
//! What this room must never do: change bytes under a digest, delete bytes younger than it was told, know a record.
//!
//! To add a place to keep bytes (S3): give [`Blobs`] another `object_store`; only [`Blobs::local_path`] knows of folders.

mod error;
mod list;
mod opened;
mod read;
mod remove;
mod write;

#[cfg(test)]
mod tests;

pub use error::BlobError;
pub use list::BlobEntry;
pub use opened::OpenFile;
pub use write::BlobWriter;

use crate::domain::digest::Digest;
use crate::domain::space::LookAtSpace;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::RwLock;

/// Where bytes are kept. Clones share it.
#[derive(Clone)]
pub struct Blobs {
    objects: Arc<dyn ObjectStore>,
    root: PathBuf,
    /// Read by those who give bytes their name, written by who deletes: no bytes go between a look at their age and the end.
    gate: Arc<RwLock<()>>,
    /// Looks whether there is room, where somebody minds it.
    space: Option<LookAtSpace>,
}

impl std::fmt::Debug for Blobs {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Blobs({})", self.root.display())
    }
}

impl Blobs {
    /// The blobs of a data directory (`blobs/` and `tmp/` in it), which the caller holds the lock of.
    ///
    /// Files that an earlier process did not finish are in `tmp/`, which the store empties when it opens.
    pub fn open(data_dir: &Path) -> Result<Self, BlobError> {
        for folder in ["blobs", "tmp"] {
            std::fs::create_dir_all(data_dir.join(folder))?;
        }
        std::fs::File::open(data_dir)?.sync_all()?;
        let root = data_dir.canonicalize()?;
        let local = LocalFileSystem::new_with_prefix(&root)?.with_fsync(true);
        Ok(Self { objects: Arc::new(local), root, gate: Arc::default(), space: None })
    }

    /// The same, refusing new bytes ([`BlobError::Full`]) while `look` says that the reserve is reached.
    #[must_use]
    pub fn with_reserve(self, look: LookAtSpace) -> Self {
        Self { space: Some(look), ..self }
    }

    /// A folder for work in progress, on the disk of the bytes: what a crash leaves in it goes at the next start.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn workshop(&self) -> Result<tempfile::TempDir, BlobError> {
        Ok(tempfile::tempdir_in(self.root.join("tmp"))?)
    }

    /// Whether there is room for new bytes.
    pub fn has_room(&self) -> bool {
        self.space.as_ref().is_none_or(|look| look().takes_content())
    }

    /// The file that holds these bytes, for programs that need one. Never write to it.
    pub fn local_path(&self, digest: &Digest) -> Option<PathBuf> {
        let path = self.root.join(place(digest).as_ref());
        path.is_file().then_some(path)
    }
}

/// Where the bytes of a digest lie.
fn place(digest: &Digest) -> ObjectPath {
    let hex = digest.as_str();
    let (first, second) = (hex.get(..2).unwrap_or_default(), hex.get(2..4).unwrap_or_default());
    ObjectPath::from_iter(["blobs", first, second, hex])
}
