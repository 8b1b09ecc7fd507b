//! The directories of TIFF (and of EXIF, which is one): size, depth and resolution of each page, without decoding any of it.

use std::io::{Read, Seek, SeekFrom};

/// Most pages that are looked at.
const MOST_PAGES: usize = 10_000;
/// Most entries of a directory.
const MOST_ENTRIES: u64 = 4_096;
/// Most values of an entry that are read: strips of a large page.
const MOST_VALUES: u64 = 65_536;

/// What a directory says of its page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Bits of a pixel over all channels.
    pub bits: u16,
    /// Dots per inch, where it says so.
    pub dpi: Option<u32>,
    /// Where its last strip or tile ends in the file.
    pub end: u64,
    /// A small copy of another page.
    reduced: bool,
}

/// All pages but reduced copies; `None` when these are no directories.
pub(super) fn pages(source: impl Read + Seek) -> Option<Vec<Page>> {
    let mut tags = Tags { source, big_endian: false, wide: false };
    let mut at = tags.head()?;
    let mut pages = Vec::new();
    // Directories that point back to one another are as many as the limit lets them be.
    while at != 0 && pages.len() < MOST_PAGES {
        let (page, next) = tags.page(at)?;
        pages.push(page);
        at = next;
    }
    pages.retain(|page| !page.reduced);
    Some(pages)
}

/// The page with the most pixels.
pub(super) fn largest(pages: &[Page]) -> Option<&Page> {
    pages.iter().max_by_key(|page| u64::from(page.width) * u64::from(page.height))
}

struct Tags<S> {
    source: S,
    big_endian: bool,
    /// BigTIFF: eight bytes where others have four.
    wide: bool,
}

struct Entry {
    tag: u16,
    kind: u16,
    count: u64,
    /// Where its values stand.
    at: u64,
}

impl<S: Read + Seek> Tags<S> {
    /// Reads the head; gives where the first directory is.
    fn head(&mut self) -> Option<u64> {
        let mut mark = [0_u8; 2];
        self.source.rewind().ok()?;
        self.source.read_exact(&mut mark).ok()?;
        self.big_endian = match &mark {
            b"II" => false,
            b"MM" => true,
            _ => return None,
        };
        match self.number(2, 2)? {
            42 => self.number(4, 4),
            43 => {
                self.wide = true;
                self.number(8, 8)
            }
            _ => None,
        }
    }

    /// A number of `size` bytes at a place.
    fn number(&mut self, at: u64, size: usize) -> Option<u64> {
        let mut bytes = [0_u8; 8];
        let read = bytes.get_mut(..size)?;
        self.source.seek(SeekFrom::Start(at)).ok()?;
        self.source.read_exact(read).ok()?;
        Some(self.number_of(read))
    }

    fn number_of(&self, bytes: &[u8]) -> u64 {
        let fold = |number: u64, byte: &u8| (number << 8) | u64::from(*byte);
        if self.big_endian { bytes.iter().fold(0, fold) } else { bytes.iter().rev().fold(0, fold) }
    }

    /// The directory at a place, and where the next is.
    fn page(&mut self, at: u64) -> Option<(Page, u64)> {
        let (count_size, entry_size, word) = if self.wide { (8, 20, 8) } else { (2, 12, 4) };
        let count = self.number(at, count_size)?;
        if count > MOST_ENTRIES {
            return None;
        }
        let first = at.checked_add(count_size as u64)?;
        let mut page = Page::default();
        let (mut rows, mut sizes, mut samples, mut unit, mut resolution) = (Vec::new(), Vec::new(), 1, 2, None);
        for place in 0..count {
            let entry = self.entry(first.checked_add(place * entry_size)?, word)?;
            // A value that cannot be read is as one that is not there; only the directory itself must be whole.
            let values = self.values(&entry).unwrap_or_default();
            let value = values.first().copied().unwrap_or(0);
            let small = u32::try_from(value).unwrap_or(u32::MAX);
            match entry.tag {
                254 => page.reduced = value & 1 == 1,
                256 => page.width = small,
                257 => page.height = small,
                258 => page.bits = u16::try_from(values.iter().sum::<u64>()).unwrap_or(u16::MAX),
                277 => samples = small,
                273 | 324 => rows = values,
                279 | 325 => sizes = values,
                282 => resolution = Some(value),
                296 => unit = small,
                _ => {}
            }
        }
        // Where depth or its number of samples is missing, one bit of one sample is meant.
        page.bits = page.bits.max(u16::try_from(samples).unwrap_or(u16::MAX)).max(1);
        page.dpi = resolution.and_then(|hundredths| dpi(hundredths, unit));
        page.end = rows.iter().zip(&sizes).map(|(row, size)| row.saturating_add(*size)).max().unwrap_or(0);
        let next = self.number(first.checked_add(count * entry_size)?, word).unwrap_or(0);
        Some((page, next))
    }

