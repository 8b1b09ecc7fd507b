//! Moving pictures, sound and subtitles.

use super::{Measure, Shape, Value, View, each};
use crate::domain::inspection::{AudioFacts, SubtitleFacts, VideoFacts};
use crate::domain::submission::SubmittedFile;

pub(super) const MEASURES: &[Measure] = &[
    each("video.container", Shape::Text, "", "封装格式", |_, file| container(file).map(Value::Text)),
    each("video.codec", Shape::Text, "", "视频编码", |_, file| video(file).map(|video| Value::Text(video.codec.clone()))),
    each("video.short_side_px", Shape::Number, "像素", "画面短边", |_, file| {
        video(file).map(|video| Value::number(video.width.min(video.height)))
    }),
    each("video.portrait", Shape::Flag, "", "竖屏", |_, file| video(file).map(|video| Value::Flag(video.height > video.width))),
    each("video.aspect_permille", Shape::Number, "", "宽高比", |_, file| {
        let video = video(file)?;
        (video.height > 0).then(|| Value::number(u64::from(video.width) * 1000 / u64::from(video.height)))
    })
    .places(3),
    each("video.pixel_aspect", Shape::Number, "", "像素宽高比", |_, file| video(file)?.pixel_aspect.map(Value::number)).places(3),
    each("video.chroma", Shape::Text, "", "色度采样", |_, file| video(file)?.chroma.clone().map(Value::Text)),
    each("video.millifps", Shape::Number, "帧/秒", "帧率", |_, file| video(file).map(|video| Value::number(video.millifps))).places(3),
    each("video.kbps", Shape::Number, "kbps", "视频码率", |_, file| {
        video(file).filter(|video| video.bitrate > 0).map(|video| Value::number(video.bitrate / 1000))
    }),
    each("video.interlaced", Shape::Flag, "", "隔行扫描", |_, file| video(file)?.interlaced.map(Value::Flag)),
    each("video.profile", Shape::Text, "", "H.264 档次", |_, file| video(file)?.profile.clone().map(Value::Text)),
    each("video.seconds", Shape::Number, "秒", "视频时长", |_, file| video(file).map(|video| Value::number(video.duration_ms / 1000))),
    each("video.sound_gap_ms", Shape::Number, "毫秒", "画面与声音起点或时长之差", |_, file| {
        let (video, audio) = (video(file)?, audio(file)?);
        Some(Value::number(video.duration_ms.abs_diff(audio.duration_ms).max(video.start_ms.abs_diff(audio.start_ms))))
    }),
    each("video.silent", Shape::Flag, "", "没有声音轨", |_, file| video(file).map(|_| Value::Flag(audio(file).is_none()))),
    each("audio.codec", Shape::Text, "", "音频编码", |_, file| audio(file).map(|audio| Value::Text(audio.codec.clone()))),
    each("audio.hertz", Shape::Number, "Hz", "采样率", |_, file| audio(file).map(|audio| Value::number(audio.sample_rate))),
    each("audio.kbps", Shape::Number, "kbps", "音频码率", |_, file| {
        audio(file).filter(|audio| audio.bitrate > 0).map(|audio| Value::number(audio.bitrate / 1000))
    }),
    each("audio.channels", Shape::Number, "声道", "声道数", |_, file| audio(file).map(|audio| Value::number(audio.channels))),
    each("audio.bits", Shape::Number, "位", "量化位数", |_, file| audio(file)?.bits.map(Value::number)),
    each("audio.seconds", Shape::Number, "秒", "音频时长", |_, file| audio(file).map(|audio| Value::number(audio.duration_ms / 1000))),
    each("subtitle.format", Shape::Text, "", "字幕格式", |_, file| subtitle(file).map(|cues| Value::Text(cues.format.clone()))),
    each("subtitle.cues", Shape::Number, "条", "字幕条数", |_, file| subtitle(file).map(|cues| Value::number(cues.cues))),
    each("subtitle.disordered", Shape::Number, "条", "次序颠倒或重叠的字幕", |_, file| {
        subtitle(file).map(|cues| Value::number(cues.disordered))
    }),
    each("subtitle.longest_line", Shape::Number, "字", "最长一行", |_, file| {
        subtitle(file).map(|cues| Value::number(cues.longest_line))
    }),
    each("subtitle.most_lines", Shape::Number, "行", "最多行数", |_, file| subtitle(file).map(|cues| Value::number(cues.most_lines))),
    each("subtitle.shortest_ms", Shape::Number, "毫秒", "最短一条", |_, file| {
        timed(file).map(|cues| Value::number(cues.shortest_ms))
    }),
    each("subtitle.longest_ms", Shape::Number, "毫秒", "最长一条", |_, file| timed(file).map(|cues| Value::number(cues.longest_ms))),
    each("subtitle.chars_per_second", Shape::Number, "字/秒", "最快语速", |_, file| {
        timed(file).map(|cues| Value::number(cues.fastest_cps))
    }),
    each("subtitle.chars_per_minute", Shape::Number, "字/分钟", "平均语速", |_, file| {
        // Below a minute of speech an average says little; older looks did not count the characters.
        let cues = timed(file).filter(|cues| cues.spoken_ms >= 60_000 && cues.characters > 0)?;
        Some(Value::number(cues.characters.saturating_mul(60_000) / cues.spoken_ms))
    }),
    each("subtitle.beyond_end_ms", Shape::Number, "毫秒", "字幕超出视频结尾", beyond_end),
];

fn video(file: &SubmittedFile) -> Option<&VideoFacts> {
    file.facts.as_ref()?.video.as_ref()
}

/// What packs a video; of one that could not be read its content shows that much.
fn container(file: &SubmittedFile) -> Option<String> {
    let shown = || {
        let sniffed = file.facts.as_ref()?.sniffed.strip_prefix("video/")?;
        Some(match sniffed {
            "x-msvideo" => "avi".to_owned(),
            other => other.trim_start_matches("x-").to_owned(),
        })
    };
    video(file).map(|video| video.container.clone()).or_else(shown)
}

fn audio(file: &SubmittedFile) -> Option<&AudioFacts> {
    file.facts.as_ref()?.audio.as_ref()
}

fn subtitle(file: &SubmittedFile) -> Option<&SubtitleFacts> {
    file.facts.as_ref()?.subtitle.as_ref()
}

/// Cues that say how long they stand; a line of LRC says only when it begins.
fn timed(file: &SubmittedFile) -> Option<&SubtitleFacts> {
    subtitle(file).filter(|cues| cues.format != "lrc")
}

/// Against the longest recording of the lessons that name the subtitles, or of the whole where no lesson does.
fn beyond_end(view: &View<'_>, file: &SubmittedFile) -> Option<Value> {
    let cues = subtitle(file)?;
    let lessons = view.subject.metadata.lessons.iter().filter(|lesson| lesson.files.contains(&file.entry.path));
    let named: Vec<&String> = lessons.flat_map(|lesson| &lesson.files).collect();
    let mine = view.subject.masters().filter(|master| named.is_empty() || named.contains(&&master.entry.path));
    let lengths = mine.filter_map(|master| {
        let facts = master.facts.as_ref()?;
        facts.video.as_ref().map(|video| video.duration_ms).or(facts.audio.as_ref().map(|audio| audio.duration_ms))
    });
    Some(Value::number(cues.end_ms.saturating_sub(lengths.max()?)))
}
