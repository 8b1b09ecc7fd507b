use crate::rules::{RuleSet, check_folder};
use std::path::Path;

const GOOD: &str = r#"schema = "yuelu-rules/1"
set = "mine"
title = "试验"
valid_from = "2026-01-01"

[[rule]]
id = "X-ONE"
title = "一"
basis = "试验"
evidence = "proposed"
measure = "meta.keywords"
compare = "at_least"
threshold = 3
severity = "should"
message = "有{measured}个"
"#;

/// A folder with the built-in policy and this rule set; what is wrong with it as `file:line code`.
fn problems(set: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for name in ["policy.toml", "criteria.toml", "words.toml"] {
        std::fs::copy(Path::new("review_rules").join(name), folder.path().join(name)).unwrap();
    }
    std::fs::write(folder.path().join("mine.toml"), set).unwrap();
    check_folder(folder.path()).iter().map(|one| format!("{}:{} {}", one.file, one.line, one.code)).collect()
}

#[test]
fn a_sound_folder_has_no_problems() {
    assert_eq!(problems(GOOD), Vec::<String>::new());
    assert_eq!(check_folder(Path::new("review_rules")), Vec::new());
}

#[test]
fn each_mistake_is_told_by_file_and_line() {
    let cases = [
        (GOOD.replace("measure =", "mesure ="), "mine.toml:11 syntax"),
        (GOOD.replace("meta.keywords", "meta.keyword"), "mine.toml:11 measure"),
        (GOOD.replace("at_least", "empty"), "mine.toml:12 comparison"),
        (GOOD.replace("at_least", "at_leest"), "mine.toml:12 syntax"),
        (GOOD.replace("threshold = 3", "threshold = \"3\""), "mine.toml:13 threshold"),
        (GOOD.replace("threshold = 3\n", ""), "mine.toml:12 threshold"),
        (GOOD.replace("{measured}", "{value}"), "mine.toml:15 reference"),
        (GOOD.replace("2026-01-01", "2026-13-01"), "mine.toml:4 date"),
        (GOOD.replace("yuelu-rules/1", "yuelu-rules/9"), "mine.toml:1 schema"),
        (format!("{GOOD}\n[[adjust]]\nid = \"NONE\"\n"), "mine.toml:18 reference"),
    ];
    for (text, expected) in cases {
        assert_eq!(problems(&text), [expected]);
    }
    let rule = GOOD.split_once("[[rule]]").unwrap().1;
    assert_eq!(problems(&format!("{GOOD}\n[[rule]]{rule}")), ["mine.toml:18 duplicate"]);
}

#[test]
fn a_missing_folder_or_file_is_a_problem_not_a_panic() {
    assert_eq!(check_folder(Path::new("no/such/folder")).len(), 1);
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(check_folder(empty.path()).len(), 3);
}

#[test]
fn the_table_of_working_days_is_read_and_checked() {
    use crate::domain::time::Timestamp;
    let at = |text: &str| Timestamp::parse(text).unwrap();
    let rules = RuleSet::builtin().unwrap();
    // 30 September 2026 is followed by a week off; the 8th is the first day counted, the 10th a Saturday that is worked.
    let end = rules.calendar().after_working_days(at("2026-09-30T09:00:00+08:00"), 3);
    assert_eq!(end, at("2026-10-11T00:00:00+08:00"));
    let table = |year: &str| format!("schema = \"yuelu-rules/1\"\n[[year]]\nyear = 2027\nbasis = \"通知\"\n{year}\n");
    let wrong = |year: &str| {
        let folder = tempfile::tempdir().unwrap();
        for name in ["policy.toml", "criteria.toml", "words.toml"] {
            std::fs::copy(Path::new("review_rules").join(name), folder.path().join(name)).unwrap();
        }
        std::fs::write(folder.path().join("calendar.toml"), table(year)).unwrap();
        check_folder(folder.path()).iter().map(|one| format!("{}:{} {}", one.file, one.line, one.code)).collect::<Vec<_>>()
    };
    assert_eq!(wrong("holidays = [[\"2027-01-01\", \"2027-01-03\"]]\nworked = [\"2027-01-09\"]"), Vec::<String>::new());
    assert_eq!(wrong("holidays = [[\"2027-01-03\", \"2027-01-01\"]]\nworked = []"), ["calendar.toml:5 date"]);
    assert_eq!(wrong("holidays = []\nworked = [\"2027-01-08\"]"), ["calendar.toml:6 date"]);
    assert_eq!(wrong("holidays = [[\"2026-12-31\", \"2027-01-01\"]]\nworked = []"), ["calendar.toml:5 date"]);
}
