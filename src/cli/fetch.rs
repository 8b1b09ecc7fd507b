//! Saving the files of a submission, so that whoever judges it can open them.

use super::pick::{items, text};
use super::{Client, save};
use crate::domain::address::escaped;
use anyhow::Context as _;
use serde_json::Value;
use std::path::{Component, Path, PathBuf};

/// Saves all files of a submission below `folder` and gives their places. What is there already is kept as it is.
///
/// # Errors
/// When a file cannot be written, or what the API refuses.
pub async fn files(client: &Client, submission: &Value, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let id = text(submission, "/id");
    let mut saved = Vec::new();
    for file in items(submission, "/files") {
        let path = text(file, "/path");
        let place = folder.join(inside(&path)?);
        if !place.exists() {
            let above = place.parent().unwrap_or(folder);
            std::fs::create_dir_all(above).with_context(|| format!("{}：无法写入 · cannot be written", above.display()))?;
            let address = format!("/api/v1/submissions/{}/files/{}", escaped(&id), parts(&path));
            save::download(client, &address, &[], &place, false).await?;
        }
        saved.push(place);
    }
    Ok(saved)
}

/// A path of a package as one below a folder; a server's answer must not reach elsewhere.
fn inside(path: &str) -> anyhow::Result<&Path> {
    let relative = Path::new(path);
    let sound = !path.is_empty() && relative.components().all(|part| matches!(part, Component::Normal(_)));
    anyhow::ensure!(sound, "{path}：路径不合规 · not a path inside a package");
    Ok(relative)
}

fn parts(path: &str) -> String {
    path.split('/').map(escaped).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_saved_outside_the_folder() {
        assert!(inside("讲义/第一讲.pdf").is_ok());
        for path in ["", "../a", "/etc/passwd", "a/../../b"] {
            assert!(inside(path).is_err(), "{path}");
        }
        assert_eq!(parts("讲/a b.pdf"), "%E8%AE%B2/a%20b.pdf");
    }
}
