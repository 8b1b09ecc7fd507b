//! What one file is: type, whether it opens, its name, pictures.

use super::{Item, Measure, Shape, Value, View, each};
use crate::domain::inspection::{FileFacts, ImageFacts, TextFacts};
use crate::domain::submission::SubmittedFile;
use crate::rules::subject::class_of;

pub(super) const MEASURES: &[Measure] = &[
    each("file.size_bytes", Shape::Number, "字节", "文件大小", |_, file| Some(Value::number(file.size))),
    each("file.size_mb", Shape::Number, "MB", "文件大小", |_, file| Some(Value::number(file.size / 1_000_000))),
    each("file.type_disagrees", Shape::Text, "", "与扩展名不符的实际类型", type_disagrees),
    each("file.program", Shape::Flag, "", "是可执行程序", |_, file| Some(Value::Flag(is_program(facts(file)?)))),
    each("file.fault", Shape::Text, "", "无法打开的原因", fault),
    each("file.encrypted", Shape::Flag, "", "需要密码", |_, file| Some(Value::Flag(facts(file)?.encrypted))),
    each("file.class", Shape::Text, "", "文件类别", |_, file| Some(Value::Text(class_of(file).to_owned()))),
    each("file.extension", Shape::Text, "", "扩展名", |_, file| Some(Value::Text(extension(&file.entry.path)))),
    each("file.name_bytes", Shape::Number, "字节", "文件名长度", |_, file| Some(Value::number(name(&file.entry.path).len()))),
    each("file.name_bad", Shape::Flag, "", "文件名含不能使用的字符", |_, file| {
        Some(Value::Flag(name(&file.entry.path).chars().any(|letter| letter.is_control() || r#"\:*?"<>|"#.contains(letter))))
    }),
    each("file.name_decomposed", Shape::Flag, "", "文件名不是 NFC 形式", |_, file| {
        Some(Value::Flag(!unicode_normalization::is_nfc(&file.entry.path)))
    }),
    each("file.remote_parts", Shape::List, "", "取自外部网站的部分", |_, file| {
        let facts = facts(file).filter(|facts| facts.sniffed == "text/html")?;
        Some(Value::List(facts.remote.iter().map(|address| Item { text: address.clone(), ..Item::default() }).collect()))
    }),
    each("file.unread", Shape::Text, "", "文字不能读取的原因", |_, file| {
        let document = matches!(class_of(file), "document" | "slides" | "ebook");
        document.then(|| Value::Text(facts(file).and_then(|facts| facts.unread.clone()).unwrap_or_default()))
    }),
    each("file.undecoded", Shape::Text, "", "不能解码的原因", |_, file| {
        let seen = |facts: &&FileFacts| facts.image.is_some() || facts.video.is_some() || facts.audio.is_some();
        let facts = facts(file).filter(|facts| seen(facts) || facts.undecoded.is_some())?;
        Some(Value::Text(facts.undecoded.as_deref().map(within).unwrap_or_default()))
    }),
    each("image.short_side_px", Shape::Number, "像素", "短边", |_, file| {
        image(file).map(|image| Value::number(image.width.min(image.height)))
    }),
    each("image.width_px", Shape::Number, "像素", "宽", |_, file| image(file).map(|image| Value::number(image.width))),
    each("image.aspect_permille", Shape::Number, "", "宽高比", |_, file| {
        let image = image(file).filter(|image| image.height > 0)?;
        Some(Value::number(u64::from(image.width) * 1000 / u64::from(image.height)))
    })
    .places(3),
    each("image.bits", Shape::Number, "位", "每像素位数", |_, file| image(file).map(|image| Value::number(image.bits_per_pixel))),
    each("image.dpi", Shape::Number, "dpi", "分辨率", |_, file| image(file)?.dpi.map(Value::number)),
    each("text.encoding", Shape::Text, "", "文本编码", |_, file| text(file)?.encoding.clone().map(Value::Text)),
    each("text.characters", Shape::Number, "字", "文字数", |_, file| text(file).map(|text| Value::number(text.characters))),
    each("text.longest_part", Shape::Number, "字", "单页最多文字数", |_, file| {
        text(file).map(|text| Value::number(text.longest_part))
    }),
    each("text.parts", Shape::Number, "页", "页数", |_, file| text(file).map(|text| Value::number(text.parts))),
];

/// Extensions that no learning package needs and that start programs on the usual systems.
const PROGRAMS: [&str; 16] =
    ["exe", "dll", "com", "bat", "cmd", "msi", "scr", "vbs", "ps1", "sh", "apk", "jar", "app", "dmg", "lnk", "reg"];

fn facts(file: &SubmittedFile) -> Option<&FileFacts> {
    file.facts.as_ref()
}

fn image(file: &SubmittedFile) -> Option<&ImageFacts> {
    facts(file)?.image.as_ref()
}

fn text(file: &SubmittedFile) -> Option<&TextFacts> {
    facts(file)?.text.as_ref()
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn extension(path: &str) -> String {
    name(path).rsplit_once('.').map(|parts| parts.1.to_lowercase()).unwrap_or_default()
}

fn is_program(facts: &FileFacts) -> bool {
    let sniffed = facts.sniffed.as_str();
    let types = ["executable", "x-msdownload", "x-dosexec", "x-elf", "x-mach", "x-sharedlib", "x-shellscript", "android.package"];
    types.iter().any(|name| sniffed.contains(name))
}

fn type_disagrees(_: &View<'_>, file: &SubmittedFile) -> Option<Value> {
    let facts = facts(file)?;
    // An empty file has no type to disagree with; it has a rule of its own.
    if file.size == 0 {
        return None;
    }
    let program = is_program(facts) || PROGRAMS.contains(&extension(&file.entry.path).as_str());
    let shown = if !facts.type_agrees || program { facts.sniffed.clone() } else { String::new() };
    Some(Value::Text(shown))
}

/// A sentence that goes on in the message of a rule.
fn within(sentence: &str) -> String {
    sentence.trim_end_matches('。').to_owned()
}

fn fault(_: &View<'_>, file: &SubmittedFile) -> Option<Value> {
    let facts = facts(file)?;
    // Password, emptiness and a false name have rules of their own: one cause, one finding.
    if facts.encrypted || file.size == 0 || !facts.type_agrees {
        return None;
    }
    let unknown = || "文件已损坏或不完整".to_owned();
    let fault = if facts.opens { String::new() } else { facts.fault.clone().unwrap_or_else(unknown) };
    Some(Value::Text(within(&fault)))
}
