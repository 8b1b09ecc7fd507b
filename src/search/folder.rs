//! The data files of `index/`: compiled in, replaceable one by one by a folder given at start-up.

use include_dir::{Dir, include_dir};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/index");

/// Why a data file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It could not be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Neither the folder nor the program has it.
    #[error("the index data lack the file {0}")]
    Missing(String),
    /// A line is not what it should be.
    #[error("{file}, line {line}: {reason}")]
    Line {
        /// The file, relative to the folder.
        file: String,
        /// 1 is the first.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

/// Where data files come from: a folder, and behind it what is compiled in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Folder<'a> {
    replaced_by: Option<&'a Path>,
}

impl<'a> Folder<'a> {
    /// The files compiled in, each replaced by the file of the same relative path in `replaced_by` where there is one.
    pub fn new(replaced_by: Option<&'a Path>) -> Self {
        Self { replaced_by }
    }

    /// The text of the file at a relative path such as `codes/subjects.tsv`, without a byte order mark.
    ///
    /// # Errors
    /// When the file cannot be read, is not UTF-8 or is nowhere.
    pub fn text(&self, file: &str) -> Result<Cow<'static, str>, FolderError> {
        if let Some(path) = self.replaced_by.map(|folder| folder.join(file)).filter(|path| path.exists()) {
            let text = std::fs::read_to_string(&path).map_err(|source| FolderError::Read { path, source })?;
            return Ok(Cow::Owned(text.trim_start_matches('\u{feff}').to_owned()));
        }
        let text = EMBEDDED.get_file(file).and_then(|found| found.contents_utf8());
        text.map(Cow::Borrowed).ok_or_else(|| FolderError::Missing(file.to_owned()))
    }

    /// The lines of a file that say something (neither empty nor beginning with `#`), with their numbers.
    ///
    /// # Errors
    /// As [`Folder::text`].
    pub fn lines(&self, file: &str) -> Result<Vec<(usize, String)>, FolderError> {
        let text = self.text(file)?;
        let numbered = text.lines().enumerate().map(|(place, line)| (place + 1, line.trim_end()));
        Ok(numbered
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
            .map(|(number, line)| (number, line.to_owned()))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_replaces_single_files() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("codes")).unwrap();
        std::fs::write(dir.path().join("codes/audiences.tsv"), "\u{feff}# mine\ncode\tlabel\nall\t所有人\n").unwrap();
        let folder = Folder::new(Some(dir.path()));
        assert_eq!(folder.lines("codes/audiences.tsv").unwrap().len(), 2);
        assert!(folder.text("codes/regions.tsv").unwrap().contains("430104"));
        assert!(matches!(folder.text("nothing.txt"), Err(FolderError::Missing(_))));
    }
}
