//! What taking over a catalogue costs beside what it cannot do without: the same analysis fed straight into Tantivy, and the
//! same bytes written straight into sled.
//!
//! A catalogue of `BENCH_DOCUMENTS` (40,000) rows is made from a seed, see `measured::catalogue`. Runs alternate
//! (`BENCH_RUNS`, 5), each in a process and a folder of its own:
//!
//! - **product**: `yuelu import` on an empty data directory, from the start of the program to its end: reading and checking
//!   rows, records with guards, facts and change rows, synced commits, the follower that reads records back, analysis, index
//!   commits within a second of each other. It ends when everything is on disk and can be found.
//! - **plain**: this program with `--plain`. First, unmeasured, all resources and texts of the run before are read into
//!   memory. Measured is: making index documents of them, a Tantivy writer with the product's tokenizers, threads, memory
//!   and merging and one commit at the end; beside it on a thread, one row for a resource and one for its text (canonical
//!   JSON as the store has it) into sled with the product's settings, a batch and a sync for every 500 resources.
//!
//! Time is user and system time of the process; speeds are rows a second of it, and by the clock.
//!
//! `cargo bench --bench import`. The memory of importing 200,000 rows is told by `cargo bench --bench search`.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a measuring program prints, and stops at what does not hold"
)]

#[expect(dead_code, reason = "asking is what the measuring program of search needs")]
mod measured;
mod plain;

use measured::catalogue::Words;
use measured::process::{Program, Taken, load};
use measured::{median, setting, spread};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

const YUELU: &str = env!("CARGO_BIN_EXE_yuelu");

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(place) = arguments.iter().position(|argument| argument == "--plain") {
        return plain::run(Path::new(&arguments[place + 1]), Path::new(&arguments[place + 2]));
    }
    let (documents, runs) = (setting("BENCH_DOCUMENTS", 40_000), setting("BENCH_RUNS", 5));
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("catalogue.jsonl");
    Words::new().write(&file, documents);
    println!("{documents} rows, {} MB; load before: {}", file.metadata().expect("the catalogue").len() >> 20, load());
    let (mut product, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let data = dir.path().join("product");
        product.push(import(dir.path(), &data, &file, documents));
        plain.push(straight(&data, &dir.path().join("plain")));
        for folder in ["product", "plain"] {
            std::fs::remove_dir_all(dir.path().join(folder)).expect("a folder to remove");
        }
    }
    let speeds = |taken: &[Taken], of: fn(&Taken) -> f64| taken.iter().map(|one| documents as f64 / of(one)).collect::<Vec<f64>>();
    println!("{:<10}{:>30}{:>30}{:>14}", "", "rows per CPU second", "rows per second", "most MB");
    for (name, taken) in [("product", &product), ("plain", &plain)] {
        let most = taken.iter().map(|one| one.memory).max().unwrap_or(0);
        println!("{name:<10}{:>30}{:>30}{most:>14}", spread(&speeds(taken, |one| one.cpu), 0), spread(&speeds(taken, |one| one.wall), 0));
    }
    let ratio = |of: fn(&Taken) -> f64| median(&speeds(&product, of)) / median(&speeds(&plain, of));
    println!(
        "product / plain: {:.2} of processor time, {:.2} by the clock; load after: {}",
        ratio(|one| one.cpu),
        ratio(|one| one.wall),
        load()
    );
}

fn import(dir: &Path, data: &Path, file: &Path, documents: usize) -> Taken {
    let mut command = Command::new(YUELU);
    command.args(["import", "--json", "--from-start", "--vetted-by", "measured", "--data-dir"]).arg(data).arg(file);
    let began = Instant::now();
    let (printed, taken) = Program::start(command.env("XDG_STATE_HOME", dir.join("state"))).finish(began);
    assert!(printed.contains(&format!("\"created\":{documents}")), "all rows are new: {printed}");
    taken
}

fn straight(data: &Path, target: &Path) -> Taken {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    let (printed, taken) = Program::start(command.arg("--plain").arg(data).arg(target)).finish(Instant::now());
    let figures: Vec<f64> = printed.split_whitespace().map(|figure| figure.parse().expect("a figure")).collect();
    Taken { cpu: figures[0], wall: figures[1], ..taken }
}
