//! Reads what was typed: words, "phrases", -not, field:value, OR and a `*` at the end. Anything else is text; what looks like
//! syntax and is none is named in [`Parsed::notes`].

use super::super::schema::Facet;

/// Characters of a query that are read; longer ones are cut.
const LONGEST: usize = 400;
/// Phrases, exclusions and fields that are heeded, and notes that are given.
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
    Facet(Facet),
}

/// What could not be understood as it was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misread {
    /// There is no such field: it was read as text.
    Field,
    /// The field has no such value.
    Value,
    /// A quotation mark without its other half.
    Quotation,
    /// A `*` that does not stand at the end of a word of letters.
    Wildcard,
    /// An OR without something of its kind on both sides.
    Or,
    /// A value that cannot be excluded.
    Exclusion,
    /// More than is heeded: the rest was left out.
    Length,
}

/// A part of the query that could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Why.
    pub what: Misread,
    /// The part.
    pub text: String,
}

/// Text that must, or must not, stand somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Where; anywhere for none. Never a facet.
    pub field: Option<Named>,
    /// What.
    pub text: String,
}

/// What a query says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// Text that ranks.
    pub text: String,
    /// Texts that must stand there: one of each group.
    pub required: Vec<Vec<Wanted>>,
    /// Texts that must not stand there.
    pub without: Vec<Wanted>,
    /// Values of facets, any one of each facet.
    pub facets: Vec<(Facet, String)>,
    /// Beginnings of words of letters.
    pub beginnings: Vec<String>,
    /// What could not be understood.
    pub notes: Vec<Note>,
}

impl Parsed {
    /// Text that ranks and phrases together.
    pub fn ranking_text(&self) -> String {
        let phrases = self.required.iter().flatten().filter(|wanted| wanted.field.is_none()).map(|wanted| wanted.text.as_str());
        std::iter::once(self.text.as_str()).chain(phrases).collect::<Vec<_>>().join(" ")
    }

    /// Says that something could not be understood.
    pub fn note(&mut self, what: Misread, text: impl Into<String>) {
        if self.notes.len() < MOST {
            self.notes.push(Note { what, text: text.into() });
        }
    }
}

/// One word or phrase of a query.
struct Unit {
    text: String,
    phrase: bool,
    without: bool,
}

/// What a unit asks for.
enum Meaning {
    Text(String),
    Wanted(Wanted),
    Facet(Facet, String),
    Beginning(String),
}

/// Reads a query.
pub fn parse(query: &str) -> Parsed {
    let mut letters: Vec<char> = query.chars().take(LONGEST + 1).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let mut parsed = Parsed::default();
    if letters.len() > LONGEST {
        letters.truncate(LONGEST);
        parsed.note(Misread::Length, format!("{}…", letters.iter().take(12).collect::<String>()));
    }
    let units = units(&letters, &mut parsed);
    let mut joined = false;
    let mut group: Vec<(bool, Meaning)> = Vec::new();
    for (place, unit) in units.iter().enumerate() {
        if is_or(unit) {
            joined = place > 0 && units.get(place + 1).is_some_and(|next| !is_or(next)) && !group.is_empty();
            if !joined {
                parsed.note(Misread::Or, unit.text.clone());
            }
            continue;
        }
        if !std::mem::take(&mut joined) {
            take(&mut parsed, std::mem::take(&mut group));
        }
        group.push((unit.without, meaning(unit, &mut parsed)));
    }
    take(&mut parsed, group);
    parsed
}

fn units(letters: &[char], parsed: &mut Parsed) -> Vec<Unit> {
    let mut units = Vec::new();
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
        let (text, phrase, length) = one(rest, parsed);
        place += length + usize::from(without);
        units.push(Unit { text, phrase, without });
    }
    units
}

/// The next phrase or word with its length in characters.
fn one(rest: &[char], parsed: &mut Parsed) -> (String, bool, usize) {
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
    let text: String = rest.get(..end).unwrap_or_default().iter().collect();
    if closing.is_some() {
        parsed.note(Misread::Quotation, text.clone());
    }
    (text, false, end.max(1))
}

fn is_or(unit: &Unit) -> bool {
    !unit.phrase && !unit.without && matches!(unit.text.as_str(), "OR" | "|" | "||" | "或" | "或者")
}

