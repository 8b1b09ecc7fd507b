//! What the house around a search costs: requests per second of processor time of `yuelu serve` beside those of a bare
//! handler over the same index.
//!
//! A catalogue of `BENCH_DOCUMENTS` (200,000) rows is made from a seed, see `measured::catalogue`, and taken in by the real
//! `yuelu import`, which ends when everything can be found. Then two servers run, each a process of its own:
//!
//! - **product**: `yuelu serve` as it is: `GET /api/v1/search?q=…&limit=10` with its layers (identity, a limit of requests
//!   that is counted and never reached, headers, figures), access filter, candidates and rescoring, exact total, ten hits
//!   with snippets made from titles, keywords, descriptions and texts. No facets: a request asks for none by default.
//!   **with facets** is the same asked with `facets=category,kind,region`.
//! - **bare**: this program with `--bare`: axum and nothing around it, the query read and cut by the product's own analysis
//!   into a Tantivy query, Tantivy's own collectors for ten hits and the exact total, stored cards loaded, JSON out; no
//!   snippets. The viewer's access filter and filters by facet are clauses that must hold and do not score. It has four
//!   ways, of which the cheaper ones leave out what the product does:
//!   - `same`: all the terms that the product scores by, in the same fields with the same weights: pieces, title, words,
//!     keywords, people. The product gets them in two steps.
//!   - `pieces`: only the terms of the product's first step.
//!   - `pruned`: as `pieces`, but without the total, so that Tantivy may pass over what cannot be among the ten.
//!   - `bigrams`: only the terms of the bigram field, with the total; no access filter, no title. The least that answers
//!     Chinese at all, and the measure of the product: at least 0.6 of it as it is, 0.35 of it with three facets.
//!
//! Both begin when the product has read its catalogue and learned what is alike, which it does by itself at its start. A run
//! asks all queries (`BENCH_QUERIES`, 3,000) over 8 connections; runs alternate (`BENCH_RUNS`, 5). Time is user and
//! system time of the server process from `/proc/<pid>/stat`. Figures are medians with the least and the greatest. At the
//! end stands how far the hits agree, and the memory of importing and of serving.
//!
//! `cargo bench --bench search`; a folder in `BENCH_DIR` keeps the imported catalogue for the next time. `BENCH_CORPUS` names
//! rows of real text instead of the made ones (JSON lines as `yuelu import` reads them; give each corpus a `BENCH_DIR` of its
//! own), `BENCH_ASKED` a file of queries, one a line.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a measuring program prints, and stops at what does not hold"
)]

mod bare;
mod measured;

use measured::catalogue::{self, Asked, Words};
use measured::process::{Program, ask_all, load};
use measured::{median, setting, spread};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

const YUELU: &str = env!("CARGO_BIN_EXE_yuelu");
const CONNECTIONS: usize = 8;
/// Ways of the bare handler, in the order of the table.
const WAYS: [&str; 4] = ["same", "pieces", "pruned", "bigrams"];
/// Facets of the dearer request.
const FACETS: &str = "facets=category,kind,region&";

/// One server, asked in one way.
struct Side {
    name: String,
    server: usize,
    addresses: Arc<Vec<String>>,
    per_second: Vec<f64>,
    times: Vec<f64>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    if let Some(place) = arguments.iter().position(|argument| argument == "--bare") {
        return runtime.block_on(bare::serve(Path::new(&arguments[place + 1])));
    }
    let (documents, queries, runs) = (setting("BENCH_DOCUMENTS", 200_000), setting("BENCH_QUERIES", 3_000), setting("BENCH_RUNS", 5));
    let temporary = tempfile::tempdir().expect("a folder");
    let dir = std::env::var_os("BENCH_DIR").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let words = Words::new();
    let data = dir.join(format!("search-{documents}"));
    if !data.exists() {
        import(&words, &dir, &data, documents);
    }
    let asked = std::env::var_os("BENCH_ASKED").map_or_else(|| words.queries(queries), |file| catalogue::lines(Path::new(&file), queries));
    let queries = asked.len();
    let servers = [product(&data), bare_server(&data)];
    servers[0].0.settle();
    let mut sides = sides(&servers, &asked);
    println!("{queries} queries over {CONNECTIONS} connections, {runs} alternating runs; load before: {}", load());
    for side in &mut sides {
        runtime.block_on(ask_all(&side.addresses, CONNECTIONS));
    }
    for _ in 0..runs {
        for side in &mut sides {
            let before = servers[side.server].0.cpu();
            let times = runtime.block_on(ask_all(&side.addresses, CONNECTIONS));
            side.per_second.push(asked.len() as f64 / (servers[side.server].0.cpu() - before));
            side.times.extend(times);
        }
    }
    print_table(&mut sides);
    println!("load after: {}", load());
    let [now, most, own] = ["VmRSS", "VmHWM", "RssAnon"].map(|line| servers[0].0.memory(line));
    println!("memory of serving: {now} MB, {own} MB of it without mapped files; {most} MB at most (asked for: under 500)");
    runtime.block_on(compare(&sides, &asked));
}

