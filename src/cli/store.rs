//! `yuelu store`: the record store of a data directory.

use super::{Out, Place, progress};
use crate::operations::offline::{self, ENGINES};
use anyhow::Context as _;
use clap::{Args, Subcommand};

/// Verbs of `store`.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// 把整个存储换到另一个引擎，并核对行数与摘要 · Move the whole store into another engine and compare counts and digests.
    Move(MoveArgs),
    /// 重写存储文件：已删除的内容不再留在文件里；须先停止服务 · Write the store anew, so that nothing deleted stays in its files.
    Compact,
}

/// Arguments of `store move`.
#[derive(Debug, Args)]
pub struct MoveArgs {
    /// 目标引擎 · Engine to move into.
    #[arg(long, value_parser = ENGINES)]
    pub to: String,
}

/// Runs it.
///
/// # Errors
/// When the directory is in use, holds no store, or the copy is not the same: then the old files stay in force.
pub async fn run(place: &Place, command: StoreCommand, out: &Out) -> anyhow::Result<()> {
    match command {
        StoreCommand::Move(args) => shift(place, &args, out).await,
        StoreCommand::Compact => compact(place, out).await,
    }
}

async fn shift(place: &Place, args: &MoveArgs, out: &Out) -> anyhow::Result<()> {
    place.require_local("store move")?;
    let bar = progress::of_stages(out);
    let moved = offline::move_store(&place.data_dir, &args.to, &mut |stage, done, total| progress::stage(&bar, stage, done, total)).await;
    bar.finish_and_clear();
    let report = moved.with_context(|| format!("{} 没有换到 {}，原引擎仍有效 · was not moved", place.data_dir.display(), args.to))?;
    out.data(&report, || {
        let rows: u64 = report.families.iter().map(|family| family.rows).sum();
        format!("已从 {} 换到 {}，{rows} 行核对无误；旧文件在 {}，确认无误后可删除", report.from, report.to, report.old_files.display())
    })
}

async fn compact(place: &Place, out: &Out) -> anyhow::Result<()> {
    place.require_local("store compact")?;
    let bar = progress::of_stages(out);
    let written = offline::compact_store(&place.data_dir, &mut |stage, done, total| progress::stage(&bar, stage, done, total)).await;
    bar.finish_and_clear();
    let report = written.with_context(|| format!("{} 的存储没有重写，原文件仍有效 · was not written anew", place.data_dir.display()))?;
    out.data(&report, || {
        let rows: u64 = report.families.iter().map(|family| family.rows).sum();
        let mut text = format!("存储已重写，{rows} 行核对无误，{} 字节变为 {} 字节，旧文件已删除", report.bytes_before, report.bytes);
        for old in &report.old_files {
            text.push_str(&format!("\n另有旧文件 {}，可能含已删除的内容，确认无用后请删除", old.display()));
        }
        text
    })
}
