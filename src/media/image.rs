//! Pictures: size, depth and resolution, whether they open to the end, and a thumbnail.

use super::reading::Reading;
use super::{thumbnail, tiff};
use crate::domain::inspection::ImageFacts;
use ::image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits};
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::Path;

/// Most pixels that are opened. A full page at 600 dpi has 35 million; the largest cameras make 100.
pub(super) const MOST_PIXELS: u64 = 100_000_000;
/// Longest side.
const MOST_SIDE: u32 = 65_535;
/// Most bytes that opening may take.
const MOST_ALLOCATED: u64 = 1 << 30;
/// What is said of a coding that is not known here.
const UNSUPPORTED: &str = "图片的编码方式不受支持，请另存为 JPEG 或 PNG。";
/// Bytes in which the resolution stands.
const HEAD: u64 = 64 << 10;
/// Segments of a JPEG that are looked at before its frame.
const MOST_SEGMENTS: usize = 1_000;
/// Millimetres of an inch, times ten.
const TENTHS_MM_PER_INCH: u32 = 254;

/// Reads a TIFF file: what its directories say of all pages, also where none of them can be decoded here (faxes, JPEG in strips).
pub(super) fn read_tiff(path: &Path, size: u64) -> Reading {
    let pages = File::open(path).ok().and_then(|file| tiff::pages(BufReader::new(file))).unwrap_or_default();
    let Some(page) = tiff::largest(&pages).filter(|page| page.width > 0 && page.height > 0) else { return read(path) };
    if let Some(end) = pages.iter().map(|page| page.end).max().filter(|end| *end > size) {
        return Reading::fault(format!("图片文件不完整：内容应到第 {end} 字节，文件只有 {size} 字节，可能没有上传或导出完毕。"));
    }
    let facts = ImageFacts {
        width: page.width,
        height: page.height,
        bits_per_pixel: page.bits,
        dpi: page.dpi,
        pages: u32::try_from(pages.len()).ok(),
    };
    let decoded = read(path);
    let unknown = decoded.fault.as_deref() == Some(UNSUPPORTED);
    let undecoded = decoded.fault.clone().filter(|_| unknown);
    Reading { image: Some(facts), fault: decoded.fault.filter(|_| !unknown), undecoded, ..decoded }
}

/// Opens a picture under limits. Its size is known then, and nothing of it allocated yet.
pub(super) fn open(path: &Path) -> Result<impl ImageDecoder + 'static, String> {
    let unreadable = |_| "图片无法打开。".to_owned();
    let mut reader = ImageReader::open(path).and_then(ImageReader::with_guessed_format).map_err(unreadable)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_ALLOCATED);
    reader.limits(limits);
    reader.into_decoder().map_err(|error| words(&error))
}

/// Reads a picture. The size is checked before anything is allocated.
pub(super) fn read(path: &Path) -> Reading {
    let decoder = match open(path) {
        Ok(decoder) => decoder,
        Err(fault) => return Reading::fault(fault),
    };
    let (width, height) = decoder.dimensions();
    let bits_per_pixel = jpeg_bits(path).unwrap_or_else(|| decoder.original_color_type().bits_per_pixel());
    let facts = ImageFacts { width, height, bits_per_pixel, dpi: dpi(path), pages: None };
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        let millions = u64::from(width) * u64::from(height) / 1_000_000;
        let fault = format!("图片尺寸为 {width}×{height}（约 {millions} 百万像素），超过 1 亿像素的上限，请缩小后再提交。");
        return Reading { image: Some(facts), ..Reading::fault(fault) };
    }
    match DynamicImage::from_decoder(decoder) {
        Ok(picture) => Reading { image: Some(facts), thumbnail: thumbnail::of_picture(&picture), ..Reading::default() },
        Err(error) => Reading { image: Some(facts), ..Reading::fault(words(&error)) },
    }
}

fn words(error: &ImageError) -> String {
    match error {
        ImageError::Limits(_) => "图片尺寸或解码所需内存超过上限（1 亿像素），请缩小后再提交。".to_owned(),
        ImageError::Unsupported(_) => UNSUPPORTED.to_owned(),
        ImageError::IoError(_) => "图片文件不完整，无法读到结尾。".to_owned(),
        _ => "图片文件已损坏，无法解码。".to_owned(),
    }
}

/// Bits per pixel of a JPEG, whose decoder tells of what it makes and not of what there is: 32 for CMYK.
fn jpeg_bits(path: &Path) -> Option<u16> {
    let mut file = BufReader::new(File::open(path).ok()?);
    let mut head = [0_u8; 2];
    file.read_exact(&mut head).ok()?;
    if head != [0xFF, 0xD8] {
        return None;
    }
    for _ in 0..MOST_SEGMENTS {
        let mut segment = [0_u8; 4];
        file.read_exact(&mut segment).ok()?;
        let [0xFF, kind, high, low] = segment else { return None };
        // Frames of all kinds; C4, C8 and CC are tables.
        if matches!(kind, 0xC0..=0xCF) && !matches!(kind, 0xC4 | 0xC8 | 0xCC) {
            let mut frame = [0_u8; 6];
            file.read_exact(&mut frame).ok()?;
            let [precision, _, _, _, _, components] = frame;
            return Some(u16::from(precision) * u16::from(components));
        }
        file.seek_relative(i64::from(u16::from_be_bytes([high, low])) - 2).ok()?;
    }
    None
}

/// Dots per inch: JFIF density, else that of EXIF, or PNG pHYs.
fn dpi(path: &Path) -> Option<u32> {
    let mut head = Vec::new();
    BufReader::new(File::open(path).ok()?).take(HEAD).read_to_end(&mut head).ok()?;
    if head.starts_with(b"\xFF\xD8") {
        return jfif(&head).or_else(|| exif(&head));
    }
    if head.starts_with(b"\x89PNG") {
        let at = memchr::memmem::find(&head, b"pHYs")?;
        let per_metre = u32::from_be_bytes(head.get(at + 4..at + 8)?.try_into().ok()?);
        // 39.37 inches in a metre; rounded, since 300 dpi is written as 11,811.
        return (*head.get(at + 12)? == 1).then(|| u32::try_from((u64::from(per_metre) * 254 + 5_000) / 10_000).unwrap_or(0));
    }
    None
}

/// The density of a JFIF head; one dot says nothing.
fn jfif(head: &[u8]) -> Option<u32> {
    let about = head.get(memchr::memmem::find(head, b"JFIF\0")?..)?;
    let density = u32::from(u16::from_be_bytes(about.get(8..10)?.try_into().ok()?));
    let dpi = match about.get(7)? {
        1 => density,
        2 => density.saturating_mul(TENTHS_MM_PER_INCH) / 100,
        _ => return None,
    };
    Some(dpi).filter(|dpi| *dpi > 1)
}

/// The resolution that cameras and scanners write into EXIF, whose first directory is of the picture.
fn exif(head: &[u8]) -> Option<u32> {
    let inside = head.get(memchr::memmem::find(head, b"Exif\0\0")? + 6..)?;
    tiff::pages(Cursor::new(inside))?.first()?.dpi
}
