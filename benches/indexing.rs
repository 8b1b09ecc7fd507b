//! What making the search index costs: the product's own way beside documents fed straight into Tantivy.
//!
//! `BENCH_DOCUMENTS` (50,000) rows, made from a seed (see `measured::catalogue`) or the first of `BENCH_CORPUS` (JSON lines as
//! `yuelu import` reads them), are read into memory as the resources and texts that the store would hold. Measured is what comes
//! then, each run (`BENCH_RUNS`, 3, alternating) in a process and a folder of its own:
//!
//! - **product**: the way of a catalogue that comes in: index documents made of resources and texts, the product's writer, a
//!   commit whenever 2.5 s or 50,000 documents have passed, so that it can be searched meanwhile.
//! - **rebuild**: the way of an index that is built anew: the same with one commit at its end, and the swap.
//! - **bare**: documents made beforehand, fed into a Tantivy writer with the same schema, tokenizers, threads, memory and merging,
//!   and one commit. It analyses the same text into the same fields; what it is spared is the making of the documents (folding,
//!   sounds, suggestions, corrections), of which the processor time is told besides, and what the product's writer does.
//! - **bigrams**: the same writer with an index of one field: bigrams with their frequencies, and a stored id. What the `bigrams`
//!   way of `cargo bench --bench search` needs.
//!
//! All end when their merges have. Time is user and system time of the process. Memory is the most that was resident beyond what
//! lay prepared, mapped files and own pages, and own pages alone.
//!
//! `cargo bench --bench indexing`.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a measuring program prints, and stops at what does not hold"
)]

#[expect(dead_code, reason = "asking is what the measuring program of search needs")]
mod measured;

use measured::catalogue::Words;
use measured::process::{Program, load};
use measured::{median, setting, spread};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::schema::{IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions};
use tantivy::{Index, IndexSettings, IndexWriter, TantivyDocument};
use yuelu::catalog::admit::row::Reader;
use yuelu::config::SearchSection;
use yuelu::domain::access::{OrgPath, grants};
use yuelu::domain::change::Position;
use yuelu::domain::codes::CodeLists;
use yuelu::domain::inspection::Locator;
use yuelu::domain::record::Stored;
use yuelu::domain::resource::{Provenance, Resource, ResourceState};
use yuelu::domain::time::Timestamp;
use yuelu::search::analysis::lexicon::Lexicon;
use yuelu::search::document::{BodyPart, Document};
use yuelu::search::index::{SearchIndex, WriteOptions};
use yuelu::search::schema::{Fields, tokenizers};
use yuelu::search::writer::Writer;

const SIDES: [&str; 4] = ["product", "rebuild", "bare", "bigrams"];
/// Resources handed to the writer at once, the longest time and the most documents of a commit: as the product has them.
const CHUNK: usize = 500;
const LONGEST_GROUP: Duration = Duration::from_millis(2_500);
const COMMIT_AFTER: usize = 50_000;

/// A resource and its text.
type Kept = (Stored<Resource>, String);

/// What one run of one side took.
struct Taken {
    /// Seconds on the processor and by the clock.
    cpu: f64,
    wall: f64,
    /// Segments, and megabytes on disk.
    segments: f64,
    disk: f64,
    /// Most megabytes beyond what lay prepared: all, and own pages.
    memory: f64,
    own: f64,
    /// Megabytes of titles and texts.
    text: f64,
    /// Seconds on the processor of making the documents, where they were made beforehand.
    making: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(place) = arguments.iter().position(|argument| argument == "--side") {
        return run(&arguments[place + 1], Path::new(&arguments[place + 2]), Path::new(&arguments[place + 3]));
    }
    let (documents, runs) = (setting("BENCH_DOCUMENTS", 50_000), setting("BENCH_RUNS", 3));
    let dir = tempfile::tempdir().expect("a folder");
    let file = std::env::var_os("BENCH_CORPUS").map_or_else(|| dir.path().join("catalogue.jsonl"), PathBuf::from);
    if std::env::var_os("BENCH_CORPUS").is_none() {
        Words::new().write(&file, documents);
    }
    println!("{documents} documents of {}, {runs} alternating runs; load before: {}", file.display(), load());
    let mut taken: Vec<Vec<Taken>> = SIDES.iter().map(|_| Vec::new()).collect();
    for _ in 0..runs {
        for (side, taken) in SIDES.iter().zip(&mut taken) {
            taken.push(child(side, &file, &dir.path().join(side)));
        }
    }
    print_table(documents, &taken);
    println!("load after: {}", load());
}

