//! Code lists from `index/codes/*.tsv`: `code`, `label`, `aliases` separated by `;`, `parent`.

use super::folder::{Folder, FolderError};
use crate::domain::codes::{Code, CodeList, CodeLists};
use std::path::Path;

/// The code lists of the site: those compiled in, each replaced by its file in `folder` where there is one.
///
/// # Errors
/// When a file cannot be read, or a row lacks its label, repeats a code or names a parent that is not in the list.
pub fn load(folder: Option<&Path>) -> Result<CodeLists, FolderError> {
    let folder = Folder::new(folder);
    Ok(CodeLists {
        categories: read(folder, "codes/categories.tsv")?,
        subjects: read(folder, "codes/subjects.tsv")?,
        audiences: read(folder, "codes/audiences.tsv")?,
        ethnic_groups: read(folder, "codes/ethnic_groups.tsv")?,
        heritage_classes: read(folder, "codes/heritage_classes.tsv")?,
        regions: read(folder, "codes/regions.tsv")?,
        licences: read(folder, "codes/licences.tsv")?,
    })
}

fn read(folder: Folder<'_>, file: &str) -> Result<CodeList, FolderError> {
    let fault = |line: usize, reason: String| FolderError::Line { file: file.to_owned(), line, reason };
    let mut rows: Vec<Code> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (number, line) in folder.lines(file)?.into_iter().skip(1) {
        let mut cells = line.split('\t').map(str::trim);
        let code = cells.next().unwrap_or_default().to_owned();
        let label = cells.next().unwrap_or_default().to_owned();
        if code.is_empty() || label.is_empty() {
            return Err(fault(number, "a row needs a code and a label".to_owned()));
        }
        if !seen.insert(code.clone()) {
            return Err(fault(number, format!("the code {code} is there already")));
        }
        let aliases = cells.next().unwrap_or_default().split(';').map(str::trim).filter(|name| !name.is_empty());
        let aliases = aliases.map(str::to_owned).collect();
        let parent = cells.next().filter(|code| !code.is_empty()).map(str::to_owned);
        if let Some(missing) = parent.as_ref().filter(|code| !seen.contains(*code)) {
            return Err(fault(number, format!("the parent {missing} must stand above its children")));
        }
        rows.push(Code { code, label, aliases, parent });
    }
    Ok(CodeList::new(rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_are_compiled_in_are_whole() {
        let lists = load(None).unwrap();
        assert_eq!(lists.ethnic_groups.rows().len(), 56);
        assert_eq!(lists.heritage_classes.rows().len(), 10);
        assert_eq!(lists.categories.rows().len(), 7);
        assert_eq!(lists.regions.rows().len(), 1 + 14 + 122);
        assert!(lists.subjects.rows().len() >= 80);
        assert_eq!(lists.regions.lineage("430104"), ["430104", "430100", "430000"]);
    }

    #[test]
    fn names_old_names_and_letter_codes_are_read() {
        let lists = load(None).unwrap();
        let region = |name: &str| lists.regions.find(name).map(|row| row.code.clone()).unwrap_or_default();
        assert_eq!(region("祁阳县"), "431181");
        assert_eq!(region("大庸"), "430800");
        assert_eq!(region("湘西"), "433100");
        assert_eq!(region("430221"), "430212");
        assert_eq!(region("岳麓区"), "430104");
        assert_eq!(lists.ethnic_groups.find("TJ").map(|row| row.label.as_str()), Some("土家族"));
        assert_eq!(lists.ethnic_groups.find("苗族").map(|row| row.code.as_str()), Some("06"));
        assert_eq!(lists.heritage_classes.find("Ⅷ").map(|row| row.code.as_str()), Some("craft"));
        assert_eq!(lists.licences.find("版权所有").map(|row| row.code.as_str()), Some("all-rights-reserved"));
        assert_eq!(lists.categories.label("farmers"), "农民");
    }

    #[test]
    fn faults_name_file_and_line() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("codes")).unwrap();
        std::fs::write(dir.path().join("codes/audiences.tsv"), "code\tlabel\na\t甲\na\t乙\n").unwrap();
        let error = load(Some(dir.path())).unwrap_err();
        assert_eq!(error.to_string(), "codes/audiences.tsv, line 3: the code a is there already");
    }
}
