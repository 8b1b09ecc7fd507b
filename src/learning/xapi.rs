//! Reads xAPI statements (1.0.3), one or an array, as events.
//!
//! A statement says of one learner (`actor.account.name`) and one resource (the last part of `object.id`) what an event says.
//! Verbs are known by the last part of their address, whoever coined it; how far somebody got stands in `result.extensions`
//! (`…/time` or `…/position` in seconds or as an ISO 8601 duration, `…/progress` in 0 to 1 or, as cmi5 has it, 0 to 100), else
//! in `result.duration`. Where the learner is stands in `context.extensions` (`…/region`). What a statement tells beyond that is not kept.

use super::{MOST_EVENTS, parse, record};
use crate::domain::event::{EventInput, Verb};
use crate::domain::problem::{FieldProblem, Problem};
use crate::domain::time::Timestamp;
use serde_json::Value;

/// The verbs that are understood, by the last part of their address.
const VERBS: &[(&str, Verb)] = &[
    ("initialized", Verb::Viewed),
    ("launched", Verb::Viewed),
    ("experienced", Verb::Viewed),
    ("viewed", Verb::Viewed),
    ("opened", Verb::Viewed),
    ("accessed", Verb::Viewed),
    ("attempted", Verb::Viewed),
    ("interacted", Verb::Viewed),
    ("read", Verb::Viewed),
    ("watched", Verb::Viewed),
    ("progressed", Verb::Progressed),
    ("played", Verb::Progressed),
    ("paused", Verb::Progressed),
    ("seeked", Verb::Progressed),
    ("suspended", Verb::Progressed),
    ("terminated", Verb::Progressed),
    ("exited", Verb::Progressed),
    ("completed", Verb::Completed),
    ("passed", Verb::Completed),
    ("mastered", Verb::Completed),
    ("answered", Verb::Answered),
    ("scored", Verb::Answered),
    ("failed", Verb::Answered),
    ("rated", Verb::Rated),
    ("favorited", Verb::Favourited),
    ("favourited", Verb::Favourited),
    ("bookmarked", Verb::Favourited),
    ("unfavorited", Verb::Unfavourited),
    ("unfavourited", Verb::Unfavourited),
    ("unbookmarked", Verb::Unfavourited),
    ("searched", Verb::Searched),
    ("shared", Verb::Shared),
    ("dismissed", Verb::Dismissed),
];

/// Reads all statements of a body. `received` is the time of one without a timestamp, `fresh` gives ids to those without.
///
/// # Errors
/// 400 when it is not JSON, 413 for more than [`MOST_EVENTS`], 422 with every wrong statement: its place and the field.
pub fn statements(body: &[u8], received: Timestamp, fresh: impl Fn() -> String) -> Result<Vec<EventInput>, Problem> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let all = match serde_json::from_slice(body).map_err(|error| parse::not_json(&error))? {
        Value::Array(all) => all,
        one => vec![one],
    };
    if all.len() > MOST_EVENTS {
        return Err(record::too_many());
    }
    let (mut events, mut wrong) = (Vec::with_capacity(all.len()), Vec::new());
    for (place, statement) in all.iter().enumerate() {
        match event(statement, received, &fresh) {
            Ok(event) => events.push(event),
            Err(fault) => wrong.push(fault.at(place)),
        }
    }
    if wrong.is_empty() { Ok(events) } else { Err(parse::refused(wrong)) }
}

/// What is wrong with a statement.
struct Fault {
    field: &'static str,
    code: &'static str,
    zh: String,
    en: String,
}

impl Fault {
    fn new(field: &'static str, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { field, code, zh: zh.into(), en: en.into() }
    }

    fn at(self, place: usize) -> FieldProblem {
        parse::field(place, self.field, self.code, self.zh, self.en)
    }
}

fn event(statement: &Value, received: Timestamp, fresh: &impl Fn() -> String) -> Result<EventInput, Fault> {
    let text = |path: &str| statement.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty());
    let learner = text("/actor/account/name").ok_or_else(|| {
        Fault::new("actor.account.name", "missing-field", "学习者须以 actor.account.name 指明。", "Name the learner by actor.account.name.")
    })?;
    let object = text("/object/id").and_then(last_part).ok_or_else(|| {
        Fault::new("object.id", "missing-field", "object.id 须以资源编号结尾。", "object.id must end in the id of the resource.")
    })?;
    let at = match text("/timestamp") {
        None => received,
        Some(at) => parse::instant(at).ok_or_else(|| {
            Fault::new("timestamp", "bad-time", "timestamp 须为 RFC 3339 格式。", "timestamp must be an RFC 3339 instant.")
        })?,
    };
    let (verb, value, position) = deed(statement)?;
    Ok(EventInput {
        id: text("/id").map_or_else(fresh, str::to_lowercase),
        learner: learner.to_owned(),
        resource: object.to_owned(),
        verb,
        at,
        value,
        position,
        list: None,
        slot: None,
        region: region(statement),
    })
}

