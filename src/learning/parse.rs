//! Reads events from a JSON array or NDJSON (a JSON object a line), telling them apart by the first character.
//!
//! A row that is wrong does not hide the others: all are looked at, all problems answered together, and then nothing is
//! kept, so that a sender can mend the batch and send the same ids again.

use super::{MOST_EVENTS, record};
use crate::domain::event::{EventInput, Verb};
use crate::domain::problem::{FieldProblem, Problem, ProblemKind};
use crate::domain::time::{DAY_MS, Timestamp};
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de::DeserializeSeed};
use std::borrow::Cow;

/// Problems named in one answer.
const MOST_NAMED: usize = 1_000;

/// Reads all events of a body.
///
/// # Errors
/// 400 when it is not JSON at all, 413 for more than [`MOST_EVENTS`], 422 with every wrong row: its place in the array
/// (`[12].verb`) and, counted from 1, its row (in NDJSON, its line).
pub fn events(body: &[u8]) -> Result<Vec<EventInput>, Problem> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut rows = Rows::default();
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        let mut reader = serde_json::Deserializer::from_slice(body);
        let read = reader.deserialize_seq(&mut rows).and_then(|()| reader.end());
        match read {
            Err(_) if rows.overflow => return Err(record::too_many()),
            Err(error) => return Err(not_json(&error)),
            Ok(()) => {}
        }
    } else {
        for (line, text) in body.split(|byte| *byte == b'\n').enumerate() {
            if text.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            if rows.count() >= MOST_EVENTS {
                return Err(record::too_many());
            }
            let mut reader = serde_json::Deserializer::from_slice(text);
            let row = Row::deserialize(&mut reader).and_then(|row| reader.end().map(|()| row));
            match row {
                Ok(row) => rows.take(line, row),
                Err(error) => {
                    rows.wrong.push(field(line, "", "not-json", format!("不是有效的 JSON：{error}"), format!("not JSON: {error}")))
                }
            }
        }
    }
    if rows.wrong.is_empty() { Ok(rows.events) } else { Err(refused(rows.wrong)) }
}

/// The refusal of a batch with these rows wrong.
pub fn refused(mut wrong: Vec<FieldProblem>) -> Problem {
    let count = wrong.len();
    wrong.truncate(MOST_NAMED);
    Problem::new(
        ProblemKind::Unprocessable,
        "bad-events",
        format!("有 {count} 处错误，本批未保存；请改正后整批重发。"),
        format!("{count} rows are wrong and nothing of the batch was kept; mend them and send it again."),
    )
    .with_fields(wrong)
}

/// What is wrong with one field of the row at `place` (0 is the first).
pub fn field(place: usize, name: &str, code: &str, zh: impl Into<String>, en: impl Into<String>) -> FieldProblem {
    let path = if name.is_empty() { format!("[{place}]") } else { format!("[{place}].{name}") };
    FieldProblem { path, row: u32::try_from(place + 1).ok(), code: code.to_owned(), zh: zh.into(), en: en.into() }
}

/// A body that is no JSON.
pub(super) fn not_json(error: &serde_json::Error) -> Problem {
    Problem::new(ProblemKind::Invalid, "not-json", format!("请求内容不是有效的 JSON：{error}。"), format!("The body is not JSON: {error}."))
}

/// Rows read so far.
#[derive(Default)]
struct Rows {
    events: Vec<EventInput>,
    wrong: Vec<FieldProblem>,
    wrong_rows: usize,
    overflow: bool,
}

impl Rows {
    fn count(&self) -> usize {
        self.events.len() + self.wrong_rows
    }

    fn take(&mut self, place: usize, row: Row<'_>) {
        let before = self.wrong.len();
        match row.check(place, &mut self.wrong) {
            Some(event) => self.events.push(event),
            None => {
                self.wrong_rows += 1;
                debug_assert!(self.wrong.len() > before, "a row that is not taken is named");
            }
        }
    }
}

impl<'de> Visitor<'de> for &mut Rows {
    type Value = ();
    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("an array of events")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        let mut place = 0;
        while let Some(row) = rows.next_element::<Row<'de>>()? {
            if self.count() >= MOST_EVENTS {
                self.overflow = true;
                return Err(A::Error::custom("too many events"));
            }
            self.take(place, row);
            place += 1;
        }
        Ok(())
    }
}

