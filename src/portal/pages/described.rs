//! The description of a work as rows of name and value, and its files as lines.

use crate::domain::access::Visibility;
use crate::domain::inspection::FileFacts;
use crate::domain::metadata::{AiLabel, Creator, Culture, FileRole, Lesson, Metadata, Rights};
use crate::domain::text::LangMap;
use crate::portal::{Labels, address, words};
use crate::vetting::views::FileView;

/// One field of a description.
pub struct Row {
    /// Name of the field, by which comments refer to it.
    pub field: &'static str,
    pub label: &'static str,
    pub value: String,
}

/// The fields that say something, in the order in which they are read.
pub fn rows(labels: &Labels, work: &Metadata) -> Vec<Row> {
    let number = |minutes: u32| format!("{minutes} 分钟");
    let fields: [(&'static str, String); 21] = [
        ("title", texts(&work.title)),
        ("description", texts(&work.description)),
        ("kind", work.kind.label().to_owned()),
        ("category", labels.of("categories", &work.category).to_owned()),
        ("subjects", labels.all("subjects", &work.subjects)),
        ("keywords", work.keywords.join("、")),
        ("audience", labels.all("audiences", &work.audience)),
        ("language", labels.all("languages", &work.language)),
        ("region", labels.all("regions", &work.region)),
        ("minutes", work.minutes.map(number).unwrap_or_default()),
        ("created", work.created.clone().unwrap_or_default()),
        ("valid_until", work.valid_until.clone().unwrap_or_default()),
        ("series", work.series.clone().unwrap_or_default()),
        ("creators", lines(work.creators.iter().map(|person| creator(labels, person)))),
        ("rights", rights(labels, &work.rights)),
        ("access", access(&work.access)),
        ("culture", work.culture.as_ref().map(|item| culture(labels, item)).unwrap_or_default()),
        ("ai", work.ai.as_ref().map(ai).unwrap_or_default()),
        ("accessibility", labels.all("accessibility", &work.accessibility)),
        ("link", work.link.as_ref().map(|link| lines([link.url.clone(), link.owner.clone()])).unwrap_or_default()),
        ("lessons", lines(work.lessons.iter().zip(1..).map(|(lesson, number)| lesson_line(number, lesson)))),
    ];
    let said = fields.into_iter().filter(|(_, value)| !value.is_empty());
    said.map(|(field, value)| Row { field, label: words::field(field), value }).collect()
}

fn lines(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn texts(text: &LangMap) -> String {
    lines(std::iter::once(text.main()).chain(text.others()).map(str::to_owned))
}

fn creator(labels: &Labels, person: &Creator) -> String {
    let role = Some(labels.of("creator_roles", &person.role)).filter(|role| !role.is_empty());
    let about: Vec<&str> = role.into_iter().chain(person.organisation.as_deref()).collect();
    if about.is_empty() { person.name.clone() } else { format!("{}（{}）", person.name, about.join("，")) }
}

fn named(label: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { format!("{label}：{value}") }
}

fn rights(labels: &Labels, rights: &Rights) -> String {
    lines([
        named("许可", labels.of("licences", &rights.licence)),
        named("权利人", &rights.holder),
        named("共享方式", labels.of("sharing", &rights.sharing)),
        named("授权依据", &rights.evidence),
        named("授权至", rights.licence_until.as_deref().unwrap_or_default()),
    ])
}

fn access(access: &Visibility) -> String {
    match access {
        Visibility::Public => "公开".to_owned(),
        Visibility::Registered => "登录后可见".to_owned(),
        Visibility::Organisation => "本机构可见".to_owned(),
        Visibility::Protocol { any, all } => {
            let groups: Vec<&str> = any.iter().chain(all).map(String::as_str).collect();
            format!("限定群组：{}", groups.join("、"))
        }
    }
}

fn culture(labels: &Labels, item: &Culture) -> String {
    lines([
        named("民族", &labels.all("ethnic_groups", &item.ethnic_groups)),
        named("非遗类别", labels.of("heritage_classes", &item.heritage_class)),
        named("非遗项目", &item.heritage_item),
        named("级别", labels.of("heritage_levels", &item.heritage_level)),
        named("保护单位", &item.protecting_body),
        named("传承人授权", &item.consent),
        named("资料来源", &item.sources.join("；")),
    ])
}

fn ai(label: &AiLabel) -> String {
    let generated = if label.generated { "含人工智能生成内容" } else { "不含人工智能生成内容" };
    let visible = if label.label_visible { "作品中有显式标识" } else { "" };
    lines([generated.to_owned(), named("服务提供者", &label.provider), visible.to_owned()])
}

fn lesson_line(number: usize, lesson: &Lesson) -> String {
    format!("{number}. {}", lesson.title)
}

/// How a file can be looked at in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Picture,
    Video,
    Audio,
    Pdf,
    Other,
}

/// How a file of these facts can be looked at.
pub fn look(facts: Option<&FileFacts>) -> Look {
    match facts.map_or("", FileFacts::media_type) {
        kind if kind.starts_with("image/") => Look::Picture,
        kind if kind.starts_with("video/") => Look::Video,
        kind if kind.starts_with("audio/") => Look::Audio,
        "application/pdf" => Look::Pdf,
        _ => Look::Other,
    }
}

/// A file of a submission.
pub struct FileShown {
    pub path: String,
    pub title: String,
    /// What it is for, how big and how long it is.
    pub about: String,
    /// The page that shows it.
    pub look: String,
}

/// The line of a file.
pub fn file(submission: &str, file: &FileView) -> FileShown {
    let facts = file.facts.as_ref();
    let duration =
        facts.and_then(|facts| facts.video.as_ref().map(|video| video.duration_ms).or(facts.audio.as_ref().map(|audio| audio.duration_ms)));
    let sides = facts.and_then(|facts| facts.image.as_ref()).map(|image| format!("{}×{}", image.width, image.height));
    let parts = facts.and_then(|facts| facts.text.as_ref()).filter(|text| text.parts > 1).map(|text| format!("{} 页（节）", text.parts));
    let length = duration.map(|ms| format!("{} 分 {:02} 秒", ms / 60_000, ms / 1_000 % 60));
    let about = [Some(role(file.role).to_owned()), Some(words::size(file.size)), length, sides, parts];
    FileShown {
        path: file.path.clone(),
        title: file.title.clone().unwrap_or_default(),
        about: about.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        look: address::look(submission, &file.path),
    }
}

fn role(role: FileRole) -> &'static str {
    match role {
        FileRole::Master => "正文",
        FileRole::Subtitle => "字幕",
        FileRole::Transcript => "文字稿",
        FileRole::Cover => "封面",
        FileRole::Attachment => "附件",
        FileRole::Evidence => "授权证明",
    }
}
