//! Numbers in words and in digits: 第十三讲 and 第13讲 say the same.
//!
//! A numeral is a number only where it counts something: before a unit of `numerals.txt`, or between 第 and the end of what is
//! written; the stop list keeps words such as 三月三 as they are.

use super::fold::FoldTable;
use super::script::{Kind, kind};
use crate::search::folder::{Folder, FolderError};
use std::collections::HashSet;

/// Digits of the longest number that is read.
const LONGEST: usize = 6;
/// Numbers of one text that are read.
const MOST: usize = 4;
/// Characters of Chinese numerals, in their values; the tens, hundreds, thousands and ten thousands follow.
const DIGITS: [&str; 10] = ["〇零", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"];
const PLACES: [(&str, u32); 4] = [("十拾", 10), ("百佰", 100), ("千仟", 1_000), ("万", 10_000)];

/// Where numerals are numbers.
pub struct Numerals {
    units: HashSet<char>,
    stop: Vec<String>,
}

/// A number in a text, with what makes it one: 第 before it and the unit behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// First byte.
    pub start: usize,
    /// After the last byte.
    pub end: usize,
    /// Other ways to write it, that in digits first where it is in words.
    pub others: Vec<String>,
}

impl Numerals {
    /// Reads `numerals.txt`.
    ///
    /// # Errors
    /// When it cannot be read or a line is neither of units nor of words.
    pub fn load(folder: Folder<'_>, folds: &FoldTable) -> Result<Self, FolderError> {
        const FILE: &str = "numerals.txt";
        let mut numerals = Self { units: HashSet::new(), stop: Vec::new() };
        for (line, text) in folder.lines(FILE)? {
            match text.split_once('\t') {
                Some(("unit", units)) => numerals.units.extend(folds.fold(units).text.chars().filter(|unit| !unit.is_whitespace())),
                Some(("stop", words)) => numerals.stop.extend(words.split_whitespace().map(|word| folds.fold(word).text)),
                _ => {
                    let reason = "expected `unit` or `stop`, a tab, and words with spaces between".to_owned();
                    return Err(FolderError::Line { file: FILE.to_owned(), line, reason });
                }
            }
        }
        Ok(numerals)
    }

    /// The numbers of a folded text.
    pub fn numbers(&self, folded: &str) -> Vec<Number> {
        let letters: Vec<(usize, char)> = folded.char_indices().collect();
        let mut found = Vec::new();
        let mut place = 0;
        while let Some((_, letter)) = letters.get(place).filter(|_| found.len() < MOST) {
            let same = |other: char| if letter.is_ascii_digit() { other.is_ascii_digit() } else { is_numeral(other) };
            let length = letters.get(place..).unwrap_or_default().iter().take_while(|(_, other)| same(*other)).count();
            if length == 0 {
                place += 1;
                continue;
            }
            found.extend(self.number(folded, &letters, place, place + length));
            place += length;
        }
        found
    }

    fn number(&self, folded: &str, letters: &[(usize, char)], first: usize, after: usize) -> Option<Number> {
        let before = first.checked_sub(1).and_then(|place| letters.get(place)).filter(|(_, letter)| *letter == '第');
        let unit = letters.get(after).filter(|(_, letter)| self.units.contains(letter));
        // 第一次 and 第一个 count hardly anything: after 第 alone a number must end what is written.
        let ends = letters.get(after).is_none_or(|(_, letter)| kind(*letter) == Kind::Gap);
        if unit.is_none() && !(before.is_some() && ends) {
            return None;
        }
        let at = |place: usize| letters.get(place).map_or(folded.len(), |(byte, _)| *byte);
        let (start, end) = (before.map_or(at(first), |(byte, _)| *byte), at(after + usize::from(unit.is_some())));
        if self.stop.iter().any(|word| stands_over(folded, word, start)) {
            return None;
        }
        let written = folded.get(at(first)..at(after))?;
        let others = other_ways(written, unit.map(|(_, unit)| *unit))?;
        let around = |number: &String| {
            let (head, tail) = (if before.is_some() { "第" } else { "" }, unit.map(|(_, unit)| String::from(*unit)).unwrap_or_default());
            format!("{head}{number}{tail}")
        };
        Some(Number { start, end, others: others.iter().map(around).collect() })
    }

