//! `yuelu words`: what editors teach search, and the queries that ask for it.

use super::pick::{items, number, text};
use super::{Client, Out, table};
use crate::domain::address::escaped;
use axum::body::Body;
use axum::http::Method;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

/// What to do with words.
#[derive(Debug, Subcommand)]
pub enum WordsCommand {
    /// 已添加的词条 · Entries.
    List,
    /// 没有结果或结果很少的检索词，或常用检索词 · Queries that found little, or those that many people ask.
    Queries {
        /// 只看没有结果的 · Only those that found nothing.
        #[arg(long)]
        nothing: bool,
        /// 常用检索词，会作为输入提示 · Those that found enough and are suggested while typing.
        #[arg(long, conflicts_with = "nothing")]
        popular: bool,
    },
    /// 预演词条的效果，不保存 · What an entry would change, before it is saved.
    Try(TryArgs),
    /// 添加词条 · Add an entry.
    Add(AddArgs),
    /// 删除词条 · Remove an entry.
    Remove {
        /// 词条编号 · Id of the entry.
        id: String,
    },
    /// 不再提示一条检索词 · Suggest a query no more.
    Hide {
        /// 检索词 · The query.
        query: String,
        /// 说明 · Why.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// 恢复提示一条检索词 · Let a hidden query be suggested again.
    Unhide {
        /// 检索词，与隐藏时相同 · The query, as it was hidden.
        query: String,
    },
}

/// What an entry teaches.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "kebab-case")]
pub enum Kind {
    /// 互为同义 · They mean the same.
    Synonyms,
    /// 第一个词也能找到其余的词 · The first also finds the others.
    OneWay,
    /// 分词词典（重建索引后生效） · A word of segmentation, from the next building of the index on.
    Word,
    /// 含有它的检索词不作提示 · No query that holds it is suggested.
    KeptOut,
}

impl Kind {
    fn code(self) -> &'static str {
        match self {
            Self::Synonyms => "synonyms",
            Self::OneWay => "one_way",
            Self::Word => "word",
            Self::KeptOut => "kept_out",
        }
    }
}

/// Arguments of `words try`.
#[derive(Debug, Args)]
pub struct TryArgs {
    /// 词 · Words.
    #[arg(required = true)]
    words: Vec<String>,
    /// 种类 · Kind.
    #[arg(long, value_enum, default_value_t = Kind::Synonyms)]
    kind: Kind,
    /// 用来预演的检索词，可重复；默认为这些词和列表中含有它们的检索词 · Queries to try it on.
    #[arg(long = "query", value_name = "WORDS")]
    queries: Vec<String>,
}

/// Arguments of `words add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// 词 · Words.
    #[arg(required = true)]
    words: Vec<String>,
    /// 种类 · Kind.
    #[arg(long, value_enum, default_value_t = Kind::Synonyms)]
    kind: Kind,
    /// 说明 · Why.
    #[arg(long, default_value = "")]
    note: String,
}

/// Asks and prints.
///
/// # Errors
/// What the API refuses.
pub async fn run(client: &Client, command: WordsCommand, out: &Out) -> anyhow::Result<()> {
    match command {
        WordsCommand::List => {
            let told: Value = client.get("/api/v1/search-words", &[]).await?;
            out.data(&told, || entries(&told))
        }
        WordsCommand::Queries { nothing, popular } => {
            let (nothing, popular) = (nothing.to_string(), popular.to_string());
            let told: Value = client.get("/api/v1/search-queries", &[("nothing", &nothing), ("popular", &popular)]).await?;
            out.data(&told, || queries(&told))
        }
        WordsCommand::Try(TryArgs { words, kind, queries }) => {
            let trial = json!({"kind": kind.code(), "words": words, "queries": queries});
            let told: Value = client.post("/api/v1/search-words/trial", &trial).await?;
            out.data(&told, || effects(&told))
        }
        WordsCommand::Add(AddArgs { words, kind, note }) => {
            let made: Value = client.post("/api/v1/search-words", &json!({"kind": kind.code(), "words": words, "note": note})).await?;
            let hint = if matches!(kind, Kind::Word) { "重建索引后生效：yuelu reindex" } else { "已生效" };
            out.data(&made, || format!("{}  {hint}", text(&made, "/id")))
        }
        WordsCommand::Remove { id } => {
            remove(client, &id).await?;
            out.data(&json!({"removed": id}), || format!("已删除 {id}"))
        }
        WordsCommand::Hide { query, note } => {
            let entry = json!({"kind": "hidden_query", "words": [query], "note": note});
            let made: Value = client.post("/api/v1/search-words", &entry).await?;
            out.data(&made, || format!("不再提示“{query}”"))
        }
        WordsCommand::Unhide { query } => {
            let told: Value = client.get("/api/v1/search-words", &[]).await?;
            let is_it = |entry: &&Value| text(entry, "/kind") == "hidden_query" && text(entry, "/words/0") == query;
            let id = items(&told, "/items").find(is_it).map(|entry| text(entry, "/id"));
            let id = id.ok_or_else(|| anyhow::anyhow!("没有隐藏过“{query}” · “{query}” is not hidden"))?;
            remove(client, &id).await?;
            out.data(&json!({"removed": id}), || format!("恢复提示“{query}”"))
        }
    }
}

async fn remove(client: &Client, id: &str) -> anyhow::Result<()> {
    let path = format!("/api/v1/search-words/{}", escaped(id));
    client.ask(super::client::request(Method::DELETE, &path, &[], Body::empty())?).await?;
    Ok(())
}

fn entries(told: &Value) -> String {
    let mut rows = vec![["编号", "种类", "词", "说明"].map(str::to_owned).to_vec()];
    for entry in items(told, "/items") {
        let (kind, sign) = match text(entry, "/kind").as_str() {
            "one_way" => ("单向", " → "),
            "word" => ("词典词", ""),
            "kept_out" => ("不作提示", ""),
            "hidden_query" => ("隐藏", ""),
            _ => ("同义词", " = "),
        };
        let words: Vec<String> = items(entry, "/words").map(|word| text(word, "")).collect();
        rows.push(vec![text(entry, "/id"), kind.to_owned(), words.join(sign), text(entry, "/note")]);
    }
    table::of(&rows)
}

fn queries(told: &Value) -> String {
    let mut rows = vec![["检索词", "人数", "结果", "周", "提示"].map(str::to_owned).to_vec()];
    for query in items(told, "/items") {
        let people = format!("≥ {}", number(query, "/people"));
        let hidden = query.pointer("/hidden").and_then(Value::as_bool).unwrap_or(false);
        let suggested = if hidden { "不提示" } else { "" };
        rows.push(vec![text(query, "/query"), people, number(query, "/found").to_string(), text(query, "/week"), suggested.to_owned()]);
    }
    table::of(&rows)
}

fn effects(told: &Value) -> String {
    let one = |effect: &Value| {
        let head = format!("{}：{} → {} 条", text(effect, "/query"), number(effect, "/total_before"), number(effect, "/total_after"));
        let before: Vec<String> = items(effect, "/before").map(|seen| text(seen, "/id")).collect();
        let shown = items(effect, "/after").map(|seen| {
            let sign = if before.contains(&text(seen, "/id")) { ' ' } else { '+' };
            format!("  {sign} {}", text(seen, "/title"))
        });
        std::iter::once(head).chain(shown).collect::<Vec<_>>().join("\n")
    };
    items(told, "/queries").map(one).collect::<Vec<_>>().join("\n")
}
