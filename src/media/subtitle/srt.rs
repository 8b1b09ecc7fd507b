//! SRT and WebVTT: a line of times, then what is shown.

use super::{Cue, Cues, MOST_CUES, time_of};
use crate::media::reading::fold;

/// Whether a text (in lower case) begins like an SRT file: a number, then a line of times.
pub(in crate::media) fn looks_like_srt(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let timed = |line: &str| times_of(line).is_some();
    timed(first) || (first.bytes().all(|byte| byte.is_ascii_digit()) && !first.is_empty() && lines.next().is_some_and(timed))
}

/// All cues; the first line that should hold times but does not is wrong.
pub(super) fn cues_of(text: &str) -> Cues {
    let mut cues: Vec<Cue> = Vec::new();
    let mut wrong = None;
    let mut open = false;
    let mut lines = text.lines().enumerate().peekable();
    while let Some((at, line)) = lines.next() {
        if line.contains("-->") {
            match times_of(line) {
                Some((start, end)) if cues.len() < MOST_CUES => {
                    cues.push(Cue { start, end, lines: Vec::new() });
                    open = true;
                }
                _ => {
                    wrong = wrong.or(Some(at + 1));
                    open = false;
                }
            }
            continue;
        }
        let trimmed = line.trim();
        if trimmed.is_empty() {
            open = false;
            continue;
        }
        // A counter right before the next times belongs to that cue, even where the blank line is missing.
        let is_counter = trimmed.bytes().all(|byte| byte.is_ascii_digit()) && lines.peek().is_some_and(|(_, next)| next.contains("-->"));
        if let (true, false, Some(cue)) = (open, is_counter, cues.last_mut()) {
            let shown = without_marks(trimmed);
            if !shown.is_empty() {
                cue.lines.push(shown);
            }
        }
    }
    Cues {
        cues, wrong: wrong.map(|line| format!("字幕第 {line} 行的时间码格式错误，应为“00:00:01,000 --> 00:00:03,000”。"))
    }
}

/// Start and end of a line of times, in milliseconds.
fn times_of(line: &str) -> Option<(u64, u64)> {
    let (start, rest) = line.split_once("-->")?;
    let end = rest.split_whitespace().next()?;
    Some((time_of(start.trim())?, time_of(end)?))
}

/// A line without `<i>` and `{\an8}`.
fn without_marks(line: &str) -> String {
    let mut shown = String::new();
    let mut until: Option<char> = None;
    let mut rest = line.chars().peekable();
    while let Some(sign) = rest.next() {
        match (until, sign) {
            (Some(end), _) if sign == end => until = None,
            (Some(_), _) => {}
            (None, '<') => until = Some('>'),
            (None, '{') if rest.peek() == Some(&'\\') => until = Some('}'),
            (None, _) => shown.push(sign),
        }
    }
    fold(&shown)
}
