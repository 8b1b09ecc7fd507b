//! `yuelu submissions`: what was handed in and where it stands.

use super::labels::{self, Labels};
use super::pick::{all_pages, items, number, text, worded};
use super::{Client, Out, fetch, save, table};
use crate::domain::address::escaped;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Verbs of `submissions`.
#[derive(Debug, Subcommand)]
pub enum SubmissionsCommand {
    /// 列出提交 · List submissions.
    List(ListArgs),
    /// 查看一条提交 · Show one submission.
    Show(IdArgs),
    /// 查看一条提交的全部经过 · Show the ledger of a submission.
    History(IdArgs),
    /// 导出一批提交的检测意见 · Findings of a deposit, to the screen or into a file.
    Findings(FindingsArgs),
    /// 取回一条提交的全部文件 · Save the files of a submission.
    Files(FilesArgs),
    /// 撤回提交 · Take a submission back.
    Withdraw(IdArgs),
}

/// Arguments of `submissions list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// 只列此状态，如 returned screening review final published · Only those in this state.
    #[arg(long)]
    pub state: Option<String>,
    /// 只列此批次 · Only those of this deposit.
    #[arg(long)]
    pub deposit: Option<String>,
    /// 只列此机构 · Only those of this organisation.
    #[arg(long, value_name = "ORG")]
    pub owner: Option<String>,
    /// 最多条数 · How many at most.
    #[arg(long, default_value_t = 100)]
    pub limit: usize,
}

/// A submission.
#[derive(Debug, Args)]
pub struct IdArgs {
    /// 提交编号 · Id of the submission.
    pub id: String,
}

/// Arguments of `submissions files`.
#[derive(Debug, Args)]
pub struct FilesArgs {
    /// 提交编号 · Id of the submission.
    pub id: String,
    /// 存入此文件夹，默认为以提交编号命名的文件夹 · Save below this folder; without it, one named by the id.
    #[arg(long, value_name = "FOLDER")]
    pub into: Option<PathBuf>,
}

/// Arguments of `submissions findings`.
#[derive(Debug, Args)]
pub struct FindingsArgs {
    /// 批次编号（受理编号） · Id of the deposit.
    pub deposit: String,
    /// json、csv 或 xlsx（在原表中标注）；后两种存为文件 · Form; csv and xlsx are saved as a file.
    #[arg(long, value_parser = ["json", "csv", "xlsx"])]
    pub format: Option<String>,
    /// 存为此文件 · Save as this file.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// 覆盖已有文件 · Replace a file that is there.
    #[arg(long)]
    pub force: bool,
}

/// Runs it.
///
/// # Errors
/// What the API refuses; when a file cannot be written.
pub async fn run(client: &Client, command: SubmissionsCommand, out: &Out) -> anyhow::Result<()> {
    match command {
        SubmissionsCommand::List(args) => list(client, args, out).await,
        SubmissionsCommand::Show(args) => {
            let shown: Value = client.get(&path(&args.id, ""), &[]).await?;
            let labels = Labels::ask(client).await?;
            out.data(&shown, || in_full(&shown, &labels))
        }
        SubmissionsCommand::History(args) => history(client, &args.id, out).await,
        SubmissionsCommand::Findings(args) => findings(client, args, out).await,
        SubmissionsCommand::Files(args) => {
            let shown: Value = client.get(&path(&args.id, ""), &[]).await?;
            let folder = args.into.unwrap_or_else(|| PathBuf::from(text(&shown, "/id")));
            let saved = fetch::files(client, &shown, &folder).await?;
            out.data(&json!({"files": saved}), || saved.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join("\n"))
        }
        SubmissionsCommand::Withdraw(args) => {
            let done: Value = client.post(&path(&args.id, "/withdrawal"), &json!({})).await?;
            out.data(&done, || line_of(&done).join("  "))
        }
    }
}

/// The address of a submission, or of something of it.
pub(super) fn path(id: &str, more: &str) -> String {
    format!("/api/v1/submissions/{}{more}", escaped(id))
}

async fn list(client: &Client, args: ListArgs, out: &Out) -> anyhow::Result<()> {
    let given = [("state", &args.state), ("deposit", &args.deposit), ("owner", &args.owner)];
    let query: Vec<(&str, &str)> = given.into_iter().filter_map(|(name, value)| value.as_deref().map(|value| (name, value))).collect();
    let found = all_pages(client, "/api/v1/submissions", &query, args.limit).await?;
    out.data(&json!({"items": found}), || {
        let header = ["提交编号", "状态", "须改", "提示", "机构", "题名"].map(str::to_owned).to_vec();
        table::of(&std::iter::once(header).chain(found.iter().map(line_of)).collect::<Vec<_>>())
    })
}

fn line_of(submission: &Value) -> Vec<String> {
    ["/id", "/state/label", "/must", "/should", "/institution", "/title"].map(|pointer| text(submission, pointer)).to_vec()
}