fn print_table(documents: usize, taken: &[Vec<Taken>]) {
    let figures = |of: &[Taken], figure: &dyn Fn(&Taken) -> f64| of.iter().map(figure).collect::<Vec<f64>>();
    let per_cpu = |taken: &Taken| documents as f64 / taken.cpu;
    let bare = median(&figures(&taken[2], &per_cpu));
    println!(
        "{:<9}{:>30}{:>10}{:>10}{:>16}{:>10}{:>10}{:>12}{:>10}",
        "", "documents per CPU second", "to bare", "MB per s", "documents per s", "segments", "index MB", "memory MB", "own MB"
    );
    for (side, taken) in SIDES.iter().zip(taken) {
        let own = figures(taken, &per_cpu);
        let of = |figure: &dyn Fn(&Taken) -> f64| median(&figures(taken, figure));
        println!(
            "{side:<9}{:>30}{:>10.2}{:>10.2}{:>16.0}{:>10}{:>10.0}{:>12.0}{:>10.0}",
            spread(&own, 0),
            median(&own) / bare,
            of(&|taken| taken.text / taken.cpu),
            of(&|taken| documents as f64 / taken.wall),
            of(&|taken| taken.segments),
            of(&|taken| taken.disk),
            of(&|taken| taken.memory),
            of(&|taken| taken.own),
        );
    }
    let (making, cpu) = (median(&figures(&taken[2], &|taken| taken.making)), median(&figures(&taken[2], &|taken| taken.cpu)));
    println!("making the documents takes {making:.1} s on the processor; feeding them in, with all analysis, {cpu:.1} s");
}

/// Runs one side in a process of its own.
fn child(side: &str, file: &Path, dir: &Path) -> Taken {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    let (printed, process) = Program::start(command.arg("--side").arg(side).arg(file).arg(dir)).finish(Instant::now());
    std::fs::remove_dir_all(dir).expect("a folder to remove");
    let told: Vec<f64> = printed.split_whitespace().map(|figure| figure.parse().expect("a figure")).collect();
    let [cpu, wall, segments, disk, before, own_before, text, making]: [f64; 8] = told.try_into().expect("eight figures");
    let (memory, own) = (process.memory as f64 - before, process.own as f64 - own_before);
    Taken { cpu, wall, segments, disk, memory, own, text, making }
}

/// Does what is measured, and prints what it took.
fn run(side: &str, file: &Path, dir: &Path) {
    let documents = setting("BENCH_DOCUMENTS", 50_000);
    std::fs::create_dir_all(dir).expect("a folder");
    let codes = Arc::new(yuelu::search::codes::load(None).expect("code lists"));
    let lexicon = Arc::new(Lexicon::load(None).expect("language data"));
    let kept = read(file, documents, &codes);
    let text: usize = kept.iter().map(|(stored, text)| stored.value.metadata.title.main().len() + text.len()).sum();
    let (fields, began_making) = (Fields::declare(), cpu());
    let made: Vec<TantivyDocument> = match side {
        "bare" => kept.iter().map(|kept| document(kept, &codes).into_tantivy(&fields, &lexicon)).collect(),
        _ => Vec::new(),
    };
    let making = cpu() - began_making;
    // The most that was resident is counted anew from here on (proc(5)).
    std::fs::write("/proc/self/clear_refs", "5").expect("Linux");
    let before = [memory("VmRSS"), memory("RssAnon")];
    let (began, used) = (Instant::now(), cpu());
    let segments = match side {
        "bare" => {
            let settings = IndexSettings { docstore_blocksize: 4_096, ..IndexSettings::default() };
            let builder = Index::builder().schema(fields.schema).settings(settings).tokenizers(tokenizers(&lexicon));
            feed(&builder.create_in_dir(dir).expect("an index"), made.iter().cloned())
        }
        "bigrams" => bigrams(&kept, &lexicon, dir),
        _ => product(&kept, &lexicon, &codes, dir, side == "rebuild"),
    };
    let (used, took) = (cpu() - used, began.elapsed().as_secs_f64());
    let disk = megabytes(size(dir));
    println!("{used} {took} {segments} {disk} {} {} {} {making}", before[0], before[1], megabytes(text as u64));
}

/// The resources of the first rows and their texts, as the store would hold them.
fn read(file: &Path, documents: usize, codes: &Arc<CodeLists>) -> Vec<Kept> {
    let owner = OrgPath::root();
    let reader = Reader::new(Arc::clone(codes), owner.clone());
    let lines = BufReader::new(std::fs::File::open(file).expect("the rows")).lines().take(documents);
    let mut kept = Vec::with_capacity(documents);
    for (number, line) in (1_u64..).zip(lines) {
        let (rows, errors) = reader.read(line.expect("a line").as_bytes(), number);
        assert!(errors.is_empty(), "line {number}: {errors:?}");
        let row = rows.into_iter().next().expect("a row");
        let at = row.published.unwrap_or(Timestamp::from_millis(1_700_000_000_000));
        let grants = grants(&row.owner, &row.metadata.access);
        let resource = Resource {
            id: row.id.unwrap_or_else(|| format!("r{number}")),
            institution: row.institution,
            revision: 1,
            metadata: row.metadata,
            assets: Vec::new(),
            grants,
            owner: row.owner,
            state: ResourceState::Published,
            provenance: Provenance::Admitted { vetted_by: "measured".to_owned(), source: "measured".to_owned() },
            published: at,
            updated: at,
            added: None,
        };
        kept.push((Stored { value: resource, version: Position(number) }, row.body));
    }
    assert_eq!(kept.len(), documents, "the file has enough rows");
    kept
}

