//! `yuelu approve`: a second person of the institution prints the pledge of a deposit and sends the stamped one back.

use super::pick::{all_pages, items, number, text};
use super::{Client, Out, save};
use crate::domain::address::escaped;
use anyhow::Context as _;
use axum::http::header::CONTENT_TYPE;
use clap::Args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio_util::io::ReaderStream;

/// Between two looks at works that are being approved.
const PAUSE: Duration = Duration::from_millis(200);
/// How long nothing may move before waiting is given up.
const PATIENCE: Duration = Duration::from_secs(120);
/// Most works of one deposit that are looked at.
const MOST: usize = 20_000;

/// Arguments of `approve`.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// 批次编号（受理编号） · Id of the deposit.
    pub deposit: String,
    /// 把承诺书存为此网页，供打印、签字、盖章 · Save the pledge as this page, to be printed, signed and stamped.
    #[arg(long, value_name = "FILE", conflicts_with = "scan")]
    pub print: Option<PathBuf>,
    /// 盖章承诺书的扫描件（PDF、JPEG 或 PNG） · Scan of the stamped pledge.
    #[arg(long, value_name = "FILE", requires = "confirm")]
    pub scan: Option<PathBuf>,
    /// 确认自审表各项 · Confirm every item of the self-review form.
    #[arg(long)]
    pub confirm: bool,
    /// 等到本批资源全部审核通过 · Wait until every work is approved.
    #[arg(long, requires = "scan")]
    pub wait: bool,
    /// 覆盖已有文件 · Replace a file that is there.
    #[arg(long)]
    pub force: bool,
}

/// Runs it: shows what waits, saves the page, or sends the scan.
///
/// # Errors
/// When a file cannot be read or written, or what the API refuses.
pub async fn run(client: &Client, args: ApproveArgs, out: &Out) -> anyhow::Result<()> {
    let path = format!("/api/v1/deposits/{}", escaped(&args.deposit));
    if let Some(file) = &args.print {
        save::download(client, &format!("{path}/pledge.html"), &[], file, args.force).await?;
        return out.data(&json!({"file": file}), || format!("已保存 {}；打印、签字、盖章后扫描，再用 --scan 上传。", file.display()));
    }
    let sheet: Value = client.get(&format!("{path}/pledge"), &[]).await?;
    let Some(scan) = &args.scan else { return out.data(&sheet, || shown(&sheet)) };
    let pledge = stamp(client, &sheet, scan).await?;
    if args.wait {
        until_approved(client, &args.deposit).await?;
    }
    out.data(&pledge, || format!("已受理盖章承诺书，机构审核通过 {} 件。", items(&pledge, "/submissions").count()))
}

/// Waits until nothing of a deposit awaits approval, as long as works go on.
async fn until_approved(client: &Client, deposit: &str) -> anyhow::Result<()> {
    let query = [("deposit", deposit), ("state", "approval")];
    let (mut waiting, mut since) = (usize::MAX, Instant::now());
    loop {
        let now = all_pages(client, "/api/v1/submissions", &query, MOST).await?.len();
        if now == 0 {
            return Ok(());
        }
        if now < waiting {
            (waiting, since) = (now, Instant::now());
        }
        anyhow::ensure!(
            since.elapsed() < PATIENCE,
            "{now} 件仍待机构审核，请联系平台管理员 · {now} works still wait for approval; ask whoever runs the site"
        );
        tokio::time::sleep(PAUSE).await;
    }
}

/// Sends a scan for what the sheet lists, with every item of the self-review form confirmed.
pub async fn stamp(client: &Client, sheet: &Value, scan: &Path) -> anyhow::Result<Value> {
    let file = tokio::fs::File::open(scan).await.with_context(|| format!("{}：无法读取 · cannot be read", scan.display()))?;
    let confirmed: Vec<String> = items(sheet, "/self_review").map(|item| text(item, "/code")).collect();
    let (confirmed, list) = (confirmed.join(","), text(sheet, "/list"));
    let query = [("list", list.as_str()), ("confirmed", confirmed.as_str())];
    let path = format!("/api/v1/deposits/{}/stamped-pledges", escaped(&text(sheet, "/deposit")));
    client.post_stream(&path, &query, &[(CONTENT_TYPE, "application/octet-stream")], ReaderStream::new(file)).await
}

fn shown(sheet: &Value) -> String {
    let works = items(sheet, "/works").map(|work| format!("  {}  {}", text(work, "/kind"), text(work, "/title")));
    let form = items(sheet, "/self_review").map(|item| format!("  {}：{}", text(item, "/label"), text(item, "/statement")));
    let head = format!(
        "{}，待机构审核 {} 件，仍在检测 {} 件，清单校验码 {}",
        text(sheet, "/institution"),
        items(sheet, "/works").count(),
        number(sheet, "/checking"),
        text(sheet, "/list")
    );
    let lines = [head].into_iter().chain(works).chain(["自审表：".to_owned()]).chain(form);
    lines.collect::<Vec<_>>().join("\n")
}
