//! Timed Text (TTML, DFXP, EBU-TT, IMSC): paragraphs and spans with times, which count from the beginning of what they stand in.
//!
//! Times are read as <https://www.w3.org/TR/ttml1/#timing-value-timeExpression> writes them; regions and styles are not read.

use super::{Cue, Cues, LONGEST_S, MOST_CUES, time_of};
use crate::media::reading::fold;
use crate::media::xml::{Node, Tag, walk};

/// Most digits of a number: more overflow nothing, but mean nothing either.
const MOST_DIGITS: usize = 15;

/// Whether a text is a document of timed text.
pub(in crate::media) fn is_ttml(text: &str) -> bool {
    let mut root = None;
    if text.starts_with('<') {
        let _rest_is_not_read = walk(text.as_bytes(), |node| {
            if let Node::Open(tag) = node {
                root = Some(tag.name == "tt");
            }
            root.is_none()
        });
    }
    root == Some(true)
}

/// All cues in the order of the document.
pub(super) fn cues_of(text: &str) -> Cues {
    let mut reader = Reader::default();
    let walked = walk(text.as_bytes(), |node| {
        match node {
            Node::Open(tag) => reader.open(tag),
            Node::Close(name) => reader.close(name),
            Node::Text(words) => reader.take(&words.replace(['\n', '\r'], " ")),
        }
        true
    });
    for cue in &mut reader.cues {
        let words = cue.lines.concat();
        cue.lines = words.split('\n').map(fold).filter(|line| !line.is_empty()).collect();
    }
    reader.cues.retain(|cue| !cue.lines.is_empty());
    let wrong = walked.err().map(|fault| fault.words("字幕文件")).or(reader.wrong);
    Cues { cues: reader.cues, wrong }
}

/// An element that is open.
struct Open {
    name: String,
    begin: u64,
    end: Option<u64>,
    /// Which cue its words belong to.
    cue: Option<usize>,
}

#[derive(Default)]
struct Reader {
    rates: Rates,
    open: Vec<Open>,
    /// While they are read all words of one stand in its first line, with line feeds where lines end.
    cues: Vec<Cue>,
    wrong: Option<String>,
}

impl Reader {
    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name {
            "tt" => self.rates = Rates::of(tag),
            "br" => self.take("\n"),
            "body" | "div" | "p" | "span" => {
                let (within, until, outer) = self.open.last().map_or((0, None, None), |open| (open.begin, open.end, open.cue));
                let (begins, ends, lasts) = (self.time(tag, "begin"), self.time(tag, "end"), self.time(tag, "dur"));
                let begin = within.saturating_add(begins.unwrap_or(0));
                let ends = [ends.map(|end| within.saturating_add(end)), lasts.map(|length| begin.saturating_add(length)), until];
                let end = ends.into_iter().flatten().min();
                let own = tag.name == "p" || (tag.name == "span" && (begins.is_some() || end != until));
                let cue = if own { self.begin(begin, end) } else { outer };
                self.open.push(Open { name: tag.name.to_owned(), begin, end, cue });
            }
            _ => {}
        }
    }

    /// A cue of its own; what has no end is never taken away, and no cue.
    fn begin(&mut self, start: u64, end: Option<u64>) -> Option<usize> {
        let end = end.filter(|_| self.cues.len() < MOST_CUES)?;
        self.cues.push(Cue { start, end, lines: vec![String::new()] });
        self.cues.len().checked_sub(1)
    }

    fn close(&mut self, name: &str) {
        if self.open.last().is_some_and(|open| open.name == name) {
            self.open.pop();
        }
    }

    fn take(&mut self, words: &str) {
        let cue = self.open.last().and_then(|open| open.cue).and_then(|cue| self.cues.get_mut(cue));
        if let Some(all) = cue.and_then(|cue| cue.lines.first_mut()) {
            all.push_str(words);
        }
    }

    fn time(&mut self, tag: &Tag<'_>, name: &str) -> Option<u64> {
        let written = tag.attribute(name)?;
        let time = self.rates.millis(written.trim());
        if time.is_none() && self.wrong.is_none() {
            let shown: String = written.chars().take(30).collect();
            self.wrong = Some(format!("字幕中的时间“{shown}”无法识别，应为“00:00:01.000”这样的形式。"));
        }
        time
    }
}

/// What frames and ticks are in time.
struct Rates {
    /// Frames in a thousand seconds.
    frames: u64,
    /// Ticks in a second.
    ticks: u64,
}

impl Default for Rates {
    fn default() -> Self {
        Self { frames: 30_000, ticks: 1 }
    }
}

impl Rates {
    /// As the root says.
    fn of(root: &Tag<'_>) -> Self {
        let number = |name: &str| root.attribute(name)?.trim().parse::<u32>().ok().map(u64::from).filter(|number| *number > 0);
        let rate = number("frameRate");
        let multiplier = root.attribute("frameRateMultiplier").unwrap_or_default();
        let mut factors = multiplier.split([' ', ':']).filter_map(|factor| factor.parse::<u32>().ok().map(u64::from));
        let (over, under) = (factors.next().unwrap_or(1), factors.next().unwrap_or(1));
        let frames = (rate.unwrap_or(30) * 1_000).saturating_mul(over).checked_div(under).filter(|frames| *frames > 0);
        let ticks = number("tickRate").or_else(|| Some(rate? * number("subFrameRate").unwrap_or(1))).unwrap_or(1);
        Self { frames: frames.unwrap_or(30_000), ticks }
    }

    /// A time expression in milliseconds: `00:01:02.345`, `00:01:02:12` with frames, or `62.345s` and the like.
    fn millis(&self, text: &str) -> Option<u64> {
        let millis = match text.rsplit_once(':') {
            Some((clock, frames)) if clock.matches(':').count() == 2 => {
                let frames = frames.split('.').next().unwrap_or_default();
                time_of(clock)?.checked_add(thousandths(frames)?.saturating_mul(1_000) / self.frames)?
            }
            Some(_) => time_of(text)?,
            None => {
                let at = text.find(|sign: char| sign.is_ascii_alphabetic())?;
                let (number, metric) = text.split_at_checked(at)?;
                let number = thousandths(number)?;
                match metric {
                    "h" => number.saturating_mul(3_600),
                    "m" => number.saturating_mul(60),
                    "s" => number,
                    "ms" => number / 1_000,
                    "f" => number.saturating_mul(1_000) / self.frames,
                    "t" => number / self.ticks,
                    _ => return None,
                }
            }
        };
        Some(millis).filter(|millis| *millis <= LONGEST_S * 1_000)
    }
}

/// `12.345` in thousandths.
fn thousandths(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.len() <= MOST_DIGITS && part.bytes().all(|byte| byte.is_ascii_digit());
    let fraction: String = format!("{fraction:0<3}").chars().take(3).collect();
    if !digits(whole) || !digits(&fraction) {
        return None;
    }
    whole.parse::<u64>().ok()?.checked_mul(1_000)?.checked_add(fraction.parse().ok()?)
}
