use super::{Sample, facts};
use crate::domain::codes::Kind;
use crate::domain::finding::Severity::{Must, Should};
use crate::domain::inspection::{FileFacts, Locator, SubtitleFacts, VideoFacts};
use crate::domain::metadata::{AiLabel, Culture, FileRole, Lesson};
use crate::rules::RuleSet;
use crate::rules::explain::RuleOutcome;

#[test]
fn the_built_in_standards_load() {
    let rules =
        RuleSet::builtin().unwrap_or_else(|problems| panic!("{}", problems.iter().map(|one| format!("{one}\n")).collect::<String>()));
    assert!(rules.rules().len() > 100);
    assert_eq!(rules.digest().len(), 64);
    for category in ["elderly", "special", "vocational", "farmers", "community", "family", "continuing", ""] {
        assert!(rules.criteria(category, false).len() >= 6, "{category}");
    }
    assert_ne!(rules.criteria("elderly", true), rules.criteria("elderly", false));
    assert!(rules.policy().track("selected").unwrap().plan(false).reviewers >= 3);
}

#[test]
fn a_sound_document_has_no_findings_of_weight() {
    let sample = Sample::document();
    assert_eq!(sample.found(Must), Vec::<String>::new());
    assert_eq!(sample.found(Should), Vec::<String>::new());
    assert!(sample.check().flags.is_empty());
}

/// Makes a sound sample wrong in one way.
type Spoil = fn(&mut Sample);

#[test]
fn each_must_rule_finds_what_it_aims_at() {
    let cases: &[(&str, Spoil)] = &[
        ("RIGHTS-LICENCE", |sample| sample.meta.rights.licence.clear()),
        ("RIGHTS-LICENCE", |sample| sample.meta.rights.holder = " ".into()),
        ("META-REQUIRED", |sample| sample.meta.description.0.clear()),
        ("INTEG-TYPE", |sample| {
            let facts = sample.files[0].facts.as_mut().unwrap();
            (facts.type_agrees, facts.opens, facts.sniffed) = (false, false, "application/vnd.microsoft.portable-executable".into());
        }),
        ("INTEG-OPEN", |sample| sample.files[0].facts.as_mut().unwrap().opens = false),
        ("INTEG-EMPTY", |sample| sample.files[0].size = 0),
        ("INTEG-PASSWORD", |sample| {
            let facts = sample.files[0].facts.as_mut().unwrap();
            (facts.encrypted, facts.opens) = (true, false);
        }),
        ("PACKAGE-MASTER", |sample| sample.files[0].entry.role = FileRole::Attachment),
        ("MANIFEST-FILE", |sample| sample.meta.lessons.push(Lesson { title: "一".into(), files: vec!["没有.mp4".into()] })),
        ("AI-LABEL", |sample| {
            sample.meta.ai = Some(AiLabel { generated: true, provider: "甲".into(), content_id: "1".into(), label_visible: false })
        }),
        ("PRIVACY-ID", |sample| sample.say("读本.pdf", "学员李某，110105 19491231002X 无效，11010519491231002X 有效")),
        ("PRIVACY-ID", |sample| {
            sample.say("读本.pdf", "13974851206 18973125487 15273164820 13607498215 17708463195");
        }),
        ("CULTURE-CONSENT", |sample| {
            sample.meta.culture = Some(Culture { ethnic_groups: vec!["15".into()], ..Culture::default() });
            sample.bearer();
        }),
        ("SUB-ORDER", |sample| {
            let cues = SubtitleFacts { format: "srt".into(), cues: 9, disordered: 2, ..SubtitleFacts::default() };
            sample.add("一.srt", FileRole::Subtitle, FileFacts { subtitle: Some(cues), ..facts("text/plain") });
        }),
        ("LINK-OWNER", |sample| sample.kind(Kind::Link)),
    ];
    for (rule, spoil) in cases {
        let mut sample = Sample::document();
        spoil(&mut sample);
        let mut found = sample.found(Must);
        found.dedup();
        assert_eq!(found, [*rule]);
    }
}

