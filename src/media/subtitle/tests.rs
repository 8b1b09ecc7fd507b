use super::*;

const SRT: &str = "1\r\n00:00:01,000 --> 00:00:03,500\r\n大家好，<i>欢迎</i>来到\r\n{\\an8}智能手机课堂\r\n\r\n2\r\n00:00:03,500 --> 00:00:06,000\r\n今天认识手机\r\n";

fn shown(text: &str, form: Form) -> Vec<(u64, u64, String)> {
    form.cues(text).cues.into_iter().map(|cue| (cue.start, cue.end, cue.lines.join("|"))).collect()
}

fn cue(start: u64, end: u64, words: &str) -> (u64, u64, String) {
    (start, end, words.to_owned())
}

#[test]
fn cues_are_read_with_their_measures() {
    let reading = read(SRT.as_bytes(), Form::Srt);
    let facts = reading.subtitle.unwrap();
    assert_eq!((facts.cues, facts.disordered, facts.end_ms, facts.most_lines), (2, 0, 6000, 2));
    assert_eq!((facts.longest_line, facts.shortest_ms, facts.longest_ms, facts.fastest_cps), (8, 2500, 2500, 5));
    assert_eq!((facts.characters, facts.spoken_ms), (20, 5000));
    let parts = reading.extracted.unwrap().parts;
    assert_eq!(parts[0].text, "大家好，欢迎来到\n智能手机课堂");
    assert_eq!(parts[1].locator, Locator::Second { start_ms: 3500 });
    assert_eq!(read(&encoding_rs::GB18030.encode(SRT).0, Form::Srt).text.unwrap().encoding.as_deref(), Some("GB18030"));
}

#[test]
fn disorder_is_counted_and_bad_times_are_named() {
    let text = "1\n00:00:05,000 --> 00:00:07,000\n甲\n\n2\n00:00:06,000 --> 00:00:08,000\n乙\n3\n00:00:09,000 --> 00:00:08,500\n丙\n";
    let facts = read(text.as_bytes(), Form::Srt).subtitle.unwrap();
    assert_eq!((facts.cues, facts.disordered, facts.first_disordered), (3, 2, Some(2)));
    let broken = read("1\n00:00:61,000 --> 00:01:02,000\n甲\n".as_bytes(), Form::Srt);
    assert!(broken.fault.unwrap().contains("第 2 行"));
}

#[test]
fn what_shows_nothing_does_not_open_and_says_why() {
    for form in [Form::Srt, Form::Vtt, Form::Ass, Form::Lrc] {
        assert!(read(b"hello", form).fault.unwrap().contains("没有找到任何字幕条目"), "{form:?}");
    }
    assert!(read(b"<tt><body><p>hello</p></body></tt>", Form::Ttml).fault.unwrap().contains("begin"));
    let silent = read("1\n00:00:05,000 --> 00:00:05,000\n甲\n\n2\n00:00:06,000 --> 00:00:08,000\n".as_bytes(), Form::Srt);
    assert!(silent.fault.unwrap().contains("没有一条能显示"));
}

#[test]
fn webvtt_is_read() {
    let text = "WEBVTT\n\nNOTE x\n\nintro\n00:01.000 --> 00:02.000 align:start\n<v 李>你好\n";
    let reading = read(text.as_bytes(), Form::Vtt);
    assert_eq!(reading.subtitle.unwrap().end_ms, 2000);
    let disordered = |text: &str| read(text.as_bytes(), Form::Vtt).subtitle.unwrap().disordered;
    let (speaker, sign) = ("00:01.000 --> 00:05.000\n你好\n\n", "00:02.000 --> 00:03.000 line:0\n长沙\n\n");
    assert_eq!(disordered(&format!("WEBVTT\n\n{speaker}{sign}")), 0, "both are shown");
    assert_eq!(disordered(&format!("WEBVTT\n\n{sign}{speaker}")), 1);
    assert_eq!(reading.extracted.unwrap().parts[0].text, "你好");
}

#[test]
fn words_of_songs_are_measured_without_an_end() {
    let lrc = "[ti:桑植民歌]\n[00:01.00]马桑树儿\n[00:01.00]Masang tree\n[00:03:50]搭<00:04.00>灯台\n[00:25.00]\n[00:30.00]写封书信\n";
    let lines = [cue(1000, 3500, "马桑树儿|Masang tree"), cue(3500, 25_000, "搭灯台"), cue(30_000, 35_000, "写封书信")];
    assert_eq!(shown(lrc, Form::Lrc), lines);
    let facts = read(lrc.as_bytes(), Form::Lrc).subtitle.unwrap();
    assert_eq!((facts.format.as_str(), facts.cues, facts.disordered, facts.end_ms), ("lrc", 3, 0, 30_000));
}

