//! What the description says: fields, rights, culture, the AI label, links.

use super::{Item, Measure, Shape, Value, View, whole};
use crate::domain::codes::Kind;
use crate::domain::inspection::FileFacts;
use crate::domain::metadata::Rights;
use crate::domain::text::LangMap;

pub(super) const MEASURES: &[Measure] = &[
    whole("meta.present", Shape::List, "", "已填写的著录项", present),
    whole("meta.title_chars", Shape::Number, "字", "题名字数", |view| chars(&view.subject.metadata.title)),
    whole("meta.description_chars", Shape::Number, "字", "简介字数", |view| chars(&view.subject.metadata.description)),
    whole("meta.keywords", Shape::Number, "个", "关键词个数", |view| Some(Value::number(view.subject.metadata.keywords.len()))),
    whole("meta.subjects", Shape::List, "", "学科", |view| Some(items(&view.subject.metadata.subjects))),
    whole("meta.minutes", Shape::Number, "分钟", "学习时长", |view| view.subject.metadata.minutes.map(Value::number)),
    whole("meta.licence", Shape::Text, "", "许可", |view| text(&view.subject.metadata.rights.licence)),
    whole("meta.accessibility", Shape::List, "", "无障碍特征", |view| Some(items(&view.subject.metadata.accessibility))),
    whole("rights.missing", Shape::List, "", "缺少的权利信息", rights_missing),
    whole("rights.evidence", Shape::Text, "", "授权依据", |view| {
        Some(Value::Text(view.subject.metadata.rights.evidence.trim().to_owned()))
    }),
    whole("rights.absent_evidence", Shape::List, "", "授权依据所指而包中没有的文件", absent_evidence),
    whole("rights.files_missing", Shape::List, "", "另署权利而不齐全的文件", files_missing),
    whole("rights.files_unproved", Shape::List, "", "另署权利而没有授权依据的文件", files_unproved),
    whole("culture.is", Shape::Flag, "", "属民族文化资源", |view| Some(Value::Flag(view.subject.metadata.culture.is_some()))),
    whole("culture.missing", Shape::List, "", "缺少的民族文化著录项", culture_missing),
    whole("culture.absent_consent", Shape::List, "", "授权书所指而包中没有的文件", absent_consent),
    whole("culture.unwritten_consent", Shape::List, "", "只有说明而没有授权书文件的传承人", unwritten_consent),
    whole("culture.unconsented", Shape::List, "", "未取得授权的传承人", unconsented),
    whole("ai.unlabelled", Shape::Flag, "", "声明由AI生成但没有显式标识", |view| {
        view.subject.metadata.ai.as_ref().map(|ai| Value::Flag(ai.generated && !ai.label_visible))
    }),
    whole("ai.missing", Shape::List, "", "缺少的AI标识信息", ai_missing),
    whole("ai.unmarked_files", Shape::List, "", "声明由AI生成而没有隐式标识的文件", |view| ai_files(view, true)),
    whole("ai.undeclared_files", Shape::List, "", "带有AI隐式标识而未声明的文件", |view| ai_files(view, false)),
    whole("link.missing", Shape::List, "", "缺少的链接信息", link_missing),
    whole("link.https", Shape::Flag, "", "链接使用HTTPS", |view| {
        view.subject.metadata.link.as_ref().map(|link| Value::Flag(link.url.starts_with("https://")))
    }),
];

/// Chinese name of a field as [`present`] names it.
pub(in crate::rules) fn field_label(field: &str) -> &str {
    match field {
        "title" => "题名",
        "description" => "简介",
        "category" => "类别",
        "subjects" => "学科",
        "keywords" => "关键词",
        "audience" => "适用对象",
        "language" => "语种",
        "region" => "地区",
        "hours" => "学时",
        "created" => "制作日期",
        "creators" => "责任者",
        "sharing" => "共享方式",
        "accessibility" => "无障碍特征",
        other => other,
    }
}

