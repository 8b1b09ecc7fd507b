//! Reading the sections of the manifest from a TOML tree that knows where each value stands.

use super::line_at;
use crate::domain::access::Visibility;
use crate::domain::codes::CodeList;
use crate::domain::metadata::{AiLabel, Creator, Culture, FileEntry, FileRole, Lesson, Link, Rights};
use crate::domain::text::{DEFAULT_LANGUAGE, LangMap};
use crate::domain::vocabulary::{ACCESSIBILITY, CREATOR_ROLES, FILE_ROLES, HERITAGE_LEVELS, SHARING, VISIBILITIES, Words};
use crate::package::values::{Values, keep_first};
use serde_json::Value;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table of the manifest with its path.
pub(super) struct Section<'t> {
    pub table: &'t DeTable<'t>,
    pub path: String,
}

impl<'t> Section<'t> {
    fn field(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn get(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }
}

/// Reads values out of sections.
pub(super) struct Reader<'a> {
    text: &'a str,
    pub values: Values<'a>,
    pub extra: BTreeMap<String, Value>,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str, values: Values<'a>) -> Self {
        Self { text, values, extra: BTreeMap::new() }
    }

    /// Remembers the line of a key for the findings to come.
    pub fn at(&mut self, section: &Section<'_>, key: &str) {
        self.values.line = section.get(key).map_or(0, |value| line_at(self.text, value.span().start));
    }

    fn wrong_type(&mut self, field: &str, wanted: &str, value: &Spanned<DeValue<'_>>) {
        self.values.line = line_at(self.text, value.span().start);
        let found = match value.get_ref() {
            DeValue::String(_) => "文字",
            DeValue::Integer(_) | DeValue::Float(_) => "数字",
            DeValue::Boolean(_) => "true/false",
            DeValue::Datetime(_) => "日期",
            DeValue::Array(_) => "数组",
            DeValue::Table(_) => "表",
        };
        self.values.fault("META-TYPE", field, Some(found), &format!("应为{wanted}，实际是{found}。"));
    }

    /// A text; dates without quotes are taken as well.
    pub fn text(&mut self, section: &Section<'_>, key: &str) -> Option<String> {
        self.at(section, key);
        let value = section.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(clean(text)),
            DeValue::Datetime(date) => Some(date.to_string()),
            _ => {
                self.wrong_type(&section.field(key), "文字", value);
                None
            }
        }
    }

    /// A number, as text.
    pub fn number_text(&mut self, section: &Section<'_>, key: &str) -> Option<String> {
        self.at(section, key);
        let value = section.get(key)?;
        match value.get_ref() {
            DeValue::Integer(number) => Some(number.as_str().to_owned()),
            DeValue::Float(number) => Some(number.as_str().to_owned()),
            DeValue::String(text) => Some(clean(text)),
            _ => {
                self.wrong_type(&section.field(key), "数字", value);
                None
            }
        }
    }

    fn truth(&mut self, section: &Section<'_>, key: &str) -> Option<bool> {
        self.at(section, key);
        let value = section.get(key)?;
        match value.get_ref() {
            DeValue::Boolean(truth) => Some(*truth),
            DeValue::String(text) => self.values.yes_no(&section.field(key), text),
            _ => {
                self.wrong_type(&section.field(key), "true 或 false", value);
                None
            }
        }
    }

    /// A list of texts; a single text is a list of one.
    pub fn list(&mut self, section: &Section<'_>, key: &str) -> Vec<String> {
        self.at(section, key);
        let Some(value) = section.get(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::String(text) => vec![clean(text)],
            DeValue::Array(items) => {
                let mut texts = Vec::new();
                for (place, item) in items.iter().enumerate() {
                    match item.get_ref() {
                        DeValue::String(text) => texts.push(clean(text)),
                        DeValue::Integer(number) => texts.push(number.as_str().to_owned()),
                        _ => self.wrong_type(&format!("{}[{place}]", section.field(key)), "文字", item),
                    }
                }
                texts.retain(|text| !text.is_empty());
                texts
            }
            _ => {
                self.wrong_type(&section.field(key), "文字数组", value);
                Vec::new()
            }
        }
    }

    pub fn codes(&mut self, section: &Section<'_>, key: &str, list: &CodeList) -> Vec<String> {
        let texts = self.list(section, key);
        self.values.codes(list, &section.field(key), &texts)
    }

    pub fn languages(&mut self, section: &Section<'_>, key: &str) -> Vec<String> {
        let texts = self.list(section, key);
        self.values.languages(&section.field(key), &texts)
    }

    fn words(&mut self, section: &Section<'_>, key: &str, words: Words) -> Vec<String> {
        let texts = self.list(section, key);
        let mut codes: Vec<String> = texts.iter().filter_map(|text| self.values.word(words, &section.field(key), text)).collect();
        keep_first(&mut codes);
        codes
    }

    fn word(&mut self, section: &Section<'_>, key: &str, words: Words) -> String {
        let text = self.text(section, key).unwrap_or_default();
        self.values.word(words, &section.field(key), &text).unwrap_or_default()
    }

    /// A string (Simplified Chinese), or a table of language tags.
    pub fn lang_map(&mut self, section: &Section<'_>, key: &str) -> LangMap {
        self.at(section, key);
        let Some(value) = section.get(key) else { return LangMap::default() };
        match value.get_ref() {
            DeValue::String(text) => LangMap(BTreeMap::from([(DEFAULT_LANGUAGE.to_owned(), clean(text))])),
            DeValue::Table(table) => {
                let mut map = BTreeMap::new();
                for (tag, text) in table {
                    let field = format!("{}.{}", section.field(key), tag.get_ref());
                    match text.get_ref() {
                        DeValue::String(text) if crate::package::values::is_tag(tag.get_ref()) => {
                            map.insert(tag.get_ref().to_string(), clean(text));
                        }
                        DeValue::String(_) => self.values.fault("META-FORMAT", &field, None, "语言标签应为 BCP 47 形式，如 zh-CN、tji。"),
                        _ => self.wrong_type(&field, "文字", text),
                    }
                }
                LangMap(map)
            }
            _ => {
                self.wrong_type(&section.field(key), "文字或“语言 = 文字”表", value);
                LangMap::default()
            }
        }
    }

    fn section<'t>(&mut self, parent: &Section<'t>, key: &str) -> Option<Section<'t>> {
        let value = parent.get(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Section { table, path: parent.field(key) }),
            _ => {
                self.wrong_type(&parent.field(key), "表", value);
                None
            }
        }
    }

    fn sections<'t>(&mut self, parent: &Section<'t>, key: &str) -> Vec<Section<'t>> {
        let Some(value) = parent.get(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(&parent.field(key), &format!("表的数组（[[{key}]]）"), value);
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (place, item) in items.iter().enumerate() {
            let path = format!("{}[{place}]", parent.field(key));
            match item.get_ref() {
                DeValue::Table(table) => sections.push(Section { table, path }),
                _ => self.wrong_type(&path, "表", item),
            }
        }
        sections
    }

    /// Keeps the keys that this program does not know.
    pub fn unknown(&mut self, section: &Section<'_>, known: &[&str]) {
        for (key, value) in section.table {
            if !known.contains(&key.get_ref().as_ref()) {
                self.extra.insert(section.field(key.get_ref()), plain(value.get_ref()));
            }
        }
    }

    pub fn creators(&mut self, root: &Section<'_>) -> Vec<Creator> {
        let mut creators = Vec::new();
        for section in self.sections(root, "creators") {
            let name = self.text(&section, "name").unwrap_or_default();
            if name.is_empty() {
                self.values.fault("META-MISSING", &section.field("name"), None, "没有填写姓名。");
            }
            let role = self.word(&section, "role", CREATOR_ROLES);
            let role = if role.is_empty() { "author".to_owned() } else { role };
            creators.push(Creator { name, role, organisation: self.text(&section, "organisation") });
            self.unknown(&section, &["name", "role", "organisation"]);
        }
        creators
    }

    pub fn rights(&mut self, root: &Section<'_>) -> Rights {
        self.own_rights(root).unwrap_or_default()
    }

    /// The rights of the whole or, within a file's section, of that file.
    fn own_rights(&mut self, root: &Section<'_>) -> Option<Rights> {
        let section = self.section(root, "rights")?;
        let codes = self.values.codes;
        let licence = self.text(&section, "licence").unwrap_or_default();
        let licence = self.values.code(&codes.licences, &section.field("licence"), &licence).unwrap_or_default();
        let holder = self.text(&section, "holder").unwrap_or_default();
        let sharing = self.word(&section, "sharing", SHARING);
        let evidence = self.text(&section, "evidence").unwrap_or_default();
        let until = self.text(&section, "licence_until").unwrap_or_default();
        let licence_until = self.values.day(&section.field("licence_until"), &until);
        self.unknown(&section, &["licence", "holder", "sharing", "evidence", "licence_until"]);
        Some(Rights { licence, holder, sharing, evidence, licence_until })
    }

    pub fn access(&mut self, root: &Section<'_>) -> Visibility {
        let Some(section) = self.section(root, "access") else { return Visibility::Public };
        let word = self.word(&section, "visibility", VISIBILITIES);
        let any = self.list(&section, "any").into_iter().collect::<std::collections::BTreeSet<String>>();
        let all = self.list(&section, "all").into_iter().collect::<std::collections::BTreeSet<String>>();
        self.unknown(&section, &["visibility", "any", "all"]);
        match word.as_str() {
            "registered" => Visibility::Registered,
            "organisation" => Visibility::Organisation,
            "protocol" => {
                if any.is_empty() && all.is_empty() {
                    self.values.fault("META-FORMAT", &section.field("any"), None, "协议可见须在 any 或 all 中写明群组。");
                }
                Visibility::Protocol { any, all }
            }
            _ => Visibility::Public,
        }
    }

    pub fn culture(&mut self, root: &Section<'_>) -> Option<Culture> {
        let section = self.section(root, "culture")?;
        let codes = self.values.codes;
        let class = self.text(&section, "heritage_class").unwrap_or_default();
        let culture = Culture {
            ethnic_groups: self.codes(&section, "ethnic_groups", &codes.ethnic_groups),
            heritage_class: self.values.code(&codes.heritage_classes, &section.field("heritage_class"), &class).unwrap_or_default(),
            heritage_item: self.text(&section, "heritage_item").unwrap_or_default(),
            heritage_level: self.word(&section, "heritage_level", HERITAGE_LEVELS),
            heritage_number: self.text(&section, "heritage_number").unwrap_or_default(),
            protecting_body: self.text(&section, "protecting_body").unwrap_or_default(),
            consent: self.text(&section, "consent").unwrap_or_default(),
            sources: self.list(&section, "sources"),
        };
        let heritage = ["heritage_class", "heritage_item", "heritage_level", "heritage_number"];
        let known = [&["ethnic_groups"][..], &heritage, &["protecting_body", "consent", "sources"]].concat();
        self.unknown(&section, &known);
        Some(culture)
    }

    pub fn ai(&mut self, root: &Section<'_>) -> Option<AiLabel> {
        let section = self.section(root, "ai")?;
        let label = AiLabel {
            generated: self.truth(&section, "generated").unwrap_or(false),
            provider: self.text(&section, "provider").unwrap_or_default(),
            label_visible: self.truth(&section, "label_visible").unwrap_or(false),
            content_id: self.text(&section, "content_id").unwrap_or_default(),
        };
        self.unknown(&section, &["generated", "provider", "label_visible", "content_id"]);
        Some(label)
    }

    pub fn accessibility(&mut self, root: &Section<'_>) -> Vec<String> {
        let Some(section) = self.section(root, "accessibility") else { return Vec::new() };
        let features = self.words(&section, "features", ACCESSIBILITY);
        self.unknown(&section, &["features"]);
        features
    }

    pub fn link(&mut self, root: &Section<'_>) -> Option<Link> {
        let section = self.section(root, "link")?;
        let url = self.text(&section, "url").unwrap_or_default();
        let link = Link { url: self.values.address(&section.field("url"), &url), owner: self.text(&section, "owner").unwrap_or_default() };
        self.unknown(&section, &["url", "owner"]);
        Some(link)
    }

    pub fn lessons(&mut self, root: &Section<'_>) -> Vec<Lesson> {
        let mut lessons = Vec::new();
        for section in self.sections(root, "lessons") {
            let title = self.text(&section, "title").unwrap_or_default();
            if title.is_empty() {
                self.values.fault("META-MISSING", &section.field("title"), None, "没有填写这一讲的标题。");
            }
            lessons.push(Lesson { title, files: self.list(&section, "files") });
            self.unknown(&section, &["title", "files"]);
        }
        lessons
    }

    pub fn files(&mut self, root: &Section<'_>) -> Vec<FileEntry> {
        let mut files = Vec::new();
        for section in self.sections(root, "files") {
            let path = self.text(&section, "path").unwrap_or_default();
            if path.is_empty() {
                self.values.fault("META-MISSING", &section.field("path"), None, "没有填写文件路径。");
                continue;
            }
            let role = self.word(&section, "role", FILE_ROLES);
            let role = (!role.is_empty()).then(|| serde_json::from_value::<FileRole>(Value::String(role)).unwrap_or_default());
            let title = self.text(&section, "title");
            let language = self.text(&section, "language");
            let rights = self.own_rights(&section);
            files.push(FileEntry { title, language, rights, ..crate::package::rows::entry(&path, role) });
            self.unknown(&section, &["path", "role", "title", "language", "rights"]);
        }
        files
    }
}

fn clean(text: &str) -> String {
    text.trim().replace('\0', "")
}

/// A value as plain JSON; numbers with a fraction become text, since records hold no floats.
fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(clean(text)),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or_else(|_| Value::String(number.as_str().to_owned()), Value::from)
        }
        DeValue::Float(number) => Value::String(number.as_str().to_owned()),
        DeValue::Boolean(truth) => Value::Bool(*truth),
        DeValue::Datetime(date) => Value::String(date.to_string()),
        DeValue::Array(items) => items.iter().map(|item| plain(item.get_ref())).collect(),
        DeValue::Table(table) => table.iter().map(|(key, item)| (clean(key.get_ref()), plain(item.get_ref()))).collect(),
    }
}
