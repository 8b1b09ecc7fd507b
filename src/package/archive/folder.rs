//! Walking a folder. Links are refused, not followed: they would let a package read the rest of the disk.

use super::{Found, Place};
use crate::package::fault::PackageFault;
use std::path::Path;

/// Notes every file below `root`.
pub(super) fn walk(root: &Path, found: &mut Found) {
    let mut waiting = vec![(root.to_path_buf(), String::new())];
    let mut seen = 0_usize;
    while let Some((folder, prefix)) = waiting.pop() {
        let Ok(listing) = std::fs::read_dir(&folder) else {
            found.fault(PackageFault::of("PKG-OPEN", &prefix, "文件夹无法读取。", "The folder cannot be read."));
            continue;
        };
        for item in listing.flatten() {
            seen += 1;
            if seen > found.limits.entries {
                found.fault(super::zipped::too_many(found.limits.entries));
                return;
            }
            let raw = item.file_name();
            let name = raw.to_string_lossy();
            let written = if prefix.is_empty() { name.into_owned() } else { format!("{prefix}/{name}") };
            let Some(path) = found.path(&written, false) else { continue };
            // `metadata` of a directory entry does not follow links.
            let Ok(metadata) = item.metadata() else { continue };
            if metadata.is_dir() {
                waiting.push((item.path(), written));
            } else if metadata.is_file() {
                found.file(path, metadata.len(), Place::OnDisk(item.path()));
            } else {
                found.fault(super::zipped::not_a_file(&path));
            }
        }
    }
}
