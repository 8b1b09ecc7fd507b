//! Where the time of machine checks goes: reading files (type, facts, text, thumbnail) against judging what was read.
//!
//! `BENCH_ITEMS` (1,000) works of one file each are made from a seed: plain text, HTML, DOCX, PNG and subtitles in turn; or, with
//! `BENCH_FOLDER`, each file below that folder is a work. They are checked on as many threads as there are processors
//! (`BENCH_THREADS`), each work as the product does it but for the child process, which only adds to reading: `examine`, the
//! text packed; then its sketch for near duplicates; then all rules, with the text unpacked for them.
//!
//! Times are processor time of the threads (`/proc/thread-self/schedstat`), so that other load on the machine does not count.
//! Asked for: rules under 5 % of the whole. Memory is the highest this process had (`VmHWM`), files and all. `cargo bench --bench check`.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a measuring program prints, and stops at what does not hold")]

use fastrand::Rng;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use yuelu::domain::digest::Digest;
use yuelu::domain::inspection::ExtractedText;
use yuelu::domain::likeness::Sketcher;
use yuelu::domain::metadata::{FileEntry, FileRole, Metadata};
use yuelu::domain::submission::SubmittedFile;
use yuelu::domain::time::Timestamp;
use yuelu::media::{Examination, Request, Tools, examine};
use yuelu::rules::{RuleSet, Subject};

/// Processor time in nanoseconds, by what it was spent on.
#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    reading: u64,
    sketching: u64,
    rules: u64,
    findings: usize,
}

fn main() {
    let setting = |name: &str, usual: usize| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let threads = setting("BENCH_THREADS", std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
    let dir = tempfile::tempdir().expect("a folder");
    let items = match std::env::var_os("BENCH_FOLDER") {
        Some(folder) => below(Path::new(&folder)),
        None => make(dir.path(), setting("BENCH_ITEMS", 1_000)),
    };
    let bytes: u64 = items.iter().filter_map(|path| path.metadata().ok()).map(|about| about.len()).sum();
    println!("{} works, {} MB, {threads} threads; {} MB before", items.len(), bytes >> 20, memory());
    let (rules, tools) = (RuleSet::builtin().expect("sound rules"), Tools::find());
    let next = AtomicUsize::new(0);
    let began = Instant::now();
    let spent: Vec<Spent> = std::thread::scope(|scope| {
        let hands: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(&items, &next, &rules, &tools))).collect();
        hands.into_iter().map(|hand| hand.join().expect("a thread that ends")).collect()
    });
    let wall = began.elapsed().as_secs_f64();
    let sum = |of: fn(&Spent) -> u64| spent.iter().map(of).sum::<u64>();
    let parts = [("reading", sum(|one| one.reading)), ("sketching", sum(|one| one.sketching)), ("rules", sum(|one| one.rules))];
    let whole: u64 = parts.iter().map(|part| part.1).sum();
    for (name, nanos) in parts {
        println!("{name:<10}{:>12.3} s{:>8.2} %", nanos as f64 / 1e9, nanos as f64 * 100.0 / whole.max(1) as f64);
    }
    let findings: usize = spent.iter().map(|one| one.findings).sum();
    println!("{:.1} works a second by the clock, {:.2} processors busy", items.len() as f64 / wall, whole as f64 / 1e9 / wall);
    println!("{} rules, {findings} findings; at most {} MB", rules.rules().len(), memory());
}

/// Takes one work after another until none is left.
fn work(items: &[PathBuf], next: &AtomicUsize, rules: &RuleSet, tools: &Tools) -> Spent {
    let mut spent = Spent::default();
    while let Some(path) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let start = processor_time();
        let request = Request { path: path.clone(), name: name.clone(), role: FileRole::Master, sha256: None };
        let Examination { facts, text, .. } = examine(&request, tools);
        let packed = text.map(|text| text.pack());
        let read = processor_time();
        let mut sketcher = Sketcher::default();
        let unpacked = packed.as_deref().and_then(ExtractedText::unpack);
        unpacked.iter().flat_map(|text| &text.parts).all(|part| sketcher.add(&part.text));
        let sketched = (processor_time(), std::hint::black_box(sketcher.finish())).0;
        let digest = Digest::parse(&facts.sha256).expect("a digest");
        let entry = FileEntry { path: name, ..FileEntry::default() };
        let files = [SubmittedFile { entry, digest, size: facts.size, facts: Some(facts), text: None, thumbnail: None }];
        let text = |_: &SubmittedFile| packed.as_deref().and_then(ExtractedText::unpack);
        let (metadata, at) = (described(), Timestamp::from_millis(1_800_000_000_000));
        let subject = Subject { metadata: &metadata, files: &files, row: None, at, neighbours: Some(&[]), text: &text };
        spent.findings += rules.check(&subject).findings.len();
        let judged = processor_time();
        spent.reading += read - start;
        spent.sketching += sketched - read;
        spent.rules += judged - sketched;
    }
    spent
}

