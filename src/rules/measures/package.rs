//! What the files of a submission come to together.

use super::{Item, Measure, Shape, Value, View, whole};
use crate::domain::codes::Kind;
use crate::domain::inspection::VideoFacts;
use crate::domain::metadata::FileRole;
use crate::domain::submission::SubmittedFile;
use crate::rules::subject::class_of;
use std::collections::BTreeSet;

pub(super) const MEASURES: &[Measure] = &[
    whole("package.masters", Shape::Number, "个", "主文件个数", masters),
    whole("package.absent_files", Shape::List, "", "清单引用但包中没有的文件", absent),
    whole("package.same_files", Shape::List, "", "内容相同的文件", same),
    whole("package.known_files", Shape::List, "", "其他作品中已有的文件", known),
    whole("package.size_mb", Shape::Number, "MB", "总大小", |view| {
        Some(Value::number(view.subject.files.iter().map(|file| file.size).sum::<u64>() / 1_000_000))
    }),
    whole("course.lessons", Shape::Number, "讲", "讲数", |view| {
        (view.subject.metadata.kind == Kind::Course).then(|| Value::number(view.subject.metadata.lessons.len()))
    }),
    whole("course.formats", Shape::List, "", "各讲视频的画面尺寸", formats),
    whole("course.encodings", Shape::List, "", "各讲视频的编码与帧率", encodings),
    whole("course.unnumbered", Shape::List, "", "文件名没有序号的讲", unnumbered),
    whole("package.same_names", Shape::List, "", "只有大小写之别的文件名", same_names),
    whole("audio.untranscribed", Shape::List, "", "没有文字稿的音频", untranscribed),
    whole("course.untitled_lessons", Shape::List, "", "没有标题的讲", untitled),
    whole("video.unsubtitled", Shape::List, "", "没有字幕的视频", unsubtitled),
    whole("package.covers", Shape::Number, "张", "封面图个数", |view| {
        Some(Value::number(view.subject.files.iter().filter(|file| file.entry.role == FileRole::Cover).count()))
    }),
];

fn masters(view: &View<'_>) -> Option<Value> {
    (view.subject.metadata.kind != Kind::Link).then(|| Value::number(view.subject.masters().count()))
}

fn absent(view: &View<'_>) -> Option<Value> {
    let meta = view.subject.metadata;
    let there: BTreeSet<&str> = view.subject.files.iter().map(|file| file.entry.path.as_str()).collect();
    let lessons = meta.lessons.iter().flat_map(|lesson| &lesson.files);
    let named: BTreeSet<&str> = meta.files.iter().map(|file| &file.path).chain(lessons).map(String::as_str).collect();
    Some(Value::List(named.into_iter().filter(|path| !there.contains(path)).map(Item::file).collect()))
}

fn same(view: &View<'_>) -> Option<Value> {
    let mut seen = BTreeSet::new();
    let again = view.subject.shown().filter(|file| !seen.insert(&file.digest));
    Some(Value::List(again.map(|file| Item::file(&file.entry.path)).collect()))
}

/// Files that another work holds too; `None` where nobody looked for them.
fn known(view: &View<'_>) -> Option<Value> {
    let twins = view.subject.neighbours?.iter().filter(|other| other.file.is_some());
    Some(Value::List(twins.map(|other| Item { text: other.shown(), file: other.file.clone(), ..Item::default() }).collect()))
}

fn video_of(file: &SubmittedFile) -> Option<&VideoFacts> {
    file.facts.as_ref()?.video.as_ref()
}

fn formats(view: &View<'_>) -> Option<Value> {
    let sizes: BTreeSet<(u32, u32)> = view.subject.masters().filter_map(video_of).map(|video| (video.width, video.height)).collect();
    let items = sizes.iter().map(|(width, height)| Item { text: format!("{width}×{height}"), ..Item::default() });
    (!sizes.is_empty()).then(|| Value::List(items.collect()))
}

