//! Blobs and the event log of a backup: files, by hard link or by a copy that is checked.

use super::{OnProgress, Progress, blocking, failed};
use crate::domain::digest::Digest;
use crate::store::data_dir::sync_dir;
use crate::store::error::StoreError;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};

/// How many files and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// Files.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
}

/// A file that was copied to a length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CopiedFile {
    /// Path under its folder, parts joined by `/`.
    pub path: String,
    /// Length in bytes.
    pub length: u64,
    /// SHA-256 of those bytes.
    pub sha256: Digest,
}

/// All files under a folder, paths relative to it, sorted; none where there is no folder.
pub(super) fn walk(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = open.pop() {
        let entries = match std::fs::read_dir(&next) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            other => other.map_err(|error| failed("cannot list", &next, error))?,
        };
        for entry in entries {
            let entry = entry.map_err(|error| failed("cannot list", &next, error))?;
            let kind = entry.file_type().map_err(|error| failed("cannot look at", &entry.path(), error))?;
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file()
                && let Ok(relative) = entry.path().strip_prefix(folder)
            {
                found.push(relative.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The digest that a file under `blobs/` is named by.
pub(super) fn digest_of(path: &Path) -> Option<Digest> {
    Digest::parse(path.file_name()?.to_str()?)
}

/// SHA-256 and length of a file.
pub(super) fn hash_file(path: &Path) -> Result<(Digest, u64), StoreError> {
    let file = File::open(path).map_err(|error| failed("cannot read", path, error))?;
    pour(path, file, None).map(|(length, digest)| (digest, length))
}

/// Brings all blobs from one data directory or backup to another, by hard link where `link` says so and the disk can, else
/// by copy; what is copied must have its digest.
pub(super) async fn copy_blobs(from: &Path, to: &Path, link: bool, progress: OnProgress<'_>) -> Result<Copied, StoreError> {
    let (from, to) = (from.join("blobs"), to.join("blobs"));
    let listed = blocking({
        let from = from.clone();
        move || walk(&from)
    });
    let paths: Vec<PathBuf> = listed.await?.into_iter().filter(|path| digest_of(path).is_some()).collect();
    let mut copied = Copied::default();
    let total = Some(paths.len() as u64);
    for some in paths.chunks(64) {
        let (from, to, some) = (from.clone(), to.clone(), some.to_vec());
        let bytes = blocking(move || copy_some(&from, &to, &some, link)).await?;
        copied.files += bytes.files;
        copied.bytes += bytes.bytes;
        progress(Progress { stage: "blobs", done: copied.files, total });
    }
    Ok(copied)
}

fn copy_some(from: &Path, to: &Path, paths: &[PathBuf], link: bool) -> Result<Copied, StoreError> {
    let mut copied = Copied::default();
    let mut folders = BTreeSet::new();
    for path in paths {
        let (source, target) = (from.join(path), to.join(path));
        make_folders(to, &target, &mut folders)?;
        if !(link && std::fs::hard_link(&source, &target).is_ok()) {
            // Swept since it was listed: nothing in the rows that were copied needs it.
            if !source.exists() {
                continue;
            }
            let (_, digest) = copy_file(&source, &target, u64::MAX)?;
            if Some(&digest) != digest_of(path).as_ref() {
                return Err(failed("damaged bytes (run `yuelu verify`):", &source, format!("they have the digest {digest}")));
            }
        }
        copied.files += 1;
        copied.bytes += target.metadata().map_err(|error| failed("cannot look at", &target, error))?.len();
    }
    sync_folders(&folders)?;
    Ok(copied)
}

/// Copies the files of a folder, each to the length that `lengths` says at most; `None` leaves a file out.
pub(super) fn copy_folder(from: &Path, to: &Path, lengths: &dyn Fn(&Path) -> Option<u64>) -> Result<Vec<CopiedFile>, StoreError> {
    let mut copied = Vec::new();
    let mut folders = BTreeSet::new();
    for path in walk(from)? {
        let Some(length) = lengths(&path) else { continue };
        let (source, target) = (from.join(&path), to.join(&path));
        make_folders(to, &target, &mut folders)?;
        if !source.exists() {
            // Rewritten under another name since it was listed.
            continue;
        }
        let (length, sha256) = copy_file(&source, &target, length)?;
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        copied.push(CopiedFile { path: parts.join("/"), length, sha256 });
    }
    sync_folders(&folders)?;
    Ok(copied)
}

fn copy_file(source: &Path, target: &Path, length: u64) -> Result<(u64, Digest), StoreError> {
    let from = File::open(source).map_err(|error| failed("cannot read", source, error))?;
    let mut to = File::create(target).map_err(|error| failed("cannot make", target, error))?;
    let kept = from.metadata().and_then(|from| to.set_permissions(from.permissions()));
    kept.map_err(|error| failed("cannot make", target, error))?;
    let copied = pour(source, from.take(length), Some((target, &mut to)))?;
    to.sync_all().map_err(|error| failed("cannot write", target, error))?;
    Ok(copied)
}

fn pour(source: &Path, mut from: impl Read, mut to: Option<(&Path, &mut File)>) -> Result<(u64, Digest), StoreError> {
    let (mut hasher, mut length, mut chunk) = (Sha256::new(), 0u64, vec![0; 256 << 10]);
    loop {
        let read = from.read(&mut chunk).map_err(|error| failed("cannot read", source, error))?;
        let bytes = chunk.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            return Ok((length, Digest::from_bytes(&hasher.finalize().into())));
        }
        hasher.update(bytes);
        length += read as u64;
        if let Some((target, file)) = &mut to {
            file.write_all(bytes).map_err(|error| failed("cannot write", target, error))?;
        }
    }
}

/// Makes the folders above `target` and notes all of them down to `base`, to be synced.
fn make_folders(base: &Path, target: &Path, folders: &mut BTreeSet<PathBuf>) -> Result<(), StoreError> {
    let Some(folder) = target.parent() else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|error| failed("cannot make", folder, error))?;
    folders.extend(folder.ancestors().take_while(|above| above.starts_with(base)).map(Path::to_owned));
    Ok(())
}

fn sync_folders(folders: &BTreeSet<PathBuf>) -> Result<(), StoreError> {
    folders.iter().try_for_each(|folder| sync_dir(folder).map_err(|error| failed("cannot sync", folder, error)))
}
