//! `yuelu search` and `yuelu suggest`.

use super::labels::{self, Labels};
use super::pick::{items, number, text};
use super::{Client, Out};
use clap::Args;
use serde_json::Value;

/// Arguments of `search`.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// 检索词；留空则浏览 · Words, "phrases", -not, field:value, OR, letters*; nothing browses.
    #[arg(value_name = "WORDS")]
    pub words: Vec<String>,
    /// 每页条数 · Hits of a page.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub limit: u32,
    /// 上一页的翻页标记 · `next` of the page before.
    #[arg(long)]
    pub cursor: Option<String>,
    /// 筛选，可重复：category kind subject ethnic_group heritage_class region language institution licence audience accessibility duration offline，
    /// 以及区间（起..止） published added minutes ·
    /// Filter, can be repeated, e.g. --filter category=老年.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub filter: Vec<(String, String)>,
    /// 排序 · Order.
    #[arg(long, value_parser = ["relevance", "newest", "title"])]
    pub sort: Option<String>,
    /// 要统计的分面，逗号分隔 · Facets to count, separated by commas.
    #[arg(long, value_name = "NAMES")]
    pub facets: Option<String>,
    /// 说明得分由来 · Tell what made each score.
    #[arg(long)]
    pub explain: bool,
}

/// Arguments of `suggest`.
#[derive(Debug, Args)]
pub struct SuggestArgs {
    /// 已输入的字（汉字、拼音或首字母） · What was typed: characters, pinyin or initials.
    pub typed: String,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("应写成 名称=值 · must be NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Searches.
///
/// # Errors
/// What the API refuses.
pub async fn run(client: &Client, args: SearchArgs, out: &Out) -> anyhow::Result<()> {
    let (words, limit) = (args.words.join(" "), args.limit.to_string());
    let mut query = vec![("q", words.as_str()), ("limit", limit.as_str())];
    query.extend(args.filter.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let more = [("cursor", &args.cursor), ("sort", &args.sort), ("facets", &args.facets)];
    query.extend(more.into_iter().filter_map(|(name, value)| value.as_deref().map(|value| (name, value))));
    query.extend(args.explain.then_some(("explain", "true")));
    let found: Value = client.get("/api/v1/search", &query).await?;
    let labels = Labels::ask(client).await?;
    out.data(&found, || as_text(&found, &labels))
}

/// Completes what was typed.
///
/// # Errors
/// What the API refuses.
pub async fn suggest(client: &Client, args: SuggestArgs, out: &Out) -> anyhow::Result<()> {
    let found: Value = client.get("/api/v1/suggest", &[("q", &args.typed)]).await?;
    out.data(&found, || items(&found, "/suggestions").map(|item| text(item, "/text")).collect::<Vec<_>>().join("\n"))
}

fn as_text(found: &Value, labels: &Labels) -> String {
    let mut lines = vec![format!("共 {} 条", number(found, "/total/value"))];
    for (place, hit) in (1..).zip(items(found, "/hits")) {
        let (kind, category) = (text(hit, "/kind"), text(hit, "/category"));
        let facts = [labels.of("kinds", &kind), labels.of("categories", &category), text(hit, "/institution")];
        let facts: Vec<&str> = facts.iter().map(String::as_str).filter(|fact| !fact.is_empty()).collect();
        lines.push(format!("\n{place}. {}  [{}]  {}", text(hit, "/title"), facts.join(" · "), text(hit, "/id")));
        for part in items(hit, "/why") {
            let score = part.pointer("/score").and_then(Value::as_f64).unwrap_or(0.0);
            lines.push(format!(
                "   {score:7.3}  {} {}（{}）",
                text(part, "/label"),
                text(part, "/text"),
                labels::field(&text(part, "/field"))
            ));
        }
        for snippet in items(hit, "/snippets") {
            lines.push(format!("   {}：{}{}", labels::field(&text(snippet, "/field")), plain(&text(snippet, "/html")), place_of(snippet)));
        }
    }
    let maybe = items(found, "/did_you_mean").map(|correction| text(correction, "/query")).collect::<Vec<_>>();
    if !maybe.is_empty() {
        lines.insert(1, format!("您是不是要找：{}", maybe.join("、")));
    }
    lines.extend(items(found, "/notes").map(|note| format!("\n{}：{}", text(note, "/text"), text(note, "/zh"))));
    for (name, counts) in found.pointer("/facets").and_then(Value::as_object).into_iter().flatten() {
        let counts = items(counts, "").map(|count| format!("{} {}", text(count, "/label"), number(count, "/count")));
        lines.push(format!("\n{name}: {}", counts.collect::<Vec<_>>().join("，")));
    }
    if let Some(next) = found.pointer("/next").and_then(Value::as_str) {
        lines.push(format!("\n下一页 · next page: --cursor {next}"));
    }
    lines.join("\n")
}

/// Where in a file a snippet stands.
fn place_of(snippet: &Value) -> String {
    let Some(place) = snippet.pointer("/locator").filter(|place| !place.is_null()) else { return String::new() };
    let inside = match text(place, "/at").as_str() {
        "page" => format!(" 第 {} 页", number(place, "/page")),
        "slide" => format!(" 第 {} 张", number(place, "/slide")),
        "sheet" => format!(" 工作表“{}”", text(place, "/name")),
        "row" => {
            let sheet = Some(text(place, "/sheet")).filter(|name| !name.is_empty()).map(|name| format!("工作表“{name}”"));
            format!(" {}第 {} 行", sheet.unwrap_or_default(), number(place, "/row"))
        }
        "region" => {
            let part = |name: &str| number(place, name) / 100;
            format!(" 画面左 {}%、上 {}%，宽 {}%、高 {}%", part("/left"), part("/top"), part("/width"), part("/height"))
        }
        "chapter" => format!(" 第 {} 章 {}", number(place, "/chapter"), text(place, "/title")).trim_end().to_owned(),
        "second" => {
            let seconds = number(place, "/start_ms") / 1000;
            format!(" {}:{:02}", seconds / 60, seconds % 60)
        }
        _ => String::new(),
    };
    format!("（{}{inside}）", text(place, "/file"))
}

/// HTML of a snippet as one line of text: tags are dropped, the five entities read.
fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut inside = false;
    for sign in html.chars() {
        match sign {
            '<' => inside = true,
            '>' if inside => inside = false,
            sign if !inside => text.push(sign),
            _ => {}
        }
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")];
    let text = entities.into_iter().fold(text, |text, (entity, sign)| text.replace(entity, sign));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_lose_their_tags_only() {
        assert_eq!(plain("学<mark>手机</mark>\n a &lt;b&gt; &amp;amp;"), "学手机 a <b> &amp;");
    }

    #[test]
    fn a_snippet_tells_its_place() {
        let at = |place: Value| place_of(&serde_json::json!({"locator": place}));
        assert_eq!(at(Value::Null), "");
        assert_eq!(at(serde_json::json!({"file": "防骗.mp4", "at": "second", "start_ms": 95_400})), "（防骗.mp4 1:35）");
        assert_eq!(at(serde_json::json!({"file": "书.pdf", "at": "page", "page": 2})), "（书.pdf 第 2 页）");
        assert_eq!(at(serde_json::json!({"file": "书.epub", "at": "chapter", "chapter": 3})), "（书.epub 第 3 章）");
        assert_eq!(at(serde_json::json!({"file": "记.txt", "at": "whole"})), "（记.txt）");
        assert_eq!(at(serde_json::json!({"file": "表.csv", "at": "row", "row": 12})), "（表.csv 第 12 行）");
        assert_eq!(at(serde_json::json!({"file": "表.xlsx", "at": "row", "sheet": "甲", "row": 3})), "（表.xlsx 工作表“甲”第 3 行）");
        let region = serde_json::json!({"file": "图.jpg", "at": "region", "left": 1_000, "top": 2_000, "width": 3_000, "height": 4_000});
        assert_eq!(at(region), "（图.jpg 画面左 10%、上 20%，宽 30%、高 40%）");
    }

    #[test]
    fn a_filter_has_a_name() {
        assert_eq!(pair("category=老年").unwrap(), ("category".to_owned(), "老年".to_owned()));
        assert!(pair("老年").is_err());
    }
}
