//! Reading the directory of a ZIP file.

use super::{Found, Place};
use crate::package::fault::{PackageFault, shown};
use crate::package::names::decode_name;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use zip::ZipArchive;
use zip::result::ZipError;

/// Longest tail in which the end record can lie: its 22 bytes and a comment of 65,535.
const TAIL: u64 = 22 + 65_535;
/// File type bits of a Unix mode, and the values for a plain file and a folder.
const TYPE_BITS: u32 = 0o170_000;
const PLAIN: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;

/// Opens the archive and notes its entries; faults are noted, and `None` means that nothing could be opened.
pub(super) fn open(path: &Path, found: &mut Found) -> Option<ZipArchive<BufReader<File>>> {
    let mut file = match File::open(path) {
        Ok(file) => BufReader::new(file),
        Err(error) => {
            found.fault(PackageFault::whole("PKG-OPEN", "资源包无法打开。", format!("The package cannot be opened: {error}.")));
            return None;
        }
    };
    // The number of entries is looked at before the crate makes room for them.
    if declared_entries(&mut file).is_some_and(|declared| declared > found.limits.entries as u64) {
        found.fault(too_many(found.limits.entries));
        return None;
    }
    let mut archive = match ZipArchive::new(file) {
        Ok(archive) => archive,
        Err(error) => {
            found.fault(fault_of("", &error));
            return None;
        }
    };
    if archive.len() > found.limits.entries {
        found.fault(too_many(found.limits.entries));
        return None;
    }
    if archive.has_duplicate_names() {
        found.fault(PackageFault::whole(
            "PKG-DUPLICATE",
            "压缩包目录里有重名的文件，无法判断以哪一个为准。",
            "The archive's directory holds a name twice.",
        ));
    }
    if archive.has_overlapping_files().unwrap_or(true) {
        found.fault(PackageFault::whole(
            "PKG-LIMIT",
            "压缩包里多个文件共用同一段数据（压缩炸弹的特征）或目录已损坏，已拒收。",
            "Files of the archive share their data, as a bomb's do, or its directory is broken.",
        ));
        return None;
    }
    let mut headers = File::open(path).ok().map(BufReader::new)?;
    for index in 0..archive.len() {
        note(&archive, &mut headers, index, found);
    }
    Some(archive)
}

fn note(archive: &ZipArchive<BufReader<File>>, headers: &mut BufReader<File>, index: usize, found: &mut Found) {
    let entry = match archive.by_index_data(index) {
        Ok(entry) => entry,
        Err(error) => return found.fault(fault_of("", &error)),
    };
    let Some(name) = central_name(headers, entry.central_header_start()) else {
        return found.fault(fault_of("", &ZipError::FileNotFound));
    };
    let Some(path) = found.path(&name, true) else { return };
    let kind = entry.unix_mode().map(|mode| mode & TYPE_BITS).filter(|kind| *kind != 0);
    if kind.is_some_and(|kind| kind != PLAIN && kind != FOLDER) {
        return found.fault(not_a_file(&path));
    }
    if name.ends_with(['/', '\\']) || kind == Some(FOLDER) {
        return;
    }
    if entry.encrypted() {
        let zh = format!("文件“{}”设有密码，请去掉密码后重新压缩。", shown(&path));
        return found.fault(PackageFault::of("PKG-PASSWORD", &path, zh, "The file needs a password."));
    }
    let size = entry.size();
    if size > found.limits.ratio_from && size / entry.compressed_size().max(1) > found.limits.ratio {
        let zh = format!("文件“{}”的压缩比超过 {} 倍，疑似压缩炸弹，已拒收。", shown(&path), found.limits.ratio);
        return found.fault(PackageFault::of("PKG-LIMIT", &path, zh, "The file's compression ratio is that of a bomb."));
    }
    found.file(path, size, Place::Zipped(index));
}

/// The decoded name of the central header at `at`. Read from the file itself, since the crate shows neither the raw extra
/// fields nor the name as it was before it applied them.
fn central_name(headers: &mut BufReader<File>, at: u64) -> Option<String> {
    let mut head = [0_u8; 46];
    headers.seek(SeekFrom::Start(at)).ok()?;
    headers.read_exact(&mut head).ok()?;
    let number = |from: usize| head.get(from..from + 2).and_then(|pair| pair.try_into().ok()).map(u16::from_le_bytes);
    if !head.starts_with(b"PK\x01\x02") {
        return None;
    }
    let mut name = vec![0_u8; usize::from(number(28)?)];
    let mut extra = vec![0_u8; usize::from(number(30)?)];
    headers.read_exact(&mut name).ok()?;
    headers.read_exact(&mut extra).ok()?;
    Some(decode_name(&name, number(8)? & 0x0800 != 0, &extra))
}

/// Number of entries that the end record declares.
fn declared_entries(file: &mut BufReader<File>) -> Option<u64> {
    let size = file.seek(SeekFrom::End(0)).ok()?;
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL))).ok()?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail).ok()?;
    let at = memchr::memmem::rfind(&tail, b"PK\x05\x06")?;
    let short = u16::from_le_bytes(tail.get(at + 10..at + 12)?.try_into().ok()?);
    if short != u16::MAX {
        return Some(u64::from(short));
    }
    let end = memchr::memmem::rfind(&tail, b"PK\x06\x06")?;
    Some(u64::from_le_bytes(tail.get(end + 32..end + 40)?.try_into().ok()?))
}

pub(super) fn too_many(most: usize) -> PackageFault {
    PackageFault::whole(
        "PKG-LIMIT",
        format!("资源包里的文件超过 {most} 个，请分批提交。"),
        format!("The package holds more than {most} files; send it in several parts."),
    )
}

pub(super) fn not_a_file(path: &str) -> PackageFault {
    PackageFault::of(
        "PKG-LINK",
        path,
        format!("“{}”是链接或特殊文件，资源包只能包含普通文件。", shown(path)),
        "The entry is a link or a special file; only plain files are taken.",
    )
}

/// A fault of the zip crate in our words.
pub(super) fn fault_of(path: &str, error: &ZipError) -> PackageFault {
    let en = format!("The archive cannot be read: {error}.");
    let zh = match error {
        ZipError::UnsupportedArchive(_) => "压缩方式不受支持，请用标准 ZIP（Deflate）格式重新压缩。",
        _ => "压缩包已损坏或不完整（不是有效的 ZIP 文件）。",
    };
    if path.is_empty() { PackageFault::whole("PKG-OPEN", zh, en) } else { PackageFault::of("PKG-OPEN", path, zh, en) }
}
