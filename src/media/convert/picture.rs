//! Pictures as JPEG of a size that a phone shows and a slow link carries.

use super::Fault;
use crate::media::image::{MOST_PIXELS, open};
use crate::media::thumbnail::flat;
use ::image::DynamicImage;
use ::image::ImageDecoder as _;
use ::image::codecs::jpeg::JpegEncoder;
use ::image::imageops::FilterType;
use std::path::Path;

/// Longest side in pixels: twice that of a phone, for looking closer.
const SIDE: u32 = 2_560;
/// JPEG quality.
const QUALITY: u8 = 85;

/// The picture, the right way up, at most [`SIDE`] pixels wide and high, transparent parts on white; of a file of several pages the first.
pub(super) fn shrink(source: &Path) -> Result<Vec<u8>, Fault> {
    let mut decoder = open(source).map_err(|fault| Fault::new(&fault, "the picture does not open"))?;
    let broken = |error: ::image::ImageError| Fault::new("图片文件已损坏，无法解码。", error.to_string());
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(Fault::new("图片超过 1 亿像素的上限，没有转换。", format!("{width}×{height}")));
    }
    let turn = decoder.orientation().map_err(broken)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    if picture.width() > SIDE || picture.height() > SIDE {
        picture = picture.resize(SIDE, SIDE, FilterType::Triangle);
    }
    picture.apply_orientation(turn);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(&flat(&picture)).map_err(broken)?;
    Ok(bytes)
}
