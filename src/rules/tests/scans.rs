use crate::rules::scan::words::{WordGroup, WordList};
use crate::rules::scan::{personal, script};

#[test]
fn citizen_ids_need_a_birthday_and_the_right_check_digit() {
    // The worked example of GB 11643-1999.
    assert!(personal::is_citizen_id("11010519491231002X"));
    for wrong in ["110105194912310021", "11010519491331002X", "1101051949123100", "000000000000000000", "一一010519491231002X"] {
        assert!(!personal::is_citizen_id(wrong), "{wrong}");
    }
    assert!(!personal::is_citizen_id("470105194912310021"), "no province has the number 47");
    assert_eq!(personal::numbers("身份证：１１０１０５１９４９１２３１００２ｘ。").citizen_ids, ["11010519491231002X"]);
    assert!(personal::numbers("sha-a11010519491231002X").citizen_ids.is_empty(), "inside a word");
    assert_eq!(personal::masked("11010519491231002X", 6, 4), "110105********002X");
}

#[test]
fn mobiles_are_eleven_digits_and_not_examples() {
    assert_eq!(personal::numbers("电话13974851206，或+8618973125487").mobiles, ["13974851206", "18973125487"]);
    for none in ["13800000000", "0731-88821234", "12974851206", "139748512061", "编号a13974851206", "9913974851206", "1397485120X"] {
        assert!(personal::numbers(none).mobiles.is_empty(), "{none}");
    }
}

#[test]
fn only_mixed_text_is_mixed() {
    let simplified = "社区里的老年朋友都可以来学习使用智能手机，认识屏幕上的图标。";
    assert_eq!(script::mixed(simplified), None);
    assert_eq!(script::mixed(&format!("{simplified}歡迎")).as_deref(), Some("歡"));
    assert_eq!(script::mixed("歡迎學習電腦與網絡課程，認識書畫藝術與傳統戲劇。"), None, "traditional throughout");
}

#[test]
fn the_list_of_traditional_characters_holds_no_simplified_one() {
    let simplify = ferrous_opencc::OpenCC::from_config(ferrous_opencc::config::BuiltinConfig::T2s).unwrap();
    let wrong: Vec<char> = script::letters().filter(|letter| simplify.convert(&letter.to_string()) == letter.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn rites_are_told_from_superstition() {
    let strings = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let group = WordGroup { code: "s".into(), label: "迷信".into(), words: strings(&["画符"]), contexts: strings(&["度戒"]) };
    let list = WordList::new(vec![group]);
    assert!(!list.hits("大师画符保平安", false)[0].cultural);
    assert!(list.hits("瑶族度戒中师公画符", false)[0].cultural);
    assert!(list.hits("师公画符", true)[0].cultural, "in the zone");
    assert!(list.hits("看图画画", false).is_empty());
    assert_eq!(list.hits("画画符", false).len(), 1, "a word that begins inside another's beginning");
}
