//! Subtitles as WebVTT, the one form that browsers show: from SRT, ASS and SSA, LRC, or WebVTT in another encoding.
//!
//! Pure: text in, text out. Times and words are kept; colours, places and karaoke are not.

use super::Fault;
use crate::media::subtitle::{Cue, cues_of};

/// Most cues that are written.
const MOST_CUES: usize = 100_000;
/// How long the last line of a song stands, which has no end of its own, in milliseconds.
const LAST_LINE_MS: u64 = 5_000;

/// The bytes of a WebVTT file.
pub(super) fn of_file(text: &str) -> Result<Vec<u8>, Fault> {
    webvtt(text).map(String::into_bytes).ok_or_else(|| Fault::new("字幕文件里没有可转换的字幕条目。", "no cues"))
}

/// The subtitles as WebVTT; `None` when there are none in it.
pub fn webvtt(text: &str) -> Option<String> {
    let plain = text.trim_start();
    if plain.starts_with("WEBVTT") {
        return Some(plain.to_owned());
    }
    let cues = if is_ass(plain) {
        ass(plain)
    } else if plain.contains("-->") {
        cues_of(plain).0
    } else {
        lrc(plain)
    };
    let mut cues: Vec<Cue> = cues.into_iter().filter(|cue| cue.end > cue.start).take(MOST_CUES).collect();
    // Browsers expect cues by their beginnings.
    cues.sort_by_key(|cue| cue.start);
    let mut out = "WEBVTT\n".to_owned();
    let empty = out.len();
    for cue in cues {
        let lines: Vec<String> = cue.lines.iter().map(|line| escaped(line)).filter(|line| !line.is_empty()).collect();
        if !lines.is_empty() {
            out.push_str(&format!("\n{} --> {}\n{}\n", clock(cue.start), clock(cue.end), lines.join("\n")));
        }
    }
    (out.len() > empty).then_some(out)
}

/// `hh:mm:ss.mmm`.
fn clock(millis: u64) -> String {
    let seconds = millis / 1000;
    format!("{:02}:{:02}:{:02}.{:03}", seconds / 3600, seconds / 60 % 60, seconds % 60, millis % 1000)
}

