//! One file a UTC day of receipt: appending with a sync, finding the blocks again, cutting off a torn tail.

use super::EventLogError;
use super::block::{self, Batch, HEADER, Header};
use crate::domain::time::{DAY_MS, Timestamp};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The file of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970.
    pub day: i64,
    /// Where it is.
    pub path: PathBuf,
    /// Bytes of whole blocks.
    pub length: u64,
    /// Number after its last row; 0 while it is empty.
    pub end: u64,
}

/// All files of the log.
#[derive(Debug)]
pub struct Files {
    dir: PathBuf,
    days: Vec<Day>,
    open: Option<(i64, File)>,
    unsure: bool,
}

/// What opening found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Number after the last row of the log.
    pub end: u64,
    /// Bytes of a torn, never acknowledged write that were cut off.
    pub torn: u64,
    /// Stretches of damaged bytes before a whole block: they are stepped over and reported.
    pub damaged: u32,
}

impl Files {
    /// Finds the files in `dir` and cuts a torn tail off the last one.
    pub fn open(dir: &Path) -> Result<(Self, Found), EventLogError> {
        let mut files = Self { dir: dir.to_owned(), days: Self::list(dir)?, open: None, unsure: false };
        let last = files.days.len().saturating_sub(1);
        let mut found = Found::default();
        for (place, day) in files.days.iter_mut().enumerate() {
            let walk = walk(day, place == last)?;
            found.damaged += walk.damaged;
            if place == last && walk.whole < day.length {
                found.torn = day.length - walk.whole;
                truncate(&day.path, walk.whole)?;
            }
            (day.length, day.end) = (walk.whole, walk.end);
            found.end = found.end.max(walk.end);
        }
        Ok((files, found))
    }

    /// The files in `dir` by day; what they hold is not looked at.
    pub fn list(dir: &Path) -> Result<Vec<Day>, EventLogError> {
        let mut days = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(EventLogError::io("list the log"))? {
            let path = entry.map_err(EventLogError::io("list the log"))?.path();
            if let Some(day) = day_of(&path) {
                let length = path.metadata().map_err(EventLogError::io("list the log"))?.len();
                days.push(Day { day, path, length, end: 0 });
            }
        }
        days.sort_by_key(|day| day.day);
        Ok(days)
    }

    /// Writes blocks to the file of the day and syncs it. After an error nothing of them counts.
    pub fn append(&mut self, received: Timestamp, bytes: &[u8], end: u64) -> Result<(), EventLogError> {
        if self.unsure {
            return Err(EventLogError::Unsure);
        }
        let day = received.day();
        self.ready(day)?;
        let (Some((_, file)), Some(last)) = (&self.open, self.days.last_mut()) else { return Err(EventLogError::Closed) };
        if let Err(error) = file.write_all_at(bytes, last.length) {
            if let Err(error) = file.set_len(last.length) {
                // Half a write behind the whole blocks: the next append overwrites it, an opening cuts it off.
                tracing::warn!(%error, "a torn write stays behind in the event log");
            }
            return Err(EventLogError::io("append")(error));
        }
        if let Err(error) = file.sync_data() {
            self.unsure = true;
            return Err(EventLogError::io("sync")(error));
        }
        last.length += bytes.len() as u64;
        last.end = end;
        Ok(())
    }

    /// The present files, for reading beside the writer.
    pub fn days(&self) -> &[Day] {
        &self.days
    }

    /// Puts a rewritten file in the place of the old one; the writer opens it anew.
    pub fn replace(&mut self, place: usize, draft: &Path, length: u64) -> Result<(), EventLogError> {
        let Some(day) = self.days.get_mut(place) else { return Ok(()) };
        self.open = None;
        std::fs::rename(draft, &day.path).map_err(EventLogError::io("replace a file of the log"))?;
        sync_dir(&self.dir)?;
        day.length = length;
        Ok(())
    }

    fn ready(&mut self, day: i64) -> Result<(), EventLogError> {
        let newest = self.days.last().map_or(i64::MIN, |last| last.day);
        // A clock that went back must not open an older file: order of files is order of numbers.
        let day = day.max(newest);
        if self.open.as_ref().is_some_and(|(open, _)| *open == day) {
            return Ok(());
        }
        let path = self.dir.join(format!("{}.log", name_of(day)));
        let mut options = std::fs::OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(&path).map_err(EventLogError::io("open a file"))?;
        if day > newest {
            file.sync_all().map_err(EventLogError::io("open a file"))?;
            sync_dir(&self.dir)?;
            self.days.push(Day { day, path, length: 0, end: 0 });
        }
        self.open = Some((day, file));
        Ok(())
    }
}

/// Reads the blocks of some files that may hold rows from `from` on, in log order.
#[derive(Debug)]
pub struct Blocks {
    days: std::vec::IntoIter<Day>,
    open: Option<(Day, File, u64)>,
    from: u64,
}

impl Blocks {
    /// Over these files.
    pub fn new(days: &[Day], from: u64) -> Self {
        let days: Vec<Day> = days.iter().filter(|day| day.end > from).cloned().collect();
        Self { days: days.into_iter(), open: None, from }
    }

