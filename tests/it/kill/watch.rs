//! What a server does to its index at a moment: by the lines of its log, and by what lies in the folder.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Pause between two looks: a swap is over within a few milliseconds.
const LOOK: Duration = Duration::from_micros(200);
/// How long a life may last that waits for its aim.
const PATIENCE: Duration = Duration::from_secs(20);
/// Longest time from what is aimed at to the kill, in microseconds.
const LONGEST_DELAY: u64 = 15_000;

/// What a kill is aimed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// The next index is whole and becomes the present one.
    Swap,
    /// Documents become visible together.
    Commit,
    /// Segments become one.
    Merge,
    /// Whatever happens to go on.
    Moment,
}

impl Aim {
    /// All, in the order in which kills take turns.
    pub const ALL: [Self; 4] = [Self::Swap, Self::Commit, Self::Merge, Self::Moment];
}

/// Into what kills fell, each kind with how often.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fell {
    commits: u64,
    merges: u64,
    rebuilds: u64,
    swaps: u64,
    elsewhere: u64,
}

impl Fell {
    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        self.commits += other.commits;
        self.merges += other.merges;
        self.rebuilds += other.rebuilds;
        self.swaps += other.swaps;
        self.elsewhere += other.elsewhere;
    }

    /// Whether each kind was hit.
    pub fn has_all(&self) -> bool {
        [self.commits, self.merges, self.rebuilds, self.swaps].iter().all(|hit| *hit > 0)
    }
}

impl fmt::Display for Fell {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { commits, merges, rebuilds, swaps, elsewhere } = self;
        write!(out, "commits {commits}, merges {merges}, rebuilds {rebuilds}, swaps {swaps}, none of these {elsewhere}")
    }
}

/// What goes on, as far as the log has told.
#[derive(Debug, Default)]
struct Doing {
    committing: bool,
    merging: bool,
    merge_ends: bool,
    commits: u64,
    merges: u64,
}

impl Doing {
    fn hear(&mut self, line: &str) {
        if line.contains("Preparing commit") {
            self.committing = true;
            self.commits += 1;
        } else if line.contains("Starting merge") {
            self.merging = true;
            self.merges += 1;
        } else if line.contains("End merge") {
            self.merge_ends = true;
        } else if line.contains("Running garbage collection") {
            // Commits and ends of merges come one after the other; each closes with this.
            match std::mem::take(&mut self.merge_ends) {
                true => self.merging = false,
                false => self.committing = false,
            }
        }
    }
}

/// Watches one life.
pub struct Watch {
    index: PathBuf,
    /// The generation that was the present one when the life began.
    present: String,
    doing: Arc<Mutex<Doing>>,
    listener: JoinHandle<()>,
}

impl Watch {
    /// What the server must log for it.
    pub const FILTER: &str = "warn,tantivy::indexer=debug";

    /// Of a server over a data directory, by the lines of its log.
    pub fn of(dir: &Path, lines: Receiver<String>) -> Self {
        let doing: Arc<Mutex<Doing>> = Arc::default();
        let heard = Arc::clone(&doing);
        let listener = std::thread::spawn(move || lines.into_iter().for_each(|line| heard.lock().unwrap().hear(&line)));
        let index = dir.join("index");
        let present = std::fs::read_to_string(index.join("CURRENT")).unwrap_or_default();
        Self { index, present, doing, listener }
    }

    /// Returns at a moment of what is aimed at, the first or a later one.
    pub async fn wait_for(&self, aim: Aim, random: &mut fastrand::Rng) {
        let began = Instant::now();
        let (passed, delay) = (random.u64(..4), Duration::from_micros(random.u64(..LONGEST_DELAY)));
        // A swap begins when the next index is whole, and is at its height when it gets its name.
        let at_its_height = random.bool();
        let has_come = || match aim {
            Aim::Commit => self.doing.lock().unwrap().commits > passed,
            Aim::Merge => self.doing.lock().unwrap().merges > passed / 2,
            Aim::Swap if at_its_height => self.index.join("CURRENT.new").exists() || self.has_swapped(),
            Aim::Swap => self.next_is_whole() || self.has_swapped(),
            Aim::Moment => true,
        };
        while !has_come() && began.elapsed() < PATIENCE {
            tokio::time::sleep(LOOK).await;
        }
        if !at_its_height || aim != Aim::Swap {
            tokio::time::sleep(delay).await;
        }
    }

    /// What a life that has been ended was at.
    pub fn ended(&self) -> Fell {
        // All lines have been heard when the last one that holds the end of the pipe is gone.
        while !self.listener.is_finished() {
            std::thread::sleep(LOOK);
        }
        let doing = self.doing.lock().unwrap();
        let generations = generations(&self.index);
        let current = std::fs::read_to_string(self.index.join("CURRENT")).unwrap_or_default();
        let beside = generations.len() > 1;
        // Named and the old one not yet removed, or whole and not yet named.
        let is_last = generations.last().is_some_and(|last| *last == current);
        let swapping = self.index.join("CURRENT.new").exists() || beside && (is_last || self.next_is_whole());
        let mut fell = Fell {
            commits: u64::from(doing.committing),
            merges: u64::from(doing.merging),
            rebuilds: u64::from(beside && !swapping),
            swaps: u64::from(swapping),
            elsewhere: 0,
        };
        fell.elsewhere = u64::from(!fell.is_any());
        fell
    }

    fn has_swapped(&self) -> bool {
        std::fs::read_to_string(self.index.join("CURRENT")).is_ok_and(|current| current != self.present)
    }

    /// Whether there is a generation beside the present one that has been committed.
    fn next_is_whole(&self) -> bool {
        let current = std::fs::read_to_string(self.index.join("CURRENT")).unwrap_or_default();
        let Some(next) = generations(&self.index).into_iter().next_back().filter(|next| *next != current) else { return false };
        let described = std::fs::read_to_string(self.index.join(next).join("meta.json")).unwrap_or_default();
        described.contains("\"payload\"")
    }
}

impl Fell {
    fn is_any(&self) -> bool {
        self.commits + self.merges + self.rebuilds + self.swaps > 0
    }
}

fn generations(index: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(index).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name.starts_with("generation-"));
    names.sort();
    names
}
