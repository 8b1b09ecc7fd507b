//! Rows of the standards that were measured for: each finds what it aims at and leaves the rest alone.

use super::{Sample, facts};
use crate::domain::codes::Kind;
use crate::domain::inspection::{AudioFacts, FileFacts, ImageFacts, SubtitleFacts, VideoFacts};
use crate::domain::metadata::{AiLabel, Culture, FileRole, Rights};
use crate::rules::Neighbour;

fn video() -> VideoFacts {
    VideoFacts {
        container: "mp4".into(),
        codec: "h264".into(),
        duration_ms: 600_000,
        width: 1920,
        height: 1080,
        millifps: 25_000,
        bitrate: 4_000_000,
        profile: Some("high".into()),
        interlaced: Some(false),
        ..VideoFacts::default()
    }
}

fn sound() -> AudioFacts {
    AudioFacts { codec: "aac".into(), duration_ms: 600_000, sample_rate: 48_000, channels: 2, bitrate: 128_000, ..AudioFacts::default() }
}

fn lesson(video: VideoFacts, audio: AudioFacts) -> Sample {
    let mut sample = Sample::document();
    sample.kind(Kind::Video);
    sample.files.clear();
    sample.add("课.mp4", FileRole::Master, FileFacts { video: Some(video), audio: Some(audio), ..facts("video/mp4") });
    let cues = SubtitleFacts {
        format: "srt".into(),
        cues: 99,
        longest_line: 15,
        most_lines: 1,
        shortest_ms: 1500,
        longest_ms: 5000,
        fastest_cps: 4,
        end_ms: 600_000,
        characters: 1900,
        spoken_ms: 600_000,
        ..SubtitleFacts::default()
    };
    sample.add("课.srt", FileRole::Subtitle, FileFacts { subtitle: Some(cues), ..facts("text/plain") });
    sample
}

/// Every rule that found something, but for the wish for a cover.
fn found(sample: &Sample) -> Vec<String> {
    let all = sample.check().findings.into_iter().map(|finding| finding.rule);
    all.filter(|rule| rule != "PACKAGE-COVER" && rule != "COMMUNITY-REGION").collect()
}

#[test]
fn a_sound_lesson_has_no_findings() {
    assert_eq!(found(&lesson(video(), sound())), Vec::<String>::new());
}

#[test]
fn each_row_on_video_and_sound_finds_what_it_aims_at() {
    type Spoil = fn(&mut VideoFacts, &mut AudioFacts);
    let cases: &[(&[&str], Spoil)] = &[
        (&["V-SCAN"], |video, _| video.interlaced = Some(true)),
        (&["V-PROFILE"], |video, _| video.profile = Some("high-4:2:2".into())),
        (&["V-FPS"], |video, _| video.millifps = 23_976),
        (&["V-FPS-HIGH"], |video, _| video.millifps = 60_000),
        (&["V-BITRATE-1080"], |video, _| video.bitrate = 1_500_000),
        (&["V-BITRATE-1080-HIGH"], |video, _| video.bitrate = 9_000_000),
        (&["V-RES-FHD", "V-BITRATE-720-HIGH"], |video, _| (video.width, video.height) = (1280, 720)),
        (&["V-A-RATE"], |_, sound| sound.sample_rate = 44_100),
        (&["V-A-BITRATE"], |_, sound| sound.bitrate = 96_000),
        (&["A-CH", "V-A-BITRATE-MONO"], |_, sound| (sound.channels, sound.bitrate) = (1, 32_000)),
        (&["V-A-CH"], |_, sound| sound.channels = 6),
        (&["A-SYNC"], |_, sound| sound.duration_ms -= 250),
        (&["DURATION-SHORT"], |video, sound| (video.duration_ms, sound.duration_ms) = (240_000, 240_000)),
        (&["DURATION-LESSON"], |video, sound| (video.duration_ms, sound.duration_ms) = (1_000_000, 1_000_000)),
    ];
    for (rules, spoil) in cases {
        let (mut picture, mut sound) = (video(), sound());
        spoil(&mut picture, &mut sound);
        let mut rules: Vec<&str> = rules.to_vec();
        let mut told = found(&lesson(picture, sound));
        // Shorter recordings leave subtitles standing; that row has a test of its own.
        told.retain(|rule| rule != "SUB-END");
        rules.sort_unstable();
        told.sort_unstable();
        assert_eq!(told, rules);
    }
}

