//! The folder of a generation: what is read whole is mapped into memory, what is read in small parts is not.
//!
//! A hit reads one small block of stored documents, and phrases read short lists of positions. Mapped, each such read would
//! bring the pages around it into the process's memory, until the whole files count as its own. So they are read by calls; the
//! system's cache holds what is hot either way. Postings are read by every query, several lists of each, and are mapped:
//! copying them took a tenth of a search.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tantivy::HasLen;
use tantivy::directory::error::{DeleteError, LockError, OpenDirectoryError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    Directory, DirectoryLock, FileHandle, FileSlice, Lock, MmapDirectory, OwnedBytes, WatchCallback, WatchHandle, WritePtr,
};

/// Files of which mostly small parts are read.
const IN_PARTS: [&str; 2] = ["store", "pos"];
/// Bytes from which on a read is mapped all the same: as much as the system brings in around a touched page of a mapped file.
const MAPPED_FROM: usize = 64 << 10;

/// A folder on disk.
#[derive(Clone, Debug)]
pub struct IndexFolder {
    mapped: MmapDirectory,
    path: PathBuf,
}

impl IndexFolder {
    /// Opens a folder that is there.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    pub fn open(path: &Path) -> Result<Self, OpenDirectoryError> {
        Ok(Self { mapped: MmapDirectory::open(path)?, path: path.to_owned() })
    }
}

impl Directory for IndexFolder {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        if !IN_PARTS.iter().any(|kind| path.extension().is_some_and(|extension| extension == *kind)) {
            return self.mapped.get_file_handle(path);
        }
        let fault = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => OpenReadError::FileDoesNotExist(path.to_owned()),
            _ => OpenReadError::wrap_io_error(error, path.to_owned()),
        };
        let file = File::open(self.path.join(path)).map_err(fault)?;
        let length = usize::try_from(file.metadata().map_err(fault)?.len()).unwrap_or(usize::MAX);
        Ok(Arc::new(Parts { file, length, mapped: self.mapped.clone(), path: path.to_owned() }))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.mapped.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.mapped.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.mapped.open_write(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.mapped.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.mapped.atomic_write(path, data)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.mapped.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.mapped.acquire_lock(lock)
    }

    fn watch(&self, watch_callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.mapped.watch(watch_callback)
    }
}

/// A file that is read in parts. It stays readable when it is deleted meanwhile.
#[derive(Debug)]
struct Parts {
    file: File,
    length: usize,
    mapped: MmapDirectory,
    path: PathBuf,
}

impl HasLen for Parts {
    fn len(&self) -> usize {
        self.length
    }
}

impl FileHandle for Parts {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.len() >= MAPPED_FROM
            && let Ok(whole) = self.mapped.get_file_handle(&self.path).map(FileSlice::new)
        {
            return whole.slice(range).read_bytes();
        }
        let mut bytes = vec![0; range.len()];
        self.file.read_exact_at(&mut bytes, range.start as u64)?;
        Ok(OwnedBytes::new(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use tantivy::directory::TerminatingWrite as _;

    #[test]
    fn files_are_read_in_parts_as_a_whole_and_after_their_deletion() {
        let dir = tempfile::tempdir().unwrap();
        let folder = IndexFolder::open(dir.path()).unwrap();
        let bytes: Vec<u8> = (0..3 << 20).map(|place: u32| (place % 251) as u8).collect();
        for name in ["a.store", "a.pos", "a.term"] {
            let mut writer = folder.open_write(Path::new(name)).unwrap();
            writer.write_all(&bytes).unwrap();
            writer.terminate().unwrap();
            let file = folder.open_read(Path::new(name)).unwrap();
            assert_eq!(file.len(), bytes.len());
            assert_eq!(file.slice(1_000..5_000).read_bytes().unwrap().as_slice(), &bytes[1_000..5_000]);
            assert_eq!(file.read_bytes().unwrap().as_slice(), bytes);
            folder.delete(Path::new(name)).unwrap();
            assert_eq!(file.slice(7..2_000_000).read_bytes().unwrap().as_slice(), &bytes[7..2_000_000]);
        }
        assert!(matches!(folder.open_read(Path::new("b.store")), Err(OpenReadError::FileDoesNotExist(_))));
    }
}