    /// The folded text with its numbers in digits: texts that say the same are the same.
    pub fn in_digits(&self, folded: &str) -> String {
        let mut plain = String::with_capacity(folded.len());
        let mut written = 0;
        for number in self.numbers(folded) {
            let digits = number.others.first().filter(|other| other.contains(|letter: char| letter.is_ascii_digit()));
            if let Some(digits) = digits {
                plain.push_str(folded.get(written..number.start).unwrap_or_default());
                plain.push_str(digits);
                written = number.end;
            }
        }
        plain.push_str(folded.get(written..).unwrap_or_default());
        plain
    }
}

/// Whether a word stands over the byte at which a number begins: 一班 is not part of 十一班.
fn stands_over(text: &str, word: &str, start: usize) -> bool {
    text.match_indices(word).any(|(at, _)| at <= start && at + word.len() > start)
}

fn is_numeral(letter: char) -> bool {
    matches!(letter, '廿' | '卅') || DIGITS.iter().chain(PLACES.iter().map(|(names, _)| names)).any(|names| names.contains(letter))
}

fn digit(letter: char) -> Option<u32> {
    DIGITS.iter().zip(0..).find(|(names, _)| names.contains(letter)).map(|(_, value)| value)
}

/// Other ways to write a number; `None` when it is no number.
fn other_ways(written: &str, unit: Option<char>) -> Option<Vec<String>> {
    if written.bytes().all(|letter| letter.is_ascii_digit()) {
        if written.len() > LONGEST || written.starts_with('0') {
            return None;
        }
        let one_by_one = || written.chars().filter_map(|letter| in_words(letter.to_digit(10)?, 1)).collect::<String>();
        if unit == Some('年') && written.len() == 4 {
            let year = one_by_one();
            return Some(vec![year.replace('零', "〇"), year]);
        }
        return Some(vec![words_of(written.parse().ok()?)]);
    }
    let value = value_of(written)?;
    let mut others = vec![value.to_string()];
    let usual = words_of(value);
    if usual != written {
        others.push(usual);
    }
    Some(others)
}

/// The value of a Chinese numeral: with places (二十三, 廿三), or digit by digit (二〇二四).
fn value_of(written: &str) -> Option<u32> {
    let letters: Vec<char> = written.replace('廿', "二十").replace('卅', "三十").chars().collect();
    let digits: Option<Vec<u32>> = letters.iter().map(|letter| digit(*letter)).collect();
    if let Some(digits) = digits {
        let plain = digits.len() <= LONGEST && (digits.len() == 1 || digits.first() != Some(&0));
        return plain.then(|| digits.iter().fold(0, |sum, digit| sum * 10 + digit));
    }
    let (mut sum, mut section, mut last) = (0_u32, 0_u32, None);
    for letter in letters {
        match (digit(letter), PLACES.iter().find(|(names, _)| names.contains(letter))) {
            (Some(value), _) if last.is_none_or(|known| known == 0) => last = Some(value),
            (None, Some((_, 10_000))) => {
                sum = sum.checked_add((section + last.take().unwrap_or(0)).checked_mul(10_000)?)?;
                section = 0;
            }
            (None, Some((_, place))) => {
                // 零十 is said for 零一十.
                let count = last.take().filter(|digit| *digit > 0).unwrap_or(1);
                section = section.checked_add(count.checked_mul(*place)?)?;
            }
            _ => return None,
        }
    }
    sum.checked_add(section + last.unwrap_or(0)).filter(|value| *value > 0 && *value < 1_000_000)
}

