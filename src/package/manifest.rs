//! `yuelu.toml`: the description of one resource. Unknown keys are kept; what is wrong names its field and line.

mod fields;

use super::rows::ResourceRow;
use super::values::{Source, Values};
use crate::domain::codes::{CodeLists, Kind};
use crate::domain::metadata::Metadata;
use fields::{Reader, Section};
use toml::de::DeTable;

/// The form of the manifest that this program reads.
pub const SCHEMA: &str = "yuelu/1";

const KEYS: &[&str] = &[
    "schema",
    "id",
    "title",
    "description",
    "kind",
    "category",
    "subjects",
    "keywords",
    "audience",
    "language",
    "region",
    "hours",
    "valid_until",
    "created",
    "series",
    "creators",
    "rights",
    "access",
    "culture",
    "ai",
    "accessibility",
    "link",
    "lessons",
    "files",
];

/// Reads the manifest's text. Files are not yet looked for in the package.
pub(super) fn read(text: &str, codes: &CodeLists) -> ResourceRow {
    let mut values = Values::new(codes, Source::Manifest);
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            values.line = error.span().map_or(0, |span| line_at(text, span.start));
            values.fault("META-SYNTAX", "", None, &format!("TOML 语法错误：{}。", error.message()));
            return ResourceRow { row: 0, source_id: None, title: String::new(), metadata: None, findings: values.findings };
        }
    };
    let mut reader = Reader::new(text, values);
    let root = Section { table: table.get_ref(), path: String::new() };
    let metadata = metadata(&mut reader, &root);
    let title = metadata.title.main().to_owned();
    let source_id = metadata.source_id.clone();
    let findings = reader.values.findings;
    ResourceRow { row: 0, source_id, title, metadata: findings.is_empty().then_some(metadata), findings }
}

fn metadata(reader: &mut Reader<'_>, root: &Section<'_>) -> Metadata {
    let codes = reader.values.codes;
    if let Some(schema) = reader.text(root, "schema").filter(|schema| schema != SCHEMA) {
        reader.values.fault("META-FORMAT", "schema", Some(&schema), &format!("不认识的清单版本，应为 {SCHEMA}。"));
    }
    let title = reader.lang_map(root, "title");
    if title.is_empty() {
        reader.at(root, "title");
        reader.values.fault("META-MISSING", "title", None, "没有填写标题。");
    }
    let source_id = reader.text(root, "id").and_then(|text| reader.values.source_id("id", &text));
    let kind_text = reader.text(root, "kind").unwrap_or_default();
    let kind = reader.values.kind("kind", &kind_text).unwrap_or(Kind::Document);
    let category = reader.text(root, "category").and_then(|text| reader.values.code(&codes.categories, "category", &text));
    let hours = reader.number_text(root, "hours").and_then(|text| reader.values.hours("hours", &text));
    let created = reader.text(root, "created").and_then(|text| reader.values.date("created", &text));
    let valid_until = reader.text(root, "valid_until").and_then(|text| reader.values.day("valid_until", &text));
    let mut metadata = Metadata {
        source_id,
        title,
        description: reader.lang_map(root, "description"),
        kind,
        category: category.unwrap_or_default(),
        subjects: reader.codes(root, "subjects", &codes.subjects),
        keywords: reader.list(root, "keywords"),
        audience: reader.codes(root, "audience", &codes.audiences),
        language: reader.languages(root, "language"),
        region: reader.codes(root, "region", &codes.regions),
        minutes: hours,
        created,
        valid_until,
        series: reader.text(root, "series"),
        creators: reader.creators(root),
        rights: reader.rights(root),
        access: reader.access(root),
        culture: reader.culture(root),
        ai: reader.ai(root),
        accessibility: reader.accessibility(root),
        link: reader.link(root),
        lessons: reader.lessons(root),
        files: reader.files(root),
        extra: std::collections::BTreeMap::new(),
    };
    reader.unknown(root, KEYS);
    metadata.extra = std::mem::take(&mut reader.extra);
    metadata
}

/// Line of a byte offset, 1 is the first.
fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
#[path = "manifest_tests.rs"]
pub(crate) mod tests;
