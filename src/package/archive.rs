//! An opened package: its entries, checked, and their bytes as streams.

use super::fault::{MOST_FAULTS, PackageFault, shown};
use super::limits::Limits;
use super::paths::{PathFault, check_path, is_litter};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

mod folder;
mod zipped;

/// Bytes read at once.
const CHUNK: usize = 256 << 10;

/// A file of the package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Canonical path: `/` between parts, NFC, without the single folder that holds everything.
    pub path: String,
    /// Bytes, as far as the package says.
    pub size: u64,
    place: Place,
}

/// Where the bytes of an entry are.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// Index in the archive.
    Zipped(usize),
    /// File on disk, found by walking the folder.
    OnDisk(PathBuf),
}

/// An opened package.
pub struct Package {
    entries: Vec<Entry>,
    by_path: BTreeMap<String, usize>,
    archive: Option<zip::ZipArchive<BufReader<File>>>,
    limits: Limits,
    unpacked: u64,
}

impl Package {
    /// Opens a folder or a ZIP file. Every refused entry is a fault of its own; with any fault the package is refused.
    pub fn open(path: &Path, limits: Limits) -> Result<Self, Vec<PackageFault>> {
        let mut found = Found::new(limits);
        let archive = if path.is_dir() {
            folder::walk(path, &mut found);
            None
        } else {
            zipped::open(path, &mut found)
        };
        let entries = found.finish()?;
        let by_path = entries.iter().enumerate().map(|(place, entry)| (entry.path.clone(), place)).collect();
        Ok(Self { entries, by_path, archive, limits, unpacked: 0 })
    }

    /// Its files, ordered by path.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The file at a canonical path.
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        self.by_path.get(path).and_then(|place| self.entries.get(*place))
    }

    /// The limits it was opened under.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Reads a whole file into memory, at most `most` bytes.
    pub fn read(&mut self, path: &str, most: u64) -> Result<Vec<u8>, PackageFault> {
        let mut bytes = Vec::new();
        let mut full = false;
        let done = self.copy(path, &mut |chunk| {
            full = bytes.len() as u64 + chunk.len() as u64 > most;
            if full {
                return Err(io::Error::other("too large"));
            }
            bytes.extend_from_slice(chunk);
            Ok(())
        });
        if full {
            return Err(too_large(path, most));
        }
        done.map(|_| bytes)
    }

    /// Hands the bytes of a file to `sink`, chunk by chunk, counting what really comes, and gives their number.
    pub fn copy(&mut self, path: &str, sink: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> Result<u64, PackageFault> {
        let limits = self.limits;
        let left = limits.total.saturating_sub(self.unpacked);
        let missing = || PackageFault::of("PKG-FILE", path, "资源包里没有这个文件。", "There is no such file in the package.");
        let entry = self.entry(path).ok_or_else(missing)?.clone();
        let copied = match (&entry.place, &mut self.archive) {
            (Place::OnDisk(at), _) => {
                let file = File::open(at).map_err(|error| unreadable(path, &error))?;
                pump(file, path, limits.file, left, sink)
            }
            (Place::Zipped(index), Some(archive)) => {
                let file = archive.by_index(*index).map_err(|error| zipped::fault_of(path, &error))?;
                // A ratio that the header hides shows while the bytes come.
                let honest = file.compressed_size().max(1).saturating_mul(limits.ratio).max(limits.ratio_from);
                pump(file, path, limits.file.min(honest), left, sink)
            }
            (Place::Zipped(_), None) => Err(missing()),
        }?;
        self.unpacked = self.unpacked.saturating_add(copied);
        Ok(copied)
    }
}