/// The usual words of a number below a million.
fn words_of(value: u32) -> String {
    if value >= 10_000 {
        let rest = value % 10_000;
        // 一万零一十, not 一万零十.
        let lead = match rest {
            0 => return format!("{}万", words_of(value / 10_000)),
            10..20 => "零一",
            1..10 | 20..1_000 => "零",
            _ => "",
        };
        let tail = format!("{lead}{}", words_of(rest));
        return format!("{}万{tail}", words_of(value / 10_000));
    }
    let mut words = String::new();
    let mut gap = false;
    for place in [1_000, 100, 10, 1] {
        let digit = value / place % 10;
        if digit == 0 {
            gap = gap || !words.is_empty();
            continue;
        }
        if std::mem::take(&mut gap) {
            words.push('零');
        }
        // 十三, not 一十三.
        match in_words(digit, place) {
            Some(word) if words.is_empty() && value < 20 && place == 10 => words.push_str(word.trim_start_matches('一')),
            Some(word) => words.push_str(&word),
            None => {}
        }
    }
    words
}

/// A digit with its place in words, in the usual characters.
fn in_words(digit: u32, place: u32) -> Option<String> {
    const USUAL: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let name = PLACES.iter().find(|(_, value)| *value == place).and_then(|(names, _)| names.chars().next());
    let word = USUAL.get(digit as usize)?;
    Some(word.chars().chain(name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static NUMERALS: LazyLock<Numerals> = LazyLock::new(|| {
        let folds = FoldTable::load(Folder::default()).unwrap();
        Numerals::load(Folder::default(), &folds).unwrap()
    });

    fn others(text: &str) -> Vec<String> {
        NUMERALS.numbers(text).into_iter().flat_map(|number| number.others).collect()
    }

    #[test]
    fn words_and_digits_say_the_same() {
        assert_eq!(others("智能手机第十三讲"), ["第13讲"]);
        assert_eq!(others("智能手机第13讲"), ["第十三讲"]);
        assert_eq!(others("第拾叁讲"), ["第13讲", "第十三讲"]);
        assert_eq!(others("第廿一课"), ["第21课", "第二十一课"]);
        assert_eq!(others("二〇二四年"), ["2024年", "二千零二十四年"]);
        assert_eq!(others("2024年"), ["二〇二四年", "二零二四年"]);
        assert_eq!(others("第105期"), ["第一百零五期"]);
        assert_eq!(others("第一百零五期"), ["第105期"]);
        assert_eq!(others("第13"), ["第十三"]);
    }

    #[test]
    fn what_counts_nothing_stays() {
        for text in [
            "三下乡",
            "一带一路",
            "五溪蛮",
            "第三方支付",
            "农历三月三",
            "c13",
            "3.14",
            "百家姓",
            "十里洋场",
            "第0讲",
            "千古",
            "第一次",
            "第一个",
        ] {
            assert!(others(text).is_empty(), "{text}: {:?}", others(text));
        }
        assert_eq!(NUMERALS.in_digits("第三方与第三讲"), "第三方与第3讲");
        assert_eq!(NUMERALS.in_digits("第13讲"), "第13讲");
        assert_eq!(NUMERALS.in_digits("第一章，十一班"), "第1章，11班");
    }

    #[test]
    fn tens_behind_a_nought_are_tens() {
        assert_eq!((words_of(690_010), words_of(12)), ("六十九万零一十".to_owned(), "十二".to_owned()));
        assert_eq!(["六十九万零十", "六十九万零一十", "一百零十"].map(value_of), [Some(690_010), Some(690_010), Some(110)]);
    }

    proptest! {
        #[test]
        fn words_lead_back(value in 1_u32..1_000_000) {
            prop_assert_eq!(value_of(&words_of(value)), Some(value), "{}", words_of(value));
        }

        #[test]
        fn any_text_is_read(text in "[第一二十百千万廿0-9a讲年〇]{0,30}") {
            for number in NUMERALS.numbers(&text) {
                prop_assert!(text.get(number.start..number.end).is_some());
            }
            NUMERALS.in_digits(&text);
        }
    }
}
