//! Taking rows out of the files for good, those of forgotten learners and old impressions; the numbers of all others stay.
//!
//! With the rows of a learner goes what says that they are to be forgotten: no trace of the learner stays. Files are replaced in the
//! order of days, so a crash never leaves rows behind without it. The last row of the log alone stays until another
//! follows, since the number of the next one is read from it.
//!
//! Files without those rows are drafted on a thread of its own, while events go on being appended; the writer then puts them
//! in place, each with what was appended to the old file meanwhile. The generation, a random number, changes first: a
//! snapshot of what was learned before is then of another log, whatever happens in between. Asked again, the same call
//! finishes what a crash cut short.

use super::EventLogError;
use super::block::{self, Act, Row};
use super::files::{Blocks, Day, Files, sync_dir};
use crate::domain::event::Verb;
use crate::domain::time::Timestamp;
use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The log's generation; made when there is none.
pub fn generation(dir: &Path) -> Result<u64, EventLogError> {
    match std::fs::read_to_string(dir.join("generation")) {
        Ok(text) => u64::from_str_radix(text.trim(), 16).map_err(|_| EventLogError::Damaged {
            file: "generation".to_owned(),
            offset: 0,
            reason: "not a hexadecimal number",
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => renew(dir),
        Err(error) => Err(EventLogError::io("read the generation")(error)),
    }
}

/// Gives the log a new generation.
pub fn renew(dir: &Path) -> Result<u64, EventLogError> {
    let doing = || EventLogError::io("write the generation");
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| doing()(std::io::Error::other(error)))?;
    let fresh = u64::from_le_bytes(bytes);
    let draft = dir.join("generation.new");
    let mut file = std::fs::File::create(&draft).map_err(doing())?;
    writeln!(file, "{fresh:016x}").map_err(doing())?;
    file.sync_all().map_err(doing())?;
    std::fs::rename(&draft, dir.join("generation")).map_err(doing())?;
    sync_dir(dir)?;
    Ok(fresh)
}

/// Which rows go.
#[derive(Clone, Debug)]
pub enum Which {
    /// Those of these learners, up to now.
    Of(Vec<u64>),
    /// Those of all who were forgotten, up to and with their forgetting: what they did after it stays.
    Forgotten,
    /// Impressions received before this: what was shown is no part of anybody's record.
    Impressions(Timestamp),
}

/// A file without the rows that go.
#[derive(Debug)]
pub struct Draft {
    day: i64,
    path: PathBuf,
    /// So many bytes of the old file were read.
    read: u64,
    length: u64,
    gone: u64,
}

/// Drafts the files that hold rows to be taken out. `end` is the number of the next row; `abandoned` is asked now and then.
pub fn prepare(days: &[Day], which: Which, end: u64, abandoned: &dyn Fn() -> bool) -> Result<Vec<Draft>, EventLogError> {
    let marked = match which {
        Which::Of(learners) => learners.into_iter().map(|learner| (learner, end.saturating_sub(1))).collect(),
        Which::Forgotten => forgotten(days, abandoned)?,
        Which::Impressions(before) => {
            let goes = |row: &Row, received: Timestamp| row.act == Act::Did(Verb::Impression) && received < before;
            return draft_all(days, &goes, abandoned);
        }
    };
    let is_last = |row: &Row| row.act == Act::Forget && row.seq + 1 == end;
    let goes = |row: &Row, _| !is_last(row) && marked.get(&row.learner).is_some_and(|through| row.seq <= *through);
    draft_all(days, &goes, abandoned)
}

/// Whether a row, received then, goes.
type Goes<'a> = &'a dyn Fn(&Row, Timestamp) -> bool;

fn draft_all(days: &[Day], goes: Goes<'_>, abandoned: &dyn Fn() -> bool) -> Result<Vec<Draft>, EventLogError> {
    let mut drafts = Vec::new();
    for day in days {
        match draft(day, goes, abandoned) {
            Ok(draft) => drafts.extend(draft),
            Err(error) => {
                discard(drafts);
                return Err(error);
            }
        }
    }
    Ok(drafts)
}

/// Every learner who was forgotten, with the number of the latest forgetting.
fn forgotten(days: &[Day], abandoned: &dyn Fn() -> bool) -> Result<HashMap<u64, u64>, EventLogError> {
    let mut marked = HashMap::new();
    // Damaged stretches were reported at the opening; a forgetting that lies in one cannot be read by anybody.
    for batch in Blocks::new(days, 0).filter_map(Result::ok) {
        go_on(abandoned)?;
        marked.extend(batch.rows.iter().filter(|row| row.act == Act::Forget).map(|row| (row.learner, row.seq)));
    }
    Ok(marked)
}

fn draft(day: &Day, goes: Goes<'_>, abandoned: &dyn Fn() -> bool) -> Result<Option<Draft>, EventLogError> {
    let one = std::slice::from_ref(day);
    if !Blocks::new(one, 0).filter_map(Result::ok).any(|batch| abandoned() || batch.rows.iter().any(|row| goes(row, batch.received))) {
        return Ok(None);
    }
    let doing = || EventLogError::io("rewrite the log");
    let path = day.path.with_extension("new");
    let mut file = File::create(&path).map_err(doing())?;
    let mut draft = Draft { day: day.day, path, read: day.length, length: 0, gone: 0 };
    for batch in Blocks::new(one, 0) {
        go_on(abandoned)?;
        // A damaged stretch stops the rewriting of its file: what lies there must stay for a person to look at.
        let mut batch = batch?;
        let before = batch.rows.len();
        let received = batch.received;
        batch.rows.retain(|row| !goes(row, received));
        draft.gone += (before - batch.rows.len()) as u64;
        let bytes = block::encode(&batch).unwrap_or_default();
        file.write_all(&bytes).map_err(doing())?;
        draft.length += bytes.len() as u64;
    }
    file.sync_all().map_err(doing())?;
    Ok(Some(draft))
}

fn go_on(abandoned: &dyn Fn() -> bool) -> Result<(), EventLogError> {
    if abandoned() { Err(EventLogError::Closed) } else { Ok(()) }
}

/// Puts drafts in the place of their files, each with what was appended since; answers how many rows are gone.
pub fn install(files: &mut Files, drafts: Vec<Draft>) -> Result<u64, EventLogError> {
    let mut gone = 0;
    for draft in drafts {
        let doing = || EventLogError::io("rewrite the log");
        let Some(place) = files.days().iter().position(|day| day.day == draft.day) else { continue };
        let Some(day) = files.days().get(place).cloned() else { continue };
        let since = day.length.saturating_sub(draft.read);
        if since > 0 {
            let mut old = File::open(&day.path).map_err(doing())?;
            old.seek(SeekFrom::Start(draft.read)).map_err(doing())?;
            let mut new = std::fs::OpenOptions::new().append(true).open(&draft.path).map_err(doing())?;
            std::io::copy(&mut old.take(since), &mut new).map_err(doing())?;
            new.sync_all().map_err(doing())?;
        }
        files.replace(place, &draft.path, draft.length + since)?;
        gone += draft.gone;
    }
    Ok(gone)
}

/// Removes drafts that are not wanted any more.
pub fn discard(drafts: Vec<Draft>) {
    for draft in drafts {
        if let Err(error) = std::fs::remove_file(&draft.path) {
            tracing::warn!(%error, "a draft of the event log stays behind");
        }
    }
}
