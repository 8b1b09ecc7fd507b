//! `yuelu evaluate search`: what search is worth on judged queries, and whether other numbers of ranking are worth more.

use super::judged::{self, Query};
use crate::cli::pick::items;
use crate::cli::{Client, Out, progress, table};
use crate::domain::relevance::{DEEP, Figures, Run, judge_run, mean, significance};
use anyhow::Context as _;
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Queries of one request.
const TOGETHER: usize = 100;
/// Queries shown whose figures differ most.
const SHOWN: usize = 10;

/// Arguments of `evaluate search`.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// 检索词，每行一个 JSON 对象：id text · Queries, a JSON object a line.
    #[arg(long, value_name = "queries.jsonl")]
    queries: PathBuf,
    /// 答案，每行：检索词编号、资源编号、等级 · Answers, a line each: query, id, grade.
    #[arg(long, value_name = "qrels.tsv")]
    qrels: PathBuf,
    /// 看前几条 · Depth of the figures.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    k: u32,
    /// 试用的排序权重文件，默认为生效的权重 · Weights to try; without it, those in force.
    #[arg(long, value_name = "weights.toml")]
    weights: Option<PathBuf>,
    /// 与之比较：保存的结果（.jsonl）或另一份权重（.toml） · Compare with a saved run (.jsonl) or other weights (.toml).
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// 保存结果 · Save the run.
    #[arg(long, value_name = "run.jsonl")]
    save: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Rankings {
    rankings: Vec<Vec<String>>,
}

/// Asks all queries and prints the figures.
///
/// # Errors
/// When a file cannot be read or written, or what the API refuses.
pub async fn run(client: &Client, args: SearchArgs, out: &Out) -> anyhow::Result<()> {
    let (queries, qrels) = judged::judged(judged::queries(&args.queries)?, judged::qrels(&args.qrels)?)?;
    let k = args.k as usize;
    let ranked = ask(client, &queries, args.weights.as_deref(), out).await?;
    if let Some(path) = &args.save {
        judged::save(path, &ranked)?;
    }
    let own = judge_run(&ranked, &qrels, k);
    let other = match &args.against {
        Some(path) if path.extension().is_some_and(|end| end == "toml") => Some(ask(client, &queries, Some(path), out).await?),
        Some(path) => Some(judged::run(path)?),
        None => None,
    };
    let against = other.map(|other| compared(&own, &judge_run(&other, &qrels, k), &queries));
    let told = json!({"queries": own.len(), "k": k, "figures": as_json(&mean(&own)), "against": against});
    out.data(&told, || as_text(&told))
}

/// The run of the queries by the weights of a file, or by those in force.
async fn ask(client: &Client, queries: &[Query], weights: Option<&Path>, out: &Out) -> anyhow::Result<Run> {
    let read = |path: &Path| std::fs::read_to_string(path).with_context(|| format!("{}：无法读取 · cannot be read", path.display()));
    let weights = weights.map(read).transpose()?;
    let bar = progress::of_things(out, queries.len() as u64, "检索 · searching");
    let mut ranked = Run::new();
    for part in queries.chunks(TOGETHER) {
        let texts: Vec<&str> = part.iter().map(|query| query.text.as_str()).collect();
        let ask = json!({"queries": texts, "limit": DEEP, "weights": weights});
        let Rankings { rankings } = client.post("/api/v1/evaluations/search", &ask).await?;
        ranked.extend(part.iter().map(|query| query.id.clone()).zip(rankings));
        bar.inc(part.len() as u64);
    }
    bar.finish_and_clear();
    Ok(ranked)
}

fn as_json(figures: &Figures) -> Value {
    json!({"ndcg": figures.ndcg, "mrr": figures.mrr, "recall": figures.recall, "recall_100": figures.recall_100})
}