/// An extension of the context whose address ends in `/region`.
fn region(statement: &Value) -> Option<String> {
    let extensions = statement.pointer("/context/extensions")?.as_object()?;
    let named = extensions.iter().find(|(address, _)| last_part(address) == Some("region"));
    named.and_then(|(_, region)| region.as_str()).map(str::to_owned)
}

/// Verb, value and position.
fn deed(statement: &Value) -> Result<(Verb, Option<f64>, Option<f64>), Fault> {
    let name = statement.pointer("/verb/id").and_then(Value::as_str).and_then(last_part).unwrap_or_default().to_lowercase();
    let Some((_, verb)) = VERBS.iter().find(|(known, _)| *known == name) else {
        let known: Vec<&str> = VERBS.iter().map(|(known, _)| *known).collect();
        let known = known.join(" ");
        let (zh, en) = (format!("未知的动作“{name}”，可用：{known}。"), format!("unknown verb; known: {known}"));
        return Err(Fault::new("verb.id", "unknown-verb", zh, en));
    };
    let missing = |field, zh: &str, en: &str| Fault::new(field, "bad-value", zh, en);
    match verb {
        Verb::Progressed => {
            let (progress, position) = (progress(statement), position(statement));
            if progress.is_some() || position.is_some() {
                return Ok((Verb::Progressed, progress, position));
            }
            // A player that stops without saying where tells only that it was open.
            let (zh, en) = ("须有进度、位置或 duration。", "Tell the progress, the position or the duration.");
            if name == "progressed" { Err(missing("result.extensions", zh, en)) } else { Ok((Verb::Viewed, None, None)) }
        }
        Verb::Answered => {
            let won = || statement.pointer("/result/success").and_then(Value::as_bool).map(|won| if won { 1.0 } else { 0.0 });
            let share = share(statement).or_else(won).map(|share| share.clamp(0.0, 1.0));
            let share =
                share.ok_or_else(|| missing("result.score", "须有得分 result.score 或 success。", "Tell the score or the success."))?;
            Ok((Verb::Answered, Some(share), None))
        }
        Verb::Rated => {
            let stars =
                stars(statement).ok_or_else(|| missing("result.score", "须有评分 result.score。", "Tell the rating as result.score."))?;
            Ok((Verb::Rated, Some(stars), None))
        }
        other => Ok((*other, None, None)),
    }
}

/// What an address ends in, without query and fragment.
fn last_part(address: &str) -> Option<&str> {
    let path = address.split(['?', '#']).next()?.trim_end_matches('/');
    path.rsplit('/').next().filter(|part| !part.is_empty())
}

fn score(statement: &Value, field: &str) -> Option<f64> {
    statement.pointer("/result/score")?.get(field)?.as_f64()
}

/// The score as a share of the range, 0 to 1.
fn share(statement: &Value) -> Option<f64> {
    let of_range = || {
        let (least, most) = (score(statement, "min").unwrap_or(0.0), score(statement, "max")?);
        (most > least).then_some((score(statement, "raw")? - least) / (most - least))
    };
    score(statement, "scaled").or_else(of_range)
}

/// A rating in 1 to 5: as it is where nothing is said of the range.
fn stars(statement: &Value) -> Option<f64> {
    match share(statement) {
        Some(share) => Some(1.0 + 4.0 * share.clamp(0.0, 1.0)),
        None => score(statement, "raw").filter(|raw| (1.0..=5.0).contains(raw)),
    }
}

fn extension(statement: &Value, names: &[&str]) -> Option<f64> {
    ["/result/extensions", "/context/extensions"].iter().find_map(|path| {
        let found = statement.pointer(path)?.as_object()?.iter();
        let mut named = found.filter(|(key, _)| key.rsplit(['/', '#']).next().is_some_and(|last| names.contains(&last)));
        named.find_map(|(_, value)| value.as_f64().or_else(|| value.as_str().and_then(seconds)))
    })
}

fn progress(statement: &Value) -> Option<f64> {
    let told = extension(statement, &["progress"])?;
    Some(if told > 1.0 { told / 100.0 } else { told }).filter(|part| (0.0..=1.0).contains(part))
}

fn position(statement: &Value) -> Option<f64> {
    let duration = || statement.pointer("/result/duration").and_then(Value::as_str).and_then(seconds);
    extension(statement, &["time", "position"]).or_else(duration).filter(|seconds| *seconds >= 0.0)
}

