//! Taking in events.

use super::floods::Arrival;
use super::{Learning, MOST_EVENTS, parse, xapi};
use crate::domain::access::Actor;
use crate::domain::event::{Event, EventInput, LONGEST_NAME, Verb, learner_of};
use crate::domain::learner::protection::{Treatment, consent_missing};
use crate::domain::problem::{FieldProblem, Problem, ProblemKind};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Furthest position in seconds: a hundred days.
const FURTHEST: f64 = 8_640_000.0;
/// Last slot of a list.
const LAST_SLOT: u32 = 1_000;

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Recorded {
    /// Events that are new: durable, and part of the learners' next lists.
    pub accepted: u64,
    /// Events whose id this source had used before: counted once, then.
    pub duplicates: u64,
    /// Of those sent: older at their receipt than `late_minutes` of the rules. They take their place in the record all the same.
    #[serde(default)]
    pub late: u64,
    /// Of those sent: from a clock that runs ahead. They count as of their receipt.
    #[serde(default)]
    pub ahead: u64,
    /// Of those sent: more than a person does, or by an account that several share. They are kept in the record, learned by no
    /// model and counted in no hours.
    #[serde(default)]
    pub marked: u64,
    /// Of those sent: of children under fourteen whose guardians have not consented. Nothing of them is kept.
    #[serde(default)]
    pub withheld: u64,
}

impl Learning {
    /// Records a body of JSON or NDJSON (see [`parse::events`]).
    ///
    /// # Errors
    /// As [`Learning::record`]; also 422 when rows cannot be read.
    pub async fn record_body(&self, actor: &Actor, source: &str, body: &[u8]) -> Result<Recorded, Problem> {
        require_some_right(actor)?;
        let events = parse::events(body)?;
        self.record(actor, source, events).await
    }

    /// Records a body of xAPI statements, one or an array (`learning::xapi`); `id` names the only one. Answers their ids.
    ///
    /// # Errors
    /// As [`Learning::record`]; also 422 when statements cannot be understood, and 403 `guardian-consent-missing`.
    pub async fn record_statements(&self, actor: &Actor, id: Option<&str>, body: &[u8]) -> Result<Vec<String>, Problem> {
        require_some_right(actor)?;
        let mut events = xapi::statements(body, self.clock.now(), || self.clock.fresh_id())?;
        if let (Some(id), [one]) = (id, events.as_mut_slice()) {
            one.id = id.to_lowercase();
        }
        let ids = events.iter().map(|event| event.id.clone()).collect();
        // A statement that is acknowledged is kept: where some may not be, none are.
        let of_whom = |event: &EventInput| learner_of(actor, &event.learner).map(|name| self.log.key().learner(&name));
        if events.iter().filter_map(of_whom).any(|surrogate| !self.treatment(surrogate).may_keep()) {
            return Err(consent_missing());
        }
        self.record(actor, actor.account.as_deref().unwrap_or_default(), events).await?;
        Ok(ids)
    }

    /// Records events. `source` makes ids unique: two sources may use the same id. All are kept or none.
    ///
    /// A learner records its own events only, a platform those of learners in its scope, an administrator anybody's
    /// (`domain::event::learner_of`).
    ///
    /// # Errors
    /// 403 when the actor may not speak for one of the learners; 413 for more than [`MOST_EVENTS`]; 422 with every wrong
    /// row named; 503 when the log cannot be written.
    pub async fn record(&self, actor: &Actor, source: &str, events: Vec<EventInput>) -> Result<Recorded, Problem> {
        require_some_right(actor)?;
        if events.len() > MOST_EVENTS {
            return Err(too_many());
        }
        let mut learners: HashMap<String, u64> = HashMap::new();
        let mut wrong = Vec::new();
        let mut kept = Vec::with_capacity(events.len());
        let (mut recorded, received) = (Recorded::default(), self.clock.now());
        for (place, input) in events.into_iter().enumerate() {
            let region = match check(place, &input).map_or_else(|| self.region_of(place, &input), Err) {
                Ok(region) => region,
                Err(field) => {
                    wrong.push(field);
                    continue;
                }
            };
            let learner = match learners.get(&input.learner) {
                Some(surrogate) => *surrogate,
                None => {
                    let name = learner_of(actor, &input.learner).ok_or_else(Problem::forbidden)?;
                    *learners.entry(input.learner.clone()).or_insert(self.log.key().learner(&name))
                }
            };
            let treatment = self.treatment(learner);
            if !treatment.may_keep() {
                recorded.withheld += 1;
                continue;
            }
            kept.push(Event { marked: treatment == Treatment::Shared, ..self.event(source, learner, region, input) });
        }
        if !wrong.is_empty() {
            return Err(parse::refused(wrong));
        }
        if kept.is_empty() {
            return Ok(recorded);
        }
        for event in &mut kept {
            let arrival = self.floods.rules.arrival(event.at, received);
            event.marked |= self.floods.count(event.learner, event.verb, arrival, received);
            recorded.late += u64::from(arrival == Arrival::Late);
            recorded.ahead += u64::from(arrival == Arrival::Ahead);
            recorded.marked += u64::from(event.marked);
        }
        let receipt = self.log.append(kept).await?;
        Ok(Recorded { accepted: receipt.accepted, duplicates: receipt.duplicates, ..recorded })
    }