/// A row as it came: every field may be missing or of the wrong type.
#[derive(Default)]
struct Row<'a> {
    id: Cell<'a>,
    learner: Cell<'a>,
    resource: Cell<'a>,
    verb: Cell<'a>,
    at: Cell<'a>,
    value: Cell<'a>,
    position: Cell<'a>,
    list: Cell<'a>,
    slot: Cell<'a>,
    region: Cell<'a>,
    is_object: bool,
}

#[derive(Default)]
enum Cell<'a> {
    #[default]
    Missing,
    Text(Cow<'a, str>),
    Number(f64),
    Wrong,
}

impl Row<'_> {
    fn check(self, place: usize, wrong: &mut Vec<FieldProblem>) -> Option<EventInput> {
        if !self.is_object {
            wrong.push(field(place, "", "not-an-object", "每条记录须为 JSON 对象。", "An event must be a JSON object."));
            return None;
        }
        let id = text("id", self.id, place, wrong);
        let learner = text("learner", self.learner, place, wrong);
        let resource = text("resource", self.resource, place, wrong);
        let verb = text("verb", self.verb, place, wrong).and_then(|code| {
            let verb = Verb::parse(&code);
            if verb.is_none() {
                let known = Verb::ALL.map(Verb::code).join(" ");
                wrong.push(field(
                    place,
                    "verb",
                    "unknown-verb",
                    format!("未知的动作“{code}”，可用：{known}。"),
                    format!("unknown verb; known: {known}"),
                ));
            }
            verb
        });
        let at = text("at", self.at, place, wrong).and_then(|at| {
            let instant = instant(&at);
            if instant.is_none() {
                wrong.push(field(
                    place,
                    "at",
                    "bad-time",
                    "时间须为 RFC 3339 格式，如 2026-11-22T08:00:00Z。",
                    "at must be an RFC 3339 instant.",
                ));
            }
            instant
        });
        let value = number("value", "bad-value", &self.value, place, wrong);
        let position = number("position", "bad-position", &self.position, place, wrong);
        let slot = number("slot", "bad-slot", &self.slot, place, wrong).map(|slot| slot.map(|slot| slot as u32));
        let list = optional("list", self.list, place, wrong);
        let region = optional("region", self.region, place, wrong);
        let (id, learner, resource, verb, at) = (id?, learner?, resource?, verb?, at?);
        let (value, position, list, slot, region) = (value?, position?, list?, slot?, region?);
        Some(EventInput { id, learner, resource, verb, at, value, position, list, slot, region })
    }
}

/// A number that may be missing.
fn number(name: &str, code: &str, cell: &Cell<'_>, place: usize, wrong: &mut Vec<FieldProblem>) -> Option<Option<f64>> {
    match cell {
        Cell::Missing => Some(None),
        Cell::Number(number) => Some(Some(*number)),
        Cell::Text(_) | Cell::Wrong => {
            wrong.push(field(place, name, code, format!("{name} 须为数字。"), format!("{name} must be a number.")));
            None
        }
    }
}

/// A text that may be missing.
fn optional(name: &str, cell: Cell<'_>, place: usize, wrong: &mut Vec<FieldProblem>) -> Option<Option<String>> {
    if matches!(cell, Cell::Missing) { Some(None) } else { text(name, cell, place, wrong).map(Some) }
}

fn text(name: &str, cell: Cell<'_>, place: usize, wrong: &mut Vec<FieldProblem>) -> Option<String> {
    match cell {
        Cell::Text(text) => return Some(text.into_owned()),
        Cell::Missing => wrong.push(field(place, name, "missing-field", format!("缺少字段 {name}。"), format!("{name} is missing."))),
        Cell::Number(_) | Cell::Wrong => {
            wrong.push(field(place, name, "bad-type", format!("{name} 须为字符串。"), format!("{name} must be a string.")));
        }
    }
    None
}

/// Reads `YYYY-MM-DDTHH:MM:SSZ` by hand, which is what almost all senders write, and anything else of RFC 3339 by the book.
pub fn instant(text: &str) -> Option<Timestamp> {
    simple_instant(text.as_bytes()).or_else(|| Timestamp::parse(text))
}

fn simple_instant(bytes: &[u8]) -> Option<Timestamp> {
    let bytes: &[u8; 20] = bytes.try_into().ok()?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'Z'] = *bytes else { return None };
    let number =
        |digits: &[u8]| digits.iter().try_fold(0_i64, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')));
    let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?);
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[n1, n2])?, number(&[s1, s2])?);
    // Days 29 to 31, leap seconds and the like go the long way, which knows the calendar.
    if !(1..=12).contains(&month) || !(1..=28).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Days since 1970 of a civil date (Howard Hinnant, "chrono-compatible low-level date algorithms").
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(Timestamp::from_millis(days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000))
}

