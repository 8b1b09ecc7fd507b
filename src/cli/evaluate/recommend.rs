//! `yuelu evaluate recommend`: what recommendations are worth on a log, and which weights fit it.

use crate::cli::pick::{items, text};
use crate::cli::{Client, Out, Place, progress, table};
use crate::recommend::evaluate::{Protocol, Tuned, evaluate, read_file, tune};
use crate::recommend::{Shape, Weights};
use anyhow::Context as _;
use clap::Args;
use serde::Deserialize as _;
use serde_json::{Value, json};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
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
    /// 评估一个事件文件（每行一个 JSON 对象），不需要数据目录 · Evaluate a file of events, as `yuelu events import` takes it.
    #[arg(long, value_name = "events.jsonl")]
    pub log: Option<PathBuf>,
    /// 找出最适合学习记录的权重并写入文件 · Find the weights that fit the log best, and write them.
    #[arg(long)]
    pub tune: bool,
    /// 权重文件，默认为数据目录中的 recommend/weights.toml，重启后生效 · Where to write them; in force after a restart.
    #[arg(long, value_name = "weights.toml", requires = "tune")]
    pub write: Option<PathBuf>,
    /// 评估所用的权重文件 · With --log: the weights to evaluate.
    #[arg(long, value_name = "weights.toml", requires = "log")]
    pub weights: Option<PathBuf>,
}

/// Replays the log and prints the figures.
///
/// # Errors
/// What the API refuses; when the weights cannot be written.
pub async fn run(client: &Client, place: &Place, args: RecommendArgs, out: &Out) -> anyhow::Result<()> {
    let file = match (&args.write, &place.server) {
        (Some(file), _) => file.clone(),
        (None, None) => place.data_dir.join("recommend").join("weights.toml"),
        (None, Some(_)) => {
            anyhow::ensure!(!args.tune, "远程服务器请用 --write 指明权重文件 · with --server, name the file with --write");
            PathBuf::new()
        }
    };
    let sign = progress::waiting(out, "回放学习记录 · replaying the log");
    sign.enable_steady_tick(Duration::from_millis(200));
    let wanted = json!({"protocols": args.protocol, "lists": args.lists, "tune": args.tune});
    let told: anyhow::Result<Value> = client.post("/api/v1/evaluations", &wanted).await;
    sign.finish_and_clear();
    finish(&told?, args.tune.then_some(file), out)
}

/// The same on a file of events, in this process and with nothing else.
///
/// # Errors
/// When a file cannot be read or written.
pub fn of_file(args: &RecommendArgs, out: &Out) -> anyhow::Result<()> {
    let path = args.log.clone().unwrap_or_default();
    let reading = || format!("{}：无法读取 · cannot be read", path.display());
    anyhow::ensure!(!args.tune || args.write.is_some(), "请用 --write 指明权重文件 · name the file of weights with --write");
    let file = File::open(&path).with_context(reading)?;
    let sample = read_file(BufReader::with_capacity(1 << 20, file)).with_context(reading)?;
    let weights = match &args.weights {
        None => Weights::default(),
        Some(file) => Weights::load(file).map_err(|fault| anyhow::anyhow!("{}: {fault}", file.display()))?,
    };
    let (shape, lists) = (Shape::default(), usize::try_from(args.lists)?);
    let wanted = |protocol: &Protocol| args.protocol.is_empty() || args.protocol.iter().any(|code| code == protocol.code());
    let protocols = Protocol::ALL.into_iter().filter(wanted);
    let reports: Vec<_> = protocols.map(|protocol| evaluate(&sample, &[], protocol, shape, &weights, lists)).collect();
    let tuned = args.tune.then(|| tune(&sample.training(Protocol::LeaveLastOut), &[], shape, &weights));
    finish(&json!({"reports": reports, "tuned": tuned}), args.write.clone(), out)
}