fn pump(
    mut from: impl Read,
    path: &str,
    most_file: u64,
    most_total: u64,
    sink: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> Result<u64, PackageFault> {
    let mut buffer = vec![0_u8; CHUNK];
    let mut copied = 0_u64;
    loop {
        let read = from.read(&mut buffer).map_err(|error| unreadable(path, &error))?;
        if read == 0 {
            return Ok(copied);
        }
        copied = copied.saturating_add(read as u64);
        if copied > most_file {
            return Err(too_large(path, most_file));
        }
        if copied > most_total {
            return Err(total_too_large(path));
        }
        sink(buffer.get(..read).unwrap_or_default()).map_err(|error| unreadable(path, &error))?;
    }
}

fn unreadable(path: &str, error: &io::Error) -> PackageFault {
    PackageFault::of(
        "PKG-OPEN",
        path,
        format!("文件“{}”读取失败，压缩数据已损坏或不完整。", shown(path)),
        format!("The file cannot be read to its end: {error}."),
    )
}

fn too_large(path: &str, most: u64) -> PackageFault {
    PackageFault::of(
        "PKG-LIMIT",
        path,
        format!("文件“{}”解压后超过允许的 {most} 字节，已拒收。", shown(path)),
        format!("The file unpacks to more than the {most} bytes allowed."),
    )
}

fn total_too_large(path: &str) -> PackageFault {
    PackageFault::of(
        "PKG-LIMIT",
        path,
        "资源包解压后的总大小超过限制，请分批提交。",
        "The package unpacks to more than is allowed; send it in several parts.",
    )
}

/// What walking a package has found so far.
struct Found {
    limits: Limits,
    entries: Vec<Entry>,
    faults: Vec<PackageFault>,
    total: u64,
}

impl Found {
    fn new(limits: Limits) -> Self {
        Self { limits, entries: Vec::new(), faults: Vec::new(), total: 0 }
    }

    fn fault(&mut self, fault: PackageFault) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
        }
    }

    /// Checks a name; a fault is noted and gives `None`, as does litter.
    fn path(&mut self, name: &str, windows: bool) -> Option<String> {
        match check_path(name, self.limits.depth, windows) {
            Ok(path) => (!is_litter(&path)).then_some(path),
            Err(fault) => {
                let (zh, en) = fault.words();
                let rule = if fault == PathFault::Deep { "PKG-LIMIT" } else { "PKG-NAME" };
                self.fault(PackageFault::of(rule, name, format!("“{}”：{zh}", shown(name)), en));
                None
            }
        }
    }

    fn file(&mut self, path: String, size: u64, place: Place) {
        if size > self.limits.file {
            let fault = too_large(&path, self.limits.file);
            self.fault(fault);
        }
        self.total = self.total.saturating_add(size);
        self.entries.push(Entry { path, size, place });
    }

    fn finish(mut self) -> Result<Vec<Entry>, Vec<PackageFault>> {
        if self.total > self.limits.total {
            self.fault(total_too_large(""));
        }
        strip_single_folder(&mut self.entries);
        self.entries.sort_by(|left, right| left.path.cmp(&right.path));
        let twice: Vec<String> = self
            .entries
            .windows(2)
            .filter_map(|pair| (pair.first()?.path == pair.last()?.path).then(|| pair.first().map(|entry| entry.path.clone()))?)
            .collect();
        for path in twice {
            self.fault(PackageFault::of(
                "PKG-DUPLICATE",
                &path,
                format!("“{}”在资源包里出现了不止一次，无法判断以哪一个为准。", shown(&path)),
                "The path occurs more than once in the package.",
            ));
        }
        if self.faults.is_empty() && self.entries.is_empty() {
            self.fault(PackageFault::whole("PKG-OPEN", "资源包里没有文件。", "There are no files in the package."));
        }
        if self.faults.is_empty() { Ok(self.entries) } else { Err(self.faults) }
    }
}

/// People zip the folder rather than what is in it: one folder that holds everything is left out.
fn strip_single_folder(entries: &mut [Entry]) {
    let Some(folder) = entries.first().and_then(|entry| entry.path.split_once('/')).map(|(folder, _)| format!("{folder}/")) else {
        return;
    };
    if entries.iter().all(|entry| entry.path.starts_with(&folder)) {
        for entry in entries {
            entry.path = entry.path.strip_prefix(&folder).unwrap_or(&entry.path).to_owned();
        }
    }
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