/// Seconds of an ISO 8601 duration of weeks, days, hours, minutes and seconds; years and months have no length of their own.
fn seconds(text: &str) -> Option<f64> {
    let (date, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((date, time)) if !time.is_empty() => (date, time),
        Some(_) => return None,
        None => (text.strip_prefix('P')?, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    Some(parts(date, &[('W', 604_800.0), ('D', 86_400.0)])? + parts(time, &[('H', 3_600.0), ('M', 60.0), ('S', 1.0)])?)
}

fn parts(mut text: &str, units: &[(char, f64)]) -> Option<f64> {
    let mut sum = 0.0;
    let mut units = units.iter();
    while !text.is_empty() {
        let (number, rest) = text.split_at(text.find(|sign: char| sign.is_ascii_alphabetic())?);
        let mut signs = rest.chars();
        let sign = signs.next()?;
        // Units come in order, each once.
        let (_, worth) = units.find(|(unit, _)| *unit == sign)?;
        let plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b',');
        sum += plain.then(|| number.replace(',', ".").parse::<f64>().ok()).flatten()? * worth;
        text = signs.as_str();
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn one(verb: &str, result: Value) -> Result<EventInput, Problem> {
        let verb = json!({"id": format!("http://adlnet.gov/expapi/verbs/{verb}"), "display": {"zh-CN": verb}});
        let actor = json!({"account": {"homePage": "https://school.example", "name": "li"}});
        let object = json!({"id": "https://yuelu.example/resources/r-1/?from=home"});
        let statement = json!({"id": "A", "actor": actor, "verb": verb, "object": object, "result": result});
        let body = statement.to_string();
        statements(body.as_bytes(), Timestamp::from_millis(7), || "fresh".to_owned()).map(|mut all| all.remove(0))
    }

    #[test]
    fn verbs_and_figures_are_understood() {
        let told = |verb: &str, result: Value| one(verb, result).map(|event| (event.verb, event.value, event.position)).unwrap();
        assert_eq!(told("initialized", json!(null)), (Verb::Viewed, None, None));
        let video = json!({"extensions": {"https://w3id.org/xapi/video/extensions/time": 95.5, "https://w3id.org/xapi/video/extensions/progress": 0.25}});
        assert_eq!(told("paused", video), (Verb::Progressed, Some(0.25), Some(95.5)));
        let cmi5 = json!({"extensions": {"https://w3id.org/xapi/cmi5/result/extensions/progress": 40}});
        assert_eq!(told("progressed", cmi5), (Verb::Progressed, Some(0.4), None));
        assert_eq!(told("progressed", json!({"duration": "PT1H2M3.5S"})), (Verb::Progressed, None, Some(3_723.5)));
        assert_eq!(told("terminated", json!({})), (Verb::Viewed, None, None));
        assert_eq!(told("scored", json!({"score": {"raw": 18, "min": 0, "max": 20}})), (Verb::Answered, Some(0.9), None));
        assert_eq!(told("answered", json!({"success": false})), (Verb::Answered, Some(0.0), None));
        assert_eq!(told("rated", json!({"score": {"raw": 4}})), (Verb::Rated, Some(4.0), None));
        assert_eq!(told("rated", json!({"score": {"raw": 10, "min": 0, "max": 10}})), (Verb::Rated, Some(5.0), None));
        let whole = one("Completed", json!(null)).unwrap();
        assert_eq!((whole.id.as_str(), whole.learner.as_str(), whole.resource.as_str(), whole.at.millis()), ("a", "li", "r-1", 7));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (verb, result, path) in [
            ("danced", json!({}), "[0].verb.id"),
            ("progressed", json!({}), "[0].result.extensions"),
            ("scored", json!({}), "[0].result.score"),
            ("rated", json!({"score": {"raw": 40}}), "[0].result.score"),
        ] {
            assert_eq!(one(verb, result).unwrap_err().fields[0].path, path);
        }
        let bare = statements(b"{}", Timestamp::from_millis(0), String::new).unwrap_err();
        assert_eq!((bare.code, bare.fields[0].path.as_str()), ("bad-events", "[0].actor.account.name"));
        assert_eq!(statements(b"{", Timestamp::from_millis(0), String::new).unwrap_err().code, "not-json");
    }

    #[test]
    fn durations_read_as_by_the_book() {
        for (text, want) in [("PT45M", 2_700.0), ("P1DT1S", 86_401.0), ("P2W", 1_209_600.0), ("PT0,5S", 0.5)] {
            assert_eq!(seconds(text), Some(want), "{text}");
        }
        for text in ["", "P", "PT", "45", "P1Y", "PT1M1H", "PTS", "PT-1S", "P1M"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_does_harm(text in ".{0,40}") {
            let _ = (seconds(&text), last_part(&text));
        }
    }
}
