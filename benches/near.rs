//! Near duplicates: what a sketch costs, what keeping and looking up many costs, and how well edited texts are found.
//!
//! `BENCH_SKETCHES` (100,000) works of 600 characters each are sketched and kept in a fresh store on sled, fifty in a change.
//! Every tenth is one of a family of works that share half of their text, as courses from one template do. Then
//! `BENCH_LOOKUPS` (1,000) works are looked up: new ones, and copies of kept ones with a part of their characters changed.
//!
//! Found is what the product would name: the estimate reaches `near_percent` of the policy. By hand: replacing a share `p` of the
//! characters, each alone, leaves (1 - p)^5 of the shingles, so that the Jaccard index is q / (2 - q) with q = (1 - p)^5; cutting
//! or adding whole passages costs only these. `cargo bench --bench near`.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a measuring program prints, and stops at what does not hold")]

use fastrand::Rng;
use std::time::Instant;
use yuelu::clock::Clock;
use yuelu::domain::access::OrgPath;
use yuelu::domain::change::ChangeSet;
use yuelu::domain::likeness::{Likeness, Signature, Sketcher};
use yuelu::ingest::nearest;
use yuelu::rules::RuleSet;
use yuelu::store::{EngineKind, Store, StoreOptions};

/// Characters of a work.
const LENGTH: usize = 600;
/// Works of one change.
const STRETCH: u64 = 50;

fn main() {
    let setting = |name: &str, usual: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (count, lookups) = (setting("BENCH_SKETCHES", 100_000), setting("BENCH_LOOKUPS", 1_000));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
    drawing();
    runtime.block_on(keeping(count, lookups));
}

/// What sketches of short and long texts cost.
fn drawing() {
    for length in [600, 6_000, 60_000, 600_000] {
        let text = text(&mut Rng::with_seed(length), usize::try_from(length).expect("a length"));
        let (rounds, start) = (3_000_000 / length, Instant::now());
        (0..rounds).for_each(|_| drop(std::hint::black_box(sketch(&text))));
        println!("a sketch of {length} characters: {:.3} ms", start.elapsed().as_secs_f64() * 1e3 / rounds as f64);
    }
}

async fn keeping(count: u64, lookups: u64) {
    let dir = tempfile::tempdir().expect("a folder");
    let options = StoreOptions { dir: dir.path().to_path_buf(), engine: EngineKind::Sled };
    let (store, clock) = (Store::open(options).await.expect("a store"), Clock::system());
    let (before, mut drawn, start) = (memory(), 0.0, Instant::now());
    for first in (0..count).step_by(usize::try_from(STRETCH).expect("a step")) {
        let began = Instant::now();
        let works: Vec<Likeness> = (first..(first + STRETCH).min(count)).map(|place| likeness(&clock, place)).collect();
        drawn += began.elapsed().as_secs_f64();
        let mut change = ChangeSet::new(clock.fresh_id());
        for work in &works {
            change.insert(work).expect("a record");
        }
        store.commit(change).await.expect("room on the disk");
    }
    let whole = start.elapsed().as_secs_f64();
    println!(
        "{count} sketches: {:.0} a second drawn, {:.0} a second kept; {} MB on disk; resident {} MB, {before} MB before",
        count as f64 / drawn,
        count as f64 / (whole - drawn),
        size(dir.path()) >> 20,
        memory()
    );
    let least = RuleSet::builtin().expect("sound rules").policy().near_percent;
    println!("{:<44}{:>12}{:>14}{:>14}", format!("{lookups} looked up, named from {least} %"), "named", "others named", "ms each");
    let mut edits: Vec<(String, Edit)> = vec![("new works".to_owned(), Edit::New), ("new works of a family".to_owned(), Edit::Family)];
    edits.extend([0, 1, 2, 3, 5, 10].map(|percent| (format!("{percent} % of the characters replaced"), Edit::Letters(percent))));
    edits.extend([5, 10, 20, 30, 50].map(|percent| (format!("{percent} % cut in one piece"), Edit::Cut(percent))));
    edits.extend([10, 25].map(|percent| (format!("passages of {percent} % swapped"), Edit::Swap(percent))));
    for (name, edit) in edits {
        let (mut own, mut others, mut spent) = (0, 0, 0.0);
        for place in 0..lookups {
            let (original, text) = edit.apply(place, count, lookups);
            let Some(signature) = sketch(&text) else { continue };
            let began = Instant::now();
            let found = nearest(&store, &signature, least).await.expect("a store that reads");
            spent += began.elapsed().as_secs_f64();
            let is_own = |other: &Likeness| original.is_some_and(|place| other.resource == place.to_string());
            own += u64::from(found.iter().any(|(_, other)| is_own(other)));
            others += found.iter().filter(|(_, other)| !is_own(other)).count();
        }
        let share = |of: u64| of as f64 * 100.0 / lookups as f64;
        println!("{name:<44}{:>10.1} %{others:>14}{:>14.2}", share(own), spent * 1e3 / lookups as f64);
    }
}

