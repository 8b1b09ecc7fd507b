//! What was deposited where, by the digest of the package: a run that was broken off goes on where it ended.
//!
//! One JSON object a line, appended and synced after each package. The server has the last word: a deposit that it no longer
//! knows is sent again.

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

/// One package that was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The server or data directory.
    pub target: String,
    /// SHA-256 of the package.
    pub package: String,
    /// The deposit it made.
    pub deposit: String,
}

/// The journal, read whole and appended to.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    target: String,
    known: HashMap<String, String>,
}

impl Journal {
    /// Reads what was deposited to `target`. A line that was broken off is passed over.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn open(path: PathBuf, target: String) -> anyhow::Result<Self> {
        let text = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            other => other.with_context(|| format!("{}：续传记录无法读取 · the journal cannot be read", path.display()))?,
        };
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        let known = lines.filter(|line| line.target == target).map(|line| (line.package, line.deposit)).collect();
        Ok(Self { path, target, known })
    }

    /// The deposit that a package made.
    pub fn deposit_of(&self, package: &str) -> Option<&str> {
        self.known.get(package).map(String::as_str)
    }

    /// Notes a deposit; it is on disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note(&mut self, package: &str, deposit: &str) -> anyhow::Result<()> {
        let line = Line { target: self.target.clone(), package: package.to_owned(), deposit: deposit.to_owned() };
        self.append(&line).with_context(|| format!("{}：续传记录无法写入 · the journal cannot be written", self.path.display()))?;
        self.known.insert(line.package, line.deposit);
        Ok(())
    }

    fn append(&self, line: &Line) -> anyhow::Result<()> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = File::options().create(true).append(true).open(&self.path)?;
        file.write_all(format!("{}\n", serde_json::to_string(line)?).as_bytes())?;
        Ok(file.sync_all()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_remembers_by_target_and_survives_a_broken_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("states/deposits.jsonl");
        let mut journal = Journal::open(path.clone(), "https://a".to_owned()).unwrap();
        journal.note("p1", "d1").unwrap();
        File::options().append(true).open(&path).unwrap().write_all(b"{\"target\":\"https://a\",\"pack\n").unwrap();
        journal.note("p2", "d2").unwrap();
        let again = Journal::open(path.clone(), "https://a".to_owned()).unwrap();
        assert_eq!((again.deposit_of("p1"), again.deposit_of("p2"), again.deposit_of("p3")), (Some("d1"), Some("d2"), None));
        assert_eq!(Journal::open(path, "https://b".to_owned()).unwrap().deposit_of("p1"), None);
    }
}
