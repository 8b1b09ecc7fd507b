//! A package as one ZIP: a folder is packed into a temporary file, the same folder always into the same bytes.

use crate::domain::digest::Digest;
use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::{Path, PathBuf};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

/// Names of files that systems leave in folders.
const LITTER: [&str; 4] = [".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX"];
/// Extensions of files that are compressed already.
const COMPRESSED: [&str; 17] =
    ["mp4", "m4a", "m4v", "mp3", "webm", "ogg", "jpg", "jpeg", "png", "webp", "gif", "zip", "epub", "docx", "pptx", "xlsx", "pdf"];
const PIECE: usize = 256 * 1024;

/// A package ready to be sent.
#[derive(Debug)]
pub struct Packed {
    /// Its bytes, at the beginning.
    pub file: File,
    /// How many.
    pub size: u64,
    /// SHA-256 of them.
    pub digest: Digest,
    /// Name it is sent under.
    pub name: String,
}

/// Opens a ZIP, or packs a folder.
///
/// # Errors
/// When something cannot be read.
pub fn pack(path: &Path) -> anyhow::Result<Packed> {
    let name = path.canonicalize()?.file_name().map_or_else(|| "package".to_owned(), |name| name.to_string_lossy().into_owned());
    let reading = || format!("{}：无法读取 · cannot be read", path.display());
    let (mut file, name) = if path.is_dir() {
        (zip_folder(path).with_context(reading)?, format!("{name}.zip"))
    } else {
        (File::open(path).with_context(reading)?, name)
    };
    let (digest, size) = digest_of(&mut file).with_context(reading)?;
    Ok(Packed { file, size, digest, name })
}

fn digest_of(file: &mut File) -> anyhow::Result<(Digest, u64)> {
    file.rewind()?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE];
    let mut size = 0;
    loop {
        let length = file.read(&mut piece)?;
        if length == 0 {
            break;
        }
        hash.update(piece.get(..length).unwrap_or_default());
        size += length as u64;
    }
    file.rewind()?;
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((Digest::parse(&hex).context("a SHA-256 in hex is a digest")?, size))
}

fn zip_folder(folder: &Path) -> anyhow::Result<File> {
    let mut archive = ZipWriter::new(tempfile::tempfile()?);
    for path in files_below(folder)? {
        let inner = path.strip_prefix(folder)?;
        let parts: Vec<String> = inner.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let mut file = File::open(&path).with_context(|| path.display().to_string())?;
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let stored = COMPRESSED.contains(&extension.as_str());
        let method = if stored { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let large = file.metadata()?.len() >= u64::from(u32::MAX);
        // No times of files: a copy of the folder is the same package.
        let options =
            SimpleFileOptions::default().compression_method(method).large_file(large).last_modified_time(zip::DateTime::default());
        archive.start_file(parts.join("/"), options)?;
        std::io::copy(&mut file, &mut archive)?;
    }
    Ok(archive.finish()?)
}

fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        if LITTER.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        // Links are left out: they could lead out of the package.
        let kind = entry.file_type()?;
        if kind.is_dir() {
            found.extend(files_below(&entry.path())?);
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_folder_is_the_same_package() {
        let make = |name: &str| {
            let dir = tempfile::tempdir().unwrap();
            let folder = dir.path().join(name);
            std::fs::create_dir_all(folder.join("视频")).unwrap();
            std::fs::write(folder.join("yuelu.toml"), "title = \"甲\"").unwrap();
            std::fs::write(folder.join("视频/01.mp4"), [7; 99]).unwrap();
            std::fs::write(folder.join(".DS_Store"), "litter").unwrap();
            pack(&folder).unwrap()
        };
        let (one, other) = (make("包一"), make("b"));
        assert_eq!(one.digest, other.digest);
        assert_eq!((one.name.as_str(), one.size), ("包一.zip", one.file.metadata().unwrap().len()));
        let mut archive = zip::ZipArchive::new(one.file).unwrap();
        let names: Vec<String> = (0..archive.len()).map(|at| archive.by_index(at).unwrap().name().unwrap().into_owned()).collect();
        assert_eq!(names, ["yuelu.toml", "视频/01.mp4"]);
    }
}
