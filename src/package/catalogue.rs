//! A row of a catalogue as the description of a resource.

use super::columns::COLUMNS;
use super::rows::ResourceRow;
use super::table::{Table, TableRow};
use super::values::{Source, Values, split_bracket, split_list, split_sentences};
use crate::domain::codes::{CodeLists, Kind};
use crate::domain::metadata::{AiLabel, Culture, FileEntry, FileRole, Link, Metadata, Rights};
use crate::domain::text::LangMap;
use crate::domain::vocabulary::{FILE_ROLES, HERITAGE_LEVELS, SHARING};
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads every filled row; none stops the others. `has` tells whether the package has a file.
pub(super) fn read(table: &Table, codes: &CodeLists, has: &dyn Fn(&str) -> bool) -> Vec<ResourceRow> {
    table.filled().map(|row| read_row(table, row, codes, has)).collect()
}

fn read_row(table: &Table, row: &TableRow, codes: &CodeLists, has: &dyn Fn(&str) -> bool) -> ResourceRow {
    let title = table.text_of(row, "title");
    let mut cells = Cells { table, row, values: Values::new(codes, Source::Row(row.number)) };
    let mut metadata = None;
    // A row that is broken as such would only repeat itself in every column.
    if row.faults.is_empty() {
        metadata = cells.metadata(has);
    }
    let source_id = metadata.as_ref().and_then(|read: &Metadata| read.source_id.clone());
    let findings = [row.faults.clone(), cells.values.findings].concat();
    ResourceRow { row: row.number, source_id, title, metadata, findings }
}

struct Cells<'a> {
    table: &'a Table,
    row: &'a TableRow,
    values: Values<'a>,
}