fn meaning(unit: &Unit, parsed: &mut Parsed) -> Meaning {
    if unit.phrase {
        return Meaning::Wanted(Wanted { field: None, text: unit.text.clone() });
    }
    if let Some((name, value)) = unit.text.split_once([':', '：'])
        && !value.is_empty()
    {
        let value = value.trim_matches(['"', '“', '”']).to_owned();
        match named(name) {
            Some(Named::Facet(facet)) => return Meaning::Facet(facet, value),
            Some(field) => return Meaning::Wanted(Wanted { field: Some(field), text: value }),
            None if looks_like_a_field(name, &unit.text) => parsed.note(Misread::Field, unit.text.clone()),
            None => {}
        }
    }
    if !unit.text.contains(['*', '＊']) {
        return Meaning::Text(unit.text.clone());
    }
    let beginning = unit.text.trim_end_matches(['*', '＊']);
    let plain = beginning.chars().count() >= 2 && beginning.chars().all(|letter| letter.is_ascii_alphanumeric());
    if plain {
        return Meaning::Beginning(beginning.to_owned());
    }
    // Text without spaces between its words is found inside words anyway.
    if beginning.contains(['*', '＊']) || beginning.is_empty() || beginning.is_ascii() {
        parsed.note(Misread::Wildcard, unit.text.clone());
    }
    Meaning::Text(beginning.replace(['*', '＊'], " "))
}

/// Takes the units that are joined by OR; mostly there is only one.
fn take(parsed: &mut Parsed, group: Vec<(bool, Meaning)>) {
    let several = group.len() > 1;
    let only_words = several && group.iter().all(|(_, meaning)| matches!(meaning, Meaning::Text(_)));
    let mut any = Vec::new();
    for (without, meaning) in group {
        match meaning {
            Meaning::Facet(facet, value) if without => parsed.note(Misread::Exclusion, format!("-{}:{value}", facet.name())),
            Meaning::Facet(..) if several && !any.is_empty() => parsed.note(Misread::Or, "OR"),
            Meaning::Facet(facet, value) => add(parsed, |parsed| &mut parsed.facets, (facet, value)),
            Meaning::Wanted(wanted) if without => add(parsed, |parsed| &mut parsed.without, wanted),
            Meaning::Text(text) | Meaning::Beginning(text) if without => {
                add(parsed, |parsed| &mut parsed.without, Wanted { field: None, text });
            }
            Meaning::Wanted(wanted) => any.push(wanted),
            Meaning::Beginning(text) => add(parsed, |parsed| &mut parsed.beginnings, text),
            Meaning::Text(text) => {
                // Words are never all required, so OR between words says nothing more; beside a phrase it does.
                if several {
                    any.push(Wanted { field: None, text: text.clone() });
                }
                parsed.text.push(' ');
                parsed.text.push_str(&text);
            }
        }
    }
    if !any.is_empty() && !only_words {
        add(parsed, |parsed| &mut parsed.required, any);
    }
}

fn add<T>(parsed: &mut Parsed, list: impl Fn(&mut Parsed) -> &mut Vec<T>, item: T) {
    if list(parsed).len() < MOST {
        list(parsed).push(item);
    } else if !parsed.notes.iter().any(|note| note.what == Misread::Length) {
        parsed.note(Misread::Length, "…");
    }
}

/// Whether somebody who wrote `name:value` meant a field: not a time, an address or a sentence.
fn looks_like_a_field(name: &str, whole: &str) -> bool {
    let plain = name.chars().all(|letter| letter.is_ascii_alphabetic() || letter == '_');
    whole.contains(':') && plain && (3..=16).contains(&name.len()) && !whole.contains("://")
}

fn named(name: &str) -> Option<Named> {
    Some(match name.to_lowercase().as_str() {
        "title" | "标题" | "题名" => Named::Title,
        "people" | "author" | "creator" | "作者" | "责任者" | "讲师" | "主讲" => Named::People,
        "keyword" | "keywords" | "关键词" => Named::Keywords,
        other => Named::Facet(facet(other)?),
    })
}

fn facet(name: &str) -> Option<Facet> {
    Some(match name {
        "类别" => Facet::Category,
        "类型" => Facet::Kind,
        "学科" => Facet::Subject,
        "民族" => Facet::EthnicGroup,
        "非遗" => Facet::HeritageClass,
        "地区" => Facet::Region,
        "语种" | "语言" => Facet::Language,
        "机构" | "单位" => Facet::Institution,
        "许可" => Facet::Licence,
        "适用" | "对象" => Facet::Audience,
        "无障碍" => Facet::Accessibility,
        "时长" => Facet::Duration,
        "离线" => Facet::Offline,
        other => Facet::parse(other)?,
    })
}

