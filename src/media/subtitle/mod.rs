//! Subtitles in the forms that courses carry: cues in order, with their measures.
//!
//! One file a form, each a pure function from text to [`Cue`]s; [`read`] measures them, and `convert::captions` writes them as
//! WebVTT. To add a form: a file beside these, a [`Form`], its arm in [`Form::cues`] and in [`Form::of`].

mod ass;
mod lrc;
mod srt;
mod ttml;

pub(super) use srt::looks_like_srt;
pub(super) use ttml::is_ttml;

use super::reading::{Collector, Reading};
use crate::domain::encoding::decode_text;
use crate::domain::inspection::{Locator, SubtitleFacts};

/// Most cues that are read.
const MOST_CUES: usize = 100_000;
/// Longest time that is believed, in seconds: with the most cues their sum is still a number that every reader of JSON knows.
const LONGEST_S: u64 = 10_000 * 3_600;

/// One cue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cue {
    /// Milliseconds.
    pub start: u64,
    /// Milliseconds.
    pub end: u64,
    /// What is shown, without marks.
    pub lines: Vec<String>,
}

impl Cue {
    /// Whether a player shows anything of it.
    pub fn is_shown(&self) -> bool {
        self.end > self.start && !self.lines.is_empty()
    }
}

/// How subtitles are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// SubRip.
    Srt,
    /// WebVTT.
    Vtt,
    /// Advanced SubStation Alpha and its predecessor.
    Ass,
    /// Words of songs.
    Lrc,
    /// Timed Text, which is XML.
    Ttml,
}

/// What a text holds: its cues, and what is wrong with its times, in Chinese.
#[derive(Debug, Default)]
pub(super) struct Cues {
    pub cues: Vec<Cue>,
    pub wrong: Option<String>,
}

impl Form {
    /// The form of a text that holds subtitles.
    pub fn of(text: &str) -> Self {
        let text = text.trim_start();
        if text.starts_with("WEBVTT") {
            Self::Vtt
        } else if ass::is_ass(text) {
            Self::Ass
        } else if is_ttml(text) {
            Self::Ttml
        } else if text.contains("-->") {
            Self::Srt
        } else {
            Self::Lrc
        }
    }

    /// All cues of a text of this form.
    pub fn cues(self, text: &str) -> Cues {
        match self {
            Self::Srt | Self::Vtt => srt::cues_of(text),
            Self::Ass => Cues { cues: ass::cues_of(text), wrong: None },
            Self::Lrc => Cues { cues: lrc::cues_of(text), wrong: None },
            Self::Ttml => ttml::cues_of(text),
        }
    }

    /// What rules call it.
    const fn name(self) -> &'static str {
        match self {
            Self::Srt => "srt",
            Self::Vtt => "vtt",
            Self::Ass => "ass",
            Self::Lrc => "lrc",
            Self::Ttml => "xml",
        }
    }

    const fn example(self) -> &'static str {
        match self {
            Self::Srt | Self::Vtt => "“00:00:01,000 --> 00:00:03,000”形式的时间行",
            Self::Ass => "“Dialogue: 0,0:00:01.00,0:00:03.00,……”形式的对白行",
            Self::Lrc => "“[00:01.00]”形式的时间标签",
            Self::Ttml => "带 begin、end 属性的 p 元素",
        }
    }
}

/// Reads a subtitle file.
pub(super) fn read(bytes: &[u8], form: Form) -> Reading {
    let decoded = decode_text(bytes);
    let Cues { cues, wrong } = form.cues(&decoded.text);
    let mut text = Collector::default();
    for cue in &cues {
        text.part(Locator::Second { start_ms: cue.start }, &cue.lines.join("\n"));
    }
    let mut reading = text.into_reading(Some(decoded.encoding));
    if wrong.is_some() {
        reading.fault = wrong;
    } else if cues.is_empty() {
        return Reading::fault(format!("字幕文件里没有找到任何字幕条目（缺少{}）。", form.example()));
    } else if !cues.iter().any(Cue::is_shown) {
        reading.fault = Some("字幕文件里没有一条能显示的字幕（各条没有文字，或结束时间不晚于开始时间）。".to_owned());
    }
    reading.subtitle = Some(facts_of(&cues, form));
    reading
}

/// `[hh:]mm:ss[,.]fraction` in milliseconds, the fraction of any length (hundredths in ASS and LRC).
fn time_of(text: &str) -> Option<u64> {
    let (clock, fraction) = text.split_once([',', '.']).unwrap_or((text, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millis: String = format!("{fraction:0<3}").chars().take(3).collect();
    // Some write “00: 00: 01,000”.
    let fields: Vec<u64> = clock.split(':').map(|part| part.trim().parse::<u32>().ok().map(u64::from)).collect::<Option<_>>()?;
    let seconds = match fields.as_slice() {
        [minutes, seconds] if *seconds < 60 => minutes * 60 + seconds,
        [hours, minutes, seconds] if *minutes < 60 && *seconds < 60 => hours * 3600 + minutes * 60 + seconds,
        _ => return None,
    };
    let millis = millis.parse::<u64>().ok()?;
    Some(seconds * 1000 + millis).filter(|_| seconds <= LONGEST_S)
}

fn facts_of(cues: &[Cue], form: Form) -> SubtitleFacts {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let mut facts =
        SubtitleFacts { format: form.name().to_owned(), cues: number(cues.len()), shortest_ms: u64::MAX, ..SubtitleFacts::default() };
    let (mut begun, mut before) = (0, 0);
    for (place, cue) in cues.iter().enumerate() {
        let early = match form {
            Form::Srt | Form::Lrc => cue.start < before,
            // These show several cues at once, each at its place.
            Form::Vtt | Form::Ttml => cue.start < begun,
            // Dialogues stand in layers, in any order.
            Form::Ass => false,
        };
        if early || cue.end < cue.start {
            facts.disordered = facts.disordered.saturating_add(1);
            facts.first_disordered = facts.first_disordered.or(Some(number(place + 1)));
        }
        (begun, before) = (begun.max(cue.start), before.max(cue.end));
        let length = cue.end.saturating_sub(cue.start);
        let signs = |line: &String| line.chars().filter(|sign| !sign.is_whitespace()).count();
        let characters = cue.lines.iter().map(signs).sum::<usize>() as u64;
        let speed = characters.saturating_mul(1000).checked_div(length).unwrap_or(0);
        facts.fastest_cps = facts.fastest_cps.max(u32::try_from(speed).unwrap_or(u32::MAX));
        facts.longest_line = facts.longest_line.max(cue.lines.iter().map(|line| number(signs(line))).max().unwrap_or(0));
        facts.most_lines = facts.most_lines.max(number(cue.lines.len()));
        facts.shortest_ms = facts.shortest_ms.min(length);
        facts.longest_ms = facts.longest_ms.max(length);
        // When the last words of a song end nothing says.
        facts.end_ms = facts.end_ms.max(if form == Form::Lrc { cue.start } else { cue.end });
        facts.characters = facts.characters.saturating_add(characters);
        facts.spoken_ms = facts.spoken_ms.saturating_add(length);
    }
    if cues.is_empty() {
        facts.shortest_ms = 0;
    }
    facts
}

#[cfg(test)]
mod tests;
