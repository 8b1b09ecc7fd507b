//! Why a hit was found, in words that somebody understands who never heard of scores: the parts of its score, put together where
//! they say the same.

use super::answer::Hit;
use crate::search::execute::explain::Part;
use crate::search::query::origin::Origin;
use std::collections::BTreeMap;

/// Reasons that are told.
const TOLD: usize = 5;
/// The share of a score below which a reason says nothing.
const LEAST: f32 = 0.01;

impl Hit {
    /// Why it was found: sentences in Chinese without their stops, the weightiest first. Nothing where scores do not order, or were
    /// not explained.
    ///
    /// No number is told: how rare a word is comes from the whole index, and numbers would change with what the reader may not see.
    pub fn reasons(&self) -> Vec<String> {
        reasons(self.why.as_deref().unwrap_or_default())
    }
}

fn reasons(parts: &[Part]) -> Vec<String> {
    let mut sums: BTreeMap<String, f32> = BTreeMap::new();
    for part in parts.iter().filter(|part| part.score > 0.0) {
        if let Some(sentence) = sentence(part) {
            *sums.entry(sentence).or_default() += part.score;
        }
    }
    let least = sums.values().sum::<f32>() * LEAST;
    let mut sums: Vec<(String, f32)> = sums.into_iter().filter(|(_, sum)| *sum >= least).collect();
    sums.sort_by(|left, right| right.1.total_cmp(&left.1));
    sums.into_iter().map(|(text, _)| text).take(TOLD).collect()
}

/// What a part says; nothing where it is what any work is given of which nothing is known.
fn sentence(part: &Part) -> Option<String> {
    let (place, text) = (place_of(part.field), part.text.as_str());
    Some(match part.origin {
        Origin::WholeTitle => "题名与您输入的完全相同".to_owned(),
        Origin::Typed | Origin::Word => format!("{place}有您输入的字词"),
        Origin::Phrase => format!("{place}连着出现“{text}”"),
        Origin::Lone => format!("{place}有“{text}”字"),
        Origin::Synonym => format!("{place}有意思相同的词“{text}”"),
        Origin::Number => format!("{place}有同一个数“{text}”"),
        Origin::Sound => "名称的读音与您输入的拼音相同".to_owned(),
        Origin::Initials => "名称的拼音首字母与您输入的相同".to_owned(),
        Origin::Beginning => format!("{place}有这样开头的词“{text}”"),
        Origin::Quality | Origin::Freshness | Origin::Use if text.is_empty() => return None,
        Origin::Quality => format!("评审得分 {text} 分"),
        Origin::Freshness => format!("{text} 发布"),
        Origin::Use => format!("至少 {} 人学过", text.trim_end_matches('+')),
        Origin::Meaning => "意思与您输入的相近".to_owned(),
    })
}

fn place_of(field: &str) -> &'static str {
    match field {
        "title" => "题名里",
        "keywords" => "关键词里",
        "people" => "责任者姓名里",
        "name" => "名称里",
        _ => "文字里",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(origin: Origin, field: &'static str, text: &str, score: f32) -> Part {
        Part { origin, label: origin.label(), field, text: text.to_owned(), score }
    }

    #[test]
    fn what_says_the_same_is_told_once_and_the_weightiest_first() {
        let parts = [
            part(Origin::Typed, "title", "毛古", 3.0),
            part(Origin::Typed, "title", "古斯", 3.0),
            part(Origin::Synonym, "text", "茅古斯", 2.0),
            part(Origin::Word, "text", "毛古斯", 1.0),
            part(Origin::Quality, "resource", "92.50", 1.0),
            part(Origin::Use, "resource", "5+", 0.01),
            part(Origin::Freshness, "resource", "", 0.5),
        ];
        assert_eq!(reasons(&parts), ["题名里有您输入的字词", "文字里有意思相同的词“茅古斯”", "文字里有您输入的字词", "评审得分 92.50 分"]);
        assert!(reasons(&[]).is_empty() && reasons(&[part(Origin::Use, "resource", "5+", 0.0)]).is_empty());
    }
}