/// Differences of the runs (this one less the other) with what chance makes of them.
fn compared(own: &[(String, Figures)], other: &[(String, Figures)], queries: &[Query]) -> Value {
    let pairs = || own.iter().zip(other).map(|((query, own), (_, other))| (query, own, other));
    let differences = |of: fn(&Figures) -> f64| pairs().map(|(_, own, other)| of(own) - of(other)).collect::<Vec<f64>>();
    let by_figure = |of: fn(&Figures) -> f64| {
        let differences = differences(of);
        json!({
            "difference": differences.iter().sum::<f64>() / differences.len().max(1) as f64,
            "better": differences.iter().filter(|difference| **difference > 0.0).count(),
            "worse": differences.iter().filter(|difference| **difference < 0.0).count(),
            "p": significance(&differences),
        })
    };
    let text = |id: &str| queries.iter().find(|query| query.id == id).map_or("", |query| query.text.as_str());
    let mut by_query: Vec<Value> = pairs()
        .filter(|(_, own, other)| own.ndcg != other.ndcg)
        .map(|(id, own, other)| json!({"id": id, "text": text(id), "ndcg": own.ndcg, "other": other.ndcg}))
        .collect();
    by_query.sort_by(|left, right| {
        let size = |value: &Value| (number(value, "/ndcg") - number(value, "/other")).abs();
        size(right).total_cmp(&size(left))
    });
    json!({
        "figures": as_json(&mean(other)),
        "ndcg": by_figure(|figures| figures.ndcg),
        "mrr": by_figure(|figures| figures.mrr),
        "recall": by_figure(|figures| figures.recall),
        "recall_100": by_figure(|figures| figures.recall_100),
        "by_query": by_query,
    })
}

fn number(value: &Value, path: &str) -> f64 {
    value.pointer(path).and_then(Value::as_f64).unwrap_or(0.0)
}

fn as_text(told: &Value) -> String {
    let k = told["k"].as_u64().unwrap_or(0);
    let names = [
        ("ndcg", format!("NDCG@{k}")),
        ("mrr", format!("MRR@{k}")),
        ("recall", format!("召回@{k}")),
        ("recall_100", "召回@100".to_owned()),
    ];
    let header = std::iter::once(format!("{} 条检索词", told["queries"])).chain(names.iter().map(|(_, name)| name.clone()));
    let row = |title: &str, path: &str| {
        let figures = names.iter().map(|(name, _)| format!("{:.4}", number(told, &format!("{path}/{name}"))));
        std::iter::once(title.to_owned()).chain(figures).collect::<Vec<_>>()
    };
    let mut rows = vec![header.collect(), row("本次", "/figures")];
    if told.get("against").is_none_or(Value::is_null) {
        return table::of(&rows);
    }
    let part = |title: &str, show: &dyn Fn(&str) -> String| {
        std::iter::once(title.to_owned()).chain(names.iter().map(|(name, _)| show(&format!("/against/{name}")))).collect::<Vec<_>>()
    };
    rows.push(row("对照", "/against/figures"));
    rows.push(part("差", &|path| format!("{:+.4}", number(told, &format!("{path}/difference")))));
    rows.push(part("更好/更差", &|path| {
        format!("{}/{}", number(told, &format!("{path}/better")), number(told, &format!("{path}/worse")))
    }));
    rows.push(part("p", &|path| format!("{:.4}", number(told, &format!("{path}/p")))));
    let mut lines = vec![table::of(&rows)];
    for query in items(told, "/against/by_query").take(SHOWN) {
        let (own, other) = (number(query, "/ndcg"), number(query, "/other"));
        let text = query["text"].as_str().unwrap_or_default();
        lines.push(format!("{:+.4}  {own:.4}  {other:.4}  {text}", own - other));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_names_what_differs_most_first() {
        let figures = |ndcg: f64| Figures { ndcg, mrr: ndcg, recall: 1.0, recall_100: 1.0 };
        let run =
            |values: [f64; 3]| ["a", "b", "c"].iter().zip(values).map(|(id, ndcg)| ((*id).to_owned(), figures(ndcg))).collect::<Vec<_>>();
        let queries: Vec<Query> = ["a", "b", "c"].iter().map(|id| Query { id: (*id).to_owned(), text: format!("检索{id}") }).collect();
        let told = compared(&run([1.0, 0.5, 0.2]), &run([1.0, 0.6, 1.0]), &queries);
        assert_eq!((told["ndcg"]["better"].as_u64(), told["ndcg"]["worse"].as_u64()), (Some(0), Some(2)));
        assert_eq!((told["by_query"][0]["text"].as_str(), told["by_query"].as_array().map(Vec::len)), (Some("检索c"), Some(2)));
        assert!((number(&told, "/ndcg/difference") + 0.3).abs() < 1e-9);
        let shown = as_text(&json!({"queries": 3, "k": 10, "figures": as_json(&figures(0.5)), "against": told}));
        assert!(shown.contains("NDCG@10") && shown.contains("-0.3000") && shown.contains("-0.8000  0.2000  1.0000  检索c"), "{shown}");
    }
}