impl<'de> Deserialize<'de> for Row<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row<'de>;
    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("an event")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row<'de>, A::Error> {
        let mut row = Row { is_object: true, ..Row::default() };
        while let Some(name) = map.next_key_seed(CellSeed)? {
            let Cell::Text(name) = name else { continue };
            let cell = match name.as_ref() {
                "id" => &mut row.id,
                "learner" => &mut row.learner,
                "resource" => &mut row.resource,
                "verb" => &mut row.verb,
                "at" => &mut row.at,
                "value" => &mut row.value,
                "position" => &mut row.position,
                "list" => &mut row.list,
                "slot" => &mut row.slot,
                "region" => &mut row.region,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *cell = map.next_value_seed(CellSeed)?;
        }
        Ok(row)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Row<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Row::default())
    }
    fn visit_str<E>(self, _: &str) -> Result<Row<'de>, E> {
        Ok(Row::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Row<'de>, E> {
        Ok(Row::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Row<'de>, E> {
        Ok(Row::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Row<'de>, E> {
        Ok(Row::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Row<'de>, E> {
        Ok(Row::default())
    }
    fn visit_unit<E>(self) -> Result<Row<'de>, E> {
        Ok(Row::default())
    }
}

struct CellSeed;

impl<'de> DeserializeSeed<'de> for CellSeed {
    type Value = Cell<'de>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cell<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CellSeed {
    type Value = Cell<'de>;
    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a value")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(Cow::Owned(text.to_owned())))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Cell<'de>, E> {
        Ok(Cell::Number(number))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Cell<'de>, E> {
        Ok(Cell::Number(number as f64))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Cell<'de>, E> {
        Ok(Cell::Number(number as f64))
    }
    fn visit_bool<E>(self, _: bool) -> Result<Cell<'de>, E> {
        Ok(Cell::Wrong)
    }
    fn visit_unit<E>(self) -> Result<Cell<'de>, E> {
        Ok(Cell::Missing)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Cell<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Cell::Wrong)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(id: &str) -> String {
        format!(r#"{{"id":"{id}","learner":"me","resource":"r1","verb":"viewed","at":"2026-11-22T08:00:00Z","more":[1,{{}}]}}"#)
    }

    #[test]
    fn both_forms_read_alike() {
        let lines = events(format!("{}\r\n\n{}\n", line("a"), line("b")).as_bytes()).unwrap();
        let array = events(format!(" [{},{}]", line("a"), line("b")).as_bytes()).unwrap();
        assert_eq!(lines, array);
        assert_eq!((lines.len(), lines[1].id.as_str(), lines[0].verb), (2, "b", Verb::Viewed));
        assert_eq!(events(b"[]").unwrap(), []);
        assert_eq!(events(b"").unwrap(), []);
    }

    #[test]
    fn every_wrong_row_is_named_with_its_line() {
        let body = format!(
            "{}\n{{\"id\":1,\"learner\":\"me\",\"verb\":\"danced\",\"at\":\"yesterday\",\"value\":\"x\"}}\n{{nonsense\n[]\n{}",
            line("a"),
            line("b")
        );
        let problem = events(body.as_bytes()).unwrap_err();
        assert_eq!((problem.kind, problem.code), (ProblemKind::Unprocessable, "bad-events"));
        let named: Vec<(&str, u32)> = problem.fields.iter().map(|field| (field.path.as_str(), field.row.unwrap())).collect();
        let want = [("[1].id", 2), ("[1].resource", 2), ("[1].verb", 2), ("[1].at", 2), ("[1].value", 2), ("[2]", 3), ("[3]", 4)];
        assert_eq!(named, want);
    }

    #[test]
    fn what_is_no_json_or_too_much_is_said_so() {
        assert_eq!(events(b"[{\"id\":").unwrap_err().code, "not-json");
        let many = format!("[{}]", vec![line("a"); MOST_EVENTS + 1].join(","));
        assert_eq!(events(many.as_bytes()).unwrap_err().code, "too-many-events");
        let many = vec![line("a"); MOST_EVENTS + 1].join("\n");
        assert_eq!(events(many.as_bytes()).unwrap_err().code, "too-many-events");
    }

    proptest! {
        #[test]
        fn instants_read_as_by_the_book(seconds in 0_i64..4_000_000_000) {
            let at = Timestamp::from_millis(seconds * 1000);
            prop_assert_eq!(instant(&at.to_string()), Some(at));
        }

        #[test]
        fn no_bytes_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = events(&bytes);
        }
    }
}
