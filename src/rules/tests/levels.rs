//! Rows on what decoding tells, and how their values are shown to people.

use super::{Sample, facts};
use crate::domain::codes::Kind;
use crate::domain::inspection::{AudioFacts, FileFacts, Locator, PictureFacts, SoundFacts, VideoFacts};
use crate::domain::metadata::{Culture, FileRole};
use crate::rules::explain::RuleOutcome;
use crate::rules::measures::decimal;

fn sound() -> SoundFacts {
    SoundFacts {
        measured_ms: 600_000,
        loudness: Some(-2310),
        true_peak: Some(-250),
        level: Some(-1000),
        pause_gap: Some(5000),
        silence_ms: 3_000,
        ..SoundFacts::default()
    }
}

fn picture() -> PictureFacts {
    PictureFacts { frames: 60, luma_low: Some(16), luma_high: Some(235), ..PictureFacts::default() }
}

fn lesson(sound: Option<SoundFacts>, picture: Option<PictureFacts>) -> Sample {
    let mut sample = Sample::document();
    sample.kind(Kind::Video);
    sample.files.clear();
    let video = VideoFacts { container: "mp4".into(), codec: "h264".into(), duration_ms: 600_000, ..VideoFacts::default() };
    let audio = AudioFacts { codec: "aac".into(), duration_ms: 600_000, ..AudioFacts::default() };
    let facts = FileFacts { video: Some(video), audio: Some(audio), sound, picture, ..facts("video/mp4") };
    sample.add("课.mp4", FileRole::Master, facts);
    sample
}

/// Rules on what decoding tells that found something.
fn found(sample: &Sample) -> Vec<String> {
    let decoded = sample.with(|rules, _| {
        let all = rules.rules().iter().filter(|rule| rule.test.measure.decoded);
        all.map(|rule| rule.id.clone()).collect::<Vec<_>>()
    });
    sample.check().findings.into_iter().map(|finding| finding.rule).filter(|rule| decoded.contains(rule)).collect()
}

#[test]
fn each_row_finds_what_it_aims_at() {
    type Spoil = fn(&mut SoundFacts, &mut PictureFacts);
    let cases: &[(&[&str], Spoil)] = &[
        (&[], |_, _| {}),
        (&["A-LOUD"], |sound, _| sound.loudness = Some(-3000)),
        (&["A-LOUD"], |sound, _| sound.loudness = Some(-1300)),
        (&["A-PEAK"], |sound, _| sound.true_peak = Some(-20)),
        // One cause, one finding: what is cut off at full scale has a high peak too.
        (&["A-CLIP"], |sound, _| (sound.true_peak, sound.clipped_ms) = (Some(120), 1_500)),
        (&["A-LEVEL"], |sound, _| sound.level = Some(-300)),
        (&["A-SNR"], |sound, _| sound.pause_gap = Some(3000)),
        (&["A-SILENCE"], |sound, _| sound.silence_ms = 12_300),
        (&["A-CHANNEL"], |sound, _| sound.dead_channel = Some(2)),
        (&["A-SILENT"], |sound, _| *sound = SoundFacts { measured_ms: 600_000, silent: true, ..SoundFacts::default() }),
        (&["V-LEVEL"], |_, picture| picture.luma_high = Some(254)),
        (&["V-LEVEL-LOW"], |_, picture| picture.luma_low = Some(1)),
        (&["V-BLACK"], |_, picture| (picture.black_frames, picture.black_ms) = (12, 24_000)),
        (&["V-BLACK-ALL"], |_, picture| {
            *picture = PictureFacts { frames: 9, black_frames: 9, black_ms: 500_000, ..PictureFacts::default() };
        }),
    ];
    for (rules, spoil) in cases {
        let (mut sound, mut picture) = (sound(), picture());
        spoil(&mut sound, &mut picture);
        assert_eq!(found(&lesson(Some(sound), Some(picture))), *rules);
    }
    assert_eq!(found(&lesson(None, None)), Vec::<String>::new(), "without ffmpeg they are silent");
}

#[test]
fn findings_name_value_and_place_and_say_when_pieces_were_measured() {
    let sound = SoundFacts { silence_ms: 12_300, silence_at_ms: 65_000, sampled: true, loudness: Some(-3055), ..sound() };
    let report = lesson(Some(sound), Some(picture())).check();
    let of = |rule: &str| report.findings.iter().find(|finding| finding.rule == rule).unwrap();
    let silence = of("A-SILENCE");
    assert_eq!(silence.locator, Some(Locator::Second { start_ms: 65_000 }));
    assert!(silence.message.contains("12.3秒") && silence.message.contains("10秒") && silence.message.ends_with("（系抽样测得）"));
    let loud = of("A-LOUD");
    assert!(loud.message.contains("-30.55 LUFS") && loud.message.contains("-26 至 -14 LUFS"), "{}", loud.message);
    assert_eq!(loud.measured.as_deref(), Some("-30.55"));
}

#[test]
fn an_explanation_says_why_nothing_was_measured() {
    let mut sample = lesson(None, None);
    sample.files[0].facts.as_mut().unwrap().unmeasured = Some("没有安装 ffmpeg".into());
    let told = sample.with(|rules, subject| rules.explain(subject));
    let of = |id: &str| told.rules.iter().find(|taken| taken.rule == id && taken.file.is_some()).unwrap();
    for rule in ["A-LOUD", "V-LEVEL"] {
        assert_eq!((of(rule).outcome, of(rule).why.as_deref()), (RuleOutcome::NotMeasured, Some("没有安装 ffmpeg")));
    }
    assert_eq!(of("V-PROFILE").why, None, "what needs no decoding was not missed for want of it");
    let told = lesson(Some(SoundFacts { sampled: true, ..sound() }), None).with(|rules, subject| rules.explain(subject));
    let loud = told.rules.iter().find(|taken| taken.rule == "A-LOUD").unwrap();
    assert_eq!((loud.measured.as_deref(), loud.threshold.as_str()), (Some("-23.1LUFS（抽样）"), "-26 至 -14LUFS"));
}

#[test]
fn masters_of_the_zone_are_not_levelled() {
    let quiet = SoundFacts { loudness: Some(-3500), level: Some(-2500), pause_gap: Some(2000), silence_ms: 20_000, ..sound() };
    let mut sample = lesson(Some(quiet), Some(picture()));
    sample.meta.culture = Some(Culture { ethnic_groups: vec!["15".into()], ..Culture::default() });
    assert_eq!(found(&sample), ["A-SILENCE"]);
    assert_eq!(
        sample.check().findings.iter().find(|one| one.rule == "A-SILENCE").unwrap().severity,
        crate::domain::finding::Severity::Info
    );
}

#[test]
fn numbers_with_places_are_shown_with_their_point() {
    for (number, places, shown) in [
        (-2310, 2, "-23.1"),
        (-5, 2, "-0.05"),
        (1778, 3, "1.778"),
        (25_000, 3, "25"),
        (0, 2, "0"),
        (7, 0, "7"),
        (i64::MIN, 0, "-9223372036854775808"),
    ] {
        assert_eq!(decimal(number, places), shown);
    }
}
