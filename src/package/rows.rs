//! All resources that a package describes, with the files of each resolved against what is in the package.

use super::archive::Package;
use super::fault::{PackageFault, shown};
use super::table::Table;
use super::{catalogue, delimited, manifest, paths, sheet};
use crate::domain::codes::CodeLists;
use crate::domain::encoding::decode_text;
use crate::domain::finding::{Finding, Severity};
use crate::domain::metadata::{FileEntry, FileRole, Metadata};
use std::collections::{BTreeMap, BTreeSet};

/// The manifest of one resource.
pub const MANIFEST: &str = "yuelu.toml";
/// The catalogue as text.
pub const CATALOGUE_CSV: &str = "catalogue.csv";
/// The catalogue as a workbook.
pub const CATALOGUE_XLSX: &str = "catalogue.xlsx";

/// What one row, or the manifest, says.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceRow {
    /// Row of the catalogue, 1 is the first; 0 for `yuelu.toml`.
    pub row: u32,
    /// The institution's own number.
    pub source_id: Option<String>,
    /// Title as it was written.
    pub title: String,
    /// The description; `None` when a finding refuses the row.
    pub metadata: Option<Metadata>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// Reads the manifest or catalogue of a package. An error refuses the package as a whole.
pub fn read_rows(package: &mut Package, codes: &CodeLists) -> Result<Vec<ResourceRow>, Vec<PackageFault>> {
    let form = form_of(package).map_err(|fault| vec![fault])?;
    let most = package.limits().manifest;
    let bytes = package.read(form, most).map_err(|fault| vec![fault])?;
    let known: BTreeSet<String> = package.entries().iter().map(|entry| entry.path.clone()).collect();
    let mut rows = if form == MANIFEST {
        vec![manifest::read(&decode_text(&bytes).text, codes)]
    } else {
        let table = read_table(form, &bytes, package.limits().rows).map_err(|fault| vec![fault])?;
        catalogue::read(&table, codes, &|path| known.contains(path))
    };
    if rows.is_empty() {
        return Err(vec![PackageFault::of("PKG-MANIFEST", form, "目录表里没有资源行。", "The catalogue has no rows.")]);
    }
    for row in &mut rows {
        resolve(row, &known, form == MANIFEST);
    }
    refuse_repeated_numbers(&mut rows);
    Ok(rows)
}

/// Reads a catalogue as a table; the name's ending says in which form it is.
pub fn read_table(name: &str, bytes: &[u8], most: u32) -> Result<Table, PackageFault> {
    if name.ends_with(".xlsx") {
        return sheet::read(bytes, name, most);
    }
    Table::from_rows(delimited::read(bytes, most)).ok_or_else(|| {
        let zh = "没有找到表头行：第一行应为“编号,标题,类型……”等列名，请使用《资源批量入库模板》。";
        PackageFault::of("PKG-MANIFEST", name, zh, "No header row was found in the catalogue.")
    })
}

/// Which of the three forms the package has at its root.
pub fn form_of(package: &Package) -> Result<&'static str, PackageFault> {
    let forms: Vec<&str> = [MANIFEST, CATALOGUE_CSV, CATALOGUE_XLSX].into_iter().filter(|name| package.entry(name).is_some()).collect();
    match forms.as_slice() {
        [form] => Ok(match *form {
            MANIFEST => MANIFEST,
            CATALOGUE_CSV => CATALOGUE_CSV,
            _ => CATALOGUE_XLSX,
        }),
        [] => Err(PackageFault::whole(
            "PKG-MANIFEST",
            "资源包根目录缺少 yuelu.toml（单个资源）或 catalogue.csv、catalogue.xlsx（多个资源）。",
            "The package has neither yuelu.toml nor catalogue.csv nor catalogue.xlsx at its root.",
        )),
        several => Err(PackageFault::whole(
            "PKG-MANIFEST",
            format!("资源包根目录同时有 {}，只能保留一个。", several.join("、")),
            format!("The package has {} at its root; only one may be there.", several.join(", ")),
        )),
    }
}

