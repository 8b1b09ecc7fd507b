//! Lists that were served, kept for some days: what was shown in which place, by which arm of an experiment, and how probable it
//! was where a place was drawn. With impressions, which name a list and a place, effects can be estimated from it.
//!
//! Of a list nothing is kept that says for whom it was. A thread of its own writes a compressed block every two seconds, or when many
//! lists wait, into a file of the day and of this start of the program; what a crash takes along, or a disk that is full, is not
//! written again, and no request waits for it. Each block: length, length unpacked, checksum (CRC-32), then JSON lines in lz4.

use super::list::Recommendations;
use crate::domain::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Lists that may wait to be written.
const WAITING: usize = 10_000;
/// The writer looks so often,
const EVERY: Duration = Duration::from_secs(2);
/// and is woken each time that so many more wait: waking it for every list cost more than the writing.
const MANY: usize = 512;
/// No block is much longer before it is packed.
const BLOCK: usize = 1 << 18;
/// No block unpacks to more.
const MOST: usize = 1 << 26;

/// A list as it was served.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Served {
    /// Its id.
    #[serde(rename = "l")]
    pub list: String,
    /// When, milliseconds since 1970.
    #[serde(rename = "t")]
    pub at: i64,
    /// Its kind.
    #[serde(rename = "k")]
    pub kind: String,
    /// Experiment and arm, `name:arm`; nothing: the weights in force.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Ids of the resources, in the order of their places.
    #[serde(rename = "i")]
    pub items: Vec<String>,
    /// By place, from 1: the probability that this item had it. A place that is not named was not drawn: the probability is 1.
    #[serde(rename = "p", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub chances: BTreeMap<usize, f32>,
}

impl Served {
    /// As it is kept.
    pub fn of(list: &Recommendations, at: i64, variant: Option<String>) -> Self {
        let drawn = list.items.iter().zip(1..).filter_map(|(item, place)| Some((place, item.chance?)));
        Self {
            list: list.list.clone(),
            at,
            kind: list.kind.clone(),
            variant,
            items: list.items.iter().map(|item| item.id.clone()).collect(),
            chances: drawn.collect(),
        }
    }
}

/// Where served lists are kept, and for how long.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// A folder of their own.
    pub dir: PathBuf,
    /// Days.
    pub days: u16,
}

/// What wakes the writer; the desk that is gone does, too.
enum Call {
    Many,
    Settle(SyncSender<()>),
}

type Waiting = Arc<Mutex<Vec<Served>>>;

struct Desk {
    waiting: Waiting,
    calls: SyncSender<Call>,
    dir: PathBuf,
}

/// Takes served lists; dropped, it writes what waits.
pub struct ServedLog {
    desk: Option<Desk>,
    lost: AtomicU64,
}

impl ServedLog {
    /// Keeps them there; nowhere without a place.
    pub fn open(keeping: Option<Keeping>) -> Self {
        let desk = keeping.filter(|keeping| keeping.days > 0).and_then(|keeping| {
            let (calls, heard) = sync_channel(WAITING / MANY);
            let desk = Desk { waiting: Waiting::default(), calls, dir: keeping.dir.clone() };
            let waiting = Arc::clone(&desk.waiting);
            let writer = move || Writer::new(keeping).run(&waiting, &heard);
            std::thread::Builder::new().name("served-lists".to_owned()).spawn(writer).is_ok().then_some(desk)
        });
        Self { desk, lost: AtomicU64::new(0) }
    }

    /// Keeps a list, unless too many wait.
    pub fn keep(&self, served: Served) {
        let Some(desk) = &self.desk else { return };
        let mut waiting = desk.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < WAITING {
            waiting.push(served);
            if waiting.len().is_multiple_of(MANY) {
                desk.calls.try_send(Call::Many).ok();
            }
            return;
        }
        drop(waiting);
        let lost = self.lost.fetch_add(1, Ordering::Relaxed) + 1;
        if lost.is_power_of_two() {
            tracing::warn!(lost, "served lists come faster than they can be kept; some are left out");
        }
    }

    /// Calls `tell` with every list that is kept, those that wait included.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn read(&self, mut tell: impl FnMut(Served)) -> io::Result<()> {
        let Some(Desk { calls, dir, .. }) = &self.desk else { return Ok(()) };
        let (done, settled) = sync_channel(1);
        if calls.send(Call::Settle(done)).is_ok() {
            settled.recv().ok();
        }
        if !dir.is_dir() {
            return Ok(());
        }
        for entry in fs::read_dir(dir)? {
            let mut file = File::open(entry?.path())?;
            while let Some(lines) = block(&mut file) {
                lines.lines().filter_map(|line| serde_json::from_str(line).ok()).for_each(&mut tell);
            }
        }
        Ok(())
    }
}

