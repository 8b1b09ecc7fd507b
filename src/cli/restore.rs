//! `yuelu restore`: a backup into a data directory that holds no store.

use super::{Out, Place, progress};
use crate::operations::offline::{self, ENGINES, Restore};
use anyhow::Context as _;
use clap::Args;
use std::path::PathBuf;

/// Arguments of `restore`.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// 备份文件夹 · Folder of the backup.
    #[arg(value_name = "BACKUP")]
    pub backup: PathBuf,
    /// 恢复到此存储引擎，默认与备份相同 · Engine to restore into; without it, that of the backup.
    #[arg(long, value_parser = ENGINES)]
    pub engine: Option<String>,
    /// 用硬链接代替复制文件内容 · Hard links instead of copies of the files' bytes, where the disk can.
    #[arg(long)]
    pub link: bool,
}

/// Restores into the data directory.
///
/// # Errors
/// When the backup is not whole, or the directory holds a store or is in use.
pub async fn run(place: &Place, args: RestoreArgs, out: &Out) -> anyhow::Result<()> {
    place.require_local("restore")?;
    let bar = progress::of_stages(out);
    let wanted = Restore { backup: args.backup.clone(), data_dir: place.data_dir.clone(), engine: args.engine, link_blobs: args.link };
    let report = offline::restore(wanted, &mut |stage, done, total| progress::stage(&bar, stage, done, total)).await;
    bar.finish_and_clear();
    let report = report.with_context(|| {
        let (from, to) = (args.backup.display(), place.data_dir.display());
        format!("{from} 没有恢复到 {to}：备份须完整，数据目录须为空且未在服务 · was not restored")
    })?;
    out.data(&report, || {
        let (rows, dir) = (report.rows, place.data_dir.display());
        format!("已恢复到 {dir}（{} 引擎，{rows} 行，位置 {}）；下一步：yuelu verify --data-dir {dir}", report.engine, report.position)
    })
}
