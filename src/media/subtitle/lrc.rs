//! LRC, the words of songs: `[mm:ss.xx]` before each line, several of them where it is sung again; a line stands until the next one.

use super::{Cue, MOST_CUES, time_of};

/// How long the last line of a song stands, which has no end of its own, in milliseconds.
const LAST_LINE_MS: u64 = 5_000;

/// All lines by their times, as players show them whatever their order in the file; lines of the same time (a translation below
/// the words) stand together.
pub(super) fn cues_of(text: &str) -> Vec<Cue> {
    let mut offset = 0_i64;
    let mut sung: Vec<(u64, String)> = Vec::new();
    for line in text.lines() {
        let mut rest = line.trim();
        let mut times = Vec::new();
        while let Some((tag, after)) = rest.strip_prefix('[').and_then(|inside| inside.split_once(']')) {
            if let Some(shift) = tag.strip_prefix("offset:") {
                offset = shift.trim().parse::<i32>().map_or(0, i64::from);
            }
            let Some(time) = tag_time(tag) else { break };
            times.push(time);
            rest = after.trim_start();
        }
        let words = without_word_times(rest);
        sung.extend(times.into_iter().take(MOST_CUES.saturating_sub(sung.len())).map(|time| (time, words.clone())));
    }
    sung.sort_by_key(|line| line.0);
    // A positive offset shows words earlier.
    let shifted = |time: u64| time.saturating_add_signed(-offset);
    let mut cues: Vec<Cue> = Vec::new();
    for together in sung.chunk_by(|one, next| one.0 == next.0) {
        let start = together.first().map_or(0, |line| shifted(line.0));
        if let Some(before) = cues.last_mut() {
            before.end = start;
        }
        let lines = together.iter().map(|line| line.1.clone()).filter(|words| !words.is_empty()).collect();
        cues.push(Cue { start, end: start.saturating_add(LAST_LINE_MS), lines });
    }
    // A time without words ends what stands before it and shows nothing.
    cues.retain(|cue| !cue.lines.is_empty());
    cues
}

/// Hours are not known to LRC: of three numbers the last are hundredths of a second.
fn tag_time(tag: &str) -> Option<u64> {
    match tag.rsplit_once(':') {
        Some((clock, hundredths)) if clock.contains(':') && !hundredths.contains('.') => time_of(&format!("{clock}.{hundredths}")),
        _ => time_of(tag),
    }
}

/// A line without the times of single words, `<00:01.00>`.
fn without_word_times(line: &str) -> String {
    let mut words = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('<') {
        words.push_str(before);
        match after.split_once('>') {
            Some((inside, behind)) if time_of(inside).is_some() => rest = behind,
            _ => {
                words.push('<');
                rest = after;
            }
        }
    }
    words.push_str(rest);
    words.trim().to_owned()
}