#[test]
fn what_cannot_be_decoded_is_advised_on() {
    let mut sample = lesson(video(), sound());
    sample.files[0].facts.as_mut().unwrap().undecoded = Some("声音：编码方式不受支持。".into());
    let report = sample.with(|rules, subject| rules.check(subject));
    let told = report.findings.iter().find(|finding| finding.rule == "INTEG-DECODE").unwrap();
    assert_eq!(told.severity, crate::domain::finding::Severity::Should);
    assert!(told.message.contains("声音：编码方式不受支持。原文件照样保存"), "{}", told.message);
}

#[test]
fn sizes_go_by_length_and_masters_of_the_zone_have_standards_of_their_own() {
    let mut sample = lesson(video(), sound());
    sample.files[0].size = 150_000_000;
    assert_eq!(found(&sample), ["V-SIZE-10"]);
    sample.meta.culture = Some(Culture { ethnic_groups: vec!["15".into()], sources: vec!["采录".into()], ..Culture::default() });
    let told = found(&sample);
    assert!(!told.contains(&"V-SIZE-10".to_owned()) && told.contains(&"ARC-VIDEO-HD".to_owned()), "{told:?}");
    let raw = AudioFacts { codec: "pcm".into(), sample_rate: 96_000, bits: Some(16), bitrate: 3_000_000, ..sound() };
    sample.kind(Kind::Audio);
    sample.files.clear();
    sample.add("山歌.wav", FileRole::Master, FileFacts { audio: Some(raw), ..facts("audio/wav") });
    let told = found(&sample);
    assert!(told.contains(&"ARC-AUDIO-DEPTH".to_owned()) && !told.iter().any(|rule| rule == "ARC-AUDIO-CODEC" || rule == "AUDIO-CODEC"));
}

#[test]
fn categories_adjust_what_is_said_of_one_lesson() {
    let mut sample = lesson(VideoFacts { duration_ms: 1_300_000, ..video() }, AudioFacts { duration_ms: 1_300_000, ..sound() });
    sample.files[0].size = 90_000_000;
    let of = |sample: &mut Sample, category: &str| {
        sample.meta.category = category.to_owned();
        found(sample)
    };
    for (category, long) in
        [("community", true), ("family", true), ("vocational", true), ("farmers", true), ("elderly", false), ("continuing", false)]
    {
        assert_eq!(of(&mut sample, category).contains(&"DURATION-LESSON".to_owned()), long, "{category}");
    }
    let cues = sample.files[1].facts.as_mut().unwrap().subtitle.as_mut().unwrap();
    (cues.characters, cues.fastest_cps) = (2500, 5);
    let told = of(&mut sample, "elderly");
    assert!(told.contains(&"ELDER-SPEECH".to_owned()) && told.contains(&"SUB-SPEED".to_owned()), "{told:?}");
    assert!(!of(&mut sample, "community").iter().any(|rule| rule == "ELDER-SPEECH" || rule == "SUB-SPEED"));
}

#[test]
fn rights_of_single_files_and_evidence_that_is_not_there_are_told() {
    let mut sample = Sample::document();
    sample.meta.rights.evidence = "授权书.pdf".into();
    assert_eq!(found(&sample), ["RIGHTS-EVIDENCE-FILE"]);
    sample.add("授权书.pdf", FileRole::Evidence, facts("application/pdf"));
    assert_eq!(found(&sample), Vec::<String>::new());
    let mut entry = sample.files[0].entry.clone();
    entry.rights = Some(Rights { licence: "CC-BY-4.0".into(), holder: " ".into(), ..Rights::default() });
    sample.meta.files = vec![entry];
    assert_eq!(found(&sample), ["RIGHTS-FILES", "RIGHTS-FILES-EVIDENCE"]);
}

#[test]
fn marks_of_ai_in_files_and_declarations_must_agree() {
    let mut sample = Sample::document();
    sample.kind(Kind::Image);
    let picture = ImageFacts { width: 2000, height: 2000, bits_per_pixel: 24, ..ImageFacts::default() };
    sample.files.clear();
    sample.add("图.jpg", FileRole::Master, FileFacts { image: Some(picture), ai_mark: true, ..facts("image/jpeg") });
    assert_eq!(found(&sample), ["AI-UNDECLARED"]);
    sample.meta.ai = Some(AiLabel { generated: true, provider: "甲".into(), content_id: "1".into(), label_visible: true });
    assert_eq!(found(&sample), Vec::<String>::new());
    sample.files[0].facts.as_mut().unwrap().ai_mark = false;
    assert_eq!(found(&sample), ["AI-IMPLICIT"]);
}

