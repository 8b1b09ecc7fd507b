//! What the letters of a query could spell in pinyin: whole syllables (tujiazu, xi'an, 土家zhijin) or initials (tjz).

use crate::search::analysis::pinyin::Readings;
use crate::search::analysis::pinyin::plain;
use crate::search::analysis::script::is_ideograph;

/// Ways of reading a query that are looked up.
const WAYS: usize = 8;
/// Syllables of the longest name that is spelled.
const SYLLABLES: usize = 24;
/// Fewest and most initials.
const INITIALS: std::ops::RangeInclusive<usize> = 2..=12;

/// What the letters could spell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spelled {
    /// Rows of syllables, what is written in characters read with them.
    pub ways: Vec<Vec<String>>,
    /// Initials, one by one.
    pub initials: Option<Vec<String>>,
    /// What is written in characters, run by run: it must stand there as it is written.
    pub written: Vec<String>,
}

/// Reads a folded query; `None` when it holds no letters that could be pinyin.
pub fn spelled(folded: &str, readings: &Readings) -> Option<Spelled> {
    let parts = parts(folded)?;
    let mut ways: Vec<Vec<String>> = vec![Vec::new()];
    for part in &parts {
        let read = match part {
            Part::Written(run) => vec![readings.spell(run).iter().map(|syllable| plain(&syllable.text)).collect()],
            Part::Letters(letters) => readings.split(letters),
        };
        let longer = |way: &Vec<String>| read.iter().map(|more| [way.as_slice(), more].concat()).collect::<Vec<_>>();
        ways = ways.iter().flat_map(longer).take(WAYS).collect();
    }
    // What is written need not stand beside what is spelled: 靖州geteng.
    if parts.iter().any(|part| matches!(part, Part::Written(_))) {
        let alone = parts.iter().filter_map(|part| if let Part::Letters(letters) = part { Some(readings.split(letters)) } else { None });
        ways.extend(alone.flatten().take(WAYS));
    }
    ways.retain(|way| (2..=SYLLABLES).contains(&way.len()));
    let initials = match parts.as_slice() {
        // No syllable begins with i, u or v.
        [Part::Letters(letters)] if INITIALS.contains(&letters.len()) && !letters.contains(['i', 'u', 'v']) && letters.is_ascii() => {
            Some(letters.chars().map(String::from).collect())
        }
        _ => None,
    };
    if ways.is_empty() && initials.is_none() {
        return None;
    }
    let written = parts.into_iter().filter_map(|part| if let Part::Written(run) = part { Some(run) } else { None }).collect();
    Some(Spelled { ways, initials, written })
}

enum Part {
    Written(String),
    Letters(String),
}

/// Runs of characters and of letters between spaces and apostrophes; `None` when there are no letters, or anything else.
fn parts(folded: &str) -> Option<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::new();
    let mut gap = true;
    for letter in folded.chars() {
        if letter.is_whitespace() || matches!(letter, '\'' | '’' | '‘' | '`' | '-') {
            gap = true;
            continue;
        }
        let letters = letter.is_ascii_lowercase() || letter == 'ü';
        if !letters && !is_ideograph(letter) {
            return None;
        }
        match parts.last_mut() {
            Some(Part::Letters(known)) if letters && !gap => known.push(letter),
            Some(Part::Written(known)) if !letters && !gap => known.push(letter),
            _ if letters => parts.push(Part::Letters(String::from(letter))),
            _ => parts.push(Part::Written(String::from(letter))),
        }
        gap = false;
    }
    (parts.len() <= SYLLABLES && parts.iter().any(|part| matches!(part, Part::Letters(_)))).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::analysis::lexicon::tests::LEXICON;

    fn ways(text: &str) -> Vec<String> {
        spelled(text, &LEXICON.readings).unwrap_or_default().ways.into_iter().map(|way| way.join(" ")).collect()
    }

    #[test]
    fn letters_spell_names() {
        assert_eq!(ways("tujiazu")[0], "tu jia zu");
        assert_eq!(ways("tu jia zu")[0], "tu jia zu");
        assert_eq!(ways("xi'an"), ["xi an"]);
        assert_eq!(ways("xian"), ["xi an"], "one syllable alone is too little");
        assert_eq!(ways("jiangyongnüshu"), ways("jiangyongnvshu"));
        assert_eq!(ways("土家zhijin")[0], "tu jia zhi jin");
        assert_eq!(ways("changsha窑"), ["chang sha yao", "chang sha"]);
    }

    #[test]
    fn what_is_no_pinyin_is_left_alone() {
        for text in ["土家族", "c++", "node.js", "第13讲", "t恤", "python", "ai", ""] {
            assert!(ways(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn initials_are_letters_that_begin_syllables() {
        let initials = |text: &str| spelled(text, &LEXICON.readings).and_then(|spelled| spelled.initials).map(|all| all.concat());
        assert_eq!(initials("mgsw").as_deref(), Some("mgsw"));
        assert_eq!((initials("wifi"), initials("x"), initials("土家zj")), (None, None, None));
    }
}