    /// An event as it is kept; its mark is set by the caller.
    fn event(&self, source: &str, learner: u64, region: Option<u32>, input: EventInput) -> Event {
        let EventInput { id, resource, verb, at, value, position, list, slot, .. } = input;
        let key = self.log.key().event(source, &id);
        let value = if verb == Verb::Impression { slot.and_then(|slot| i32::try_from(slot).ok()).unwrap_or(0) } else { whole(verb, value) };
        let position = position.filter(|_| verb == Verb::Progressed).map(|seconds| seconds.round() as u32);
        let list = list.filter(|_| verb == Verb::Impression);
        Event { key, learner, resource, verb, at, value, position, list, region, marked: false }
    }

    /// The code of the division that an event names.
    fn region_of(&self, place: usize, input: &EventInput) -> Result<Option<u32>, FieldProblem> {
        let Some(name) = &input.region else { return Ok(None) };
        let known = self.codes.regions.find(name).and_then(|division| division.code.parse().ok());
        let unknown = || {
            let (zh, en) = ("region 须为地区代码表中的行政区划代码或名称。", "region must be a code or name of the list of regions.");
            parse::field(place, "region", "bad-region", zh, en)
        };
        known.map(Some).ok_or_else(unknown)
    }
}

fn require_some_right(actor: &Actor) -> Result<(), Problem> {
    let unknown = || Problem::new(ProblemKind::Unauthorized, "unauthorized", "请先登录或提供访问令牌。", "Sign in or give a token first.");
    if actor.account.is_some() { Ok(()) } else { Err(unknown()) }
}

/// More events in one call than are taken.
pub(super) fn too_many() -> Problem {
    Problem::new(
        ProblemKind::TooLarge,
        "too-many-events",
        format!("一次最多提交 {MOST_EVENTS} 条学习记录，请分批提交。"),
        format!("At most {MOST_EVENTS} events a call; send them in parts."),
    )
}

fn check(place: usize, input: &EventInput) -> Option<FieldProblem> {
    let long = |text: &str| text.is_empty() || text.len() > LONGEST_NAME && text.chars().count() > LONGEST_NAME || text.contains('\0');
    for (name, text) in [("id", &input.id), ("learner", &input.learner), ("resource", &input.resource)] {
        if long(text) {
            let zh = format!("{name} 须为 1 至 {LONGEST_NAME} 个字符。");
            return Some(parse::field(place, name, "bad-length", zh, format!("{name} must have 1 to {LONGEST_NAME} characters.")));
        }
    }
    let good = match (input.verb, input.value) {
        (Verb::Rated, Some(value)) => (1.0..=5.0).contains(&value),
        (Verb::Progressed | Verb::Answered, Some(value)) => (0.0..=1.0).contains(&value),
        (Verb::Progressed, None) => input.position.is_some(),
        (Verb::Rated | Verb::Answered, None) => false,
        _ => true,
    };
    if !good {
        let zh = "评分 value 须在 1 至 5 之间，进度与得分 value 须在 0 至 1 之间（进度可只报 position）。";
        let en = "value must be 1 to 5 for rated, 0 to 1 for progressed (or a position) and answered.";
        return Some(parse::field(place, "value", "bad-value", zh, en));
    }
    if input.position.is_some_and(|seconds| !(0.0..=FURTHEST).contains(&seconds)) {
        let (zh, en) = ("position 须为不小于 0 的秒数。", "position must be seconds, at least 0.");
        return Some(parse::field(place, "position", "bad-position", zh, en));
    }
    (input.verb == Verb::Impression).then(|| check_impression(place, input)).flatten()
}

fn check_impression(place: usize, input: &EventInput) -> Option<FieldProblem> {
    let named = input.list.as_deref().is_some_and(|list| !list.is_empty() && list.chars().count() <= LONGEST_NAME);
    if !named {
        let (zh, en) =
            ("曝光记录须有 list（推荐列表编号，1 至 128 个字符）。", "An impression needs the id of its list, 1 to 128 characters.");
        return Some(parse::field(place, "list", "bad-list", zh, en));
    }
    let placed = input.slot.is_some_and(|slot| (1..=LAST_SLOT).contains(&slot));
    let (zh, en) = ("曝光记录须有 slot（在列表中的位置，从 1 起）。", "An impression needs its slot, 1 for the first.");
    (!placed).then(|| parse::field(place, "slot", "bad-slot", zh, en))
}

fn whole(verb: Verb, value: Option<f64>) -> i32 {
    match (verb, value) {
        (Verb::Rated | Verb::Progressed | Verb::Answered, Some(value)) => (value * 1000.0).round() as i32,
        _ => 0,
    }
}