/// Writes the weights where some were found, and prints all.
fn finish(told: &Value, file: Option<PathBuf>, out: &Out) -> anyhow::Result<()> {
    let tuned: Option<Tuned> = told.get("tuned").map(Option::deserialize).transpose()?.flatten();
    if let (Some(tuned), Some(file)) = (&tuned, &file) {
        write(file, tuned).with_context(|| format!("{}：无法写入 · cannot be written", file.display()))?;
        out.note(&format!("权重已写入 {}，重启服务后生效 · written; in force after a restart", file.display()));
    }
    out.data(told, || match &tuned {
        None => as_text(told),
        Some(tuned) => format!("{}\n{}", as_text(told), tuned_as_text(tuned)),
    })
}

fn write(file: &Path, tuned: &Tuned) -> std::io::Result<()> {
    if let Some(dir) = file.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let draft = file.with_extension("new");
    std::fs::write(&draft, tuned.as_file())?;
    std::fs::rename(&draft, file)
}

const SIDES: [(&str, &str); 5] = [
    ("model", "推荐"),
    ("popularity", "最热"),
    ("recent_popularity", "近期最热"),
    ("neighbours", "物品近邻"),
    ("last_week", "一周前的推荐"),
];

const FIGURES: [&str; 8] =
    ["ndcg_at_10", "ndcg_error", "recall_at_20", "hit_at_10", "coverage_at_10", "gini_at_10", "tail_at_10", "freshness_at_10"];

fn as_text(told: &Value) -> String {
    let heads = ["方式", "清单", "对象", "NDCG@10", "±", "召回@20", "命中@10", "覆盖@10", "基尼@10", "长尾@10", "新鲜@10"];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    let head = |names: &[&str]| vec![names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>()];
    let mut categories = head(&["方式", "类别", "展示占比", "学习占比"]);
    let mut groups = head(&["方式", "应有份额的群体", "应有份额", "展示占比", "学习占比"]);
    let mut providers = head(&["方式", "机构（展示最多的）", "展示占比", "学习占比"]);
    let shown = |value: Option<&Value>| value.and_then(Value::as_f64).map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"));
    for report in items(told, "/reports") {
        for (part, name) in SIDES {
            let mut row = vec![text(report, "/protocol"), text(report, "/lists"), name.to_owned()];
            row.extend(FIGURES.map(|figure| shown(report.pointer(&format!("/{part}/{figure}")))));
            rows.push(row);
        }
        let parts = [("/exposure", "/category", &mut categories), ("/providers", "/provider", &mut providers)];
        for (part, name, into) in parts {
            let row = |one: &Value| vec![text(report, "/protocol"), text(one, name), shown(one.get("shown")), shown(one.get("taken"))];
            into.extend(items(report, part).map(row));
        }
        for one in items(report, "/groups") {
            let mut row = vec![text(report, "/protocol"), text(one, "/name")];
            row.extend(["share", "shown", "taken"].map(|figure| shown(one.get(figure))));
            groups.push(row);
        }
    }
    let more = [categories, groups, providers].into_iter().filter(|table| table.len() > 1);
    std::iter::once(rows).chain(more).map(|table| table::of(&table)).collect::<Vec<_>>().join("\n")
}

fn tuned_as_text(tuned: &Tuned) -> String {
    let mut rows = vec![["权重", "原值", "新值"].map(str::to_owned).to_vec()];
    rows.extend(tuned.weights.iter().map(|one| vec![one.name.clone(), format!("{:?}", one.before), format!("{:?}", one.after)]));
    format!(
        "{}\nNDCG@10 {:.4} ± {:.4} → {:.4} ± {:.4}（{:+.4} ± {:.4}，{} 条记录，{} 次回放）",
        table::of(&rows),
        tuned.before.ndcg_at_10,
        tuned.before.ndcg_error,
        tuned.after.ndcg_at_10,
        tuned.after.ndcg_error,
        tuned.difference,
        tuned.difference_error,
        tuned.takings,
        tuned.trials
    )
}
