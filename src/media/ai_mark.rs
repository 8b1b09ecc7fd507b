//! The implicit mark of AI-made content in a file's metadata.
//!
//! GB 45438-2025 writes it as a field named `AIGC` whose value is JSON that begins with `Label`; pictures carry it in XMP or a
//! text chunk, sound in ID3, video in a box of user data. These stand at the head or the tail of a file, so both are looked
//! through for the pair of names; packed formats (Office, EPUB) keep theirs where this does not look.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes that are looked through at either end.
const END: u64 = 1 << 20;
/// How far behind the name its value may begin.
const NEAR: usize = 256;

/// Whether the file bears the mark; a file that cannot be read bears none.
pub(super) fn is_in(path: &Path) -> bool {
    let Ok(mut file) = File::open(path) else { return false };
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    let mut look = |from: u64| {
        let mut bytes = Vec::new();
        let read = file.seek(SeekFrom::Start(from)).and_then(|_| file.by_ref().take(END).read_to_end(&mut bytes));
        read.is_ok() && marks(&bytes)
    };
    look(0) || (size > END && look(size - END))
}

fn marks(bytes: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, b"AIGC").any(|at| {
        let behind = bytes.get(at + 4..bytes.len().min(at + 4 + NEAR)).unwrap_or_default();
        memchr::memmem::find(behind, b"Label").is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_found_at_either_end_and_a_mere_word_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jpg");
        let mark = br#"<TC260:AIGC>{"Label":"1","ContentProducer":"001"}</TC260:AIGC>"#;
        let filling = vec![7_u8; 3 << 20];
        for bytes in [[&mark[..], &filling].concat(), [&filling, &mark[..]].concat()] {
            std::fs::write(&path, bytes).unwrap();
            assert!(is_in(&path));
        }
        std::fs::write(&path, b"AIGC is a word of this lesson").unwrap();
        assert!(!is_in(&path));
        assert!(!is_in(&folder.path().join("none")));
    }
}