fn is_sign(letter: char) -> bool {
    matches!(letter, '-' | '－' | '>' | '<' | '=' | '+')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn anywhere(text: &str) -> Wanted {
        Wanted { field: None, text: text.to_owned() }
    }

    fn within(field: Named, text: &str) -> Wanted {
        Wanted { field: Some(field), text: text.to_owned() }
    }

    fn notes(query: &str) -> Vec<Misread> {
        parse(query).notes.into_iter().map(|note| note.what).collect()
    }

    #[test]
    fn words_phrases_exclusions_and_fields() {
        let parsed = parse("土家族 \"西兰卡普\" -刺绣 title:织锦 kind:video 作者：\"李 秀英\" -题名:舞");
        assert_eq!(parsed.text, " 土家族");
        let required = [vec![anywhere("西兰卡普")], vec![within(Named::Title, "织锦")], vec![within(Named::People, "李 秀英")]];
        assert_eq!(parsed.required, required);
        assert_eq!(parsed.without, [anywhere("刺绣"), within(Named::Title, "舞")]);
        assert_eq!(parsed.facets, [(Facet::Kind, "video".to_owned())]);
        assert!(parsed.notes.is_empty());
        assert_eq!(parse("地区:湘西").facets, [(Facet::Region, "湘西".to_owned())]);
    }

    #[test]
    fn or_joins_what_stands_on_its_sides() {
        assert_eq!(parse("\"土家织锦\" OR \"苗绣\" 湘西").required, [vec![anywhere("土家织锦"), anywhere("苗绣")]]);
        assert_eq!(parse("织锦 OR \"苗绣\"").required, [vec![anywhere("织锦"), anywhere("苗绣")]]);
        let words = parse("织锦 OR 刺绣");
        assert_eq!((words.text.as_str(), words.required.len()), (" 织锦 刺绣", 0));
        assert_eq!(parse("kind:video OR kind:audio").facets.len(), 2);
        assert_eq!(
            (notes("OR 织锦"), notes("织锦 OR"), notes("织锦 OR OR 刺绣")),
            (vec![Misread::Or], vec![Misread::Or], vec![Misread::Or])
        );
        assert_eq!(parse("织锦 or 刺绣").text, " 织锦 or 刺绣");
    }

    #[test]
    fn a_star_ends_a_word() {
        assert_eq!(parse("learn* 手机").beginnings, ["learn"]);
        assert_eq!((parse("毛古*").text.as_str(), notes("毛古*").len()), (" 毛古", 0));
        assert_eq!(
            (notes("*古斯"), notes("l*rn"), notes("*")),
            (vec![Misread::Wildcard], vec![Misread::Wildcard], vec![Misread::Wildcard])
        );
    }

    #[test]
    fn what_is_not_syntax_is_text() {
        assert_eq!(parse("2024-05-01 a:b \"open - -- C++").text, " 2024-05-01 a:b \"open - -- C++");
        assert_eq!(notes("2024-05-01 a:b \"open - -- C++"), [Misread::Quotation]);
        assert!(parse("  \t\u{0}").ranking_text().trim().is_empty());
        assert!(parse(&"长".repeat(20_000)).text.chars().count() <= LONGEST + 1);
        assert_eq!(notes(&"长".repeat(20_000)), [Misread::Length]);
    }

    #[test]
    fn what_was_not_understood_is_named() {
        assert_eq!(parse("colour:red 手机").notes, [Note { what: Misread::Field, text: "colour:red".to_owned() }]);
        assert_eq!(notes("-kind:video"), [Misread::Exclusion]);
        for text in ["http://example.cn/a", "12:30", "题目：手机怎么用", "a:b", "https://x"] {
            assert!(notes(text).is_empty(), "{text}");
        }
        assert_eq!(notes(&"\"甲\" ".repeat(20)), [Misread::Length]);
    }

    proptest! {
        #[test]
        fn any_query_is_read(query in any::<String>()) {
            parse(&query);
        }

        #[test]
        fn any_mix_of_signs_is_read(query in "[-－:：\"“”a土* |OR title]{0,40}") {
            parse(&query);
        }
    }
}
