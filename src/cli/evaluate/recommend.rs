//! `yuelu evaluate recommend`: what recommendations are worth on the log.

use crate::cli::pick::{items, text};
use crate::cli::{Client, Out, progress, table};
use clap::Args;
use serde_json::{Value, json};
use std::time::Duration;

/// Arguments of `evaluate recommend`.
#[derive(Debug, Args)]
pub struct RecommendArgs {
    /// 评估方式，可重复，默认全部 · Protocol, can be repeated; all where none is named.
    #[arg(long, value_parser = ["temporal", "leave-last-out", "prequential"])]
    pub protocol: Vec<String>,
    /// 每种方式最多抽查的清单数 · Lists asked for by each protocol, at most.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub lists: u32,
}

/// Replays the log and prints the figures.
///
/// # Errors
/// What the API refuses.
pub async fn run(client: &Client, args: RecommendArgs, out: &Out) -> anyhow::Result<()> {
    let sign = progress::waiting(out, "回放学习记录 · replaying the log");
    sign.enable_steady_tick(Duration::from_millis(200));
    let wanted = json!({"protocols": args.protocol, "lists": args.lists});
    let told: anyhow::Result<Value> = client.post("/api/v1/evaluations", &wanted).await;
    sign.finish_and_clear();
    let told = told?;
    out.data(&told, || as_text(&told))
}

fn as_text(told: &Value) -> String {
    let mut rows = vec![["方式", "清单", "对象", "NDCG@10", "召回@20", "命中@10", "覆盖@10", "新鲜@10"].map(str::to_owned).to_vec()];
    for report in items(told, "/reports") {
        for (part, name) in [("model", "推荐"), ("popularity", "最热"), ("recent_popularity", "近期最热")] {
            let figure = |figure: &str| {
                let value = report.pointer(&format!("/{part}/{figure}")).and_then(Value::as_f64);
                value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"))
            };
            let figures = ["ndcg_at_10", "recall_at_20", "hit_at_10", "coverage_at_10", "freshness_at_10"].map(figure);
            let mut row = vec![text(report, "/protocol"), text(report, "/lists"), name.to_owned()];
            row.extend(figures);
            rows.push(row);
        }
    }
    table::of(&rows)
}
