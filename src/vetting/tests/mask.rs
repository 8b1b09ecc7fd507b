use super::Site;
use crate::domain::finding::{Finding, Severity};
use crate::domain::metadata::{Creator, Culture, FileEntry, Lesson};
use crate::domain::record::Key;
use crate::domain::submission::{Blind, State, Submission};
use crate::vetting::mask::{HIDDEN, Mask, shown};
use crate::vetting::panel::Sight;
use std::borrow::Cow;

const NAMES: [&str; 9] = ["龙阿妹", "Long A Mei", "甲学院", "/hunan/a", "A-1", "submitter", "d1", "保护中心", "读本.pdf"];

/// A blind submission whose names stand everywhere.
async fn named() -> Submission {
    let site = Site::new().await;
    site.submit("s1", |new| {
        let creator = |name: &str| Creator { name: name.to_owned(), role: "author".to_owned(), organisation: Some("甲学院".to_owned()) };
        new.metadata.creators = vec![creator("龙 阿 妹"), creator("Long A Mei")];
        new.metadata.title = crate::domain::text::LangMap::zh("龙阿妹讲防诈骗");
        new.metadata.keywords = vec!["龙阿妹".to_owned(), "反诈".to_owned()];
        new.metadata.culture = Some(Culture { protecting_body: "保护中心".to_owned(), ..Culture::default() });
        new.metadata.lessons = vec![Lesson { title: "保护中心供稿".to_owned(), files: vec!["读本.pdf".to_owned()] }];
        new.metadata.files = vec![FileEntry { path: "读本.pdf".to_owned(), ..FileEntry::default() }];
        new.metadata.extra = [("contact".to_owned(), serde_json::json!("龙阿妹"))].into();
    })
    .await;
    let mut submission = site.store.get::<Submission>(&Key::from("s1")).await.unwrap().unwrap().value;
    submission.blind = Blind::Reviewer;
    submission.state = State::Returned { stage: submission.state.code(), verdict: None, reason: "请龙阿妹老师修改".to_owned() };
    submission.findings = vec![Finding {
        rule: "X".to_owned(),
        severity: Severity::Should,
        file: Some("读本.pdf".to_owned()),
        row: Some(7),
        field: None,
        locator: None,
        message: "读本.pdf 中出现“甲学院”，作者 Long A Mei。".to_owned(),
        measured: Some("龙阿妹".to_owned()),
        waived: false,
    }];
    submission
}

#[tokio::test]
async fn every_name_goes_and_all_else_stays() {
    let submission = named().await;
    let masked = shown(Sight::Reviewer, &submission).into_owned();
    let view = (&masked.metadata, &masked.files, &masked.findings, &masked.institution, &masked.owner, &masked.state);
    let text = serde_json::to_string(&(view, &masked.submitter, &masked.deposit, &masked.resource)).unwrap();
    for name in NAMES {
        assert!(!text.contains(name), "{name} in {text}");
    }
    assert_eq!(masked.metadata.title.main(), format!("{HIDDEN}讲防诈骗"));
    assert_eq!(masked.metadata.keywords, [HIDDEN, "反诈"]);
    assert_eq!(masked.findings[0].message, format!("文件 1.pdf 中出现“{HIDDEN}”，作者 {HIDDEN}。"));
    assert_eq!(masked.files.len(), 1, "evidence is not shown");
    assert_eq!(masked.metadata.lessons[0].files, ["文件 1.pdf"]);
    assert_eq!((masked.files[0].digest.clone(), masked.files[0].size), (submission.files[0].digest.clone(), submission.files[0].size));
    assert_eq!(
        (&masked.metadata.category, &masked.metadata.description),
        (&submission.metadata.category, &submission.metadata.description)
    );
    assert!(matches!(masked.state, State::Returned { reason, .. } if reason == format!("请{HIDDEN}老师修改")));
}

#[tokio::test]
async fn only_reviewers_of_blind_tracks_wear_the_mask() {
    let submission = named().await;
    for sight in [Sight::Submitter, Sight::Committee, Sight::Staff] {
        assert!(matches!(shown(sight, &submission), Cow::Borrowed(_)), "{sight:?}");
    }
    let open = Submission { blind: Blind::None, ..submission.clone() };
    assert!(Mask::of(Sight::Reviewer, &open).is_none());
    let mask = Mask::of(Sight::Reviewer, &submission).unwrap();
    for file in &submission.files {
        assert_eq!(mask.real_path(&mask.path(&file.entry.path)), Some(file.entry.path.as_str()), "neutral paths lead back");
    }
    assert_eq!(mask.text("无名之辈"), "无名之辈");
}
