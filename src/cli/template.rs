//! `yuelu template`: the workbook that institutions fill in.

use super::{Client, Out, save};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `template`.
#[derive(Debug, Args)]
pub struct TemplateArgs {
    /// 存为此文件 · Save as this file.
    #[arg(long, short, value_name = "FILE", default_value = "资源批量入库模板.xlsx")]
    pub output: PathBuf,
    /// 覆盖已有文件 · Replace a file that is there.
    #[arg(long)]
    pub force: bool,
}

/// Saves it.
///
/// # Errors
/// When the file is there already or cannot be written.
pub async fn run(client: &Client, args: TemplateArgs, out: &Out) -> anyhow::Result<()> {
    let bytes = save::download(client, "/api/v1/template", &[], &args.output, args.force).await?;
    out.data(&json!({"file": args.output, "bytes": bytes}), || {
        format!("已保存 {}；填写后另存为 catalogue.xlsx，与资源文件放入同一文件夹，再用 yuelu deposit 提交。", args.output.display())
    })
}