/// The next block; nothing at the end, also at a torn one.
fn block(file: &mut File) -> Option<String> {
    let mut head = [0; 12];
    file.read_exact(&mut head).ok()?;
    let mut words = head.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word));
    let (length, raw, checksum) = (words.next()? as usize, words.next()? as usize, words.next()?);
    if length > MOST || raw > MOST {
        return None;
    }
    let mut body = vec![0; length];
    file.read_exact(&mut body).ok()?;
    let whole = crc32fast::hash(&body) == checksum;
    let unpacked = whole.then(|| lz4_flex::block::decompress(&body, raw).ok())??;
    String::from_utf8(unpacked).ok()
}

struct Writer {
    keeping: Keeping,
    lines: Vec<u8>,
    day: i64,
    file: Option<File>,
}

impl Writer {
    fn new(keeping: Keeping) -> Self {
        Self { keeping, lines: Vec::new(), day: i64::MIN, file: None }
    }

    fn run(mut self, waiting: &Waiting, calls: &Receiver<Call>) {
        loop {
            let call = calls.recv_timeout(EVERY);
            let lists = std::mem::take(&mut *waiting.lock().unwrap_or_else(PoisonError::into_inner));
            lists.iter().for_each(|served| self.take(served));
            self.write();
            match call {
                Ok(Call::Settle(done)) => drop(done.send(())),
                Ok(Call::Many) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn take(&mut self, served: &Served) {
        let day = served.at.div_euclid(DAY_MS);
        if day != self.day {
            self.write();
            (self.day, self.file) = (day, None);
        }
        if serde_json::to_writer(&mut self.lines, served).is_ok() {
            self.lines.push(b'\n');
        }
        if self.lines.len() >= BLOCK {
            self.write();
        }
    }

    fn write(&mut self) {
        if self.lines.is_empty() {
            return;
        }
        let lines = std::mem::take(&mut self.lines);
        if let Err(error) = self.append(&lines) {
            tracing::warn!(%error, "served lists were not kept");
        }
    }

    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let body = lz4_flex::block::compress(lines);
        let mut block = Vec::with_capacity(body.len() + 12);
        for word in [body.len(), lines.len()] {
            block.extend_from_slice(&u32::try_from(word).map_err(io::Error::other)?.to_le_bytes());
        }
        block.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
        block.extend_from_slice(&body);
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                fs::create_dir_all(&self.keeping.dir)?;
                tidy(&self.keeping.dir, self.day - i64::from(self.keeping.days));
                none.insert(fresh(&self.keeping.dir, self.day)?)
            }
        };
        file.write_all(&block)
    }
}

/// A file of this start alone: behind a torn block of an earlier one nothing would be read.
fn fresh(dir: &Path, day: i64) -> io::Result<File> {
    let mut turn = 0_u32;
    loop {
        let path = dir.join(format!("{}-{turn:06}", date(day)));
        match OpenOptions::new().create_new(true).append(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => turn += 1,
            opened => return opened,
        }
    }
}

/// Removes files of days before `first`.
fn tidy(dir: &Path, first: i64) {
    let first = date(first);
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.filter_map(Result::ok) {
        if entry.file_name().to_str().is_some_and(|name| name < first.as_str()) {
            fs::remove_file(entry.path()).ok();
        }
    }
}

/// `2026-11-28`.
fn date(day: i64) -> String {
    Timestamp::from_millis(day * DAY_MS).to_string().chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(list: &str, at: i64) -> Served {
        let chances = BTreeMap::from([(7, 0.25)]);
        Served { list: list.to_owned(), at, kind: "for-you".to_owned(), variant: None, items: vec!["a".to_owned()], chances }
    }

    fn lists(log: &ServedLog) -> Vec<String> {
        let mut found = Vec::new();
        log.read(|served| found.push(served.list)).unwrap();
        found.sort();
        found
    }

    #[test]
    fn lists_are_kept_over_starts_past_torn_ends_and_for_some_days() {
        let dir = tempfile::tempdir().unwrap();
        let keeping = Keeping { dir: dir.path().join("served"), days: 3 };
        let log = ServedLog::open(Some(keeping.clone()));
        (0..4).for_each(|day| log.keep(served(&format!("l{day}"), day * DAY_MS)));
        assert_eq!(lists(&log), ["l0", "l1", "l2", "l3"]);
        let mut first = served("l3", 3 * DAY_MS);
        log.read(|kept| {
            if kept.list == "l3" {
                first = kept
            }
        })
        .unwrap();
        assert_eq!(first, served("l3", 3 * DAY_MS), "as it was served");
        let last = fs::read_dir(&keeping.dir).unwrap().map(|entry| entry.unwrap().path()).max().unwrap();
        OpenOptions::new().append(true).open(&last).unwrap().write_all(&[9, 0, 0, 0, 1]).unwrap();
        let again = ServedLog::open(Some(keeping));
        again.keep(served("l4", 4 * DAY_MS));
        assert_eq!(lists(&again), ["l1", "l2", "l3", "l4"], "the first day's are gone");
        let nowhere = ServedLog::open(None);
        nowhere.keep(served("l5", 0));
        assert!(lists(&nowhere).is_empty());
    }
}
