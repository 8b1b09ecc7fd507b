//! Which packages a path means: one, or all in a folder.

use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// Files that make a folder a package.
const MANIFESTS: [&str; 3] = ["yuelu.toml", "catalogue.csv", "catalogue.xlsx"];

/// The packages that these paths mean, in order, each once.
///
/// # Errors
/// When a path is missing or holds no package.
pub fn packages(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = Vec::new();
    for path in paths {
        for package in of_path(path)? {
            if !found.contains(&package) {
                found.push(package);
            }
        }
    }
    Ok(found)
}

fn of_path(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let facts = std::fs::metadata(path).with_context(|| format!("{}：找不到或无法读取 · cannot be read", path.display()))?;
    if is_package(path) {
        return Ok(vec![path.to_owned()]);
    }
    anyhow::ensure!(facts.is_dir(), "{}：不是 ZIP 文件，也不是文件夹 · is neither a ZIP file nor a folder", path.display());
    let mut inner: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(path).with_context(|| path.display().to_string())? {
        let entry = entry?.path();
        if is_package(&entry) {
            inner.push(entry);
        }
    }
    inner.sort();
    let names = MANIFESTS.join(", ");
    anyhow::ensure!(
        !inner.is_empty(),
        "{}：没有资源包。资源包是含 {names} 之一的文件夹，或这样的 ZIP 文件 · holds no package: a folder with one of {names}, or a ZIP of one",
        path.display()
    );
    Ok(inner)
}

fn is_package(path: &Path) -> bool {
    if path.is_dir() {
        return MANIFESTS.iter().any(|name| path.join(name).is_file());
    }
    path.is_file() && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_packages_means_all_of_them() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for package in ["b", "a"] {
            std::fs::create_dir(at(package)).unwrap();
            std::fs::write(at(package).join("yuelu.toml"), "").unwrap();
        }
        std::fs::create_dir(at("notes")).unwrap();
        std::fs::write(at("c.ZIP"), "").unwrap();
        assert_eq!(packages(&[dir.path().to_owned(), at("a")]).unwrap(), [at("a"), at("b"), at("c.ZIP")]);
        assert!(packages(&[at("notes")]).unwrap_err().to_string().contains("yuelu.toml"));
        assert!(packages(&[at("nowhere")]).is_err());
    }
}
