//! One line of a catalogue: an object with `id, title, description, body, kind, category, subjects, language, institution, …`.
//!
//! Keys that are not known are kept in `metadata.extra`, so nothing of the other body's description is lost; so is the
//! original of a kind or category that the code lists do not know.

use super::values::{coded, kept, take, take_lang, take_list, take_text};
use crate::domain::access::{OrgPath, Visibility};
use crate::domain::address;
use crate::domain::codes::{CodeLists, Kind};
use crate::domain::metadata::{Creator, Culture, Link, Metadata, Rights};
use crate::domain::problem::FieldProblem;
use crate::domain::time::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest title, in characters.
const LONGEST_TITLE: usize = 500;
/// Longest id that is kept.
const LONGEST_ID: usize = 64;

/// A row that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Line it stood on.
    pub line: u64,
    /// Its id at the source, where it has one.
    pub id: Option<String>,
    /// Owning organisation.
    pub owner: OrgPath,
    /// Owning institution.
    pub institution: String,
    /// Description.
    pub metadata: Metadata,
    /// Searchable text; empty for none.
    pub body: String,
    /// When it was first published elsewhere, where the row says.
    pub published: Option<Timestamp>,
    /// Addresses it used to have.
    pub old_urls: Vec<String>,
}

/// Whether an id can be kept as it is: `[A-Za-z0-9._:-]{1,64}`.
pub fn can_stay(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'-');
    !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(plain)
}

/// Reads rows.
#[derive(Debug)]
pub struct Reader {
    codes: Arc<CodeLists>,
    owner: OrgPath,
}

impl Reader {
    /// With these code lists; rows without an owner belong to `owner`.
    pub fn new(codes: Arc<CodeLists>, owner: OrgPath) -> Self {
        Self { codes, owner }
    }

    /// Whether what belongs to `owner` is for this reader's rows to change.
    pub fn is_for(&self, owner: &OrgPath) -> bool {
        self.owner.covers(owner)
    }

