//! `yuelu ledger` saves the review ledger with its checkpoints; `yuelu verify --ledger` verifies such a file anywhere, with
//! nothing of the repository at hand.

use super::{Client, Out, save};
use crate::domain::checkpoint::{ExportCheck, ExportLine};
use anyhow::Context as _;
use clap::Args;
use serde_json::json;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

/// Arguments of `ledger`.
#[derive(Debug, Args)]
pub struct LedgerArgs {
    /// 保存到此文件（JSON 行） · File to save to, as JSON lines.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// 覆盖已有文件 · Replace a file that is there.
    #[arg(long)]
    pub force: bool,
}

/// Saves the ledger and prints the hash to keep.
///
/// # Errors
/// When the file cannot be written, or what the API refuses.
pub async fn run(client: &Client, args: LedgerArgs, out: &Out) -> anyhow::Result<()> {
    save::download(client, "/api/v1/ledger", &[], &args.file, args.force).await?;
    report(&args.file, None, out)
}

/// Verifies a saved ledger; `checkpoint` is the hash of the last checkpoint as it was noted elsewhere.
///
/// # Errors
/// When the file cannot be read, or does not hold together.
pub fn verify(file: &Path, checkpoint: Option<&str>, out: &Out) -> anyhow::Result<()> {
    report(file, checkpoint, out)?;
    if checkpoint.is_none() {
        out.note("未给出 --checkpoint，末尾被整段删去时无法发现 · without --checkpoint a cut-off end cannot be found");
    }
    Ok(())
}

fn report(file: &Path, checkpoint: Option<&str>, out: &Out) -> anyhow::Result<()> {
    let name = file.display();
    let reading = || format!("{name}：无法读取 · cannot be read");
    let mut check = ExportCheck::default();
    for (place, line) in BufReader::new(File::open(file).with_context(reading)?).lines().enumerate() {
        let at = || format!("{name}，第 {} 行 · line {}", place + 1, place + 1);
        let line: ExportLine = serde_json::from_str(&line.with_context(reading)?).with_context(at)?;
        check.take(&line).with_context(|| format!("{}：台账被改动 · the ledger was changed", at()))?;
    }
    let last = check.last().to_owned();
    let ending = || format!("{name}：台账不完整 · the ledger is not whole");
    let (checkpoints, entries) = check.finish(checkpoint).with_context(ending)?;
    let found = json!({"file": name.to_string(), "checkpoints": checkpoints, "entries": entries, "last": last});
    out.data(&found, || format!("{name}：{entries} 条记录与 {checkpoints} 个封存点前后一致。最后一个封存点（请另行保存）：\n{last}"))
}
