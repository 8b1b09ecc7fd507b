//! `yuelu verify`: whether everything kept is as it was written.

use super::pick::{items, number, text};
use super::{Client, Out, progress};
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// 不重新计算文件内容的校验值 · Leave the bytes of files out, which takes longest.
    #[arg(long)]
    pub quick: bool,
    /// 只核对 `yuelu ledger` 导出的文件，不需要数据目录 · Verify a file of `yuelu ledger` alone, without a data directory.
    #[arg(long, value_name = "FILE", conflicts_with = "quick")]
    pub ledger: Option<PathBuf>,
    /// 另行保存的最后一个封存点 · The last checkpoint, as it was noted elsewhere.
    #[arg(long, value_name = "HASH", requires = "ledger")]
    pub checkpoint: Option<String>,
}

/// Verifies records, indexes, feed, audit chains, files and the search index.
///
/// # Errors
/// When something is wrong; the report says what.
pub async fn run(client: &Client, args: VerifyArgs, out: &Out) -> anyhow::Result<()> {
    let sign = progress::waiting(out, "检查 · verifying");
    sign.enable_steady_tick(Duration::from_millis(200));
    catch_up(client).await?;
    let report: anyhow::Result<Value> = client.post("/api/v1/verification", &json!({"blobs": !args.quick})).await;
    sign.finish_and_clear();
    let report = report?;
    out.data(&report, || as_text(&report))?;
    let clean = report.pointer("/clean") == Some(&Value::Bool(true));
    anyhow::ensure!(
        clean,
        "有内容与写入时不一致，请保留现场并从备份恢复 · something is not as it was written; keep the files and restore a backup"
    );
    Ok(())
}

/// Lets the search index take in what was committed before: a house just opened may still be reading.
async fn catch_up(client: &Client) -> anyhow::Result<()> {
    let ready: Value = client.get("/readyz", &[]).await.unwrap_or(Value::Null);
    let head = text(&ready, "/head");
    if !head.is_empty() {
        // An index that does not catch up is what the report will say.
        let _found: anyhow::Result<Value> = client.get("/api/v1/search", &[("after", &head), ("limit", "1")]).await;
    }
    Ok(())
}

fn as_text(report: &Value) -> String {
    let records = report.pointer("/store/records").and_then(Value::as_object).into_iter().flatten();
    let records: u64 = records.filter_map(|(_, count)| count.as_u64()).sum();
    let store = |name: &str| number(report, &format!("/store/{name}"));
    let mut lines = vec![
        format!("记录 {records}，索引行 {}，变更行 {}", store("index_rows"), store("feed_rows")),
        format!("文件 {} 个，{} 字节", store("blobs/files"), store("blobs/bytes")),
        format!("检索索引 {} 篇，应有 {} 篇", number(report, "/index/indexed"), number(report, "/index/served")),
    ];
    for fault in items(report, "/store/faults") {
        lines.push(format!("[{}] {}：{}", text(fault, "/area"), text(fault, "/place"), text(fault, "/what")));
    }
    for (name, words) in [("missing", "未进入索引"), ("extra", "索引中多余"), ("stale", "索引内容过时")] {
        lines.extend(items(report, &format!("/index/{name}")).map(|id| format!("[index] {}：{words}", text(id, ""))));
    }
    let clean = report.pointer("/clean") == Some(&Value::Bool(true));
    lines.push(if clean { "全部一致 · clean".to_owned() } else { format!("{} 处不一致", store("fault_count")) });
    lines.join("\n")
}
