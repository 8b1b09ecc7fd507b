//! `yuelu rules`: the vetting standards, in force or in a folder.

use super::pick::{items, number, text};
use super::submissions::finding_line;
use super::{Client, Out, progress, table};
use crate::domain::address::escaped;
use crate::operations::offline;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Verbs of `rules`.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// 列出现行规则 · List the rules in force.
    List,
    /// 检查规则文件夹，指出错误所在的文件与行 · Check a rule folder: every problem with file and line.
    Check(FolderArgs),
    /// 与现行规则比较 · What would change if the rules of a folder were in force.
    Diff(FolderArgs),
    /// 用新规则复测已入库资源，列出将不合格的 · Try the rules of a folder on the published catalogue.
    Test(TestArgs),
    /// 逐条说明检测：提交前的文件、资源包，或一条提交 · What is measured and what each rule makes of it: files, packages, a submission.
    Explain(ExplainArgs),
}

/// A rule folder.
#[derive(Debug, Args)]
pub struct FolderArgs {
    /// 规则文件夹 · Folder of rule files.
    #[arg(default_value = "review_rules", value_name = "FOLDER")]
    pub folder: PathBuf,
}

/// Arguments of `rules test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// 新规则文件夹 · Folder of the rules to try.
    #[arg(long, value_name = "FOLDER")]
    pub set: PathBuf,
}

/// Arguments of `rules explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// 文件、资源包文件夹或 ZIP；不提交，也不需要服务 · Files or packages; nothing is sent in.
    #[arg(value_name = "PATH", required_unless_present = "submission", conflicts_with = "submission")]
    pub paths: Vec<PathBuf>,
    /// 改为说明这条提交 · This submission instead.
    #[arg(long, value_name = "ID")]
    pub submission: Option<String>,
}

/// Checks a folder; asks nobody.
///
/// # Errors
/// When something is wrong with it.
pub fn check(args: &FolderArgs, out: &Out) -> anyhow::Result<()> {
    let folder = args.folder.display();
    anyhow::ensure!(args.folder.is_dir(), "{folder}：没有这个文件夹 · there is no such folder");
    let problems = offline::check_rules(&args.folder);
    out.data(&json!({"folder": args.folder, "problems": problems}), || {
        let line = |problem: &offline::RuleProblem| {
            format!("{}:{}: [{}] {} · {}", problem.file, problem.line, problem.code, problem.zh, problem.en)
        };
        match problems.as_slice() {
            [] => format!("{folder}：没有问题 · nothing is wrong"),
            problems => problems.iter().map(line).collect::<Vec<_>>().join("\n"),
        }
    })?;
    anyhow::ensure!(problems.is_empty(), "{} 个问题 · {} problems", problems.len(), problems.len());
    Ok(())
}

/// Lists the rules in force.
///
/// # Errors
/// What the API refuses.
pub async fn list(client: &Client, out: &Out) -> anyhow::Result<()> {
    let standards: Value = client.get("/api/v1/rules", &[]).await?;
    out.data(&standards, || {
        let line = |rule: &Value| ["/id", "/severity", "/set", "/title", "/basis"].map(|pointer| text(rule, pointer)).to_vec();
        let header = ["规则", "级别", "规则集", "名称", "依据"].map(str::to_owned).to_vec();
        let rows: Vec<_> = std::iter::once(header).chain(items(&standards, "/rules").map(line)).collect();
        format!("规则集 {}\n{}", text(&standards, "/digest"), table::of(&rows))
    })
}

/// Tells what would change if the rules of a folder were in force.
///
/// # Errors
/// When the folder cannot be read; what the API refuses.
pub async fn diff(client: &Client, folder: &Path, out: &Out) -> anyhow::Result<()> {
    let told: Value = client.post("/api/v1/rules/diff", &files_of(folder)?).await?;
    out.data(&told, || changes(&told))
}

/// Tries the rules of a folder on the published catalogue, page by page.
///
/// # Errors
/// When the folder cannot be read; what the API refuses.
pub async fn test(client: &Client, args: TestArgs, out: &Out) -> anyhow::Result<()> {
    let files = files_of(&args.set)?;
    let diff: Value = client.post("/api/v1/rules/diff", &files).await?;
    let sign = progress::waiting(out, "复测已入库资源 · testing the catalogue");
    let (mut tested, mut falls, mut cursor) = (0, Vec::new(), None::<String>);
    loop {
        let address = match &cursor {
            None => "/api/v1/rules/test".to_owned(),
            Some(cursor) => format!("/api/v1/rules/test?cursor={}", escaped(cursor)),
        };
        let page: Value = client.post(&address, &files).await?;
        tested += number(&page, "/tested");
        falls.extend(items(&page, "/falls").cloned());
        sign.set_position(tested);
        cursor = page.pointer("/next").and_then(Value::as_str).map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    sign.finish_and_clear();
    let told = json!({"diff": diff, "tested": tested, "falls": falls});
    out.data(&told, || {
        let fall = |fall: &Value| {
            let head = format!("{}  {}  {}", text(fall, "/id"), text(fall, "/institution"), text(fall, "/title"));
            let findings = items(fall, "/findings").map(|finding| format!("   {}", finding_line(finding)));
            std::iter::once(head).chain(findings).collect::<Vec<_>>().join("\n")
        };
        let mut parts = vec![changes(&diff)];
        parts.extend(falls.iter().map(fall));
        parts.push(format!("复测 {tested} 个已入库资源，{} 个将不合格 · {tested} tested, {} would fall", falls.len(), falls.len()));
        parts.join("\n\n")
    })
}

fn files_of(folder: &Path) -> anyhow::Result<Value> {
    anyhow::ensure!(folder.is_dir(), "{}：没有这个文件夹 · there is no such folder", folder.display());
    match offline::rule_files(folder) {
        Ok(files) => Ok(json!({"files": files})),
        Err(problems) => anyhow::bail!(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

/// A diff for people: rule by rule, part by part.
fn changes(diff: &Value) -> String {
    let one = |change: &Value| {
        let sign = match text(change, "/change").as_str() {
            "added" => "新增",
            "removed" => "删除",
            _ => "修改",
        };
        let part = |part: &Value| format!("   {}：{} → {}", text(part, "/part"), text(part, "/before"), text(part, "/after"));
        let head = format!("{sign} {}  {}", text(change, "/rule"), text(change, "/title"));
        // Of a rule that comes or goes, the head says enough.
        let parts = items(change, "/parts").filter(|_| sign == "修改").map(part);
        std::iter::once(head).chain(parts).collect::<Vec<_>>().join("\n")
    };
    let mut lines: Vec<String> = items(diff, "/rules").map(one).collect();
    let others: Vec<String> = items(diff, "/others").map(|name| text(name, "")).collect();
    lines.extend((!others.is_empty()).then(|| format!("另有改动 · also changed: {}", others.join(", "))));
    if lines.is_empty() { "与现行规则一致 · nothing changes".to_owned() } else { lines.join("\n") }
}