/// A submission for people: what it is, its files, what was found, what may be done.
pub(super) fn in_full(shown: &Value, labels: &Labels) -> String {
    let mut lines = vec![
        format!("{}  [{}]", text(shown, "/title"), text(shown, "/state/label")),
        format!("提交编号 {}  第 {} 轮  {}", text(shown, "/id"), number(shown, "/round"), text(shown, "/institution")),
    ];
    let told = [
        ("简介", worded(shown, "/metadata/description")),
        ("类型", text(shown, "/kind/label")),
        ("类别", labels.of("categories", &text(shown, "/category"))),
        ("许可", labels.of("licences", &text(shown, "/metadata/rights/licence"))),
        ("权利人", text(shown, "/metadata/rights/holder")),
        ("通道", text(shown, "/track/label")),
        ("退回原因", text(shown, "/state/reason")),
    ];
    lines.extend(told.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}：{value}")));
    let creator = |one: &Value| format!("{}（{}）", text(one, "/name"), labels.of("creator_roles", &text(one, "/role")));
    let creators: Vec<String> = items(shown, "/metadata/creators").map(creator).collect();
    if !creators.is_empty() {
        lines.push(format!("责任者：{}", creators.join("；")));
    }
    for file in items(shown, "/files") {
        let role = labels.of("file_roles", &text(file, "/role"));
        lines.push(format!("文件：{}  {role}  {}", text(file, "/path"), indicatif::HumanBytes(number(file, "/size"))));
        let made = |one: &Value| format!("  转换：{}  {}", text(one, "/label"), indicatif::HumanBytes(number(one, "/size")));
        lines.extend(items(file, "/renditions").map(made));
        lines.extend(Some(text(file, "/conversion_fault")).filter(|fault| !fault.is_empty()).map(|fault| format!("  未能转换：{fault}")));
    }
    lines.extend(items(shown, "/findings").map(|finding| format!("意见：{}", finding_line(finding))));
    lines.extend(items(shown, "/opinions").map(|one| format!("评审：{} {}", text(one, "/verdict/label"), text(one, "/text"))));
    if shown.pointer("/countersign/office").is_some() {
        let answer = match shown.pointer("/countersign/answer/agreed").and_then(Value::as_bool) {
            None => "待会签",
            Some(true) => "同意",
            Some(false) => "不同意",
        };
        let said = ["/countersign/answer/text", "/countersign/answer/letter"].map(|pointer| text(shown, pointer)).join(" ");
        lines.push(format!("会签：{}  {answer}  {said}", text(shown, "/countersign/office/label")));
    }
    let actions: Vec<String> = items(shown, "/actions").map(|action| text(action, "/label")).collect();
    if !actions.is_empty() {
        lines.push(format!("可执行：{}", actions.join("、")));
    }
    lines.join("\n")
}

/// A finding on one line: how heavy, which rule, where, what.
pub(super) fn finding_line(finding: &Value) -> String {
    let weight = labels::severity(&text(finding, "/severity"));
    let row = number(finding, "/row");
    let mut place: Vec<String> = Vec::new();
    place.extend((row > 0).then(|| format!("第 {row} 行")));
    place.extend(["/file", "/field"].map(|pointer| text(finding, pointer)).into_iter().filter(|part| !part.is_empty()));
    let weight =
        if finding.pointer("/waived").and_then(Value::as_bool) == Some(true) { "已豁免".to_owned() } else { weight.to_string() };
    format!("[{weight}] {} {}：{}", text(finding, "/rule"), place.join(" "), text(finding, "/message"))
}

async fn history(client: &Client, id: &str, out: &Out) -> anyhow::Result<()> {
    let entries: Value = client.get(&path(id, "/history"), &[]).await?;
    let list = if entries.is_array() { "" } else { "/items" };
    out.data(&entries, || {
        let line = |entry: &Value| ["/sequence", "/at", "/action", "/from", "/to"].map(|pointer| text(entry, pointer)).to_vec();
        let header = ["序号", "时间", "动作", "此前", "此后"].map(str::to_owned).to_vec();
        table::of(&std::iter::once(header).chain(items(&entries, list).map(line)).collect::<Vec<_>>())
    })
}

async fn findings(client: &Client, args: FindingsArgs, out: &Out) -> anyhow::Result<()> {
    let path = format!("/api/v1/deposits/{}/findings", escaped(&args.deposit));
    let format = args.format.as_deref().unwrap_or("json");
    if format == "json" && args.output.is_none() {
        let found: Value = client.get(&path, &[]).await?;
        return out.data(&found, || match items(&found, "").map(finding_line).collect::<Vec<_>>() {
            lines if lines.is_empty() => "没有意见 · no findings".to_owned(),
            lines => lines.join("\n"),
        });
    }
    let file = args.output.unwrap_or_else(|| PathBuf::from(format!("检测意见-{}.{format}", args.deposit)));
    let bytes = save::download(client, &path, &[("format", format)], &file, args.force).await?;
    out.data(&json!({"file": file, "bytes": bytes}), || format!("已保存 {}", file.display()))
}
