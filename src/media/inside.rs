//! What stands inside of files whose first bytes say only how they are packed.

use super::odf::OPEN_DOCUMENT;
use super::office;
use super::parts::{PartFault, Parts};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// A DOCX, PPTX or XLSX with a password: the document stands encrypted in an OLE storage (MS-OFFCRYPTO).
pub(super) const LOCKED_OFFICE: &str = "application/x-ole-encrypted-office";
/// A ZIP file, or what is packed as one, that cannot be opened; what it would be cannot be told.
pub(super) const BROKEN_ZIP: &str = "application/x-broken-zip";
/// Kinds of OpenDocument that are told apart, by their media type.
const OPEN_DOCUMENTS: [&str; 7] = [
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.graphics",
    "application/vnd.oasis.opendocument.text-template",
    "application/vnd.oasis.opendocument.presentation-template",
    "application/vnd.oasis.opendocument.spreadsheet-template",
];
/// Bytes of an OLE directory that are looked at: its first 64 entries.
const DIRECTORY: u64 = 8 << 10;

/// What a ZIP file is inside: an office document, a book, or just an archive.
pub(super) fn inside_zip(path: &Path) -> Option<&'static str> {
    let mut parts = match Parts::open(path) {
        Ok(parts) => parts,
        Err(PartFault::Broken | PartFault::Cut) => return Some(BROKEN_ZIP),
        Err(_) => return None,
    };
    if let Ok(said) = parts.read("mimetype", 100) {
        let known = OPEN_DOCUMENTS.into_iter().chain(["application/epub+zip"]);
        if let Some(known) = known.into_iter().find(|known| said.trim_ascii() == known.as_bytes()) {
            return Some(known);
        }
    }
    if office::main_part(&parts).is_some() {
        return Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document");
    }
    let others = [
        ("ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("META-INF/MANIFEST.MF", "application/java-archive"),
        ("AndroidManifest.xml", "application/vnd.android.package-archive"),
        ("content.xml", OPEN_DOCUMENT),
        // Books packed by hand lack the mimetype; readers open them all the same.
        ("META-INF/container.xml", "application/epub+zip"),
    ];
    others.into_iter().find(|(name, _)| parts.has(name)).map(|row| row.1)
}

/// What an OLE storage holds, as far as its first entries tell: an encrypted office document, or one of the old formats, which only its
/// reader tells apart.
pub(super) fn inside_ole(path: &Path) -> &'static str {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    match directory(path) {
        Some(directory) if memchr::memmem::find(&directory, &name).is_some() => LOCKED_OFFICE,
        _ => "application/x-ole-storage",
    }
}

/// The beginning of the directory: its sector and the size of sectors stand in the header.
fn directory(path: &Path) -> Option<Vec<u8>> {
    let mut file = File::open(path).ok()?;
    let mut head = [0_u8; 52];
    file.read_exact(&mut head).ok()?;
    let shift = u16::from_le_bytes(head.get(30..32)?.try_into().ok()?);
    let sector = u32::from_le_bytes(head.get(48..52)?.try_into().ok()?);
    let at = (u64::from(sector) + 1).checked_mul(1_u64.checked_shl(u32::from(shift))?)?;
    file.seek(SeekFrom::Start(at)).ok()?;
    let mut found = Vec::new();
    file.take(DIRECTORY).read_to_end(&mut found).ok()?;
    Some(found)
}

/// What follows an ID3 tag, where it is not MP3: such tags are put before FLAC and AAC too.
pub(super) fn after_id3(path: &Path) -> Option<&'static str> {
    let mut file = File::open(path).ok()?;
    let mut head = [0_u8; 10];
    file.read_exact(&mut head).ok()?;
    // Four times seven bits, without the ten bytes of the head.
    let size = head.get(6..)?.iter().fold(0_u64, |size, byte| size << 7 | u64::from(byte & 0x7F));
    file.seek(SeekFrom::Start(size + 10)).ok()?;
    let mut next = [0_u8; 4];
    file.read_exact(&mut next).ok()?;
    match next {
        [b'f', b'L', b'a', b'C'] => Some("audio/flac"),
        // ADTS: twelve set bits, then layer 0, which MPEG audio has not.
        [0xFF, second, ..] if second & 0xF6 == 0xF0 => Some("audio/aac"),
        _ => None,
    }
}
