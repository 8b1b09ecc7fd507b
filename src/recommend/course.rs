//! The order of a course: which part of a series comes after which.
//!
//! A series is a name that its parts share; a course is what one provider gives under that name. Its parts say where they stand
//! by their titles (第二讲 before 第十讲, `1.2`, 之三, 上 中 下, 导言 and 结语), else by the provider's own numbers, else by when they
//! were published.

/// Titles without a number that begin or end a course.
const OPENING: [&str; 9] = ["导言", "导论", "绪论", "序言", "前言", "引言", "导学", "开篇", "开课"];
const CLOSING: [&str; 5] = ["结语", "结课", "尾声", "后记", "总结"];
/// What may stand behind 上, 中 and 下 at the end of a title.
const VOLUMES: &str = "集篇部册卷";
/// Digits of the longest number that is read.
const LONGEST: usize = 9;

/// Where a part stands in its course; parts are ordered by it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    stage: Stage,
    numbers: Box<[u32]>,
    source: Box<[Piece]>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Opening,
    Numbered,
    #[default]
    Plain,
    Closing,
}

/// A stretch of an own number: A-2 comes before A-10.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Number(u64),
    Text(Box<str>),
}

impl Place {
    /// Of a part by its title and the provider's own number.
    pub fn of(title: &str, source: Option<&str>) -> Self {
        let numbers = numbers(title);
        let says = |words: &[&str]| words.iter().any(|word| title.contains(word));
        let stage = match numbers.is_empty() {
            false => Stage::Numbered,
            true if says(&OPENING) => Stage::Opening,
            true if says(&CLOSING) => Stage::Closing,
            true => Stage::Plain,
        };
        Self { stage, numbers: numbers.into_boxed_slice(), source: pieces(source.unwrap_or_default()) }
    }
}

/// The numbers that say where a title stands: those after 第, in brackets of their own, after 之 at the end; where there are none,
/// one that begins the title; else all in digits.
fn numbers(title: &str) -> Vec<u32> {
    let letters: Vec<char> = title.chars().map(plain).collect();
    let marked = marked(&letters);
    if !marked.is_empty() {
        return marked;
    }
    let (length, value) = number_at(&letters, 0);
    let gap = letters.get(length).is_none_or(|letter| is_gap(*letter));
    match value {
        Some(value) if gap && !letters.first().is_some_and(char::is_ascii_digit) => vec![value],
        _ => in_digits(&letters),
    }
}

fn marked(letters: &[char]) -> Vec<u32> {
    let mut found = Vec::new();
    for (place, letter) in letters.iter().enumerate() {
        let start = place + 1 + spaces(letters, place + 1);
        let (length, value) = number_at(letters, start);
        let after = letters.get(start + length).copied();
        match (*letter, value) {
            ('第', Some(value)) => found.push(value),
            ('(' | '[', Some(value)) if matches!(after, Some(')' | ']')) => found.push(value),
            ('之', Some(value)) if after.is_none() => found.push(value),
            _ => found.extend(volume(letters, place)),
        }
    }
    found
}

/// 上, 中 or 下 in brackets, or at the end of a title after a gap or before a word such as 集.
fn volume(letters: &[char], place: usize) -> Option<u32> {
    let value = match letters.get(place)? {
        '上' => 1,
        '中' => 2,
        '下' => 3,
        _ => return None,
    };
    let before = place.checked_sub(1).and_then(|place| letters.get(place)).copied();
    let (next, last) = (letters.get(place + 1).copied(), letters.get(place + 2).is_none());
    let bracketed = matches!(before, Some('(' | '[')) && matches!(next, Some(')' | ']'));
    let ends = next.is_none() && before.is_some_and(is_gap) || last && next.is_some_and(|next| VOLUMES.contains(next));
    (bracketed || ends).then_some(value)
}

fn in_digits(letters: &[char]) -> Vec<u32> {
    letters.split(|letter| !letter.is_ascii_digit()).filter(|run| (1..=LONGEST).contains(&run.len())).filter_map(value_of).collect()
}

/// Length and value of the number that begins here.
fn number_at(letters: &[char], start: usize) -> (usize, Option<u32>) {
    let rest = letters.get(start..).unwrap_or_default();
    let digits = rest.first().is_some_and(char::is_ascii_digit);
    let same = |letter: &&char| if digits { letter.is_ascii_digit() } else { digit(**letter).is_some() || unit(**letter).is_some() };
    let run = rest.get(..rest.iter().take_while(same).count()).unwrap_or_default();
    (run.len(), value_of(run).filter(|_| (1..=LONGEST).contains(&run.len())))
}

