//! `yuelu evaluate experiment NAME`: what the lists of an experiment's arms led to.

use crate::cli::pick::{items, text};
use crate::cli::{Client, Out, progress, table};
use clap::Args;
use serde_json::Value;
use std::time::Duration;

/// Arguments of `evaluate experiment`.
#[derive(Debug, Args)]
pub struct ExperimentArgs {
    /// 配置中的实验名称 · Name of the experiment in the configuration.
    pub name: String,
}

/// Prints the effects.
///
/// # Errors
/// What the API refuses.
pub async fn run(client: &Client, args: ExperimentArgs, out: &Out) -> anyhow::Result<()> {
    let sign = progress::waiting(out, "读取学习记录 · reading the log");
    sign.enable_steady_tick(Duration::from_millis(200));
    let told: anyhow::Result<Value> = client.get(&format!("/api/v1/evaluations/experiments/{}", args.name), &[]).await;
    sign.finish_and_clear();
    let told = told?;
    out.data(&told, || as_text(&told))
}

fn number(value: &Value, path: &str) -> f64 {
    value.pointer(path).and_then(Value::as_f64).unwrap_or(0.0) * 100.0
}

fn as_text(told: &Value) -> String {
    let interval = |value: &Value, path: &str, middle: &str| {
        let [middle, low, high] = [middle, "low", "high"].map(|end| number(value, &format!("{path}/{end}")));
        format!("{middle:.2}% [{low:.2}, {high:.2}]")
    };
    let mut rows = vec![["组", "清单", "学员", "曝光", "点开率（95%）", "学完率（95%）"].map(str::to_owned).to_vec()];
    for (arm, name) in items(told, "/arms").zip(["对照", "实验"]) {
        let mut row = vec![name.to_owned()];
        row.extend(["/lists", "/learners", "/showings"].map(|path| text(arm, path)));
        row.extend(["/clicks", "/completions"].map(|path| interval(arm, path, "rate")));
        rows.push(row);
    }
    let mut difference = vec!["差".to_owned(), String::new(), String::new(), String::new()];
    difference.extend(["/clicks", "/completions"].map(|path| interval(told, path, "difference")));
    rows.push(difference);
    let p = |path: &str| told.pointer(path).and_then(Value::as_f64).map_or_else(|| "-".to_owned(), |p| format!("p={p:.4}"));
    rows.push(vec!["检验".to_owned(), String::new(), String::new(), String::new(), p("/clicks/p"), p("/completions/p")]);
    table::of(&rows)
}