/// A file with the role that was given, or the one its name tells.
pub(super) fn entry(path: &str, role: Option<FileRole>) -> FileEntry {
    let path = paths::looked_up(path);
    FileEntry { role: role.unwrap_or_else(|| role_by_name(&path)), path, title: None, language: None, rights: None }
}

/// Subtitles by extension, a cover by name; everything else is the work itself.
pub(super) fn role_by_name(path: &str) -> FileRole {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
    match extension {
        "srt" | "vtt" | "lrc" | "ass" | "ssa" | "ttml" | "dfxp" => FileRole::Subtitle,
        "jpg" | "jpeg" | "png" | "webp" if matches!(stem, "cover" | "封面") => FileRole::Cover,
        _ => FileRole::Master,
    }
}

/// Completes the files of a row and reports those that are not in the package.
fn resolve(row: &mut ResourceRow, known: &BTreeSet<String>, whole_package: bool) {
    let Some(metadata) = &mut row.metadata else { return };
    for lesson in &mut metadata.lessons {
        for path in &mut lesson.files {
            *path = paths::looked_up(path);
            metadata.files.push(entry(path, None));
        }
    }
    if whole_package {
        let evidence = [&metadata.rights.evidence, metadata.culture.as_ref().map_or(&metadata.rights.evidence, |culture| &culture.consent)];
        let proofs: Vec<String> = evidence.into_iter().map(|path| paths::looked_up(path)).filter(|path| known.contains(path)).collect();
        metadata.files.extend(proofs.iter().map(|path| entry(path, Some(FileRole::Evidence))));
        metadata.files.extend(known.iter().filter(|path| *path != MANIFEST).map(|path| entry(path, None)));
    }
    merge(&mut metadata.files);
    let field = if row.row == 0 { "files" } else { "文件" };
    for file in metadata.files.iter().filter(|file| !known.contains(&file.path)) {
        let place = if row.row == 0 { "yuelu.toml".to_owned() } else { format!("第 {} 行", row.row) };
        let hint = nearest(&file.path, known).map(|path| format!("是否指“{path}”？")).unwrap_or_default();
        row.findings.push(Finding {
            rule: "FILE-MISSING".to_owned(),
            severity: Severity::Must,
            file: Some(file.path.clone()),
            row: (row.row > 0).then_some(row.row),
            field: Some(field.to_owned()),
            locator: None,
            message: format!("{place}提到的文件“{}”不在资源包里。{hint}", shown(&file.path)),
            measured: None,
            waived: false,
        });
    }
    if !row.findings.is_empty() {
        row.metadata = None;
    }
}

/// Keeps the first mention of each path; a later one that knows a special role lends it to a plain first one.
fn merge(files: &mut Vec<FileEntry>) {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut kept: Vec<FileEntry> = Vec::new();
    for file in files.drain(..) {
        match places.get(&file.path).and_then(|place| kept.get_mut(*place)) {
            Some(first) if first.role == FileRole::Master && file.role == FileRole::Evidence && first.title.is_none() => {
                first.role = file.role
            }
            Some(_) => {}
            None => {
                places.insert(file.path.clone(), kept.len());
                kept.push(file);
            }
        }
    }
    *files = kept;
}

/// A path of the package that differs only in case or folder.
fn nearest<'a>(path: &str, known: &'a BTreeSet<String>) -> Option<&'a String> {
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let wanted = name(path);
    known.iter().find(|other| name(other) == wanted)
}

/// Two rows with one number would overwrite each other.
fn refuse_repeated_numbers(rows: &mut [ResourceRow]) {
    let mut first: BTreeMap<String, u32> = BTreeMap::new();
    for row in rows {
        let Some(id) = row.source_id.clone() else { continue };
        match first.get(&id) {
            None => {
                first.insert(id, row.row);
            }
            Some(earlier) => {
                row.metadata = None;
                row.findings.push(Finding {
                    rule: "ROW-DUPLICATE".to_owned(),
                    severity: Severity::Must,
                    file: None,
                    row: Some(row.row),
                    field: Some("编号".to_owned()),
                    locator: None,
                    message: format!("第 {} 行的编号“{id}”与第 {earlier} 行重复。", row.row),
                    measured: Some(id),
                    waived: false,
                });
            }
        }
    }
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
