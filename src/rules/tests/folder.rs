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

/// Another rule of the same set.
fn more(id: &str, lines: &str) -> String {
    let head = format!("\n[[rule]]\nid = \"{id}\"\ntitle = \"二\"\nbasis = \"试验\"\nevidence = \"proposed\"\nseverity = \"should\"\n");
    format!("{head}message = \"有{{measured}}个\"\n{lines}\n")
}

const FPS: &str = "measure = \"video.millifps\"\ncompare = \"at_least\"\nthreshold = 25000";
const KEYWORDS: &str = "measure = \"meta.keywords\"\ncompare = \"at_least\"\nthreshold = 5";

#[test]
fn what_can_never_be_reached_is_told_by_file_and_line() {
    let when = |tests: &str| format!("when = {{ {tests} }}\n{FPS}");
    let test =
        |compare: &str, threshold: i64| format!("{{ measure = \"video.seconds\", compare = \"{compare}\", threshold = {threshold} }}");
    let own = "{ measure = \"video.millifps\", compare = \"at_least\", threshold = 30000 }";
    let dead = [
        format!("applies = {{ file = [\"audio\"] }}\n{FPS}"),
        when(&format!("all = [{}, {}]", test("at_least", 600), test("at_most", 599))),
        when(&format!("all = [{0}], none = [{0}]", test("at_least", 600))),
        when(&format!("any = [{0}], none = [{0}]", test("at_least", 600))),
        when(&format!("all = [{own}]")),
    ];
    for lines in dead {
        assert_eq!(problems(&format!("{GOOD}{}", more("X-TWO", &lines))), ["mine.toml:18 unreachable"], "{lines}");
    }
    let alive = [when(&format!("all = [{}]", test("at_least", 600))), format!("applies = {{ file = [\"video\"] }}\n{FPS}")];
    for lines in alive {
        assert_eq!(problems(&format!("{GOOD}{}", more("X-TWO", &lines))), Vec::<String>::new(), "{lines}");
    }
    let set_apart = GOOD
        .replace("[[rule]]", "applies = { kind = [\"link\"] }\n[[rule]]")
        .replace("measure =", "applies = { kind = [\"audio\"] }\nmeasure =");
    assert_eq!(problems(&set_apart), ["mine.toml:8 unreachable"]);
}

#[test]
fn changes_without_effect_and_rules_that_are_switched_off_are_told() {
    let change = |lines: &str| format!("\n[[adjust]]\nid = \"X-ONE\"\n{lines}\n");
    assert_eq!(problems(&format!("{GOOD}{}", change("threshold = 5"))), Vec::<String>::new());
    assert_eq!(problems(&format!("{GOOD}{}", change("threshold = 3"))), ["mine.toml:18 unreachable"], "it changes nothing");
    assert_eq!(problems(&format!("{GOOD}{}", change("off = true"))), ["mine.toml:7 unreachable"], "the rule is off for all");
    let later = change("off = true\nvalid_from = \"2027-01-01\"");
    assert_eq!(problems(&format!("{GOOD}{later}")), Vec::<String>::new(), "until then it is reached");
    let covered = format!("{}{}", change("threshold = 5\napplies = { kind = [\"audio\"] }"), change("threshold = 6"));
    assert_eq!(problems(&format!("{GOOD}{covered}")), ["mine.toml:18 unreachable"], "a later change covers it");
    let apart = GOOD.replace("measure =", "applies = { kind = [\"audio\"] }\nmeasure =");
    let elsewhere = change("threshold = 5\napplies = { kind = [\"video\"] }");
    assert_eq!(problems(&format!("{apart}{elsewhere}")), ["mine.toml:19 unreachable"], "another kind");
}

#[test]
fn two_rules_that_speak_of_one_file_overlap() {
    assert_eq!(problems(&format!("{GOOD}{}", more("X-TWO", KEYWORDS))), ["mine.toml:18 overlap"]);
    let apart = [
        format!("applies = {{ kind = [\"audio\"] }}\n{}", KEYWORDS),
        KEYWORDS.replace("at_least", "at_most"),
        format!("when = {{ all = [{{ measure = \"meta.keywords\", compare = \"at_least\", threshold = 3 }}] }}\n{KEYWORDS}"),
    ];
    let video = GOOD.replace("measure =", "applies = { kind = [\"video\"] }\nmeasure =");
    assert_eq!(problems(&format!("{video}{}", more("X-TWO", &apart[0]))), Vec::<String>::new(), "other kinds");
    for lines in &apart[1..] {
        assert_eq!(problems(&format!("{GOOD}{}", more("X-TWO", lines))), Vec::<String>::new(), "{lines}");
    }
    let off = format!("{GOOD}{}\n[[adjust]]\nid = \"X-ONE\"\noff = true\napplies = {{ kind = [\"audio\"] }}\n", more("X-TWO", &apart[0]));
    assert_eq!(problems(&off), Vec::<String>::new(), "one is off where the other is on");
}

#[test]
fn only_roles_that_may_waive_are_named() {
    let named = |role: &str| GOOD.replace("severity =", &format!("waiver = \"{role}\"\nseverity ="));
    assert_eq!(problems(&named("committee")), Vec::<String>::new());
    for role in ["reviewer", "nobody"] {
        assert_eq!(problems(&named(role)), ["mine.toml:14 reference"], "{role}");
    }
}
