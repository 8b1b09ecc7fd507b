//! Small pictures for lists: JPEG, at most 480 pixels wide and high.

use super::decode::{Source, Stretch, demuxer};
use super::reading::Reading;
use super::tools::{Tools, run};
use ::image::codecs::jpeg::JpegEncoder;
use ::image::{DynamicImage, ImageReader, Limits, Rgb, RgbImage};
use std::io::Cursor;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Longest side in pixels.
const SIDE: u32 = 480;
/// JPEG quality.
const QUALITY: u8 = 80;
/// Time for a program to make one.
const LIMIT: Duration = Duration::from_secs(15);
/// Most bytes that a program may give.
const MOST_BYTES: u64 = 8 << 20;
/// Where in a video its cover is taken, as a part of its length: the very beginning is often black.
const COVER_AT: u64 = 10;

/// The thumbnail of an opened picture, transparent parts on white.
pub(super) fn of_picture(picture: &DynamicImage) -> Option<Vec<u8>> {
    let small = if picture.width() > SIDE || picture.height() > SIDE { picture.thumbnail(SIDE, SIDE) } else { picture.clone() };
    let flat = flat(&small);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(&flat).ok()?;
    Some(bytes)
}

/// A picture without transparency, its transparent parts on white.
pub(super) fn flat(picture: &DynamicImage) -> RgbImage {
    let rgba = picture.to_rgba8();
    let mut flat = RgbImage::new(rgba.width(), rgba.height());
    for (below, above) in flat.pixels_mut().zip(rgba.pixels()) {
        let [red, green, blue, alpha] = above.0;
        let mixed = |value: u8| {
            let sum = u32::from(value) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
            u8::try_from(sum / 255).unwrap_or(u8::MAX)
        };
        *below = Rgb([mixed(red), mixed(green), mixed(blue)]);
    }
    flat
}

/// The cover of a video, where ffmpeg is installed.
pub(super) fn of_video(path: &Path, media_type: &str, reading: &Reading, tools: &Tools) -> Option<Vec<u8>> {
    let program = tools.ffmpeg.as_ref()?;
    let video = reading.video.as_ref()?;
    let source = Source { program, format: demuxer(media_type)?, path };
    let mut command = source.command(Stretch { from: video.duration_ms / COVER_AT, length: video.duration_ms.max(1000) }, &[]);
    command.args(["-map", "0:v:0", "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-"]);
    of_output(command)
}

/// The first page of a PDF file, where pdftoppm is installed.
pub(super) fn of_pdf(path: &Path, tools: &Tools) -> Option<Vec<u8>> {
    let program = tools.pdftoppm.as_ref()?;
    let mut command = Command::new(program);
    command.args(["-q", "-jpeg", "-singlefile", "-f", "1", "-l", "1", "-scale-to", "480"]).arg(path);
    of_output(command)
}

/// Whatever a program gave is opened again by our own reader, under limits.
fn of_output(command: Command) -> Option<Vec<u8>> {
    let output = run(command, LIMIT, MOST_BYTES).ok()?;
    if !output.success || output.stdout.is_empty() {
        return None;
    }
    let mut reader = ImageReader::new(Cursor::new(output.stdout)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(256 << 20);
    reader.limits(limits);
    of_picture(&reader.decode().ok()?)
}
