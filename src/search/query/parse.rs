//! Reads what was typed: words, "phrases", -not and field:value. Anything else is text.

/// Characters of a query that are read; longer ones are cut.
const LONGEST: usize = 400;
/// Phrases, exclusions and fields that are heeded.
const MOST: usize = 8;

/// A field that can be named in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Title.
    Title,
    /// Person.
    People,
    /// Keyword.
    Keywords,
    /// A facet's code or the institution's name.
    Facet(super::super::schema::Facet),
}

/// What a query says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// Text that ranks, words and phrases together.
    pub text: String,
    /// Phrases that must stand so.
    pub phrases: Vec<String>,
    /// Texts that must not stand there.
    pub without: Vec<String>,
    /// Texts that must stand in a field.
    pub fields: Vec<(Named, String)>,
}

impl Parsed {
    /// Whether nothing positive is asked for.
    pub fn is_browse(&self) -> bool {
        self.text.trim().is_empty() && self.phrases.is_empty()
    }
}

/// Reads a query.
pub fn parse(query: &str) -> Parsed {
    let letters: Vec<char> = query.chars().take(LONGEST).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let mut parsed = Parsed::default();
    let mut place = 0;
    while let Some(rest) = letters.get(place..).filter(|rest| !rest.is_empty()) {
        if rest.first().is_some_and(|letter| letter.is_whitespace()) {
            place += 1;
            continue;
        }
        let (without, rest) = match rest {
            ['-' | '－', next, ..] if !next.is_whitespace() && !is_sign(*next) => (true, rest.get(1..).unwrap_or_default()),
            _ => (false, rest),
        };
        let (text, phrase, length) = one(rest);
        place += length + usize::from(without);
        take(&mut parsed, text, phrase, without);
    }
    parsed
}

/// The next phrase or word with its length in characters.
fn one(rest: &[char]) -> (String, bool, usize) {
    let closing = match rest.first() {
        Some('"') => Some('"'),
        Some('“') => Some('”'),
        Some('＂') => Some('＂'),
        _ => None,
    };
    let inside = rest.get(1..).unwrap_or_default();
    if let Some(end) = closing.and_then(|closing| inside.iter().position(|letter| *letter == closing)) {
        return (inside.get(..end).unwrap_or_default().iter().collect(), true, end + 2);
    }
    let mut end = rest.iter().position(|letter| letter.is_whitespace()).unwrap_or(rest.len());
    // A quotation that begins inside a word (标题:"…") belongs to it.
    if let Some(open) = rest.get(..end).and_then(|word| word.iter().position(|letter| matches!(letter, '"' | '“'))).filter(|open| *open > 0)
    {
        let after = rest.get(open + 1..).unwrap_or_default();
        end = after.iter().position(|letter| matches!(letter, '"' | '”')).map_or(end, |close| open + close + 2);
    }
    (rest.get(..end).unwrap_or_default().iter().collect(), false, end.max(1))
}

fn take(parsed: &mut Parsed, text: String, phrase: bool, without: bool) {
    if without {
        if parsed.without.len() < MOST {
            parsed.without.push(text);
        }
        return;
    }
    if phrase {
        if parsed.phrases.len() < MOST {
            parsed.phrases.push(text);
        }
        return;
    }
    if let Some((name, value)) = text.split_once([':', '：'])
        && let Some(named) = named(name)
        && !value.is_empty()
        && parsed.fields.len() < MOST
    {
        parsed.fields.push((named, value.trim_matches(['"', '“', '”']).to_owned()));
        return;
    }
    parsed.text.push(' ');
    parsed.text.push_str(&text);
}

fn named(name: &str) -> Option<Named> {
    use super::super::schema::Facet;
    Some(match name.to_lowercase().as_str() {
        "title" | "标题" | "题名" => Named::Title,
        "people" | "author" | "creator" | "作者" | "责任者" | "讲师" | "主讲" => Named::People,
        "keyword" | "keywords" | "关键词" => Named::Keywords,
        "institution" | "机构" | "单位" => Named::Facet(Facet::Institution),
        other => Named::Facet(Facet::parse(other)?),
    })
}

fn is_sign(letter: char) -> bool {
    matches!(letter, '-' | '－' | '>' | '<' | '=' | '+')
}

#[cfg(test)]
mod tests {
    use super::super::super::schema::Facet;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_phrases_exclusions_and_fields() {
        let parsed = parse("土家族 \"西兰卡普\" -刺绣 title:织锦 kind:video 作者：\"李 秀英\"");
        assert_eq!(parsed.text, " 土家族");
        assert_eq!(parsed.phrases, ["西兰卡普"]);
        assert_eq!(parsed.without, ["刺绣"]);
        assert_eq!(
            parsed.fields,
            [(Named::Title, "织锦".to_owned()), (Named::Facet(Facet::Kind), "video".to_owned()), (Named::People, "李 秀英".to_owned())]
        );
    }

    #[test]
    fn what_is_not_syntax_is_text() {
        assert_eq!(parse("2024-05-01 a:b \"open - -- C++").text, " 2024-05-01 a:b \"open - -- C++");
        assert!(parse("  \t\u{0}").is_browse());
        assert!(parse(&"长".repeat(20_000)).text.chars().count() <= LONGEST + 1);
    }

    proptest! {
        #[test]
        fn any_query_is_read(query in any::<String>()) {
            parse(&query);
        }

        #[test]
        fn any_mix_of_signs_is_read(query in "[-－:：\"“”a土 title]{0,40}") {
            parse(&query);
        }
    }
}
