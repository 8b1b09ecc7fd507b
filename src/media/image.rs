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
    Reading { image: Some(facts), fault: decoded.fault.filter(|_| !unknown), ..decoded }
}

/// Reads a picture. The size is checked before anything is allocated.
pub(super) fn read(path: &Path) -> Reading {
    let reader = match ImageReader::open(path).and_then(ImageReader::with_guessed_format) {
        Ok(reader) => reader,
        Err(_) => return Reading::fault("图片无法打开。"),
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_ALLOCATED);
    let mut reader = reader;
    reader.limits(limits);
    let decoder = match reader.into_decoder() {
        Ok(decoder) => decoder,
        Err(error) => return Reading::fault(words(&error)),
    };
    let (width, height) = decoder.dimensions();
    let facts = ImageFacts { width, height, bits_per_pixel: decoder.original_color_type().bits_per_pixel(), dpi: dpi(path), pages: None };
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