    fn step(&mut self) -> Result<Option<Batch>, EventLogError> {
        loop {
            let Some((day, file, offset)) = &mut self.open else {
                let Some(day) = self.days.next() else { return Ok(None) };
                let file = File::open(&day.path).map_err(EventLogError::io("open a file"))?;
                self.open = Some((day, file, 0));
                continue;
            };
            if *offset >= day.length {
                self.open = None;
                continue;
            }
            let start = *offset;
            let Some(found) = header_at(file, start, day.length)? else {
                *offset = next_block(file, start + 1, day.length)?.unwrap_or(day.length);
                return Err(damaged(day, start, "no block begins here"));
            };
            *offset = start + (HEADER + found.body) as u64;
            if found.end <= self.from {
                continue;
            }
            let mut body = vec![0; found.body];
            file.read_exact_at(&mut body, start + HEADER as u64).map_err(EventLogError::io("read a block"))?;
            return match block::decode(&found, &body) {
                Some(batch) => Ok(Some(batch)),
                None => Err(damaged(day, start, "its checksum does not hold")),
            };
        }
    }
}

impl Iterator for Blocks {
    type Item = Result<Batch, EventLogError>;
    /// The next block, or what is wrong with it; damaged stretches are stepped over after they were reported.
    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

struct Walk {
    whole: u64,
    end: u64,
    damaged: u32,
}

/// Finds where the whole blocks end. Bodies are checked in the last file only, where a write can be torn.
fn walk(day: &Day, check_bodies: bool) -> Result<Walk, EventLogError> {
    let file = File::open(&day.path).map_err(EventLogError::io("open a file"))?;
    let mut walk = Walk { whole: 0, end: 0, damaged: 0 };
    let mut offset = 0;
    while offset < day.length {
        match header_at(&file, offset, day.length)? {
            Some(found) if !check_bodies || body_is_whole(&file, offset, &found)? => {
                offset += (HEADER + found.body) as u64;
                (walk.whole, walk.end) = (offset, found.end);
            }
            _ => match next_block(&file, offset + 1, day.length)? {
                Some(next) => (walk.damaged, offset) = (walk.damaged + 1, next),
                None => break,
            },
        }
    }
    Ok(walk)
}

fn header_at(file: &File, offset: u64, length: u64) -> Result<Option<Header>, EventLogError> {
    if offset + HEADER as u64 > length {
        return Ok(None);
    }
    let mut bytes = [0; HEADER];
    file.read_exact_at(&mut bytes, offset).map_err(EventLogError::io("read a block"))?;
    Ok(block::header(&bytes).filter(|found| offset + (HEADER + found.body) as u64 <= length))
}

fn body_is_whole(file: &File, offset: u64, header: &Header) -> Result<bool, EventLogError> {
    let mut body = vec![0; header.body];
    file.read_exact_at(&mut body, offset + HEADER as u64).map_err(EventLogError::io("read a block"))?;
    Ok(block::is_whole(header, &body))
}

/// The first place from `offset` on where a whole block begins: what tells damage in the middle from a torn tail.
fn next_block(file: &File, mut offset: u64, length: u64) -> Result<Option<u64>, EventLogError> {
    let mut window = vec![0; 1 << 20];
    while offset + (HEADER as u64) <= length {
        let size = usize::try_from((length - offset).min(window.len() as u64)).unwrap_or(0);
        let Some(bytes) = window.get_mut(..size) else { break };
        file.read_exact_at(bytes, offset).map_err(EventLogError::io("search for a block"))?;
        for place in memchr::memmem::find_iter(bytes, &block::MAGIC) {
            let start = offset + place as u64;
            if let Some(found) = header_at(file, start, length)?
                && body_is_whole(file, start, &found)?
            {
                return Ok(Some(start));
            }
        }
        offset += (size.saturating_sub(3)).max(1) as u64;
    }
    Ok(None)
}

fn truncate(path: &Path, length: u64) -> Result<(), EventLogError> {
    let doing = || EventLogError::io("cut off a torn write");
    let file = std::fs::OpenOptions::new().write(true).open(path).map_err(doing())?;
    file.set_len(length).map_err(doing())?;
    file.sync_all().map_err(doing())
}

fn damaged(day: &Day, offset: u64, reason: &'static str) -> EventLogError {
    EventLogError::Damaged { file: format!("{}.log", name_of(day.day)), offset, reason }
}

/// Makes names in a folder durable.
pub fn sync_dir(dir: &Path) -> Result<(), EventLogError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(EventLogError::io("sync the folder"))
}

fn name_of(day: i64) -> String {
    Timestamp::from_millis(day.saturating_mul(DAY_MS)).to_string().chars().take(10).collect()
}

fn day_of(path: &Path) -> Option<i64> {
    let date = path.file_name()?.to_str()?.strip_suffix(".log")?;
    Timestamp::parse(&format!("{date}T00:00:00Z")).map(Timestamp::day)
}
