//! Saving an answer of the API as a file: whole or not at all.

use super::Client;
use anyhow::Context as _;
use futures::StreamExt as _;
use std::path::Path;
use tokio::io::AsyncWriteExt as _;

/// Downloads `path` into `file` and gives the number of bytes. The file appears under its name when all of it is there.
///
/// # Errors
/// When the file is there already and `force` is not given, when it cannot be written, or what the API refuses.
pub async fn download(client: &Client, path: &str, query: &[(&str, &str)], file: &Path, force: bool) -> anyhow::Result<u64> {
    let name = file.display();
    anyhow::ensure!(force || !file.exists(), "{name} 已存在，换名或加 --force · is there already; choose another name or add --force");
    let mut pieces = client.download(path, query).await?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let fresh = tempfile::NamedTempFile::new_in(folder).with_context(|| format!("{name}：无法写入 · cannot be written"))?;
    let mut writer = tokio::fs::File::from_std(fresh.reopen()?);
    let mut bytes = 0;
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        bytes += piece.len() as u64;
        writer.write_all(&piece).await.with_context(|| format!("{name}：无法写入 · cannot be written"))?;
    }
    writer.sync_all().await?;
    fresh.persist(file).with_context(|| format!("{name}：无法写入 · cannot be written"))?;
    Ok(bytes)
}
