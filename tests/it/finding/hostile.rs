//! Whatever is typed is answered: random, hostile and very long queries never meet a fault of ours.

use super::stock::{escaped, holding_names, names};
use crate::support::TestApp;

/// Queries of a run; `tests/long/hostile.sh` asks far more, over a large catalogue, and measures.
const QUERIES: usize = 3_000;

/// What queries are made of beside names.
const PARTS: &[&str] = &[
    "\"",
    "“",
    "”",
    "-",
    "－",
    " OR ",
    " AND ",
    "*",
    "?",
    ":",
    "：",
    "(",
    ")",
    "（",
    "\\",
    "/",
    "'",
    "·",
    "ü",
    "\u{0}",
    "\u{7f}",
    "\u{200d}",
    "\u{202e}",
    "\u{fe0f}",
    "\u{301}",
    "\u{e000}",
    "\u{10ffff}",
    "title:",
    "标题:",
    "people:",
    "kind:",
    "地区:湘西",
    "region:",
    "facets:",
    "一",
    "的",
    "茶",
    "第",
    "讲",
    "第十三讲",
    "13",
    "99999999999999999999",
    "１０",
    "〇",
    "c",
    "C语言",
    "tujiazu",
    "tjz",
    "xi'an",
    "lv",
    "nvshu",
    "zhuang",
    "sql' or 1=1 --",
    "<script>",
    "%00",
    "\u{1b170}",
    "བོད",
    "ᠮᠣᠩ",
    "ئۇي",
    "ꆈꌠ",
    "👩‍👩‍👧",
    "ﷺ",
    "㍿",
    "①",
    "\r\n",
    "\t",
    "\u{3000}",
    "{}",
    "[a-z]+",
    "$",
    "!",
    "~2",
    "^3",
];

fn one_of<'a>(random: &mut fastrand::Rng, list: &[&'a str]) -> &'a str {
    list[random.usize(..list.len())]
}

/// A query of one of several kinds.
fn query(random: &mut fastrand::Rng, names: &[&str]) -> String {
    let part = |random: &mut fastrand::Rng| match random.u8(..3) {
        0 => one_of(random, names).to_owned(),
        1 => one_of(random, PARTS).to_owned(),
        _ => random.char(..).to_string(),
    };
    match random.u8(..8) {
        0 => (0..random.usize(..60)).map(|_| random.char(..)).collect(),
        1 => (0..random.usize(..400)).map(|_| random.char('\u{4e00}'..'\u{9fff}')).collect(),
        2 => part(random).repeat(random.usize(..120)),
        3 => (0..random.usize(..90)).map(|_| format!("{}\"{}\" ", one_of(random, &["", "-", "OR "]), one_of(random, names))).collect(),
        4 => (0..random.usize(..90)).map(|_| format!("{}* ", random.char('\u{4e00}'..'\u{9fff}'))).collect(),
        5 => (0..random.usize(..90))
            .map(|_| format!("{}:{} ", one_of(random, &["title", "人物", "kind", "region", "x"]), part(random)))
            .collect(),
        6 => (0..random.usize(..60)).map(|_| random.char('a'..='z')).collect(),
        _ => (0..random.usize(..30)).map(|_| part(random)).collect(),
    }
}

/// A request: a query with other parameters, some of them wrong.
fn path(random: &mut fastrand::Rng, names: &[&str]) -> String {
    let q = escaped(&query(random, names));
    match random.u8(..10) {
        0 => format!("/api/v1/suggest?q={q}"),
        1 => format!("/api/v1/search/feed?q={q}"),
        2 => format!("/api/v1/search?q={q}&explain=true"),
        3 => format!("/api/v1/search?q={q}&facets=category,kind,subject,region,language,institution&sort=newest"),
        4 => format!("/api/v1/search?q={q}&limit={}&sort={}", random.i32(-2..200), one_of(random, &["title", "newest", "relevance", "x"])),
        5 => format!("/api/v1/search?q={q}&cursor={}", escaped(&query(random, names))),
        6 => format!("/api/v1/search?q={q}&{}={q}", one_of(random, &["kind", "region", "duration", "institution", "facets", "after"])),
        7 => format!("/api/v1/search?q={}", q.replace("%2", "%")),
        _ => format!("/api/v1/search?q={q}"),
    }
}

#[tokio::test]
async fn hostile_queries_meet_no_fault() {
    let (app, _) = holding_names().await;
    let seed = std::env::var("YUELU_SEED").map_or_else(|_| fastrand::u64(..), |seed| seed.parse().expect("a number"));
    println!("repeat with YUELU_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let stock = names();
    let names: Vec<&str> = stock.iter().map(|name| name.name).collect();
    let mut answered = 0;
    for _ in 0..QUERIES {
        answered += usize::from(is_answered(&app, &path(&mut random, &names)).await);
    }
    assert!(answered > QUERIES / 2, "most of them are queries: {answered}");
    app.close().await;
}

/// Whether it was a query; what is none is told so, in the form of all faults of callers.
async fn is_answered(app: &TestApp, path: &str) -> bool {
    let answer = app.get("", path).await;
    let status = answer.status.as_u16();
    assert!(status == 200 || status == 400, "{path}: {status}");
    if status == 400 {
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
    }
    status == 200
}
