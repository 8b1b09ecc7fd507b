//! Sign-in names: what is one name, and what may be one.
//!
//! Display names repeat freely (同名同姓) and keep every character; sign-in names are one when they fold alike.

use crate::domain::problem::Problem;
use unicode_normalization::UnicodeNormalization;

/// Fewest characters of a sign-in name.
const SHORTEST: usize = 2;
/// Most characters of a sign-in name.
const LONGEST: usize = 64;
/// Most characters of a display name.
const LONGEST_DISPLAY: usize = 100;
/// Dots that people type between the parts of a name (买买提·艾力); one of them stands for all.
const DOTS: [char; 7] = ['•', '‧', '∙', '⋅', '・', '･', '᛫'];

/// The form by which names are compared: NFKC, lower case, one middle dot.
pub fn fold(name: &str) -> String {
    let lower = name.trim().nfkc().flat_map(char::to_lowercase).nfkc();
    lower.map(|letter| if DOTS.contains(&letter) { '·' } else { letter }).collect()
}

/// Checks a sign-in name and gives it trimmed.
///
/// # Errors
/// `bad-name` with the field `name`.
pub fn check(name: &str) -> Result<&str, Problem> {
    let name = name.trim();
    let length = fold(name).chars().count();
    if (SHORTEST..=LONGEST).contains(&length) && name.chars().all(|letter| !invisible(letter) && !letter.is_whitespace()) {
        return Ok(name);
    }
    let zh = format!("登录名须为 {SHORTEST} 至 {LONGEST} 个字符，不含空白和不可见字符。");
    let en = format!("A sign-in name has {SHORTEST} to {LONGEST} characters, none of them blank or invisible.");
    Err(Problem::field("bad-name", "name", zh, en))
}

/// Checks a display name and gives it trimmed; every visible character stays as it is, rare ones and · too.
///
/// # Errors
/// `bad-display` with the field `display`.
pub fn check_display(display: &str) -> Result<&str, Problem> {
    let display = display.trim();
    let length = display.chars().count();
    if (1..=LONGEST_DISPLAY).contains(&length) && !display.chars().any(invisible) {
        return Ok(display);
    }
    let zh = format!("显示名称须为 1 至 {LONGEST_DISPLAY} 个可见字符。");
    let en = format!("A display name has 1 to {LONGEST_DISPLAY} visible characters.");
    Err(Problem::field("bad-display", "display", zh, en))
}

/// Control characters, and those that change how a name looks without being seen.
fn invisible(letter: char) -> bool {
    let hidden =
        matches!(letter, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    letter.is_control() || hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_fold_alike() {
        for (one, other) in [("ＺhangSan", "zhangsan"), ("买买提•艾力", "买买提·艾力"), ("张三 ", "张三"), ("ﬁve", "FIVE")]
        {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
        // Characters outside the BMP (GB 18030-2022) and different people stay apart.
        assert_ne!(fold("𬱖某"), fold("𬱟某"));
        assert_ne!(fold("张三"), fold("张叁"));
    }

    #[test]
    fn rare_characters_and_dots_are_names() {
        for name in ["张三", "阿依古丽·买买提", "𬱖𫖮", "li.na_2026", "㛃㛃"] {
            assert_eq!(check(name).unwrap(), name);
        }
        let long = "长".repeat(65);
        for name in ["", "一", "张 三", "张\u{200b}三", "a\nb", long.as_str()] {
            assert!(check(name).is_err(), "{name:?}");
        }
    }
}
