//! Subtitles as WebVTT, the one form that browsers show: from every form that `subtitle` reads, or WebVTT in another encoding.
//!
//! Pure: text in, text out. Times and words are kept; colours, places and karaoke are not.

use super::Fault;
use crate::media::subtitle::{Cue, Form};

/// The bytes of a WebVTT file.
pub(super) fn of_file(text: &str) -> Result<Vec<u8>, Fault> {
    webvtt(text).map(String::into_bytes).ok_or_else(|| Fault::new("字幕文件里没有可转换的字幕条目。", "no cues"))
}

/// The subtitles as WebVTT; `None` when there are none in it.
pub fn webvtt(text: &str) -> Option<String> {
    let plain = text.trim_start();
    let form = Form::of(plain);
    if form == Form::Vtt {
        return Some(plain.to_owned());
    }
    let mut cues: Vec<Cue> = form.cues(plain).cues.into_iter().filter(Cue::is_shown).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::subtitle::Cues;
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
                let Cues { cues, wrong } = Form::Vtt.cues(&vtt);
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
            let told: Vec<_> = Form::Vtt.cues(&webvtt(&srt).unwrap()).cues.into_iter().map(|cue| (cue.start, cue.end - cue.start, cue.lines.concat())).collect();
            prop_assert_eq!(told, cues);
        }
    }
}