    fn entry(&mut self, at: u64, word: usize) -> Option<Entry> {
        let (tag, kind) = (self.number(at, 2)?, self.number(at + 2, 2)?);
        let count = self.number(at + 4, word)?;
        let inline = at + 4 + word as u64;
        let kind = u16::try_from(kind).ok()?;
        let fits = count.saturating_mul(size_of_kind(kind) as u64) <= word as u64;
        Some(Entry { tag: u16::try_from(tag).ok()?, kind, count, at: if fits { inline } else { self.number(inline, word)? } })
    }

    /// Values as whole numbers; rationals in hundredths.
    fn values(&mut self, entry: &Entry) -> Option<Vec<u64>> {
        let size = size_of_kind(entry.kind);
        if size == 0 || entry.count > MOST_VALUES {
            return None;
        }
        let mut bytes = vec![0; usize::try_from(entry.count).ok()?.checked_mul(size)?];
        self.source.seek(SeekFrom::Start(entry.at)).ok()?;
        self.source.read_exact(&mut bytes).ok()?;
        let value = |bytes: &[u8]| match bytes.split_at_checked(4).filter(|_| entry.kind == 5) {
            Some((over, under)) => self.number_of(over).saturating_mul(100).checked_div(self.number_of(under)).unwrap_or(0),
            None => self.number_of(bytes),
        };
        Some(bytes.chunks_exact(size).map(value).collect())
    }
}

/// Bytes of a value; 0 for kinds that no tag of ours has.
fn size_of_kind(kind: u16) -> usize {
    match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16 | 17 | 18 => 8,
        _ => 0,
    }
}

/// Hundredths of dots per unit (2 is an inch, 3 a centimetre) as dots per inch; a resolution of 1 says nothing.
fn dpi(hundredths: u64, unit: u32) -> Option<u32> {
    let dpi = match unit {
        2 => hundredths.saturating_add(50) / 100,
        3 => hundredths.saturating_mul(254).saturating_add(5_000) / 10_000,
        _ => return None,
    };
    u32::try_from(dpi).ok().filter(|dpi| *dpi > 1)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::io::Cursor;

    /// A file whose pages have these tags of four bytes, one after the other, with nothing in them; little-endian.
    pub fn written(pages: &[&[(u16, u32)]]) -> Vec<u8> {
        let mut file = b"II\x2a\0\x08\0\0\0".to_vec();
        for (number, tags) in pages.iter().enumerate() {
            let next = if number + 1 == pages.len() { 0 } else { file.len() + 2 + tags.len() * 12 + 4 };
            file.extend(u16::try_from(tags.len()).unwrap().to_le_bytes());
            for (tag, value) in *tags {
                file.extend(tag.to_le_bytes());
                file.extend(4_u16.to_le_bytes());
                file.extend(1_u32.to_le_bytes());
                file.extend(value.to_le_bytes());
            }
            file.extend(u32::try_from(next).unwrap().to_le_bytes());
        }
        file
    }

    #[test]
    fn each_page_is_measured_and_small_copies_are_not_counted() {
        let file =
            written(&[&[(256, 1728), (257, 2200), (259, 4)], &[(256, 90), (257, 120), (254, 1)], &[(256, 2480), (257, 3508), (258, 8)]]);
        let pages = pages(Cursor::new(&file)).unwrap();
        assert_eq!(pages.len(), 2);
        let page = largest(&pages).unwrap();
        assert_eq!((page.width, page.height, page.bits), (2480, 3508, 8));
        assert_eq!(pages[0].bits, 1, "a fax without a depth");
        assert!(super::pages(Cursor::new(b"II\x2b\0")).is_none() && super::pages(Cursor::new(b"GIF89a")).is_none());
    }

    #[test]
    fn resolution_is_read_in_inches_and_centimetres() {
        assert_eq!((dpi(30_000, 2), dpi(11_811, 3), dpi(100, 2), dpi(30_000, 1)), (Some(300), Some(300), None, None));
    }

    #[test]
    fn directories_in_a_ring_come_to_an_end() {
        let mut file = written(&[&[(256, 1)]]);
        let at = file.len() - 4;
        file[at..].copy_from_slice(&8_u32.to_le_bytes());
        assert_eq!(pages(Cursor::new(&file)).unwrap().len(), MOST_PAGES);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(mut bytes: Vec<u8>, wide: bool, at in 0_usize..60, byte: u8) {
            bytes.splice(0..0, if wide { b"MM\0\x2b\0\x08\0\0\0\0\0\0\0\0\0\x10".to_vec() } else { b"II\x2a\0\x08\0\0\0".to_vec() });
            let _ = pages(Cursor::new(&bytes));
            let mut file = written(&[&[(256, 9), (273, 8), (279, 8)], &[(256, 9)]]);
            if let Some(place) = file.get_mut(at) {
                *place = byte;
            }
            let _ = pages(Cursor::new(&file));
        }
    }
}