#[test]
fn near_texts_are_told_without_a_title_that_may_not_be_known() {
    let mut sample = Sample::document();
    sample.neighbours = Some(Vec::new());
    assert_eq!(found(&sample), Vec::<String>::new());
    let near = |title: Option<&str>, published| Neighbour { title: title.map(str::to_owned), published, percent: 93, file: None };
    sample.neighbours = Some(vec![near(Some("苗绣入门"), true), near(None, false)]);
    let messages: Vec<String> =
        sample.check().findings.into_iter().filter(|one| one.rule == "PACKAGE-NEAR").map(|one| one.message).collect();
    sample.neighbours = Some(vec![Neighbour { file: Some("读本.pdf".into()), ..near(Some("苗绣入门"), true) }]);
    let twin = sample.check().findings.into_iter().find(|one| one.rule == "PACKAGE-KNOWN").unwrap();
    assert!(twin.message.starts_with("“读本.pdf”与已入库的“苗绣入门”中的文件完全相同"), "{twin:?}");
    assert_eq!(found(&sample), ["PACKAGE-KNOWN"]);
    assert!(messages[0].contains("已入库的“苗绣入门”（约 93%）") && messages[1].contains("另一件送审中的资源"), "{messages:?}");
}

#[test]
fn traditional_characters_among_simplified_ones_are_told_but_for_calligraphy_and_the_zone() {
    let mut sample = Sample::document();
    sample.say("读本.pdf", "社区里的老年朋友都可以来学习使用智能手机，歡迎大家认识屏幕上的图标。");
    assert_eq!(found(&sample), ["TEXT-SCRIPT"]);
    sample.meta.subjects = vec!["arts".into(), "calligraphy".into()];
    assert_eq!(found(&sample), Vec::<String>::new());
    sample.meta.subjects.clear();
    sample.meta.culture = Some(Culture::default());
    assert!(!found(&sample).contains(&"TEXT-SCRIPT".to_owned()));
}

#[test]
fn readable_names_texts_and_pages_are_asked_for() {
    let mut sample = Sample::document();
    sample.files[0].facts.as_mut().unwrap().unread = Some("旧格式文档的文字无法读取".into());
    assert_eq!(found(&sample), ["DOC-READ"]);
    let mut sample = Sample::document();
    sample.files[0].entry.path = "re\u{301}sume\u{301}.pdf".into();
    assert_eq!(found(&sample), ["NAME-NFC"]);
    let mut sample = Sample::document();
    sample.add("页.html", FileRole::Attachment, FileFacts { remote: vec!["https://cdn.example/x.js".into()], ..facts("text/html") });
    assert_eq!(found(&sample), ["PACKAGE-REMOTE"]);
}

#[test]
fn subtitles_in_traditional_characters_are_told() {
    let mut sample = lesson(video(), sound());
    sample.say("课.srt", "歡迎學習電腦與網絡課程，認識書畫藝術與傳統戲劇。");
    assert_eq!(found(&sample), ["SUB-LANG"]);
    sample.say("课.srt", "欢迎学习电脑与网络课程，认识书画艺术与传统戏剧的各位朋友。");
    assert_eq!(found(&sample), Vec::<String>::new());
}

#[test]
fn pixels_and_shapes_go_by_definition() {
    type Spoil = fn(&mut VideoFacts);
    let cases: &[(&[&str], Spoil)] = &[
        (&["V-PIXEL"], |video| video.pixel_aspect = Some(1333)),
        (&["V-ASPECT"], |video| video.width = 1440),
        (&["V-RES-HD"], |video| (video.width, video.height) = (720, 576)),
        (&["V-ASPECT-SD", "V-RES-HD"], |video| (video.width, video.height) = (576, 576)),
        (&["A-SYNC"], |video| video.start_ms = 400),
    ];
    for (rules, spoil) in cases {
        let mut picture = video();
        spoil(&mut picture);
        let mut told = found(&lesson(picture, sound()));
        told.sort_unstable();
        assert_eq!(told, *rules);
    }
}
