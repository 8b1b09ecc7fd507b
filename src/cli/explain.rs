//! `yuelu rules explain`: each measure taken and each rule's outcome, of files that lie here or of a submission.

use super::pick::{items, number, text};
use super::submissions::{finding_line, path};
use super::{Client, Host, Out, Place, labels, table};
use crate::ingest::Tried;
use anyhow::Context as _;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Tries the checks on files and packages that lie here.
///
/// # Errors
/// When a path is not there or cannot be read, or the standards are not sound.
pub async fn files(host: &dyn Host, place: &Place, paths: &[PathBuf], out: &Out) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("没有可用的临时文件夹 · there is no temporary folder")?;
    let checks = host.trial(place, folder.path())?;
    let mut tried: Vec<Tried> = Vec::new();
    for path in paths {
        let name = path.display();
        anyhow::ensure!(path.exists(), "{name}：没有这个文件或文件夹 · there is no such file or folder");
        std::fs::File::open(path).with_context(|| format!("{name}：无法读取 · cannot be read"))?;
        tried.extend(checks.try_out(path).await?);
    }
    let told = json!({"tried": tried});
    out.data(&told, || items(&told, "/tried").map(tried_text).collect::<Vec<_>>().join("\n\n"))
}

/// Explains the checks of a submission.
///
/// # Errors
/// What the API refuses.
pub async fn submission(client: &Client, id: Option<&str>, out: &Out) -> anyhow::Result<()> {
    let told: Value = client.get(&path(id.unwrap_or_default(), "/rules"), &[]).await?;
    out.data(&told, || outcomes(&told))
}

fn tried_text(tried: &Value) -> String {
    let row = match number(tried, "/row") {
        0 => String::new(),
        row => format!("（第 {row} 行）"),
    };
    let mut parts = vec![format!("{}{row}", text(tried, "/title"))];
    let files = tried.pointer("/files").and_then(Value::as_object).into_iter().flatten();
    parts.extend(files.map(|(file, facts)| format!("文件 {file}：{}", measured(facts))));
    parts.extend(items(tried, "/findings").map(|finding| format!("意见：{}", finding_line(finding))));
    parts.extend(tried.pointer("/explanation").filter(|found| !found.is_null()).map(outcomes));
    parts.join("\n")
}

/// Facts as `name=value`, without what was not found.
fn measured(facts: &Value) -> String {
    let mut leaves = Vec::new();
    gather("", facts, &mut leaves);
    leaves.join("  ")
}

fn gather(above: &str, value: &Value, leaves: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
                gather(&name, value, leaves);
            }
        }
        value => leaves.push(format!("{above}={}", text(value, ""))),
    }
}

/// What became of each rule that was looked at, and how many were not for this one.
fn outcomes(told: &Value) -> String {
    let looked_at = |taken: &&Value| text(taken, "/outcome") != "not_looked_at";
    let line = |taken: &Value| {
        let outcome = match text(taken, "/outcome").as_str() {
            "holds" => "合格",
            "fails" => "不合格",
            _ => "未测",
        };
        let severity = labels::severity(&text(taken, "/severity"));
        let [rule, file, measured, threshold, title, why] =
            ["/rule", "/file", "/measured", "/threshold", "/title", "/why"].map(|pointer| text(taken, pointer));
        let measured = if measured.is_empty() { why } else { measured };
        vec![outcome.to_owned(), severity.to_owned(), rule, measured, threshold, title, file]
    };
    let header = ["结果", "级别", "规则", "测得", "要求", "名称", "文件"].map(str::to_owned).to_vec();
    let rows: Vec<_> = std::iter::once(header).chain(items(told, "/rules").filter(looked_at).map(line)).collect();
    let others = items(told, "/rules").count() + 1 - rows.len();
    format!(
        "{}\n另有 {others} 条规则不适用 · {others} more rules are not for this one\n规则集 {}",
        table::of(&rows),
        text(told, "/rule_set")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_told_by_their_names() {
        let facts = json!({"size": 3, "fault": null, "video": {"width": 1280, "codec": "h264"}});
        assert_eq!(measured(&facts), "size=3  video.codec=h264  video.width=1280");
    }
}