fn described() -> Metadata {
    let meta = serde_json::json!({
        "title": "社区自学材料", "kind": "collection", "category": "elderly", "subjects": ["digital-life"],
        "description": "面向社区居民的自学材料，介绍基本知识、常见问题与练习方法，供学习者自学使用。",
        "keywords": ["社区", "自学", "材料"], "audience": ["everyone"], "language": ["zh-CN"],
        "rights": { "licence": "CC-BY-4.0", "holder": "岳麓示范社区学院", "sharing": "free", "evidence": "自有版权" },
    });
    serde_json::from_value(meta).expect("a description")
}

/// Nanoseconds that this thread ran.
fn processor_time() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    text.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).expect("nanoseconds")
}

/// Megabytes that this process had at most.
fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a high-water mark");
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).expect("kilobytes") >> 10
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let mut open = vec![folder.to_path_buf()];
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            if entry.path().is_dir() { open.push(entry.path()) } else { files.push(entry.path()) }
        }
    }
    files.sort();
    files
}

/// Makes so many files; the same from the same seed.
fn make(folder: &Path, count: usize) -> Vec<PathBuf> {
    let mut random = Rng::with_seed(3);
    let mut made = Vec::with_capacity(count);
    for number in 0..count {
        let text = prose(&mut random, 3_000);
        let (end, bytes) = match number % 5 {
            0 => ("txt", text.into_bytes()),
            1 => (
                "html",
                format!("<html><head><title>课</title></head><body><p>{}</p></body></html>", text.replace('。', "。</p><p>")).into_bytes(),
            ),
            2 => ("docx", document(&text)),
            3 => ("png", picture(&mut random)),
            _ => ("srt", subtitles(&text)),
        };
        let path = folder.join(format!("{number:05}.{end}"));
        std::fs::write(&path, bytes).expect("room on the disk");
        made.push(path);
    }
    made
}

const LETTERS: &str = "大地中国年时会生学家下过天去能对小多然心好看起发当成事用第道样作开美总从无情面最女前所同日手行意动方期头长回位分爱老名法间世两次身高已其常";

fn prose(random: &mut Rng, length: usize) -> String {
    let letters: Vec<char> = LETTERS.chars().collect();
    let letter = |place: usize, random: &mut Rng| if place % 17 == 16 { '。' } else { random.choice(&letters).copied().unwrap_or('课') };
    (0..length).map(|place| letter(place, random)).collect()
}

fn document(text: &str) -> Vec<u8> {
    let head = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
    let body: String = text.split('。').map(|line| format!("<w:p><w:r><w:t>{line}</w:t></w:r></w:p>")).collect();
    let body = format!(
        r#"<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>"#
    );
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, part) in [("[Content_Types].xml", head), ("word/document.xml", body.as_str())] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        archive.write_all(part.as_bytes()).expect("memory");
    }
    archive.finish().expect("an archive").into_inner()
}

fn picture(random: &mut Rng) -> Vec<u8> {
    let shade = random.u8(..);
    let picture = image::RgbImage::from_fn(1280, 720, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, shade]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).expect("a picture");
    bytes.into_inner()
}

fn subtitles(text: &str) -> Vec<u8> {
    let cue = |(place, line): (usize, &str)| {
        let clock = |seconds: usize| format!("{:02}:{:02}:{:02},000", seconds / 3600, seconds / 60 % 60, seconds % 60);
        format!("{}\n{} --> {}\n{line}\n\n", place + 1, clock(place * 4), clock(place * 4 + 4))
    };
    text.split('。').filter(|line| !line.is_empty()).enumerate().map(cue).collect::<String>().into_bytes()
}