fn chars(text: &LangMap) -> Option<Value> {
    Some(Value::number(text.main().trim().chars().count()))
}

fn text(text: &str) -> Option<Value> {
    (!text.trim().is_empty()).then(|| Value::Text(text.trim().to_owned()))
}

fn items(texts: &[String]) -> Value {
    Value::List(texts.iter().map(|text| Item { text: text.clone(), ..Item::default() }).collect())
}

fn missing(rows: &[(bool, &str, &str)]) -> Value {
    Value::List(rows.iter().filter(|row| row.0).map(|row| Item::field(row.1, row.2)).collect())
}

fn blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn present(view: &View<'_>) -> Option<Value> {
    let meta = view.subject.metadata;
    let fields = [
        (!meta.title.is_empty(), "title"),
        (!meta.description.is_empty(), "description"),
        (!blank(&meta.category), "category"),
        (!meta.subjects.is_empty(), "subjects"),
        (!meta.keywords.is_empty(), "keywords"),
        (!meta.audience.is_empty(), "audience"),
        (!meta.language.is_empty(), "language"),
        (!meta.region.is_empty(), "region"),
        (meta.minutes.is_some(), "hours"),
        (meta.created.is_some(), "created"),
        (!meta.creators.is_empty(), "creators"),
        (!blank(&meta.rights.sharing), "sharing"),
        (!meta.accessibility.is_empty(), "accessibility"),
    ];
    Some(Value::List(fields.iter().filter(|row| row.0).map(|row| Item::field(row.1, row.1)).collect()))
}

fn rights_missing(view: &View<'_>) -> Option<Value> {
    let rights = &view.subject.metadata.rights;
    Some(missing(&[(blank(&rights.licence), "许可", "rights.licence"), (blank(&rights.holder), "权利人", "rights.holder")]))
}

/// Files with rights of their own, and those rights.
fn files_with_rights<'a>(view: &'a View<'_>) -> impl Iterator<Item = (&'a str, &'a Rights)> {
    view.subject.metadata.files.iter().filter_map(|file| Some((file.path.as_str(), file.rights.as_ref()?)))
}

fn files_missing(view: &View<'_>) -> Option<Value> {
    let lacking = files_with_rights(view).filter_map(|(path, rights)| {
        let gaps = [(blank(&rights.licence), "许可"), (blank(&rights.holder), "权利人")];
        let gaps: Vec<&str> = gaps.iter().filter(|gap| gap.0).map(|gap| gap.1).collect();
        let text = format!("“{path}”没有写明{}", gaps.join("、"));
        (!gaps.is_empty()).then(|| Item { text, file: Some(path.to_owned()), field: Some("rights".to_owned()), ..Item::default() })
    });
    Some(Value::List(lacking.collect()))
}

fn files_unproved(view: &View<'_>) -> Option<Value> {
    let free = |rights: &Rights| matches!(rights.licence.as_str(), "CC0-1.0" | "public-domain");
    let unproved = files_with_rights(view).filter(|(_, rights)| blank(&rights.evidence) && !free(rights));
    Some(Value::List(unproved.map(|(path, _)| Item::file(path)).collect()))
}

/// Evidence is a path, an address or a sentence: what ends like the name of a file and holds no blank is taken for a path.
fn is_path(text: &str) -> bool {
    const ENDS: [&str; 9] = [".pdf", ".jpg", ".jpeg", ".png", ".docx", ".doc", ".tif", ".ofd", ".txt"];
    let lower = text.to_lowercase();
    !text.contains("://") && !text.contains(char::is_whitespace) && ENDS.iter().any(|end| lower.ends_with(end))
}

fn is_there(view: &View<'_>, path: &str) -> bool {
    view.subject.files.iter().any(|file| file.entry.path == path)
}