impl Cells<'_> {
    fn text(&self, key: &str) -> String {
        self.table.text_of(self.row, key)
    }

    fn list(&self, key: &str) -> Vec<String> {
        split_list(&self.text(key))
    }

    /// The header that the submitter sees, for findings.
    fn header(&self, key: &str) -> String {
        let written = self.table.place_of(key).and_then(|place| self.table.headers.get(place)).cloned();
        written.unwrap_or_else(|| COLUMNS.iter().find(|column| column.key == key).map_or(key, |column| column.header).to_owned())
    }

    fn metadata(&mut self, has: &dyn Fn(&str) -> bool) -> Option<Metadata> {
        let codes = self.values.codes;
        if self.text("title").is_empty() {
            let header = self.header("title");
            self.values.fault("META-MISSING", &header, None, "没有填写标题。");
        }
        let kind = self.values.kind(&self.header("kind"), &self.text("kind"));
        let files = self.files(has);
        let metadata = Metadata {
            source_id: self.values.source_id(&self.header("id"), &self.text("id")),
            title: LangMap::zh(self.text("title")),
            description: LangMap::zh(self.text("description")),
            kind: kind.unwrap_or(Kind::Document),
            category: self.values.code(&codes.categories, &self.header("category"), &self.text("category")).unwrap_or_default(),
            subjects: self.values.codes(&codes.subjects, &self.header("subjects"), &self.list("subjects")),
            keywords: self.list("keywords"),
            audience: self.values.codes(&codes.audiences, &self.header("audience"), &self.list("audience")),
            language: self.values.languages(&self.header("language"), &self.list("language")),
            region: self.values.codes(&codes.regions, &self.header("region"), &self.list("region")),
            minutes: self.values.hours(&self.header("hours"), &self.text("hours")),
            created: self.values.date(&self.header("created"), &self.text("created")),
            valid_until: self.values.day(&self.header("valid_until"), &self.text("valid_until")),
            series: Some(self.text("series")).filter(|text| !text.is_empty()),
            creators: self.creators(),
            rights: self.rights(),
            access: self.values.visibility(&self.header("visibility"), &self.text("visibility")),
            culture: self.culture(),
            ai: self.ai(),
            accessibility: Vec::new(),
            link: self.link(),
            lessons: Vec::new(),
            files,
            extra: self.extra(),
        };
        self.values.findings.is_empty().then_some(metadata)
    }

    fn creators(&mut self) -> Vec<crate::domain::metadata::Creator> {
        let header = self.header("creators");
        self.list("creators").iter().map(|text| self.values.creator(&header, text)).collect()
    }

    fn rights(&mut self) -> Rights {
        let codes = self.values.codes;
        Rights {
            licence: self.values.code(&codes.licences, &self.header("licence"), &self.text("licence")).unwrap_or_default(),
            holder: self.text("holder"),
            sharing: self.values.word(SHARING, &self.header("sharing"), &self.text("sharing")).unwrap_or_default(),
            evidence: self.text("evidence"),
            licence_until: self.values.day(&self.header("licence_until"), &self.text("licence_until")),
        }
    }

    fn culture(&mut self) -> Option<Culture> {
        if !self.is_culture() {
            return None;
        }
        let codes = self.values.codes;
        let class = self.values.code(&codes.heritage_classes, &self.header("heritage_class"), &self.text("heritage_class"));
        let level = self.values.word(HERITAGE_LEVELS, &self.header("heritage_level"), &self.text("heritage_level"));
        Some(Culture {
            ethnic_groups: self.values.codes(&codes.ethnic_groups, &self.header("ethnic_groups"), &self.list("ethnic_groups")),
            heritage_class: class.unwrap_or_default(),
            heritage_item: self.text("heritage_item"),
            heritage_level: level.unwrap_or_default(),
            heritage_number: self.text("heritage_number"),
            protecting_body: self.text("protecting_body"),
            consent: self.text("consent"),
            sources: split_sentences(&self.text("sources")),
        })
    }

    fn is_culture(&self) -> bool {
        let keys = ["ethnic_groups", "heritage_class", "heritage_item", "heritage_level", "heritage_number", "protecting_body", "consent"];
        keys.iter().any(|key| !self.text(key).is_empty())
    }

    fn ai(&mut self) -> Option<AiLabel> {
        let generated = self.values.yes_no(&self.header("ai_generated"), &self.text("ai_generated"));
        let visible = self.values.yes_no(&self.header("ai_label_visible"), &self.text("ai_label_visible"));
        let provider = self.text("ai_provider");
        generated.map(|generated| AiLabel { generated, provider, label_visible: visible.unwrap_or(false), content_id: String::new() })
    }

    fn link(&mut self) -> Option<Link> {
        let url = self.values.address(&self.header("url"), &self.text("url"));
        (!url.is_empty()).then(|| Link { url, owner: self.text("owner") })
    }

    fn files(&mut self, has: &dyn Fn(&str) -> bool) -> Vec<FileEntry> {
        let mut files: Vec<FileEntry> = Vec::new();
        let header = self.header("files");
        let cell = self.text("files");
        // A name may hold a separator: the whole cell is tried as one path first.
        let written = if has(&super::paths::looked_up(&cell)) { vec![cell] } else { split_list(&cell) };
        for text in written {
            let (path, role) = if has(&super::paths::looked_up(&text)) { (text.as_str(), None) } else { split_bracket(&text) };
            let role = role.and_then(|role| self.values.word(FILE_ROLES, &header, role)).and_then(|code| role_of(&code));
            files.push(super::rows::entry(path, role));
        }
        for (key, role) in [("cover", FileRole::Cover), ("evidence", FileRole::Evidence), ("consent", FileRole::Evidence)] {
            let text = self.text(key);
            // Evidence may be a sentence; only what is a file of the package becomes one of the resource's files.
            if !text.is_empty() && (key == "cover" || has(&super::paths::looked_up(&text))) {
                files.push(super::rows::entry(&text, Some(role)));
            }
        }
        files
    }

    fn extra(&self) -> BTreeMap<String, Value> {
        let filled = |(place, header): (usize, &str)| {
            let text = self.row.cells.get(place).map(super::table::Cell::text).unwrap_or_default();
            (!text.is_empty()).then(|| (header.to_owned(), Value::String(text)))
        };
        let sources = split_sentences(&self.text("sources"));
        let mut extra: BTreeMap<String, Value> = self.table.unknown().filter_map(filled).collect();
        // Sources of a resource that is no item of the culture zone have no field of their own.
        if !sources.is_empty() && !self.is_culture() {
            extra.insert("sources".to_owned(), sources.into_iter().map(Value::String).collect());
        }
        extra
    }
}

fn role_of(code: &str) -> Option<FileRole> {
    serde_json::from_value(Value::String(code.to_owned())).ok()
}