    /// Reads lines, the first of which has this number.
    pub fn read(&self, text: &[u8], first: u64) -> (Vec<Row>, Vec<FieldProblem>) {
        let (mut rows, mut errors) = (Vec::new(), Vec::new());
        for (line, text) in (first..).zip(text.split(|byte| *byte == b'\n')) {
            let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text).trim_ascii();
            if text.is_empty() {
                continue;
            }
            match serde_json::from_slice::<Map<String, Value>>(text) {
                Ok(row) => match self.row(row, line) {
                    Ok(row) => rows.push(row),
                    Err((path, zh, en)) => errors.push(error(line, path, zh, en)),
                },
                Err(why) => errors.push(error(line, "", &format!("不是 JSON 对象：{why}"), &format!("is no JSON object: {why}"))),
            }
        }
        (rows, errors)
    }

    fn row(&self, mut row: Map<String, Value>, line: u64) -> Result<Row, (&'static str, &'static str, &'static str)> {
        let title = take_lang(&mut row, "title");
        if title.is_empty() || title.0.values().any(|title| title.chars().count() > LONGEST_TITLE) {
            return Err(("title", "标题须为 1 至 500 个字符。", "A title has 1 to 500 characters."));
        }
        let owner = match take_text(&mut row, "owner") {
            None => self.owner.clone(),
            Some(path) => OrgPath::parse(&path).filter(|path| self.owner.covers(path)).ok_or((
                "owner",
                "不是组织路径，或超出本次导入的范围。",
                "It is no organisation path, or lies beyond this import's.",
            ))?,
        };
        let published = match take_text(&mut row, "published") {
            None => None,
            Some(text) => {
                let day = || Timestamp::parse(&format!("{text}T00:00:00+08:00"));
                let at = Timestamp::parse(&text).or_else(day);
                Some(at.ok_or(("published", "不是日期或 RFC 3339 时间。", "It is no date and no RFC 3339 instant."))?)
            }
        };
        let access = match take(&mut row, "access").or_else(|| take(&mut row, "visibility")) {
            None => Visibility::Public,
            Some(value) => visibility(value).ok_or((
                "visibility",
                "可见范围须为 public、registered、organisation 或 protocol。",
                "Visibility is public, registered, organisation or protocol.",
            ))?,
        };
        let id = take_text(&mut row, "id");
        if id.as_ref().is_some_and(|id| id.len() > 500) {
            return Err(("id", "编号过长。", "The id is too long."));
        }
        let body = take_lang(&mut row, "body");
        let body = body.0.into_values().collect::<Vec<_>>().join("\n");
        let old_urls = take_list_of_addresses(&mut row);
        let institution = take_text(&mut row, "institution").unwrap_or_default();
        let metadata = self.metadata(row, title, id.clone(), access);
        Ok(Row { line, id, owner, institution, metadata, body, published, old_urls })
    }

    fn metadata(
        &self,
        mut row: Map<String, Value>,
        title: crate::domain::text::LangMap,
        id: Option<String>,
        access: Visibility,
    ) -> Metadata {
        let codes = &self.codes;
        let mut extra: BTreeMap<String, Value> = BTreeMap::new();
        let mut keep = |key: &str, text: String| drop(extra.insert(key.to_owned(), Value::String(text)));
        let link = take_text(&mut row, "url").or_else(|| take_text(&mut row, "link"));
        let link = link.map(|url| Link { url, owner: take_text(&mut row, "url_owner").unwrap_or_default() });
        let kind = match take_text(&mut row, "kind") {
            None if link.is_some() => Kind::Link,
            None => Kind::Document,
            Some(text) => Kind::parse(&text).unwrap_or_else(|| {
                keep("kind", text);
                Kind::Document
            }),
        };
        let category = take_list(&mut row, "category").into_iter().next().unwrap_or_default();
        let category = match codes.categories.find(&category) {
            Some(known) => known.code.clone(),
            None if category.is_empty() => category,
            None => {
                keep("category", category);
                String::new()
            }
        };
        let rights = rights(&mut row, codes);
        let culture = culture(&mut row, codes);
        let minutes = take_text(&mut row, "minutes").and_then(|minutes| minutes.parse().ok());
        let mut metadata = Metadata {
            source_id: id,
            title,
            description: take_lang(&mut row, "description"),
            kind,
            category,
            subjects: coded(&codes.subjects, take_list(&mut row, "subjects")),
            keywords: take_list(&mut row, "keywords"),
            audience: coded(&codes.audiences, take_list(&mut row, "audience")),
            language: take_list(&mut row, "language"),
            region: coded(&codes.regions, take_list(&mut row, "region")),
            minutes,
            created: take_text(&mut row, "created"),
            valid_until: take_text(&mut row, "valid_until"),
            series: take_text(&mut row, "series"),
            creators: creators(&mut row),
            rights,
            access,
            culture,
            ai: None,
            accessibility: take_list(&mut row, "accessibility"),
            link,
            lessons: Vec::new(),
            files: Vec::new(),
            extra,
        };
        keep_only_days(&mut metadata);
        metadata.extra.extend(row.into_iter().map(|(key, value)| (key.replace('\0', ""), kept(value))));
        metadata
    }
}

/// What is no day is kept as it came, but ends nothing.
fn keep_only_days(metadata: &mut Metadata) {
    for (name, field) in [("valid_until", &mut metadata.valid_until), ("licence_until", &mut metadata.rights.licence_until)] {
        if let Some(text) = field.take_if(|day| Timestamp::end_of_shanghai_date(day).is_none()) {
            metadata.extra.insert(name.to_owned(), Value::String(text));
        }
    }
}

fn error(line: u64, path: &str, zh: &str, en: &str) -> FieldProblem {
    let row = u32::try_from(line).ok();
    FieldProblem {
        path: path.to_owned(),
        row,
        code: "bad-row".to_owned(),
        zh: format!("第 {line} 行：{zh}"),
        en: format!("Line {line}: {en}"),
    }
}

fn visibility(value: Value) -> Option<Visibility> {
    match value {
        Value::String(word) => serde_json::from_value(serde_json::json!({ "visibility": word })).ok(),
        object => serde_json::from_value(object).ok(),
    }
}

