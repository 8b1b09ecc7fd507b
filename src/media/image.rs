//! Pictures: size, depth and resolution, whether they open to the end, and a thumbnail.

use super::reading::Reading;
use super::thumbnail;
use crate::domain::inspection::ImageFacts;
use ::image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Most pixels that are opened. A full page at 600 dpi has 35 million; the largest cameras make 100.
pub(super) const MOST_PIXELS: u64 = 100_000_000;
/// Longest side.
const MOST_SIDE: u32 = 65_535;
/// Most bytes that opening may take.
const MOST_ALLOCATED: u64 = 1 << 30;
/// Bytes in which the resolution stands.
const HEAD: u64 = 64 << 10;
/// Millimetres of an inch, times ten.
const TENTHS_MM_PER_INCH: u32 = 254;

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
    let facts = ImageFacts { width, height, bits_per_pixel: decoder.original_color_type().bits_per_pixel(), dpi: dpi(path) };
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
        ImageError::Unsupported(_) => "图片的编码方式不受支持，请另存为 JPEG 或 PNG。".to_owned(),
        ImageError::IoError(_) => "图片文件不完整，无法读到结尾。".to_owned(),
        _ => "图片文件已损坏，无法解码。".to_owned(),
    }
}

/// Dots per inch: JFIF density or PNG pHYs.
fn dpi(path: &Path) -> Option<u32> {
    let mut head = Vec::new();
    BufReader::new(File::open(path).ok()?).take(HEAD).read_to_end(&mut head).ok()?;
    let pair = |at: usize| head.get(at..at + 2).and_then(|bytes| bytes.try_into().ok()).map(u16::from_be_bytes);
    if head.starts_with(b"\xFF\xD8") {
        let at = memchr::memmem::find(&head, b"JFIF\0")?;
        let density = u32::from(pair(at + 8)?);
        return match head.get(at + 7)? {
            1 => Some(density),
            2 => Some(density.saturating_mul(TENTHS_MM_PER_INCH) / 100),
            _ => None,
        }
        .filter(|dpi| *dpi > 1);
    }
    if head.starts_with(b"\x89PNG") {
        let at = memchr::memmem::find(&head, b"pHYs")?;
        let per_metre = u32::from_be_bytes(head.get(at + 4..at + 8)?.try_into().ok()?);
        // 39.37 inches in a metre; rounded, since 300 dpi is written as 11,811.
        return (*head.get(at + 12)? == 1).then(|| u32::try_from((u64::from(per_metre) * 254 + 5_000) / 10_000).unwrap_or(0));
    }
    None
}