#[test]
fn dialogues_of_ass_may_stand_in_any_order_and_together() {
    let ass = "[Events]\nFormat: Start, End, Text\nDialogue: 0:00:05.00,0:00:07.00,乙\nDialogue: 0:00:01.00,0:00:06.00,甲\n";
    assert_eq!(shown(ass, Form::Ass), [cue(1000, 6000, "甲"), cue(5000, 7000, "乙")]);
    let facts = read(ass.as_bytes(), Form::Ass).subtitle.unwrap();
    assert_eq!((facts.format.as_str(), facts.disordered, facts.end_ms), ("ass", 0, 7000));
}

/// A document of timed text with these attributes of its root and this body.
fn timed(root: &str, body: &str) -> String {
    format!(
        "<?xml version='1.0'?>\n<tt xmlns='http://www.w3.org/ns/ttml' {root}><head><metadata>题</metadata></head><body>{body}</body></tt>"
    )
}

#[test]
fn timed_text_is_read_by_its_paragraphs() {
    let text = timed(
        "",
        "<div>\n<p begin='00:00:01.000' end='00:00:03.500'>大家好，<span>欢迎</span><br/>来到\n 课堂 &amp; 讨论</p>\
         <p begin='00:00:03.5' dur='2s'>今天</p><p begin='4s'>没有结束</p><p begin='9s' end='10s'/></div>",
    );
    assert_eq!(Form::of(&text), Form::Ttml);
    assert_eq!(shown(&text, Form::Ttml), [cue(1000, 3500, "大家好，欢迎|来到 课堂 & 讨论"), cue(3500, 5500, "今天")]);
    let facts = read(text.as_bytes(), Form::Ttml).subtitle.unwrap();
    assert_eq!((facts.format.as_str(), facts.cues, facts.disordered, facts.end_ms), ("xml", 2, 0, 5500));
    let late = timed("", "<p begin='5s' end='6s'>乙</p><p begin='1s' end='2s'>甲</p>");
    assert_eq!(read(late.as_bytes(), Form::Ttml).subtitle.unwrap().first_disordered, Some(2));
}

#[test]
fn times_of_timed_text_count_from_what_they_stand_in() {
    let text = timed(
        "",
        "<div begin='10s' end='20s'><p>整段</p><p begin='1s'><span begin='1s' end='2s'>一</span><span begin='3s'>二</span></p></div>",
    );
    assert_eq!(shown(&text, Form::Ttml), [cue(10_000, 20_000, "整段"), cue(12_000, 13_000, "一"), cue(14_000, 20_000, "二")]);
}

#[test]
fn frames_and_ticks_are_time() {
    let one =
        |root: &str, begin: &str| shown(&timed(root, &format!("<p begin='{begin}' end='1h'>甲</p>")), Form::Ttml).first().map(|cue| cue.0);
    assert_eq!(one("ttp:frameRate='25'", "00:00:01:05"), Some(1_200));
    assert_eq!(one("ttp:frameRate='24' ttp:frameRateMultiplier='1000 1001'", "24f"), Some(1_001));
    assert_eq!(one("ttp:tickRate='10000000'", "15000000t"), Some(1_500));
    assert_eq!((one("", "1.5m"), one("", "250ms"), one("", "00:00:02:15.1")), (Some(90_000), Some(250), Some(2_500)));
    let wrong = read(timed("", "<p begin='soon' end='1s'>甲</p>").as_bytes(), Form::Ttml);
    assert!(wrong.fault.unwrap().contains("soon"));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read(bytes: Vec<u8>, text in "([0-9:,.<>{}\\\\\n -]|-->|00:00:01,000|\\[00:01.00\\]|Dialogue: ){0,100}",
        body in "(<p begin='[0-9:.hmsft]{0,9}' end='9s'>|</p>|<span dur='1s'>|</span>|<br/>|[a-z甲 ]){0,40}") {
        for form in [Form::Srt, Form::Vtt, Form::Ass, Form::Lrc, Form::Ttml] {
            let _ = read(&bytes, form);
            let _ = read(text.as_bytes(), form);
            let _ = read(timed("", &body).as_bytes(), form);
        }
        let _ = looks_like_srt(&text);
    }
}