fn encodings(view: &View<'_>) -> Option<Value> {
    let all: BTreeSet<String> = view.subject.masters().filter_map(video_of).map(encoding).collect();
    let items = all.into_iter().map(|text| Item { text, ..Item::default() });
    Some(Value::List(items.collect())).filter(|value| *value != Value::List(Vec::new()))
}

/// Codec and whole frames a second: players hide smaller differences.
fn encoding(video: &VideoFacts) -> String {
    format!("{} {} 帧/秒", video.codec, (video.millifps + 500) / 1000)
}

fn unnumbered(view: &View<'_>) -> Option<Value> {
    let videos: Vec<&SubmittedFile> = view.subject.masters().filter(|file| video_of(file).is_some()).collect();
    let bare = |file: &&&SubmittedFile| !stem(&file.entry.path).contains(|letter: char| letter.is_numeric());
    (videos.len() > 1).then(|| Value::List(videos.iter().filter(bare).map(|file| Item::file(&file.entry.path)).collect()))
}

fn same_names(view: &View<'_>) -> Option<Value> {
    let mut seen = BTreeSet::new();
    let again = view.subject.files.iter().filter(|file| !seen.insert(file.entry.path.to_lowercase()));
    Some(Value::List(again.map(|file| Item::file(&file.entry.path)).collect()))
}

/// Sound has a transcript when a transcript or subtitle bears its name, or when the package holds one recording and any of these.
fn untranscribed(view: &View<'_>) -> Option<Value> {
    let is_words =
        |file: &&SubmittedFile| matches!(file.entry.role, FileRole::Transcript | FileRole::Subtitle) || class_of(file) == "subtitle";
    let words: Vec<&str> = view.subject.files.iter().filter(is_words).map(|file| file.entry.path.as_str()).collect();
    let sounds: Vec<&str> = view.subject.masters().filter(|file| class_of(file) == "audio").map(|file| file.entry.path.as_str()).collect();
    let alone = sounds.len() == 1 && !words.is_empty();
    let told = |sound: &str| alone || words.iter().any(|path| stem(path).starts_with(stem(sound)));
    (!sounds.is_empty()).then(|| Value::List(sounds.into_iter().filter(|sound| !told(sound)).map(Item::file).collect()))
}

fn untitled(view: &View<'_>) -> Option<Value> {
    let lessons = view.subject.metadata.lessons.iter().enumerate().filter(|(_, lesson)| lesson.title.trim().is_empty());
    Some(Value::List(lessons.map(|(place, _)| Item::field(format!("第{}讲", place + 1), &format!("lessons[{place}].title"))).collect()))
}

/// A video has subtitles when a subtitle file stands in the same lesson or bears the same name, or when the package holds one
/// video only and a subtitle file at all.
fn unsubtitled(view: &View<'_>) -> Option<Value> {
    let is_subtitle = |file: &&SubmittedFile| file.entry.role == FileRole::Subtitle || class_of(file) == "subtitle";
    let subtitles: Vec<&str> = view.subject.files.iter().filter(is_subtitle).map(|file| file.entry.path.as_str()).collect();
    let videos: Vec<&str> = view.subject.masters().filter(|file| video_of(file).is_some()).map(|file| file.entry.path.as_str()).collect();
    if videos.is_empty() {
        return None;
    }
    let alone = videos.len() == 1 && !subtitles.is_empty();
    let lessons = &view.subject.metadata.lessons;
    let in_lesson = |video: &str| {
        let mine = lessons.iter().filter(|lesson| lesson.files.iter().any(|path| path == video));
        mine.flat_map(|lesson| &lesson.files).any(|path| subtitles.contains(&path.as_str()))
    };
    let by_name = |video: &str| subtitles.iter().any(|subtitle| stem(subtitle).starts_with(stem(video)));
    let without = videos.into_iter().filter(|video| !alone && !in_lesson(video) && !by_name(video));
    Some(Value::List(without.map(Item::file).collect()))
}

/// The file name without folders and its last extension.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |parts| parts.0)
}
