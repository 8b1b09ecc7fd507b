//! Manifests, good and wrong.

use super::*;
use crate::domain::access::Visibility;
use crate::domain::codes::{Code, CodeList};
use crate::domain::metadata::FileRole;

pub(crate) fn lists() -> CodeLists {
    let list = |rows: &[(&str, &str)]| {
        let row = |(code, label): &(&str, &str)| Code { code: (*code).into(), label: (*label).into(), aliases: vec![], parent: None };
        CodeList::new(rows.iter().map(row).collect())
    };
    CodeLists {
        categories: list(&[("vocational", "职业技能"), ("elderly", "老年"), ("community", "社区")]),
        subjects: list(&[("digital-life", "数字生活"), ("folk-arts", "民间艺术")]),
        audiences: list(&[("elderly", "老年人"), ("everyone", "所有人")]),
        ethnic_groups: list(&[("15", "土家族"), ("12", "侗族")]),
        heritage_classes: list(&[("craft", "传统技艺")]),
        regions: list(&[("430100", "长沙市")]),
        licences: list(&[("CC-BY-4.0", "知识共享署名"), ("all-rights-reserved", "保留所有权利")]),
    }
}

const WHOLE: &str = r#"
schema = "yuelu/1"
id = "CSKF-2026-001"
title = { "zh-CN" = "智能手机使用入门", "tji" = "…" }
description = "教老年人使用智能手机"
kind = "课程"
category = "老年"
subjects = ["数字生活", "digital-life"]
keywords = ["智能手机", "微信"]
audience = ["elderly"]
language = ["zh-CN", "土家语"]
region = ["长沙市"]
hours = 2.5
created = 2026-05-01
colour = { depth = 1.5, names = ["红", 2] }

[[creators]]
name = "李秀英"
role = "讲授"

[rights]
licence = "CC-BY-4.0"
holder = "岳麓示范社区学院"
sharing = "免费"
since = 2020

[access]
visibility = "协议"
any = ["tujia-elders"]

[[lessons]]
title = "第一讲"
files = ["video/01.mp4", "subtitle/01.srt"]

[[files]]
path = "./video//01.mp4"
title = "第一讲 认识手机"
"#;

#[test]
fn a_whole_manifest_is_read() {
    let row = read(WHOLE, &lists());
    assert_eq!(row.findings, []);
    let metadata = row.metadata.unwrap();
    assert_eq!(metadata.kind, Kind::Course);
    assert_eq!((metadata.category.as_str(), metadata.subjects.as_slice()), ("elderly", ["digital-life".to_owned()].as_slice()));
    assert_eq!(metadata.language, ["zh-CN", "tji"]);
    assert_eq!((metadata.minutes, metadata.created.as_deref()), (Some(113), Some("2026-05-01")));
    assert_eq!(metadata.creators[0].role, "presenter");
    assert_eq!(metadata.rights.sharing, "free");
    assert!(matches!(metadata.access, Visibility::Protocol { any, .. } if any.contains("tujia-elders")));
    assert_eq!((metadata.files[0].path.as_str(), metadata.files[0].role), ("video/01.mp4", FileRole::Master));
    let extra = serde_json::to_value(&metadata.extra).unwrap();
    assert_eq!(extra, serde_json::json!({ "colour": { "depth": "1.5", "names": ["红", 2] }, "rights.since": 2020 }));
}

#[test]
fn what_is_wrong_names_field_and_line() {
    let check = |old: &str, new: &str, rule: &str, field: &str, part: &str| {
        let text = WHOLE.replace(old, new);
        let row = read(&text, &lists());
        let found = row.findings.iter().find(|finding| finding.rule == rule).unwrap_or_else(|| panic!("{new}: {:?}", row.findings));
        assert_eq!(found.field.as_deref(), Some(field));
        assert!(found.message.contains(part), "{}", found.message);
        assert!(row.metadata.is_none());
    };
    check(
        "\"老年\"",
        "\"老人\"",
        "META-CODE",
        "category",
        "第 7 行 category：“老人”不在可选值中；可填：职业技能（vocational）、老年（elderly）",
    );
    check("\"CC-BY-4.0\"", "\"CC\"", "META-CODE", "rights.licence", "第 22 行");
    check("[\"elderly\"]", "[\"elderly\", \"外星人\"]", "META-CODE", "audience", "外星人");
    check("hours = 2.5", "hours = true", "META-TYPE", "hours", "应为数字");
    check("role = \"讲授\"", "role = \"围观\"", "META-CODE", "creators[0].role", "围观");
    check("any = [\"tujia-elders\"]", "", "META-FORMAT", "access.any", "群组");
    check("hours = 2.5", "valid_until = \"2027-13-01\"", "META-FORMAT", "valid_until", "2026-05-01");
    check("since = 2020", "licence_until = \"2027\"", "META-FORMAT", "rights.licence_until", "2026-05-01");
    check("title = \"第一讲\"\n", "", "META-MISSING", "lessons[0].title", "标题");
    check("[rights]", "[rights", "META-SYNTAX", "", "第 21 行");
    check("schema = \"yuelu/1\"", "schema = \"yuelu/9\"", "META-FORMAT", "schema", "yuelu/1");
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*", cut in 0_usize..900, patch in "[\\[\\]{}=\"'#\\n]{1,3}") {
        let _ = read(&text, &CodeLists::default());
        let at = WHOLE.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(0);
        let _ = read(&WHOLE.get(..at).zip(WHOLE.get(at..)).map(|(head, tail)| format!("{head}{patch}{tail}")).unwrap(), &CodeLists::default());
    }
}