fn take_list_of_addresses(row: &mut Map<String, Value>) -> Vec<String> {
    match take(row, "old_urls") {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).filter_map(address::former).collect(),
        Some(Value::String(one)) => address::former(&one).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn creators(row: &mut Map<String, Value>) -> Vec<Creator> {
    let named = |name: String| Creator { name, ..Creator::default() };
    match row.get("creators") {
        Some(Value::Array(items)) if items.iter().any(Value::is_object) => {
            let read = items.iter().filter_map(|item| match item {
                Value::Object(_) => serde_json::from_value::<Creator>(kept(item.clone())).ok(),
                other => super::values::text(other).map(named),
            });
            let read = read.collect();
            row.remove("creators");
            read
        }
        _ => take_list(row, "creators").into_iter().map(named).collect(),
    }
}

fn rights(row: &mut Map<String, Value>, codes: &CodeLists) -> Rights {
    let nested = row.get("rights").and_then(|value| serde_json::from_value::<Rights>(kept(value.clone())).ok());
    let mut rights = match nested {
        Some(rights) => {
            row.remove("rights");
            rights
        }
        None => Rights::default(),
    };
    for (key, field) in [("licence", &mut rights.licence), ("holder", &mut rights.holder), ("sharing", &mut rights.sharing)] {
        if let Some(text) = take_text(row, key) {
            *field = text;
        }
    }
    rights.licence_until = take_text(row, "licence_until").or(rights.licence_until.take());
    if let Some(known) = codes.licences.find(&rights.licence) {
        rights.licence.clone_from(&known.code);
    }
    rights
}

fn culture(row: &mut Map<String, Value>, codes: &CodeLists) -> Option<Culture> {
    let nested = row.get("culture").and_then(|value| serde_json::from_value::<Culture>(kept(value.clone())).ok());
    if nested.is_some() {
        row.remove("culture");
    }
    let groups = take_list(row, "ethnic_groups").into_iter().chain(take_list(row, "ethnic_group")).collect::<Vec<_>>();
    let (class, item) = (take_text(row, "heritage_class"), take_text(row, "heritage_item"));
    if nested.is_none() && groups.is_empty() && class.is_none() && item.is_none() {
        return None;
    }
    let mut culture = nested.unwrap_or_default();
    culture.ethnic_groups.extend(groups);
    culture.ethnic_groups = coded(&codes.ethnic_groups, std::mem::take(&mut culture.ethnic_groups));
    if let Some(class) = class {
        culture.heritage_class = codes.heritage_classes.find(&class).map_or(class, |row| row.code.clone());
    }
    if let Some(item) = item {
        culture.heritage_item = item;
    }
    Some(culture)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Row>, Vec<FieldProblem>) {
        let codes = crate::search::codes::load(None).unwrap();
        Reader::new(Arc::new(codes), OrgPath::root()).read(text.as_bytes(), 1)
    }

    #[test]
    fn a_row_keeps_everything_it_says() {
        let (rows, errors) = read(
            r#"{"id":"HN-1","title":"毛古斯舞","kind":"视频","category":"老年","subjects":"书法；舞蹈","language":"tji","institution":"湘西学院",
               "ethnic_groups":["土家族"],"creators":["彭某"],"views":12,"score":4.5,"old_urls":["http://old.example/v/1"],"body":"正文\u0000"}"#
                .replace('\n', " ")
                .as_str(),
        );
        assert!(errors.is_empty(), "{errors:?}");
        let Row { metadata, body, old_urls, .. } = &rows[0];
        assert_eq!((metadata.kind, metadata.category.as_str(), body.as_str()), (Kind::Video, "elderly", "正文"));
        assert_eq!(metadata.culture.as_ref().unwrap().ethnic_groups, ["15"]);
        assert_eq!(metadata.extra["views"], 12);
        assert_eq!(metadata.extra["score"], "4.5");
        assert_eq!(*old_urls, ["old.example/v/1"]);
    }

    #[test]
    fn a_bad_row_is_told_with_its_line_and_the_others_go_in() {
        let (rows, errors) =
            read("{\"title\":\"一\"}\n\n{\"title\":\"\"}\nnot json\n{\"title\":\"二\",\"owner\":\"湖南\"}\n{\"title\":\"三\"}");
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 6]);
        let told: Vec<_> = errors.iter().map(|error| (error.row.unwrap(), error.path.as_str())).collect();
        assert_eq!(told, [(3, "title"), (4, ""), (5, "owner")]);
    }

    #[test]
    fn what_the_lists_do_not_know_is_kept_beside() {
        let (rows, _) = read(r#"{"title":"一","kind":"微课","category":"军训"}"#);
        let metadata = &rows[0].metadata;
        assert_eq!((metadata.kind, metadata.category.as_str()), (Kind::Document, ""));
        assert_eq!((&metadata.extra["kind"], &metadata.extra["category"]), (&"微课".into(), &"军训".into()));
    }
}
