//! `yuelu backup`: a consistent copy of everything kept, while it is served.

use super::pick::{number, text};
use super::{Client, Out, Place, progress};
use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// 备份到此文件夹，须尚不存在或为空 · Folder for the backup: not there yet, or empty.
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// 用硬链接代替复制文件内容；须在同一磁盘 · Hard links instead of copies of the files' bytes; only on the same disk.
    #[arg(long)]
    pub link: bool,
}

/// Makes the backup.
///
/// # Errors
/// When the folder is not empty or cannot be written.
pub async fn run(client: &Client, place: &Place, args: BackupArgs, out: &Out) -> anyhow::Result<()> {
    place.require_local("backup")?;
    let target = std::path::absolute(&args.folder)?;
    let target = target.to_str().with_context(|| format!("{}：路径须为 UTF-8 · the path must be UTF-8", args.folder.display()))?;
    let sign = progress::waiting(out, "备份 · backing up");
    sign.enable_steady_tick(Duration::from_millis(200));
    let made: anyhow::Result<Value> = client.post("/api/v1/backups", &json!({"target": target, "link_blobs": args.link})).await;
    sign.finish_and_clear();
    let made = made?;
    out.data(&made, || {
        let counts = ["/rows", "/blobs", "/blob_bytes", "/event_files"].map(|pointer| number(&made, pointer));
        let [rows, files, bytes, events] = counts;
        let position = text(&made, "/position");
        format!("已备份到 {target}（位置 {position}）：{rows} 行，{files} 个文件 {bytes} 字节，学习记录 {events} 个文件")
    })
}