fn absent_evidence(view: &View<'_>) -> Option<Value> {
    let meta = view.subject.metadata;
    let named = std::iter::once(&meta.rights).chain(files_with_rights(view).map(|pair| pair.1)).map(|rights| rights.evidence.trim());
    Some(Value::List(
        named.filter(|path| is_path(path) && !is_there(view, path)).map(|path| Item::field(path, "rights.evidence")).collect(),
    ))
}

/// Works whose kind of file can bear the mark: with `declared`, those without it; else those with it.
fn ai_files(view: &View<'_>, declared: bool) -> Option<Value> {
    let says_so = view.subject.metadata.ai.as_ref().is_some_and(|ai| ai.generated);
    if says_so != declared {
        return None;
    }
    let can_bear = |facts: &FileFacts| facts.image.is_some() || facts.video.is_some() || facts.audio.is_some();
    let files = view.subject.masters().filter(|file| file.facts.as_ref().is_some_and(|facts| can_bear(facts) && facts.ai_mark != declared));
    Some(Value::List(files.map(|file| Item::file(&file.entry.path)).collect()))
}

fn culture_missing(view: &View<'_>) -> Option<Value> {
    let culture = view.subject.metadata.culture.as_ref()?;
    let listed = matches!(culture.heritage_level.as_str(), "national" | "provincial");
    let no_body = listed && blank(&culture.protecting_body);
    let no_number = listed && blank(&culture.heritage_number);
    Some(missing(&[
        (culture.ethnic_groups.is_empty(), "民族", "culture.ethnic_groups"),
        (blank(&culture.heritage_class), "非遗类别", "culture.heritage_class"),
        (blank(&culture.heritage_item), "非遗项目", "culture.heritage_item"),
        (culture.sources.is_empty(), "资料来源", "culture.sources"),
        (no_body, "保护单位", "culture.protecting_body"),
        (no_number, "项目编号", "culture.heritage_number"),
    ]))
}

fn consent<'a>(view: &'a View<'_>) -> &'a str {
    view.subject.metadata.culture.as_ref().map_or("", |culture| culture.consent.trim())
}

/// The bearers who are recorded, where that holds.
fn bearers(view: &View<'_>, holds: bool) -> Option<Value> {
    let bearers = view.subject.metadata.creators.iter().filter(|creator| holds && creator.role == "bearer");
    Some(Value::List(bearers.map(|creator| Item::field(creator.name.clone(), "culture.consent")).collect()))
}

/// A file that is named and not there proves nothing.
fn unconsented(view: &View<'_>) -> Option<Value> {
    let consent = consent(view);
    bearers(view, blank(consent) || (is_path(consent) && !is_there(view, consent)))
}

fn unwritten_consent(view: &View<'_>) -> Option<Value> {
    let consent = consent(view);
    bearers(view, !blank(consent) && !is_path(consent) && !consent.contains("://") && !is_there(view, consent))
}

fn absent_consent(view: &View<'_>) -> Option<Value> {
    let consent = consent(view);
    let absent = (is_path(consent) && !is_there(view, consent)).then(|| Item::field(consent, "culture.consent"));
    Some(Value::List(absent.into_iter().collect()))
}

fn ai_missing(view: &View<'_>) -> Option<Value> {
    let ai = view.subject.metadata.ai.as_ref().filter(|ai| ai.generated)?;
    Some(missing(&[(blank(&ai.provider), "服务提供者", "ai.provider"), (blank(&ai.content_id), "内容编号", "ai.content_id")]))
}

fn link_missing(view: &View<'_>) -> Option<Value> {
    let meta = view.subject.metadata;
    if meta.kind != Kind::Link {
        return None;
    }
    let (url, owner) = meta.link.as_ref().map_or(("", ""), |link| (link.url.as_str(), link.owner.as_str()));
    let web = url.starts_with("https://") || url.starts_with("http://");
    Some(missing(&[(!web, "链接地址", "link.url"), (blank(owner), "链接所有者", "link.owner")]))
}