/// 二十三, 二〇二四, 23.
fn value_of(run: &[char]) -> Option<u32> {
    if run.iter().all(|letter| unit(*letter).is_none()) {
        return run.iter().try_fold(0_u32, |sum, letter| sum.checked_mul(10)?.checked_add(digit(*letter)?));
    }
    let (mut sum, mut ahead) = (0_u32, None);
    for letter in run {
        match unit(*letter) {
            Some(unit) => sum = sum.checked_add(ahead.take().unwrap_or(1) * unit)?,
            None => ahead = digit(*letter),
        }
    }
    sum.checked_add(ahead.unwrap_or(0))
}

fn digit(letter: char) -> Option<u32> {
    const DIGITS: [&str; 10] = ["〇零", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"];
    letter.to_digit(10).or_else(|| DIGITS.iter().zip(0..).find(|(names, _)| names.contains(letter)).map(|(_, value)| value))
}

const fn unit(letter: char) -> Option<u32> {
    match letter {
        '十' | '拾' => Some(10),
        '百' | '佰' => Some(100),
        '千' | '仟' => Some(1_000),
        _ => None,
    }
}

/// Full-width digits and brackets as the narrow ones.
fn plain(letter: char) -> char {
    match letter {
        '０'..='９' => char::from_digit(u32::from(letter) - u32::from('０'), 10).unwrap_or(letter),
        '（' | '【' | '〔' => '(',
        '）' | '】' | '〕' => ')',
        _ => letter,
    }
}

fn is_gap(letter: char) -> bool {
    letter.is_whitespace() || "、.．,，:：·-—_|".contains(letter)
}

fn spaces(letters: &[char], start: usize) -> usize {
    letters.get(start..).unwrap_or_default().iter().take_while(|letter| letter.is_whitespace()).count()
}

fn pieces(source: &str) -> Box<[Piece]> {
    let letters: Vec<char> = source.chars().collect();
    let runs = letters.chunk_by(|left, right| left.is_ascii_digit() == right.is_ascii_digit());
    let piece = |run: &[char]| {
        let text: String = run.iter().collect();
        text.parse().map_or_else(|_| Piece::Text(text.into_boxed_str()), Piece::Number)
    };
    runs.map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(mut titles: Vec<&str>) -> Vec<&str> {
        titles.sort_by_key(|title| Place::of(title, None));
        titles
    }

    #[test]
    fn titles_come_in_the_order_in_which_they_count() {
        let courses: [&[&str]; 8] = [
            &["导言：为什么学", "第一讲 开机", "第二讲 三个按钮", "第九讲", "第十讲", "第十一讲", "第二十讲", "第一百零二讲", "结语"],
            &["第1课（上）", "第1课（下）", "第２课", "第10课"],
            &["一、认识手机", "二、下载微信", "十、扫码", "十二、防骗"],
            &["剪纸艺术（一）", "剪纸艺术（二）", "剪纸艺术（十）"],
            &["湘绣之一", "湘绣之二", "湘绣之十一"],
            &["2024年课程02：5G", "2024年课程03：认识3个键", "2024年课程11"],
            &["第一章第二节", "第一章第十节", "第二章第一节"],
            &["侗族大歌 上集", "侗族大歌 中集", "侗族大歌 下集"],
        ];
        for course in courses {
            let mut turned = course.to_vec();
            turned.reverse();
            assert_eq!(sorted(turned), course);
        }
    }

    #[test]
    fn without_a_number_in_the_title_the_own_number_decides() {
        assert!(Place::of("下载微信", Some("KC-2")) < Place::of("认识手机", Some("KC-10")));
        assert_eq!(Place::of("三月三歌会", None).stage, Stage::Plain, "a feast is no number");
        assert_eq!(Place::of("湖南省", None), Place::of("毛古斯舞", None));
    }

    proptest! {
        #[test]
        fn numbers_up_to_a_thousand_keep_their_order(left in 1_u32..999, right in 1_u32..999) {
            let words = |number: u32| {
                let digits = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
                let (hundreds, tens, ones) = (number / 100, number / 10 % 10, number % 10);
                let mut text = String::new();
                if hundreds > 0 { text += &format!("{}百", digits[hundreds as usize]); }
                if tens > 0 { text += &format!("{}十", digits[tens as usize]); }
                if hundreds > 0 && tens == 0 && ones > 0 { text += "零"; }
                if ones > 0 { text += digits[ones as usize]; }
                text
            };
            let place = |number: u32| Place::of(&format!("第{}讲", words(number)), None);
            prop_assert_eq!(place(left).cmp(&place(right)), left.cmp(&right));
            prop_assert_eq!(place(left), Place::of(&format!("第 {left} 讲"), None));
        }

        #[test]
        fn no_title_does_harm(title in ".{0,40}", source in ".{0,20}") {
            let _ = Place::of(&title, Some(&source));
        }
    }
}