/// What is done to a kept work before it is looked up.
#[derive(Clone, Copy)]
enum Edit {
    New,
    Family,
    Letters(usize),
    Cut(usize),
    Swap(usize),
}

impl Edit {
    /// The work that was edited, and the text it became.
    fn apply(self, place: u64, count: u64, lookups: u64) -> (Option<u64>, String) {
        let random = &mut Rng::with_seed(place + 77);
        // One that is of no family.
        let original = place * (count / lookups).max(1) / 10 * 10 + 1;
        let mut letters: Vec<char> = work(original).chars().collect();
        let part = |percent: usize| letters.len() * percent / 100;
        match self {
            Self::New => return (None, work(count + 10 * place + 1)),
            Self::Family => return (None, work(count + 10 * place)),
            Self::Letters(percent) => {
                for _ in 0..part(percent) {
                    let at = random.usize(..letters.len());
                    if let Some(letter) = letters.get_mut(at) {
                        *letter = hanzi(random);
                    }
                }
            }
            Self::Cut(percent) => {
                let (length, from) = (part(percent), random.usize(..=letters.len() - part(percent)));
                letters.drain(from..from + length);
            }
            Self::Swap(percent) => {
                let length = part(percent);
                let (head, tail) = letters.split_at_mut(letters.len() / 2);
                head.iter_mut().take(length).zip(tail.iter_mut().take(length)).for_each(|(one, two)| std::mem::swap(one, two));
            }
        }
        (Some(original), letters.into_iter().collect())
    }
}

/// The text of a work; every tenth has half of its text from the template of its family.
fn work(place: u64) -> String {
    let own = text(&mut Rng::with_seed(place), LENGTH);
    if !place.is_multiple_of(10) {
        return own;
    }
    let template = text(&mut Rng::with_seed(u64::MAX - place / 10 % 20), LENGTH / 2);
    template.chars().chain(own.chars().take(LENGTH / 2)).collect()
}

fn likeness(clock: &Clock, place: u64) -> Likeness {
    let owner = OrgPath::parse("/hunan/changsha/college").expect("a path");
    let signature = sketch(&work(place)).expect("enough text");
    Likeness { submission: clock.fresh_id(), resource: place.to_string(), owner, signature }
}

fn sketch(text: &str) -> Option<Signature> {
    let mut sketcher = Sketcher::default();
    sketcher.add(text);
    sketcher.finish()
}

fn text(random: &mut Rng, length: usize) -> String {
    (0..length).map(|_| hanzi(random)).collect()
}

/// One of the 3,500 most usual characters, the more usual the more often.
fn hanzi(random: &mut Rng) -> char {
    let rank = 3_500.0_f64.powf(random.f64());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 3,500")]
    char::from_u32(0x4E00 + rank as u32).unwrap_or('一')
}

fn size(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { size(&entry.path()) } else { entry.metadata().map_or(0, |about| about.len()) }).sum()
}

/// Megabytes that are resident now.
fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("resident memory");
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).expect("kilobytes") >> 10
}
