//! SRT and WebVTT subtitles: cues in order, with their measures.

use super::reading::{Collector, Reading, fold};
use crate::domain::encoding::decode_text;
use crate::domain::inspection::{Locator, SubtitleFacts};

/// Most cues that are read.
const MOST_CUES: usize = 100_000;

/// One cue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cue {
    /// Milliseconds.
    pub start: u64,
    /// Milliseconds.
    pub end: u64,
    /// What is shown, without marks.
    pub lines: Vec<String>,
}

/// Reads a subtitle file; `format` is `srt` or `vtt`.
pub(super) fn read(bytes: &[u8], format: &str) -> Reading {
    let decoded = decode_text(bytes);
    let (cues, wrong) = cues_of(&decoded.text);
    if cues.is_empty() && wrong.is_none() {
        return Reading::fault("字幕文件里没有找到任何字幕条目（缺少“00:00:01,000 --> 00:00:03,000”形式的时间行）。");
    }
    let mut text = Collector::default();
    for cue in &cues {
        text.part(Locator::Second { start_ms: cue.start }, &cue.lines.join("\n"));
    }
    let mut reading = text.into_reading(Some(decoded.encoding));
    reading.subtitle = Some(facts_of(&cues, format));
    reading.fault = wrong.map(|line| format!("字幕第 {line} 行的时间码格式错误，应为“00:00:01,000 --> 00:00:03,000”。"));
    reading
}

/// Whether a text (in lower case) begins like an SRT file: a number, then a line of times.
pub(super) fn looks_like_srt(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let timed = |line: &str| times_of(line).is_some();
    timed(first) || (first.bytes().all(|byte| byte.is_ascii_digit()) && !first.is_empty() && lines.next().is_some_and(timed))
}

/// All cues, and the number of the first line that should hold times but does not.
pub(super) fn cues_of(text: &str) -> (Vec<Cue>, Option<usize>) {
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
    (cues, wrong)
}

/// Start and end of a line of times, in milliseconds.
fn times_of(line: &str) -> Option<(u64, u64)> {
    let (start, rest) = line.split_once("-->")?;
    let end = rest.split_whitespace().next()?;
    Some((time_of(start.trim())?, time_of(end)?))
}

/// `[hh:]mm:ss[,.]mmm` in milliseconds.
fn time_of(text: &str) -> Option<u64> {
    let (clock, fraction) = text.split_once([',', '.']).unwrap_or((text, "0"));
    if fraction.is_empty() || fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millis = format!("{fraction:0<3}").parse::<u64>().ok()?;
    let fields: Vec<u64> = clock.split(':').map(|part| part.trim().parse::<u32>().ok().map(u64::from)).collect::<Option<_>>()?;
    let seconds = match fields.as_slice() {
        [minutes, seconds] if *seconds < 60 => minutes * 60 + seconds,
        [hours, minutes, seconds] if *minutes < 60 && *seconds < 60 => hours * 3600 + minutes * 60 + seconds,
        _ => return None,
    };
    Some(seconds * 1000 + millis)
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

fn facts_of(cues: &[Cue], format: &str) -> SubtitleFacts {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let mut facts =
        SubtitleFacts { format: format.to_owned(), cues: number(cues.len()), shortest_ms: u64::MAX, ..SubtitleFacts::default() };
    let mut before = 0;
    for (place, cue) in cues.iter().enumerate() {
        if cue.start < before || cue.end < cue.start {
            facts.disordered = facts.disordered.saturating_add(1);
            facts.first_disordered = facts.first_disordered.or(Some(number(place + 1)));
        }
        before = before.max(cue.end);
        let length = cue.end.saturating_sub(cue.start);
        let signs = |line: &String| line.chars().filter(|sign| !sign.is_whitespace()).count();
        let characters = cue.lines.iter().map(signs).sum::<usize>() as u64;
        let speed = characters.saturating_mul(1000).checked_div(length).unwrap_or(0);
        facts.fastest_cps = facts.fastest_cps.max(u32::try_from(speed).unwrap_or(u32::MAX));
        facts.longest_line = facts.longest_line.max(cue.lines.iter().map(|line| number(signs(line))).max().unwrap_or(0));
        facts.most_lines = facts.most_lines.max(number(cue.lines.len()));
        facts.shortest_ms = facts.shortest_ms.min(length);
        facts.longest_ms = facts.longest_ms.max(length);
        facts.end_ms = facts.end_ms.max(cue.end);
        facts.characters = facts.characters.saturating_add(characters);
        facts.spoken_ms = facts.spoken_ms.saturating_add(length);
    }
    if cues.is_empty() {
        facts.shortest_ms = 0;
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    const SRT: &str = "1\r\n00:00:01,000 --> 00:00:03,500\r\n大家好，<i>欢迎</i>来到\r\n{\\an8}智能手机课堂\r\n\r\n2\r\n00:00:03,500 --> 00:00:06,000\r\n今天认识手机\r\n";

    #[test]
    fn cues_are_read_with_their_measures() {
        let reading = read(SRT.as_bytes(), "srt");
        let facts = reading.subtitle.unwrap();
        assert_eq!((facts.cues, facts.disordered, facts.end_ms, facts.most_lines), (2, 0, 6000, 2));
        assert_eq!((facts.longest_line, facts.shortest_ms, facts.longest_ms, facts.fastest_cps), (8, 2500, 2500, 5));
        assert_eq!((facts.characters, facts.spoken_ms), (20, 5000));
        let parts = reading.extracted.unwrap().parts;
        assert_eq!(parts[0].text, "大家好，欢迎来到\n智能手机课堂");
        assert_eq!(parts[1].locator, Locator::Second { start_ms: 3500 });
        assert_eq!(read(&encoding_rs::GB18030.encode(SRT).0, "srt").text.unwrap().encoding.as_deref(), Some("GB18030"));
    }

    #[test]
    fn disorder_is_counted_and_bad_times_are_named() {
        let text = "1\n00:00:05,000 --> 00:00:07,000\n甲\n\n2\n00:00:06,000 --> 00:00:08,000\n乙\n3\n00:00:09,000 --> 00:00:08,500\n丙\n";
        let facts = read(text.as_bytes(), "srt").subtitle.unwrap();
        assert_eq!((facts.cues, facts.disordered, facts.first_disordered), (3, 2, Some(2)));
        let broken = read("1\n00:00:61,000 --> 00:01:02,000\n甲\n".as_bytes(), "srt");
        assert!(broken.fault.unwrap().contains("第 2 行"));
        assert!(read(b"hello", "srt").fault.unwrap().contains("没有找到任何字幕条目"));
    }

    #[test]
    fn webvtt_is_read() {
        let text = "WEBVTT\n\nNOTE x\n\nintro\n00:01.000 --> 00:02.000 align:start\n<v 李>你好\n";
        let reading = read(text.as_bytes(), "vtt");
        assert_eq!(reading.subtitle.unwrap().end_ms, 2000);
        assert_eq!(reading.extracted.unwrap().parts[0].text, "你好");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes: Vec<u8>, text in "([0-9:,.<>{}\\\\\n -]|-->|00:00:01,000){0,100}") {
            let _ = read(&bytes, "srt");
            let _ = read(text.as_bytes(), "vtt");
            let _ = looks_like_srt(&text);
        }
    }
}
