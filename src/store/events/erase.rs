//! Forgetting learners for good: their rows are taken out of the files, the numbers of all others stay.
//!
//! The generation, a random number, changes first: a snapshot of what was learned before is then of another log, whatever
//! happens in between. Files are replaced one by one; asked again, the same call finishes what a crash cut short.

use super::EventLogError;
use super::block::{self, Act};
use super::files::{Blocks, Files, sync_dir};
use std::io::Write;
use std::path::Path;

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

fn renew(dir: &Path) -> Result<u64, EventLogError> {
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

/// Takes the rows of `learners` before number `end` out of all files; answers how many there were.
pub fn rewrite(dir: &Path, files: &mut Files, learners: &[u64], end: u64) -> Result<u64, EventLogError> {
    renew(dir)?;
    let mut gone = 0;
    for (place, day) in files.days().to_vec().into_iter().enumerate() {
        let draft = day.path.with_extension("new");
        let (mut out, mut length, mut here) = (None, 0_u64, 0_u64);
        let holds = |seq: u64, learner: u64| seq < end && learners.contains(&learner);
        let touched = Blocks::new(std::slice::from_ref(&day), 0)
            .filter_map(Result::ok)
            .any(|batch| batch.rows.iter().any(|row| row.act != Act::Forget && holds(row.seq, row.learner)));
        if !touched {
            continue;
        }
        for batch in Blocks::new(std::slice::from_ref(&day), 0) {
            // A damaged stretch stops the rewriting of its file: what lies there must stay for a person to look at.
            let mut batch = batch?;
            let before = batch.rows.len();
            batch.rows.retain(|row| row.act == Act::Forget || !holds(row.seq, row.learner));
            here += (before - batch.rows.len()) as u64;
            let bytes = block::encode(&batch).unwrap_or_default();
            let file = match &mut out {
                Some(file) => file,
                None => out.insert(std::fs::File::create(&draft).map_err(EventLogError::io("rewrite the log"))?),
            };
            file.write_all(&bytes).map_err(EventLogError::io("rewrite the log"))?;
            length += bytes.len() as u64;
        }
        if let Some(file) = out {
            file.sync_all().map_err(EventLogError::io("rewrite the log"))?;
            files.replace(place, &draft, length)?;
        }
        gone += here;
    }
    Ok(gone)
}