fn document((stored, text): &Kept, codes: &CodeLists) -> Document {
    Document::of(stored, vec![BodyPart { file: None, locator: Locator::Whole, text: text.clone() }], codes)
}

fn options() -> WriteOptions {
    let threads = WriteOptions::default().threads;
    WriteOptions { threads, memory_per_thread: ((SearchSection::default().writer_memory_mb as usize) << 20) / threads }
}

/// The product's way; how many segments there are at its end.
fn product(kept: &[Kept], lexicon: &Arc<Lexicon>, codes: &CodeLists, dir: &Path, anew: bool) -> usize {
    let index = SearchIndex::open(dir, Arc::clone(lexicon), options()).expect("an index");
    let mark = index.next_mark_at("measured", Position(kept.len() as u64));
    let mut writer = if anew { Writer::on_next(&index) } else { Writer::on_present(&index) }.expect("a writer");
    let (mut put, mut group) = (0, Instant::now());
    for chunk in kept.chunks(CHUNK) {
        chunk.iter().for_each(|kept| writer.put(document(kept, codes)).expect("a document goes in"));
        put += chunk.len();
        if !anew && (put >= COMMIT_AFTER || group.elapsed() >= LONGEST_GROUP) {
            writer.commit(&mark).expect("a commit");
            (put, group) = (0, Instant::now());
        }
    }
    writer.finish(&mark).and_then(Writer::end).expect("a commit and the merges");
    index.generation().index().searchable_segment_ids().expect("segments").len()
}

/// Feeds documents straight into Tantivy; how many segments there are at its end.
fn feed(index: &Index, documents: impl Iterator<Item = TantivyDocument>) -> usize {
    let WriteOptions { threads, memory_per_thread } = options();
    let chosen =
        IndexWriterOptions::builder().num_worker_threads(threads).memory_budget_per_thread(memory_per_thread).num_merge_threads(2).build();
    let mut writer: IndexWriter = index.writer_with_options(chosen).expect("a writer");
    let mut policy = LogMergePolicy::default();
    policy.set_min_num_segments(6);
    policy.set_min_layer_size(1_000);
    writer.set_merge_policy(Box::new(policy));
    for document in documents {
        writer.add_document(document).expect("a document goes in");
    }
    writer.commit().expect("a commit");
    writer.wait_merging_threads().expect("merges end");
    index.searchable_segment_ids().expect("segments").len()
}

/// An index of bigrams alone. Its documents are cheap to make: made as they go in.
fn bigrams(kept: &[Kept], lexicon: &Arc<Lexicon>, dir: &Path) -> usize {
    let mut schema = Schema::builder();
    let id = schema.add_text_field("id", STRING | STORED);
    let indexing = TextFieldIndexing::default().set_tokenizer("pieces").set_index_option(IndexRecordOption::WithFreqs);
    let pieces = schema.add_text_field("pieces", TextOptions::default().set_indexing_options(indexing));
    let builder = Index::builder().schema(schema.build()).tokenizers(tokenizers(lexicon));
    let index = builder.create_in_dir(dir).expect("an index");
    feed(
        &index,
        kept.iter().map(|(stored, text)| {
            let metadata = &stored.value.metadata;
            let mut document = TantivyDocument::default();
            document.add_text(id, &stored.value.id);
            [metadata.title.main(), metadata.description.main(), text].iter().for_each(|text| document.add_text(pieces, text));
            metadata.keywords.iter().for_each(|word| document.add_text(pieces, word));
            document
        }),
    )
}

fn size(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry"));
    let one = |entry: std::fs::DirEntry| match entry.metadata().expect("its size") {
        found if found.is_dir() => size(&entry.path()),
        found => found.len(),
    };
    entries.map(one).sum()
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// A line of this process's status, in megabytes.
fn memory(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let found = status.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(':')).expect("the line");
    found.split_whitespace().next().and_then(|kilobytes| kilobytes.parse::<f64>().ok()).expect("a number") / 1_024.0
}

/// Seconds on the processor of all threads of this process.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = |place: usize| rest.split_whitespace().nth(place).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}
