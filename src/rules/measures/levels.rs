//! What decoding a recording tells: levels of its sound, silence, black pictures. Absent where a site has no program that decodes.

use super::{Measure, Shape, Value, each};
use crate::domain::inspection::{Locator, PictureFacts, SoundFacts};
use crate::domain::submission::SubmittedFile;

pub(super) const MEASURES: &[Measure] = &[
    each("audio.loudness", Shape::Number, "LUFS", "综合响度（抽样时为各段综合）", |_, file| number(sound(file)?.loudness))
        .places(2)
        .decoded(),
    each("audio.true_peak", Shape::Number, "dBTP", "真峰值", |_, file| number(sound(file)?.true_peak)).places(2).decoded(),
    each("audio.level", Shape::Number, "dBFS", "有声部分的常见峰值", |_, file| number(sound(file)?.level)).places(2).decoded(),
    each("audio.pause_gap", Shape::Number, "dB", "语音与停顿处的电平差（信噪比估计）", |_, file| {
        number(sound(file)?.pause_gap)
    })
    .places(2)
    .decoded(),
    each("audio.clipped_ms", Shape::Number, "秒", "削波的累计时间", |_, file| Some(Value::number(sound(file)?.clipped_ms)))
        .places(3)
        .decoded()
        .located(|file| second(sound(file)?.clipped_at_ms)),
    each("audio.silence_ms", Shape::Number, "秒", "最长的静音", |_, file| Some(Value::number(sound(file)?.silence_ms)))
        .places(3)
        .decoded()
        .located(|file| second(sound(file)?.silence_at_ms)),
    each("audio.all_silent", Shape::Flag, "", "全程没有声音", |_, file| Some(Value::Flag(sound(file)?.silent))).decoded(),
    each("audio.dead_channel", Shape::Number, "", "没有声音的声道（0 为没有）", |_, file| {
        Some(Value::number(sound(file)?.dead_channel.unwrap_or(0)))
    })
    .decoded(),
    each("video.luma_low", Shape::Number, "", "画面暗部亮度（16 为黑）", |_, file| number(picture(file)?.luma_low)).decoded(),
    each("video.luma_high", Shape::Number, "", "画面亮部亮度（235 为白）", |_, file| number(picture(file)?.luma_high)).decoded(),
    each("video.black_ms", Shape::Number, "秒", "最长的黑场", |_, file| Some(Value::number(picture(file)?.black_ms)))
        .places(3)
        .decoded()
        .located(|file| second(picture(file)?.black_at_ms)),
    each("video.all_black", Shape::Flag, "", "全程黑场", |_, file| {
        picture(file).map(|seen| Value::Flag(seen.black_frames == seen.frames))
    })
    .decoded(),
];

/// Whether what these measures tell of a file was taken of pieces of it.
pub(in crate::rules) fn is_sampled(file: &SubmittedFile, measure: &Measure) -> bool {
    let of_picture = measure.name.starts_with("video.");
    measure.decoded
        && if of_picture { picture(file).is_some_and(|seen| seen.sampled) } else { sound(file).is_some_and(|heard| heard.sampled) }
}

/// Why they were not taken of a file.
pub(in crate::rules) fn unmeasured(file: &SubmittedFile) -> Option<&str> {
    file.facts.as_ref()?.unmeasured.as_deref()
}

fn sound(file: &SubmittedFile) -> Option<&SoundFacts> {
    file.facts.as_ref()?.sound.as_ref()
}

fn picture(file: &SubmittedFile) -> Option<&PictureFacts> {
    file.facts.as_ref()?.picture.as_ref()
}

fn number(value: Option<impl TryInto<i64>>) -> Option<Value> {
    value.map(Value::number)
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that a place of a measure has")]
fn second(start_ms: u64) -> Option<Locator> {
    Some(Locator::Second { start_ms })
}
