//! Tests of the rules: the built-in standards load, each aims where it should, and a broken folder is told by line.

mod folder;
mod levels;
mod rows;
mod scans;
mod severity;
mod standards;

use super::{Neighbour, Report, RuleSet, Subject};
use crate::domain::codes::Kind;
use crate::domain::digest::Digest;
use crate::domain::finding::Severity;
use crate::domain::inspection::{ExtractedText, FileFacts, Locator, TextFacts, TextPart};
use crate::domain::metadata::{Creator, FileEntry, FileRole, Metadata};
use crate::domain::submission::SubmittedFile;
use crate::domain::time::Timestamp;
use std::collections::BTreeMap;

/// A submission under test: change what matters, then check.
pub(super) struct Sample {
    pub meta: Metadata,
    pub files: Vec<SubmittedFile>,
    pub texts: BTreeMap<String, ExtractedText>,
    pub neighbours: Option<Vec<Neighbour>>,
}

impl Sample {
    /// A document that no `must` or `should` rule minds.
    pub fn document() -> Self {
        let meta = serde_json::json!({
            "title": "智能手机使用入门", "kind": "document", "category": "community", "subjects": ["digital-life"],
            "description": "面向社区居民的智能手机入门读本，介绍开机、联网、通话与常用软件，图文对照，可以照着一步一步做。",
            "keywords": ["智能手机", "微信", "入门"], "audience": ["everyone"], "language": ["zh-CN"],
            "creators": [{ "name": "李秀英", "role": "author" }],
            "rights": { "licence": "CC-BY-4.0", "holder": "岳麓示范社区学院", "sharing": "free", "evidence": "自有版权" },
        });
        let meta: Metadata = serde_json::from_value(meta).unwrap();
        let mut sample = Self { meta, files: Vec::new(), texts: BTreeMap::new(), neighbours: None };
        let facts = FileFacts {
            text: Some(TextFacts { characters: 900, parts: 3, encoding: None, longest_part: 400 }),
            ..facts("application/pdf")
        };
        sample.add("读本.pdf", FileRole::Master, facts);
        sample.say("读本.pdf", "打开手机，先看屏幕上方的时间与信号，再按照图示一步一步操作。");
        sample
    }

    pub fn add(&mut self, path: &str, role: FileRole, facts: FileFacts) -> &mut SubmittedFile {
        let mut bytes = [0_u8; 32];
        bytes[0] = u8::try_from(self.files.len()).unwrap();
        let entry = FileEntry { path: path.to_owned(), role, title: None, language: None, rights: None };
        let digest = Digest::from_bytes(&bytes);
        self.files.push(SubmittedFile { entry, digest, size: 1000, facts: Some(facts), text: None, thumbnail: None });
        self.files.last_mut().unwrap()
    }

    pub fn say(&mut self, path: &str, text: &str) {
        let part = TextPart { locator: Locator::Page { page: 2 }, text: text.to_owned() };
        self.texts.insert(path.to_owned(), ExtractedText { parts: vec![part] });
    }

    pub fn check(&self) -> Report {
        self.with(|rules, subject| rules.check(subject))
    }

    pub fn with<T>(&self, ask: impl Fn(&RuleSet, &Subject<'_>) -> T) -> T {
        let rules = RuleSet::builtin().unwrap();
        let text = |file: &SubmittedFile| self.texts.get(&file.entry.path).cloned();
        let at = Timestamp::parse("2026-11-22T08:00:00Z").unwrap();
        ask(
            &rules,
            &Subject { metadata: &self.meta, files: &self.files, row: Some(4), at, neighbours: self.neighbours.as_deref(), text: &text },
        )
    }

    /// Ids of the rules of that severity that found something.
    pub fn found(&self, severity: Severity) -> Vec<String> {
        let report = self.check();
        report.findings.into_iter().filter(|finding| finding.severity == severity).map(|finding| finding.rule).collect()
    }

    pub fn bearer(&mut self) {
        self.meta.creators.push(Creator { name: "刘代娥".to_owned(), role: "bearer".to_owned(), organisation: None });
    }

    pub fn kind(&mut self, kind: Kind) {
        self.meta.kind = kind;
    }
}

pub(super) fn facts(sniffed: &str) -> FileFacts {
    FileFacts { size: 1000, sniffed: sniffed.to_owned(), type_agrees: true, opens: true, ..FileFacts::default() }
}
