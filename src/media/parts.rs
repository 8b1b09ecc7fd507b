//! The parts of a document that is a ZIP file (office documents, books), read under limits.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use zip::ZipArchive;

/// Most bytes of one part.
pub(super) const MOST_PART: u64 = 64 << 20;
/// Most bytes of all parts that are read.
const MOST_ALL: u64 = 256 << 20;
/// Most bytes of the end of a directory: 22 and a comment.
const MOST_END: u64 = 22 + 0xFFFF;
/// Most parts.
const MOST_PARTS: usize = 20_000;

/// Why a document or a part of it cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartFault {
    /// Not a ZIP file, or broken.
    Broken,
    /// The directory at its end is missing: it was cut off.
    Cut,
    /// Not there.
    Missing,
    /// Larger than the limits.
    Large,
}

impl PartFault {
    pub fn words(self, what: &str) -> String {
        match self {
            Self::Broken => format!("{what}已损坏或不完整，无法打开。"),
            Self::Cut => format!("{what}不完整：缺少结尾处的压缩目录，可能没有上传或导出完毕，无法打开。"),
            Self::Missing => format!("{what}缺少必要的组成部分，无法打开。"),
            Self::Large => format!("{what}解压后体积异常庞大（疑似压缩炸弹），已停止读取。"),
        }
    }
}

/// Whether the end of a directory stands where it must: within its own length and that of a comment from the end.
fn has_directory(path: &Path) -> bool {
    let tail = File::open(path).and_then(|mut file| {
        let size = file.metadata()?.len();
        file.seek(SeekFrom::Start(size.saturating_sub(MOST_END)))?;
        let mut tail = Vec::new();
        file.take(MOST_END).read_to_end(&mut tail).map(|_| tail)
    });
    tail.is_ok_and(|tail| memchr::memmem::find(&tail, b"PK\x05\x06").is_some())
}

/// An opened document.
pub(super) struct Parts {
    archive: ZipArchive<BufReader<File>>,
    left: u64,
}

impl Parts {
    pub fn open(path: &Path) -> Result<Self, PartFault> {
        let file = File::open(path).map_err(|_| PartFault::Broken)?;
        let broken = |_| if has_directory(path) { PartFault::Broken } else { PartFault::Cut };
        let archive = ZipArchive::new(BufReader::new(file)).map_err(broken)?;
        if archive.len() > MOST_PARTS {
            return Err(PartFault::Large);
        }
        Ok(Self { archive, left: MOST_ALL })
    }

    /// Whether a part needs a password.
    pub fn is_locked(&self) -> bool {
        (0..self.archive.len()).any(|index| self.archive.by_index_data(index).is_ok_and(|entry| entry.encrypted()))
    }

    pub fn has(&self, name: &str) -> bool {
        self.archive.index_for_name(name).is_some()
    }

    /// Names of all parts.
    pub fn names(&self) -> Vec<String> {
        self.archive.file_names().filter_map(|name| name.ok().map(|name| name.into_owned())).collect()
    }

    /// Bytes of all parts together, as declared.
    pub fn declared(&self) -> u64 {
        (0..self.archive.len())
            .filter_map(|index| self.archive.by_index_data(index).ok())
            .map(|entry| entry.size())
            .fold(0, u64::saturating_add)
    }

    /// Reads a part of at most `most` bytes.
    pub fn read(&mut self, name: &str, most: u64) -> Result<Vec<u8>, PartFault> {
        let most = most.min(self.left);
        let index = self.archive.index_for_name(name).ok_or(PartFault::Missing)?;
        let part = self.archive.by_index(index).map_err(|_| PartFault::Broken)?;
        let mut bytes = Vec::new();
        part.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|_| PartFault::Broken)?;
        if bytes.len() as u64 > most {
            return Err(PartFault::Large);
        }
        self.left = self.left.saturating_sub(bytes.len() as u64);
        Ok(bytes)
    }
}