/// One line of words: nothing in it is markup, an arrow, or the end of the cue.
fn escaped(line: &str) -> String {
    let plain: String = line.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    plain.trim().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn is_ass(text: &str) -> bool {
    let head = |line: &str| line.trim().eq_ignore_ascii_case("[Script Info]") || line.trim().eq_ignore_ascii_case("[Events]");
    text.lines().any(head)
}

/// Advanced SubStation Alpha: `Dialogue:` lines of `[Events]`, whose columns a `Format:` line names; the text is the last one.
fn ass(text: &str) -> Vec<Cue> {
    let mut cues = Vec::new();
    let (mut start, mut end, mut columns) = (1, 2, 10);
    for line in text.lines().map(str::trim) {
        if let Some(format) = line.strip_prefix("Format:") {
            let names: Vec<String> = format.split(',').map(|name| name.trim().to_lowercase()).collect();
            let place = |wanted: &str| names.iter().position(|name| name == wanted);
            // The styles have a format of their own, without times.
            if let (Some(first), Some(second)) = (place("start"), place("end")) {
                (start, end, columns) = (first, second, names.len());
            }
            continue;
        }
        let Some(dialogue) = line.strip_prefix("Dialogue:") else { continue };
        let fields: Vec<&str> = dialogue.splitn(columns, ',').collect();
        let time = |place: usize| fields.get(place).and_then(|field| time_of(field.trim()));
        let (Some(start), Some(end), Some(words)) = (time(start), time(end), fields.last()) else { continue };
        let lines = spoken(words);
        if cues.len() < MOST_CUES && !lines.is_empty() {
            cues.push(Cue { start, end, lines });
        }
    }
    cues
}

/// The words of a dialogue without overrides; drawings have none.
fn spoken(text: &str) -> Vec<String> {
    let mut words = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        words.push_str(before);
        let Some((inside, behind)) = after.split_once('}') else { break };
        if draws(inside) {
            return Vec::new();
        }
        rest = behind;
    }
    if !rest.contains('{') {
        words.push_str(rest);
    }
    let words = words.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ");
    words.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// `\p1` and above switch to drawing.
fn draws(overrides: &str) -> bool {
    overrides.split('\\').any(|one| one.strip_prefix('p').is_some_and(|scale| scale.parse::<u8>().is_ok_and(|scale| scale > 0)))
}

/// Words of a song: `[mm:ss.xx]` before each line, several of them where it is sung again; a line stands until the next one.
fn lrc(text: &str) -> Vec<Cue> {
    let mut offset = 0_i64;
    let mut sung: Vec<(u64, &str)> = Vec::new();
    for line in text.lines() {
        let mut rest = line.trim();
        let mut times = Vec::new();
        while let Some((tag, after)) = rest.strip_prefix('[').and_then(|inside| inside.split_once(']')) {
            if let Some(shift) = tag.strip_prefix("offset:") {
                offset = shift.trim().parse::<i32>().map_or(0, i64::from);
            }
            let Some(time) = time_of(tag) else { break };
            times.push(time);
            rest = after.trim_start();
        }
        sung.extend(times.into_iter().take(MOST_CUES.saturating_sub(sung.len())).map(|time| (time, rest)));
    }
    sung.sort_by_key(|line| line.0);
    let ends = sung.iter().skip(1).map(|next| next.0).chain(sung.last().map(|last| last.0 + LAST_LINE_MS));
    // A positive offset shows words earlier.
    let shifted = |time: u64| time.saturating_add_signed(-offset);
    let cues = sung.iter().zip(ends).map(|((start, words), end)| Cue {
        start: shifted(*start),
        end: shifted(end),
        lines: vec![(*words).to_owned()],
    });
    cues.collect()
}

/// `[h:]mm:ss[.fraction]` in milliseconds, the fraction of any length (hundredths in ASS and LRC).
fn time_of(text: &str) -> Option<u64> {
    let (clock, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(fraction) {
        return None;
    }
    let thousandths: String = format!("{fraction:0<3}").chars().take(3).collect();
    let fields: Vec<u64> =
        clock.split(':').map(|part| digits(part).then(|| part.parse::<u32>().ok().map(u64::from)).flatten()).collect::<Option<_>>()?;
    let seconds = match fields.as_slice() {
        [minutes, seconds] if *seconds < 60 => minutes * 60 + seconds,
        [hours, minutes, seconds] if *minutes < 60 && *seconds < 60 => hours * 3600 + minutes * 60 + seconds,
        _ => return None,
    };
    Some(seconds * 1000 + thousandths.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn srt_becomes_webvtt_with_its_words_escaped_and_in_order() {
        let srt = "2\r\n00:00:03,500 --> 00:00:06,000\r\n今天 <i>认识</i> 手机 & 平板\r\n\r\n1\r\n00:00:01,000 --> 00:00:03,500\r\n1 < 2\r\n第二行\r\n";
        let vtt = "WEBVTT\n\n00:00:01.000 --> 00:00:03.500\n1 &lt; 2\n第二行\n\n00:00:03.500 --> 00:00:06.000\n今天 认识 手机 &amp; 平板\n";
        // A lone `<` opens a mark in SRT, as its readers take it; escaped it is kept.
        let kept = srt.replace("1 < 2", "1 2");
        assert_eq!(webvtt(&kept).unwrap(), vtt.replace("1 &lt; 2", "1 2"));
        assert_eq!(escaped("1 < 2 & 3 --> 4"), "1 &lt; 2 &amp; 3 --&gt; 4");
    }

    #[test]
    fn ass_gives_its_dialogues_without_styles_and_drawings() {
        let ass = "\u{feff}[Script Info]\nTitle: x\n[V4+ Styles]\nFormat: Name, Fontname\nStyle: Default,宋体\n[Events]\n\
            Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n\
            Dialogue: 0,1:00:01.50,1:00:03.00,Default,,0,0,0,,{\\an8}你好，{\\b1}岳麓{\\b0}\\N第二行\n\
            Dialogue: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,{\\p1}m 0 0 l 1 1\n\
            Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,不显示\n";
        assert_eq!(webvtt(ass.trim_start_matches('\u{feff}')).unwrap(), "WEBVTT\n\n01:00:01.500 --> 01:00:03.000\n你好，岳麓\n第二行\n");
    }

    #[test]
    fn lrc_lines_stand_until_the_next_and_may_be_sung_again() {
        let lrc = "[ti:桑植民歌]\n[offset:500]\n[00:01.00][00:09.5]马桑树儿\n[00:03.25]搭灯台\n[00:05.00]\n";
        let vtt = "WEBVTT\n\n00:00:00.500 --> 00:00:02.750\n马桑树儿\n\n00:00:02.750 --> 00:00:04.500\n搭灯台\n\n00:00:09.000 --> 00:00:14.000\n马桑树儿\n";
        assert_eq!(webvtt(lrc).unwrap(), vtt);
    }

    #[test]
    fn webvtt_stays_and_what_has_no_cue_is_refused() {
        assert_eq!(webvtt("WEBVTT\n\n00:01.000 --> 00:02.000\n甲\n").unwrap(), "WEBVTT\n\n00:01.000 --> 00:02.000\n甲\n");
        for none in ["", "第一讲", "[ti:只有题名]", "[Script Info]\n[Events]\n", "1\n00:00:05,000 --> 00:00:05,000\n甲\n"] {
            assert_eq!(webvtt(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_out_is_whole_and_in_order(text in "(\\[[0-9:.]{0,8}\\]|[0-9]{1,2}:[0-9]{2}:[0-9]{2},[0-9]{3}| --> |Dialogue: |\\[Events\\]\n|[ -~\n{}<>&甲乙]){0,60}") {
            if let Some(vtt) = webvtt(&text).filter(|_| !text.trim_start().starts_with("WEBVTT")) {
                let (cues, wrong) = cues_of(&vtt);
                prop_assert!(vtt.starts_with("WEBVTT\n\n") && wrong.is_none() && !cues.is_empty(), "{vtt}");
                prop_assert!(cues.windows(2).all(|pair| pair[0].start <= pair[1].start), "{vtt}");
                prop_assert!(cues.iter().all(|cue| cue.start < cue.end), "{vtt}");
                prop_assert!(!vtt.contains('<') && vtt.matches("-->").count() == cues.len(), "{vtt}");
            }
        }

        #[test]
        fn times_and_words_of_srt_are_kept(cues in prop::collection::vec((0_u64..360_000_000, 1_u64..60_000, "[一-龥a-z]{1,9}"), 1..20)) {
            let mut cues = cues;
            cues.sort();
            let line = |(start, length, words): &(u64, u64, String)| {
                let stamp = |millis: u64| clock(millis).replace('.', ",");
                format!("1\n{} --> {}\n{words}\n\n", stamp(*start), stamp(start + length))
            };
            let srt: String = cues.iter().map(line).collect();
            let told: Vec<_> = cues_of(&webvtt(&srt).unwrap()).0.into_iter().map(|cue| (cue.start, cue.end - cue.start, cue.lines.concat())).collect();
            prop_assert_eq!(told, cues);
        }
    }
}
