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
/// When the directory is in use, holds no store, or the copy is not the same: then the old engine stays in force.
pub async fn run(place: &Place, command: StoreCommand, out: &Out) -> anyhow::Result<()> {
    let StoreCommand::Move(args) = command;
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
