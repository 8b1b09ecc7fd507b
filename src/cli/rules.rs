//! `yuelu rules`: the vetting standards, in force or in a folder.

use super::pick::{items, text};
use super::{Client, Out, table};
use crate::operations::offline;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Verbs of `rules`.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// 列出现行规则 · List the rules in force.
    List,
    /// 检查规则文件夹，指出错误所在的文件与行 · Check a rule folder: every problem with file and line.
    Check(CheckArgs),
    /// 逐条说明检测：提交前的文件、资源包，或一条提交 · What is measured and what each rule makes of it: files, packages, a submission.
    Explain(ExplainArgs),
}

/// Arguments of `rules check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// 规则文件夹 · Folder of rule files.
    #[arg(default_value = "review_rules", value_name = "FOLDER")]
    pub folder: PathBuf,
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
pub fn check(args: &CheckArgs, out: &Out) -> anyhow::Result<()> {
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