#[test]
fn a_finding_names_file_row_field_place_and_value() {
    let mut sample = Sample::document();
    sample.say("读本.pdf", "证号11010519491231002X");
    sample.meta.rights.licence.clear();
    let report = sample.check();
    let id = report.findings.iter().find(|finding| finding.rule == "PRIVACY-ID").unwrap();
    assert_eq!(id.file.as_deref(), Some("读本.pdf"));
    assert_eq!(id.locator, Some(Locator::Page { page: 2 }));
    assert_eq!(id.measured.as_deref(), Some("110105********002X"));
    assert!(id.message.contains("110105********002X") && !id.message.contains("19491231"));
    let licence = report.findings.iter().find(|finding| finding.rule == "RIGHTS-LICENCE").unwrap();
    assert_eq!((licence.field.as_deref(), licence.row), (Some("rights.licence"), Some(4)));
}

#[test]
fn rites_go_to_the_committee_and_are_never_a_must() {
    let mut sample = Sample::document();
    sample.say("读本.pdf", "瑶族度戒仪式上，师公画符、请神，是国家级非遗盘王节的一部分，村民世代相传。");
    assert_eq!(sample.found(Must), Vec::<String>::new());
    let report = sample.check();
    assert!(report.flags.contains("rites") && !report.flags.contains("sensitive"));
    sample.meta.culture = Some(Culture::default());
    assert!(sample.check().flags.contains("ethnic"));
}

fn video(width: u32, height: u32) -> FileFacts {
    let video = VideoFacts {
        container: "mp4".into(),
        codec: "h264".into(),
        duration_ms: 1_500_000,
        width,
        height,
        millifps: 25_000,
        bitrate: 3_000_000,
        ..VideoFacts::default()
    };
    FileFacts { video: Some(video), ..facts("video/mp4") }
}

#[test]
fn a_set_changes_the_core_for_its_category_only() {
    let mut sample = Sample::document();
    sample.kind(Kind::Video);
    sample.files.clear();
    sample.add("课.mp4", FileRole::Master, video(1920, 1080));
    let long = "DURATION-LESSON".to_owned();
    assert!(sample.found(Should).contains(&long), "25 minutes are too long for a community lesson");
    sample.meta.category = "vocational".into();
    assert!(!sample.found(Should).contains(&long));
    assert!(sample.found(Should).contains(&"V-SILENT".to_owned()));
    sample.meta.category = "special".into();
    assert!(!sample.found(Should).contains(&"V-SILENT".to_owned()), "signed videos may be silent");
}

#[test]
fn lessons_of_a_course_share_one_format_and_have_subtitles() {
    let mut sample = Sample::document();
    sample.kind(Kind::Course);
    sample.files.clear();
    sample.add("v/01.mp4", FileRole::Master, video(1920, 1080));
    sample.add("v/02.mp4", FileRole::Master, video(1280, 720));
    sample.add("s/01.zh.srt", FileRole::Subtitle, facts("text/plain"));
    let report = sample.check();
    let of = |rule: &str| {
        report.findings.iter().filter(|finding| finding.rule == rule).map(|one| one.measured.clone().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(of("V-NOMIX"), ["1280×720、1920×1080"]);
    assert_eq!(of("V-SUBTITLE"), ["v/02.mp4"]);
}

#[test]
fn explain_tells_every_rule_with_its_measure() {
    let sample = Sample::document();
    let told = sample.with(|rules, subject| rules.explain(subject));
    let of = |id: &str| told.rules.iter().find(|taken| taken.rule == id).unwrap();
    assert_eq!(of("META-KEYWORDS").outcome, RuleOutcome::Holds);
    assert_eq!(of("META-KEYWORDS").measured.as_deref(), Some("3个"));
    assert_eq!(of("META-KEYWORDS").threshold, "3–8个");
    assert_eq!(of("CULTURE-CONSENT").outcome, RuleOutcome::NotLookedAt);
    assert_eq!(of("AI-LABEL").outcome, RuleOutcome::NotMeasured);
    assert_eq!(of("INTEG-OPEN").file.as_deref(), Some("读本.pdf"));
}
