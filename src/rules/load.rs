//! Reads a rule folder, the compiled-in one or another, and tells every problem with file and line.

use super::calendar::{self, CalendarFile};
use super::format::{SCHEMA, SetFile, WordsFile};
use super::policy::{Criteria, CriteriaFile, Policy, PolicyFile};
use super::rule::RuleSet;
use super::scan::words::WordList;
use super::{reach, validate};
use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

static BUILTIN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/review_rules");

/// Something wrong in a rule folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RuleProblem {
    /// File, relative to the folder.
    pub file: String,
    /// Line, 1 is the first; 0 for the file as a whole.
    pub line: usize,
    /// Stable code: `syntax`, `schema`, `duplicate`, `measure`, `comparison`, `threshold`, `date`, `reference`, `weights`, `missing`,
    /// `unreachable`, `overlap`.
    pub code: String,
    /// Sentence in Chinese.
    pub zh: String,
    /// Sentence in English.
    pub en: String,
}

impl std::fmt::Display for RuleProblem {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}: {} ({})", self.file, self.line, self.zh, self.en)
    }
}

/// A file being read: turns spans into lines and gathers problems.
pub(super) struct Reading<'a> {
    pub file: &'a str,
    pub text: &'a str,
    pub problems: &'a mut Vec<RuleProblem>,
}

impl Reading<'_> {
    /// Notes a problem at a span.
    pub fn problem(&mut self, span: Option<Range<usize>>, code: &str, zh: impl Into<String>, en: impl Into<String>) {
        let before = span.and_then(|span| self.text.get(..span.start));
        let line = before.map_or(0, |text| text.matches('\n').count() + 1);
        self.problems.push(RuleProblem { file: self.file.to_owned(), line, code: code.to_owned(), zh: zh.into(), en: en.into() });
    }

    /// Parses the file, or notes why it cannot be.
    fn parse<T: DeserializeOwned>(&mut self) -> Option<T> {
        match toml::from_str(self.text) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                let said = error.message().to_owned();
                self.problem(error.span(), "syntax", format!("无法读取：{said}"), said);
                None
            }
        }
    }

    /// Checks the version of the format.
    pub fn check_schema(&mut self, schema: &toml::Spanned<String>) {
        if schema.get_ref() != SCHEMA {
            let zh = format!("schema 应为“{SCHEMA}”");
            self.problem(Some(schema.span()), "schema", zh, format!("schema must be \"{SCHEMA}\""));
        }
    }
}

/// Files by name relative to the folder.
pub type Files = BTreeMap<String, String>;

impl RuleSet {
    /// The standards compiled into the program.
    pub fn builtin() -> Result<Self, Vec<RuleProblem>> {
        let mut files = Files::new();
        gather_builtin(&BUILTIN, &mut files);
        assemble(&files, false)
    }

    /// The standards of a folder.
    pub fn from_folder(folder: &Path) -> Result<Self, Vec<RuleProblem>> {
        assemble(&read_folder(folder)?, false)
    }

    /// The standards of files, by their names relative to the folder; as in a folder, only those that end in `.toml` are read.
    pub fn from_files(files: &Files) -> Result<Self, Vec<RuleProblem>> {
        let read = files.iter().filter(|(name, _)| name.ends_with(".toml"));
        assemble(&read.map(|(name, text)| (name.clone(), text.clone())).collect(), false)
    }
}

/// Everything that is wrong with a rule folder, rules that nothing reaches and rules that overlap too; empty when it is sound.
pub fn check_folder(folder: &Path) -> Vec<RuleProblem> {
    read_folder(folder).and_then(|files| assemble(&files, true)).err().unwrap_or_default()
}

fn gather_builtin(dir: &Dir<'_>, files: &mut Files) {
    for file in dir.files() {
        let name = file.path().to_string_lossy().replace('\\', "/");
        if let Some(text) = file.contents_utf8().filter(|_| name.ends_with(".toml")) {
            files.insert(name, text.to_owned());
        }
    }
    for inner in dir.dirs() {
        gather_builtin(inner, files);
    }
}

/// The rule files of a folder, as they are written.
pub fn read_folder(folder: &Path) -> Result<Files, Vec<RuleProblem>> {
    let mut files = Files::new();
    let mut open = vec![folder.to_path_buf()];
    let unreadable = |path: &Path, error: std::io::Error| {
        let file = path.strip_prefix(folder).unwrap_or(path).to_string_lossy().into_owned();
        vec![RuleProblem {
            file,
            line: 0,
            code: "missing".to_owned(),
            zh: format!("无法读取：{error}"),
            en: format!("cannot be read: {error}"),
        }]
    };
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).map_err(|error| unreadable(&dir, error))? {
            let path = entry.map_err(|error| unreadable(&dir, error))?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
                let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                files.insert(name, text);
            }
        }
    }
    Ok(files)
}

/// Reads the files; `strict` asks for sense too, which a set may lack and still be used.
fn assemble(files: &Files, strict: bool) -> Result<RuleSet, Vec<RuleProblem>> {
    let mut problems = Vec::new();
    let mut sets = Vec::new();
    let (mut policy, mut criteria, mut words, mut calendar) = (None, None, None, None);
    for (file, text) in files {
        let mut reading = Reading { file, text, problems: &mut problems };
        match file.as_str() {
            "policy.toml" => policy = reading.parse::<PolicyFile>().and_then(|raw| Policy::read(raw, &mut reading)),
            "calendar.toml" => calendar = reading.parse::<CalendarFile>().and_then(|raw| calendar::read(raw, &mut reading)),
            "criteria.toml" => criteria = reading.parse::<CriteriaFile>().and_then(|raw| Criteria::read(raw, &mut reading)),
            "words.toml" => {
                words = reading.parse::<WordsFile>().map(|raw| {
                    reading.check_schema(&raw.schema);
                    WordList::new(raw.group)
                });
            }
            _ => {
                if let Some(raw) = reading.parse::<SetFile>() {
                    reading.check_schema(&raw.schema);
                    sets.push((file.as_str(), text.as_str(), raw));
                }
            }
        }
    }
    for name in ["policy.toml", "criteria.toml", "words.toml"].into_iter().filter(|name| !files.contains_key(*name)) {
        Reading { file: name, text: "", problems: &mut problems }.problem(None, "missing", "缺少此文件", "this file is missing");
    }
    if !files.contains_key("calendar.toml") {
        // A folder without its own goes by the table that came with the program.
        let text = BUILTIN.get_file("calendar.toml").and_then(|file| file.contents_utf8()).unwrap_or_default();
        let mut reading = Reading { file: "calendar.toml", text, problems: &mut problems };
        calendar = reading.parse::<CalendarFile>().and_then(|raw| calendar::read(raw, &mut reading));
    }
    let (rules, places) = validate::rules(sets, &mut problems);
    // Sense is asked of sound tables alone: a rule that is there twice overlaps anyway.
    if strict && problems.is_empty() {
        reach::check(&rules, &places, &mut problems);
    }
    match (policy, criteria, words, calendar) {
        (Some(policy), Some(criteria), Some(words), Some(calendar)) if problems.is_empty() => {
            Ok(RuleSet { digest: digest_of(files), rules, policy, criteria, words, calendar, converts: BTreeSet::new() })
        }
        _ => {
            problems.sort();
            Err(problems)
        }
    }
}

fn digest_of(files: &Files) -> String {
    let mut hash = Sha256::new();
    for (name, text) in files {
        for part in [name, text] {
            hash.update(part.len().to_be_bytes());
            hash.update(part.as_bytes());
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
