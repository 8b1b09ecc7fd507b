//! The machine checks on files that nobody deposited: what they would say, before anything is sent in.

use super::Ingest;
use super::unpacked::{Refusal, Unpacked};
use crate::domain::finding::Finding;
use crate::domain::inspection::{ExtractedText, FileFacts};
use crate::domain::metadata::{FileEntry, Metadata};
use crate::domain::problem::Problem;
use crate::domain::submission::SubmittedFile;
use crate::domain::{codes::Kind, text::LangMap};
use crate::package::{Package, PackageFault, ResourceRow, read_rows};
use crate::rules::{Explanation, Subject, subject::class_of};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What the checks would say of one resource, or of one file alone.
#[derive(Clone, Debug, Serialize)]
pub struct Tried {
    /// Title, or the name of the file.
    pub title: String,
    /// Row of the catalogue; `None` where there is none.
    pub row: Option<u32>,
    /// What was measured of each file, by path.
    pub files: BTreeMap<String, FileFacts>,
    /// What is wrong with the package or the row before any rule is asked.
    pub findings: Vec<Finding>,
    /// Each rule's outcome; `None` when the row or the package is refused.
    pub explanation: Option<Explanation>,
}

impl Ingest {
    /// Tries the checks on a package (a folder or a ZIP) or on a single file. Of a single file only the rules on files are asked.
    ///
    /// # Errors
    /// Those of the blobs, into which the files are copied; a package that cannot be read is no error, but a finding.
    pub async fn try_out(&self, path: &Path) -> Result<Vec<Tried>, Problem> {
        let zipped = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("zip"));
        if path.is_dir() || zipped { self.try_package(path).await } else { Ok(vec![self.try_file(path).await?]) }
    }

    async fn try_file(&self, path: &Path) -> Result<Tried, Problem> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let digest = self.blobs.put_file(path).await?;
        let size = self.blobs.size(&digest).await?.unwrap_or(0);
        let entry = FileEntry { path: name.clone(), ..FileEntry::default() };
        let file = self.look(SubmittedFile { entry, digest, size, facts: None, text: None, thumbnail: None }).await?;
        let kind = match class_of(&file) {
            "video" => Kind::Video,
            "audio" => Kind::Audio,
            "image" => Kind::Image,
            "slides" => Kind::Slides,
            "ebook" => Kind::Ebook,
            _ => Kind::Document,
        };
        let metadata = Metadata::titled(LangMap::zh(&name), kind);
        let mut tried = self.ask_rules(name, None, &metadata, vec![file]).await?;
        // Nothing describes it, so rules on the description would blame a file for what it cannot hold.
        tried.explanation.iter_mut().for_each(|explanation| explanation.rules.retain(|taken| taken.file.is_some()));
        Ok(tried)
    }

    async fn try_package(&self, path: &Path) -> Result<Vec<Tried>, Problem> {
        let (at, blobs, codes, limits) = (path.to_owned(), self.blobs.clone(), self.codes.clone(), self.limits);
        let opening = move || -> Result<(Unpacked, Vec<ResourceRow>), Vec<PackageFault>> {
            let mut unpacked = Unpacked::new(Package::open(&at, limits)?, blobs, None);
            let rows = read_rows(unpacked.package(), &codes)?;
            Ok((unpacked, rows))
        };
        let opened = tokio::task::spawn_blocking(opening).await.map_err(|_| Problem::internal())?;
        let (mut unpacked, rows) = match opened {
            Ok(opened) => opened,
            Err(faults) => {
                let title = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                return Ok(vec![refused(title, None, faults.iter().map(PackageFault::to_finding).collect())]);
            }
        };
        let mut tried = Vec::new();
        for row in rows {
            let place = (row.row > 0).then_some(row.row);
            let Some(metadata) = row.metadata else {
                tried.push(refused(row.title, place, row.findings));
                continue;
            };
            let taking = move || {
                let files = unpacked.files_of(&metadata);
                (unpacked, metadata, files)
            };
            let (back, metadata, files) = tokio::task::spawn_blocking(taking).await.map_err(|_| Problem::internal())?;
            unpacked = back;
            unpacked.settle().await?;
            match files {
                Ok(files) => {
                    let mut looked = Vec::new();
                    for file in files {
                        looked.push(self.look(file).await?);
                    }
                    let one = self.ask_rules(row.title, place, &metadata, looked).await?;
                    tried.push(Tried { findings: row.findings, ..one });
                }
                Err(Refusal::Package(fault)) => tried.push(refused(row.title, place, [row.findings, vec![fault.to_finding()]].concat())),
                Err(Refusal::Ours(problem)) => return Err(problem),
            }
        }
        Ok(tried)
    }

    async fn ask_rules(&self, title: String, row: Option<u32>, metadata: &Metadata, files: Vec<SubmittedFile>) -> Result<Tried, Problem> {
        let mut texts: BTreeMap<&str, ExtractedText> = BTreeMap::new();
        for file in &files {
            if let Some(digest) = &file.text {
                texts.extend(ExtractedText::unpack(&self.blobs.read(digest).await?).map(|text| (file.entry.path.as_str(), text)));
            }
        }
        let text = |file: &SubmittedFile| texts.get(file.entry.path.as_str()).cloned();
        let explanation =
            self.rules.explain(&Subject { metadata, files: &files, row, at: self.clock.now(), neighbours: None, text: &text });
        let facts = files.iter().filter_map(|file| Some((file.entry.path.clone(), file.facts.clone()?)));
        Ok(Tried { title, row, files: facts.collect(), findings: Vec::new(), explanation: Some(explanation) })
    }
}

fn refused(title: String, row: Option<u32>, findings: Vec<Finding>) -> Tried {
    Tried { title, row, files: BTreeMap::new(), findings, explanation: None }
}