fn import(words: &Words, dir: &Path, data: &Path, documents: usize) {
    std::fs::create_dir_all(dir).expect("a folder");
    let file = std::env::var_os("BENCH_CORPUS").map_or_else(|| dir.join("catalogue.jsonl"), PathBuf::from);
    let documents = match std::env::var_os("BENCH_CORPUS") {
        Some(_) => BufReader::new(std::fs::File::open(&file).expect("the corpus")).lines().count(),
        None => {
            words.write(&file, documents);
            documents
        }
    };
    let bytes = file.metadata().expect("the catalogue").len();
    let arguments = ["import", "--json", "--from-start", "--vetted-by", "measured", "--data-dir"];
    let mut command = Command::new(YUELU);
    command.args(arguments).arg(data).arg(&file).env("XDG_STATE_HOME", dir.join("state"));
    let began = Instant::now();
    let (printed, taken) = Program::start(&mut command).finish(began);
    assert!(printed.contains(&format!("\"created\":{documents}")), "all rows are new: {printed}");
    println!("imported {documents} rows, {} MB: {:.1} s, {:.1} s CPU", bytes >> 20, taken.wall, taken.cpu);
    println!("memory of importing: {} MB at most, {} MB of it without mapped files (asked for: under 1,200)", taken.memory, taken.own);
}

/// A server and its address.
type Served = (Program, String);

fn product(data: &Path) -> Served {
    let mut command = Command::new(YUELU);
    // The limit is counted for each request as always, but high enough never to be reached.
    command
        .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data)
        .env("YUELU_LIMITS__REQUESTS_PER_MINUTE", "1000000000");
    let mut program = Program::start(&mut command);
    let ready: serde_json::Value = serde_json::from_str(&program.line()).expect("its address");
    (program, ready["address"].as_str().expect("its address").to_owned())
}

fn bare_server(data: &Path) -> Served {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    let mut program = Program::start(command.arg("--bare").arg(data.join("index")));
    let address = program.line().trim().to_owned();
    (program, address)
}

fn sides(servers: &[Served; 2], asked: &[Asked]) -> Vec<Side> {
    let side = |name: String, server: usize, path: String| {
        let addresses = asked.iter().map(|query| format!("{}{path}{}", servers[server].1, query.parameters)).collect();
        Side { name, server, addresses: Arc::new(addresses), per_second: Vec::new(), times: Vec::new() }
    };
    let product = side("product".to_owned(), 0, "/api/v1/search?".to_owned());
    let ways = WAYS.iter().map(|way| side(format!("bare, {way}"), 1, format!("/search?way={way}&")));
    let with_facets = side("with facets".to_owned(), 0, format!("/api/v1/search?{FACETS}"));
    std::iter::once(product).chain(ways).chain([with_facets]).collect()
}

fn print_table(sides: &mut [Side]) {
    let bigrams = median(&sides[WAYS.len()].per_second);
    let product = median(&sides[0].per_second);
    println!("{:<16}{:>34}{:>10}{:>10}{:>16}{:>16}", "", "requests per CPU second", "p50 ms", "p99 ms", "product / this", "this / bigrams");
    for side in sides {
        side.times.sort_by(f64::total_cmp);
        let at = |share: f64| side.times[((side.times.len() - 1) as f64 * share) as usize] * 1e3;
        let own = median(&side.per_second);
        let (ratio, of_bigrams) = (product / own, own / bigrams);
        println!("{:<16}{:>34}{:>10.2}{:>10.2}{ratio:>16.2}{of_bigrams:>16.2}", side.name, spread(&side.per_second, 0), at(0.5), at(0.99));
    }
}

/// How far the ten hits and the totals of both agree, by the kind of query; without it the figures would compare nothing.
async fn compare(sides: &[Side], asked: &[Asked]) {
    let mut agreed: BTreeMap<&str, (usize, usize, f64, f64)> = BTreeMap::new();
    for (place, query) in asked.iter().enumerate().take(300) {
        let product = hits(&sides[0].addresses[place]).await;
        let bare = hits(&sides[1].addresses[place]).await;
        let shared = product.1.iter().filter(|id| bare.1.contains(id)).count();
        let entry = agreed.entry(query.shape).or_default();
        entry.0 += 1;
        entry.1 += usize::from(product.1.first() == bare.1.first());
        entry.2 += shared as f64 / bare.1.len().max(1) as f64;
        entry.3 += if bare.0 == 0 { 1.0 } else { product.0 as f64 / bare.0 as f64 };
    }
    println!("{:<16}{:>9}{:>20}{:>20}{:>26}", "", "queries", "same first hit", "shared of ten", "total, product / same");
    for (shape, (queries, first, shared, total)) in agreed {
        let of = queries as f64;
        println!("{shape:<16}{queries:>9}{:>20.2}{:>20.2}{:>26.2}", first as f64 / of, shared / of, total / of);
    }
}

async fn hits(address: &str) -> (u64, Vec<String>) {
    let answer: serde_json::Value = reqwest::get(address).await.expect("an answer").json().await.expect("JSON");
    let total = answer["total"].as_u64().or_else(|| answer["total"]["value"].as_u64()).expect("a total");
    let ids = answer["hits"].as_array().expect("hits").iter().map(|hit| hit["id"].as_str().expect("an id").to_owned());
    (total, ids.collect())
}
